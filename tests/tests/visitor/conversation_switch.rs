//! Several conversations of one visitor whom the site vouches for: one after the other, each whole, and nobody else's.

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::admin::{LimitsChange, Page, VisitorExport};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, OwnConversation, Status};
use oriel_tests::database::Database;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::signed_site::{SignedSite, begin, frame, go_back, own, transcript};
use oriel_tests::socket::Welcome;
use oriel_tests::visitor::Shop;
use oriel_tests::wait::{SOON, until};
use serde_json::json;

#[integration_test]
fn a_conversation_begins_and_an_earlier_one_goes_on(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    assert!(socket.welcome.several);
    assert_eq!(own(&visitor), []);
    // Nothing was said: there is nothing to leave.
    socket.send(&ClientFrame::Begin {});
    let same = socket.frame("a welcome", Welcome::of);
    assert_eq!(same, socket.welcome);

    let first = socket.welcome.conversation.clone();
    let answer = socket.ask("m1", "What does\n\na boat   cost?");
    let second = begin(&mut socket);
    assert_ne!(second.conversation, first);
    assert_eq!((second.seq, second.status), (Seq(0), Status::Open));
    let other = socket.ask("m2", "And a kayak?");
    assert_eq!(other.seq, Seq(2));
    let second = second.conversation;

    let list = own(&visitor);
    let [now, before] = &list[..] else {
        panic!("{list:?}");
    };
    assert_eq!((&now.id, now.current), (&second, true));
    assert_eq!((&before.id, before.current), (&first, false));
    assert_eq!(before.status, Status::Open);
    assert_eq!(before.at, answer.at);
    assert!(
        answer
            .text
            .starts_with(before.preview.trim_end_matches('…'))
    );
    let pages: Vec<String> = {
        let page = |query: &str| -> Page<OwnConversation> {
            let path = format!("/v1/conversations?limit=1{query}");
            visitor.call("GET", &path).send().expect(200).json()
        };
        let one = page("");
        let cursor = one.next_cursor.clone().expect("another page");
        let two = page(&format!("&cursor={cursor}"));
        assert_eq!(two.next_cursor, None);
        [one.items, two.items]
            .concat()
            .into_iter()
            .map(|item| item.id.0)
            .collect()
    };
    assert_eq!(pages, [second.0.clone(), first.0.clone()]);
    for query in ["limit=0", "limit=101", "cursor=x"] {
        let path = format!("/v1/conversations?{query}");
        visitor
            .call("GET", &path)
            .send()
            .problem(Code::InvalidQuery);
    }

    // Read where it rests, and gone on with where it ended.
    let rests = transcript(&visitor, &first);
    assert_eq!(rests.last(), Some(&answer));
    let back = go_back(&mut socket, &first);
    assert_eq!(back.seq, answer.seq);
    assert_eq!(socket.resume(Seq(0), answer.seq), rests);
    let more = socket.ask("m3", "For an hour?");
    assert_eq!(more.seq, Seq(4));
    let list = own(&visitor);
    assert_eq!(
        list.iter()
            .map(|item| (&item.id, item.current))
            .collect::<Vec<_>>(),
        [(&first, true), (&second, false)]
    );
    // The team has both, each under its own numbers; the visitor is one.
    let kept = signed.team.messages_up_to(&first, more.seq);
    assert_eq!(kept, transcript(&visitor, &first));
    let kept = signed.team.messages_up_to(&second, other.seq);
    assert_eq!(kept, transcript(&visitor, &second));
    let path = format!("/visitors/{}/export", visitor.session.visitor);
    let export: VisitorExport = signed.team.call("GET", &path).send().expect(200).json();
    let lengths: Vec<usize> = export
        .conversations
        .iter()
        .map(|one| one.messages.len())
        .collect();
    assert_eq!(lengths, [4, 2]);
    // Another session of the same person goes on in the same place.
    let elsewhere = signed.visitor("ada");
    assert_eq!(elsewhere.session.visitor, visitor.session.visitor);
    assert_eq!(elsewhere.session.conversation, first);
}

#[integration_test]
fn who_is_not_vouched_for_has_one_conversation(fixtures: &Fixtures) {
    let visitor = Shop::open(fixtures).visitor();
    let mut socket = visitor.socket();
    assert!(!socket.welcome.several);
    let said = socket.ask("m1", "Hello?");
    let own = visitor.session.conversation.clone();
    for wish in [
        ClientFrame::Begin {},
        ClientFrame::Switch {
            conversation: own.clone(),
        },
        ClientFrame::Switch {
            conversation: ConversationId("cnv_unknown".into()),
        },
    ] {
        socket.send(&wish);
        assert_eq!(socket.refusal().0, "not_verified", "{wish:?}");
        frame(&visitor, &wish).problem(Code::NotVerified);
    }
    visitor
        .call("GET", "/v1/conversations")
        .send()
        .problem(Code::NotVerified);
    let next = visitor.socket();
    assert_eq!(
        (next.welcome.conversation.clone(), next.welcome.seq),
        (own, said.seq)
    );
}

