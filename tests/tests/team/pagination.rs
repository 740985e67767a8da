//! Lists of the management API, which come in pages: each item once, in the order that the list keeps.

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::admin::{Conversation, Document, Site};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::Message;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Shop, Visitor};

#[integration_test]
fn sites_come_in_pages(fixtures: &Fixtures) {
    let edge = fixtures.edge();
    // An organisation of its own, so that no other test adds to the list.
    let team = edge.another_team();
    let made: Vec<Site> = (0..5)
        .map(|n| team.make_site(&format!("Site {n}")))
        .collect();
    for limit in [1, 2, 4, 5, 100] {
        let pages: Vec<Vec<Site>> = team.pages("/sites", limit);
        assert_pages(&pages, limit, 5);
        assert_same(
            pages.into_iter().flatten().map(|s| s.id.0),
            made.iter().map(|s| s.id.0.clone()),
        );
    }
}

#[integration_test]
fn documents_come_in_pages(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let made: Vec<Document> = (0..5)
        .map(|n| team.add_document(&site.id, &format!("Document {n}"), "Some words."))
        .collect();
    for limit in [1, 2, 5, 100] {
        let pages: Vec<Vec<Document>> = team.pages(&format!("/sites/{}/documents", site.id), limit);
        assert_pages(&pages, limit, 5);
        assert!(
            pages
                .iter()
                .flatten()
                .all(|document| document.content.is_none()),
            "a list carries content"
        );
        assert_same(
            pages.into_iter().flatten().map(|d| d.id.0),
            made.iter().map(|d| d.id.0.clone()),
        );
    }
}

#[integration_test]
fn conversations_come_in_pages(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let client = fixtures.edge().client();
    let held: Vec<String> = (0..4)
        .map(|_| {
            let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
            let _answer = visitor.socket().ask("m1", "Hello, is anybody there?");
            visitor.session.conversation.0
        })
        .collect();
    // What is still on its way moves conversations in the list, which is ordered by their last change.
    for id in &held {
        team.messages_up_to(&ConversationId(id.clone()), Seq(2));
    }
    for limit in [1, 3, 4, 100] {
        let pages: Vec<Vec<Conversation>> =
            team.pages(&format!("/conversations?site={}", site.id), limit);
        assert_pages(&pages, limit, 4);
        let all: Vec<Conversation> = pages.into_iter().flatten().collect();
        assert!(
            all.windows(2)
                .all(|pair| pair[0].updated_at >= pair[1].updated_at),
            "{all:?}"
        );
        assert!(
            all.iter()
                .all(|conversation| conversation.site == site.id && !conversation.verified),
            "{all:?}"
        );
        assert_same(
            all.into_iter().map(|conversation| conversation.id.0),
            held.clone(),
        );
    }
}

#[integration_test]
fn messages_come_in_pages_in_the_order_of_their_numbers(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let visitor = Visitor::arrive(&fixtures.edge().client(), &site.key, ORIGIN);
    let mut socket = visitor.socket();
    let last = (0..4)
        .map(|n| socket.ask(&format!("m{n}"), "What do you know?").seq)
        .last()
        .expect("four answers");
    let conversation = &visitor.session.conversation;
    team.messages_up_to(conversation, last);
    for limit in [1, 3, 8, 100] {
        let pages: Vec<Vec<Message>> =
            team.pages(&format!("/conversations/{conversation}/messages"), limit);
        assert_pages(&pages, limit, last.0 as usize);
        let numbers: Vec<u32> = pages
            .into_iter()
            .flatten()
            .map(|message| message.seq.0)
            .collect();
        assert_eq!(numbers, (1..=last.0).collect::<Vec<u32>>());
    }
}

/// Every page but the last is full, and the last is not empty.
#[track_caller]
fn assert_pages<T>(pages: &[Vec<T>], limit: usize, n_items: usize) {
    let lengths: Vec<usize> = pages.iter().map(Vec::len).collect();
    let mut expected = vec![limit; n_items / limit];
    if !n_items.is_multiple_of(limit) {
        expected.push(n_items % limit);
    }
    assert_eq!(lengths, expected, "{n_items} items, {limit} a page");
}

/// Both are these ids, in whatever order.
#[track_caller]
fn assert_same(
    actual: impl IntoIterator<Item = String>,
    expected: impl IntoIterator<Item = String>,
) {
    let (mut actual, mut expected): (Vec<_>, Vec<_>) =
        (actual.into_iter().collect(), expected.into_iter().collect());
    actual.sort();
    expected.sort();
    assert_eq!(actual, expected);
}

#[integration_test]
fn a_page_that_cannot_be_read_is_refused(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let documents = format!("/sites/{}/documents", site.id);
    for list in ["/sites", "/conversations", &documents] {
        let _premise = team
            .call("GET", &format!("{list}?limit=100"))
            .send()
            .expect(200);
        for query in [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=many",
            "cursor=",
            "cursor=nonsense",
            "cursor=%27%20OR%201",
        ] {
            team.call("GET", &format!("{list}?{query}"))
                .send()
                .problem(Code::InvalidQuery);
        }
    }
}