#[integration_test]
fn nobody_goes_on_with_a_conversation_of_somebody_else(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let (ada, eve) = (signed.visitor("ada"), signed.visitor("eve"));
    let mut socket = ada.socket();
    let secret = "The code of the boathouse is quixotry";
    socket.ask("m1", secret);
    let hers = socket.welcome.conversation.clone();
    begin(&mut socket);
    let mut attacker = eve.socket();
    attacker.ask("m1", "Hello?");
    let own_id = attacker.welcome.conversation.clone();
    for id in [
        hers.clone(),
        ada.socket().welcome.conversation,
        ConversationId("cnv_AAAAAAAAAAAAAAAAAAAAAA".into()),
        ConversationId(String::new()),
        ConversationId("' OR 1 = 1 --".into()),
        ConversationId("x".repeat(10_000)),
    ] {
        let wish = ClientFrame::Switch {
            conversation: id.clone(),
        };
        attacker.send(&wish);
        assert_eq!(attacker.refusal().0, "not_found");
        frame(&eve, &wish).problem(Code::NotFound);
        if id.0.len() < 100 && !id.0.contains(' ') && !id.0.is_empty() {
            let path = format!("/v1/transcript?conversation={id}");
            eve.call("GET", &path).send().problem(Code::NotFound);
        }
    }
    assert_eq!(eve.socket().welcome.conversation, own_id);
    let listed = eve.call("GET", "/v1/conversations").send().expect(200);
    assert!(!listed.text().contains(hers.as_str()) && !listed.text().contains("quixotry"));
    // And an ended session sees none.
    let _left = ada
        .call("DELETE", "/v1/session")
        .json(&json!({ "site": signed.site.key }))
        .send()
        .expect(204);
    ada.call("GET", "/v1/conversations")
        .send()
        .problem(Code::SessionExpired);
    frame(&ada, &ClientFrame::Begin {}).problem(Code::SessionExpired);
}

#[integration_test]
fn the_limits_go_along(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    signed.limit(LimitsChange {
        message_burst: Some(3),
        messages_per_minute: Some(1),
        ..LimitsChange::default()
    });
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let first = socket.welcome.conversation.clone();
    for n in 1..=2 {
        socket.say_and_see(&format!("m{n}"), "Hello?");
    }
    begin(&mut socket);
    socket.say_and_see("m3", "Hello?");
    for n in 4..=6 {
        let id = format!("m{n}");
        socket.say(&id, "Hello?");
        let (code, of, wait) = socket.refusal();
        assert_eq!((code.as_str(), of), ("rate_limited", Some(id)));
        assert!(wait.is_some_and(|wait| wait > 30), "{wait:?}");
        if n == 4 {
            begin(&mut socket);
        } else if n == 5 {
            go_back(&mut socket, &first);
        }
    }
    // Going to and fro is limited, too.
    let mut last = String::new();
    for _ in 0..20 {
        let list = own(&visitor);
        let other = list.iter().find(|item| !item.current).expect("another one");
        let answer = frame(
            &visitor,
            &ClientFrame::Switch {
                conversation: other.id.clone(),
            },
        );
        if answer.status == 429 {
            answer.problem(Code::RateLimited);
            last = answer.header("retry-after").unwrap_or_default();
            break;
        }
        let _changed = answer.expect(204);
    }
    assert!(last.parse::<u32>().is_ok_and(|wait| wait >= 1), "{last}");
}

#[integration_test]
fn there_are_as_many_as_there_may_be(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    socket.ask("m1", "Hello?");
    let object = Database::of_visitor(
        Database::of_objects(fixtures.edge(), "archived_conversations"),
        &visitor.session.visitor,
    );
    // As if that many had been put away.
    let archive = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 98)
         INSERT INTO archived_conversations (id, status, created_at, visitor_read, agent_read)
         SELECT 'cnv_' || i, 'open', i, 0, 0 FROM n";
    let fill = "INSERT INTO archived_messages (conversation_id, seq, id, role, text, body, at)
         SELECT id, 1, 'm' || id, 'visitor', 'Hello?', '{\"blocks\":[]}', created_at FROM archived_conversations";
    until("the object's file to be free", SOON, || {
        object
            .run(&["BEGIN IMMEDIATE", archive, fill, "COMMIT"])
            .ok()
    });
    begin(&mut socket);
    socket.ask("m2", "Hello?");
    assert_eq!(own(&visitor).len(), 100);
    socket.send(&ClientFrame::Begin {});
    assert_eq!(socket.refusal().0, "too_many_conversations");
    frame(&visitor, &ClientFrame::Begin {}).problem(Code::TooManyConversations);
    // Going on with one of them makes them no more.
    go_back(&mut socket, &ConversationId("cnv_7".into()));
    assert_eq!(own(&visitor).len(), 100);
}
