//! Conversations that rest while their visitor is in another one: whole through failures and upgrades, gone with whoever is
//! forgotten.
//!
//! These tests break their edge, so each has one for itself meanwhile.

use std::time::Duration;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Message, PageContext, Role, Status};
use oriel_tests::database::Database;
use oriel_tests::events::Events;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::EVERY_HOUR;
use oriel_tests::signed_site::{
    SignedSite, another_welcome, begin, frame, go_back, own, transcript,
};
use oriel_tests::socket::Socket;
use oriel_tests::visitor::Visitor;
use oriel_tests::wait::{BACK_WITHIN, SOON, until};

const TABLES: [&str; 2] = ["conversations", "messages"];

#[integration_test]
fn with_the_database_away_nothing_changes(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let first = socket.welcome.conversation.clone();
    socket.ask("m1", "Hello?");
    begin(&mut socket);
    socket.ask("m2", "Hello again?");
    let database = Database::with_table(fixtures.edge(), "messages");
    let before = own(&visitor);
    let broken = database.without(&TABLES);
    let last = socket.ask("m3", "Are you there?");
    for wish in [
        ClientFrame::Begin {},
        ClientFrame::Switch {
            conversation: first.clone(),
        },
    ] {
        socket.send(&wish);
        let (code, _, wait) = socket.refusal();
        assert_eq!((code.as_str(), wait), ("unavailable", Some(5)), "{wish:?}");
        let answer = frame(&visitor, &wish);
        answer.problem(Code::Unavailable);
        assert_eq!(answer.header("retry-after").as_deref(), Some("5"));
    }
    let still = visitor.socket().welcome;
    assert_eq!(
        (still.conversation, still.seq),
        (socket.welcome.conversation.clone(), last.seq)
    );
    let now = own(&visitor);
    assert_eq!(now.len(), before.len());
    assert_eq!(transcript(&visitor, &first).len(), 2);
    drop(broken);
    until("the way back", SOON, || {
        let wish = ClientFrame::Switch {
            conversation: first.clone(),
        };
        (frame(&visitor, &wish).status == 204).then_some(())
    });
    assert_eq!(visitor.socket().welcome.conversation, first);
    assert_eq!(own(&visitor).len(), 2);
}

#[integration_test]
fn a_runtime_that_dies_leaves_one_or_the_other_whole(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let signed = SignedSite::open(fixtures);
    let mut visitor = signed.visitor("ada");
    let reopen = |visitor: &Visitor| {
        until("the runtime to be back", BACK_WITHIN, || {
            Socket::try_open(signed.client.edge(), &visitor.session.access_token).ok()
        })
    };
    let mut socket = visitor.socket();
    let mut logs: Vec<(ConversationId, Vec<Message>)> = Vec::new();
    for round in 0..4_u64 {
        let id = format!("m{round}");
        let answer = socket.ask(&id, &format!("Question {round}"));
        let here = socket.welcome.conversation.clone();
        let log = visitor.socket().resume(Seq(0), answer.seq);
        logs.retain(|(known, _)| *known != here);
        logs.push((here, log));
        let wish = if round % 2 == 0 {
            ClientFrame::Begin {}
        } else {
            ClientFrame::Switch {
                conversation: logs[0].0.clone(),
            }
        };
        socket.send(&wish);
        std::thread::sleep(Duration::from_millis(round * 15));
        fixtures.edge().kill_runtime();
        socket = reopen(&visitor);
        let current = &socket.welcome.conversation;
        // Each conversation is somewhere, whole and once.
        let list = own(&visitor);
        assert_eq!(list.len(), logs.len(), "{list:?}");
        for (known, log) in &logs {
            assert_eq!(transcript(&visitor, known), *log, "round {round}");
            let listed = list.iter().filter(|item| item.id == *known);
            let listed: Vec<bool> = listed.map(|item| item.current).collect();
            assert_eq!(listed, [known == current], "round {round}");
        }
    }
    visitor.accept_refresh(visitor.refresh(&signed.site.key));
    assert_eq!(visitor.session.conversation, socket.welcome.conversation);
    for (known, log) in &logs {
        let last = log.last().expect("an answer").seq;
        assert_eq!(signed.team.messages_up_to(known, last), *log);
    }
}

#[integration_test]
fn erasing_takes_all_of_them_everywhere(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let words = ["Zanzibarbarous wardrobe", "Quixotrous lampshade"];
    socket.ask("m1", words[0]);
    begin(&mut socket);
    let answer = socket.ask("m2", words[1]);
    signed
        .team
        .messages_up_to(&socket.welcome.conversation, answer.seq);
    let found = || {
        let databases = Database::everywhere(fixtures.edge().state());
        let found = databases.iter().flat_map(|one| one.tables_with(&words));
        found.collect::<Vec<String>>()
    };
    let before = found();
    for table in ["messages", "archived_messages"] {
        assert!(before.iter().any(|its| its == table), "{before:?}");
    }
    let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    socket.expect_closed();
    assert_eq!(found(), Vec::<String>::new());
    let again = signed.visitor("ada");
    assert_eq!(own(&again), []);
    assert_eq!(again.socket().welcome.seq, Seq(0));
}

#[integration_test]
fn retention_takes_those_that_rest_too_long_and_no_other(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let signed = SignedSite::of(online.client(), online.team());
    let change = SiteChange {
        retention_days: Some(1),
        ..SiteChange::default()
    };
    let _changed = signed.team.change(&signed.site.id, &change).expect(200);
    // The team feed keeps what happens for those who listen.
    let _listening = Events::open(
        signed.client.edge(),
        "/v1/admin/events",
        signed.team.key(),
        None,
    );
    let words = [
        "Of the day before yesterday",
        "Of today",
        "Of today as well",
    ];
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let mut ids = Vec::new();
    let page = "https://shop.example/of-the-last-one";
    for (n, words) in words.iter().enumerate() {
        if n > 0 {
            begin(&mut socket);
        }
        if n == 2 {
            socket.send(&ClientFrame::Context(PageContext {
                page: Some(page.to_owned()),
                ..PageContext::default()
            }));
        }
        let answer = socket.ask(&format!("m{n}"), words);
        signed
            .team
            .messages_up_to(&socket.welcome.conversation, answer.seq);
        ids.push(socket.welcome.conversation.clone());
    }
    let objects = || Database::everywhere(&online.state().join("do"));
    let object = Database::of_visitor(objects(), &visitor.session.visitor);
    let two_days_ms = 2 * 24 * 3_600_000;
    let age = |which: &ConversationId, table: &str| {
        online.sql(&format!(
            "UPDATE conversations SET updated_at = updated_at - {two_days_ms} WHERE id = '{which}'"
        ));
        let of = if table == "messages" {
            ""
        } else {
            &format!("WHERE conversation_id = '{which}'")
        };
        let statement = format!("UPDATE {table} SET at = at - {two_days_ms} {of}");
        until("the object's file to be free", SOON, || {
            object.run(&[&statement]).ok()
        });
    };
    let has = |words: &str| {
        let mut tables: Vec<String> = Database::everywhere(online.state())
            .iter()
            .flat_map(|one| one.tables_with(&[words]))
            .collect();
        tables.sort();
        tables
    };
    for told in [words[0], words[2], page] {
        assert!(has(told).len() >= 2, "{told}: {:?}", has(told));
    }
    // The database has not heard of what was said since in the second one; that stays.
    age(&ids[0], "archived_messages");
    online.sql(&format!(
        "UPDATE conversations SET updated_at = updated_at - {two_days_ms} WHERE id = '{}'",
        ids[1]
    ));
    online.run_cron(EVERY_HOUR);
    // Nor do those who listen hear of it later.
    assert_eq!(has(words[0]), Vec::<String>::new());
    for kept in [words[1], words[2]] {
        assert!(
            has(kept)
                .iter()
                .filter(|table| table.contains("messages"))
                .count()
                >= 2,
            "{:?}",
            has(kept)
        );
    }
    let list: Vec<ConversationId> = own(&visitor).into_iter().map(|item| item.id).collect();
    assert_eq!(list, [ids[2].clone(), ids[1].clone()]);
    frame(
        &visitor,
        &ClientFrame::Switch {
            conversation: ids[0].clone(),
        },
    )
    .problem(Code::NotFound);
    // The current one's time is over while another's is not: every tab begins anew.
    age(&ids[2], "messages");
    online.run_cron(EVERY_HOUR);
    let fresh = another_welcome(&mut socket, &ids[2]);
    assert_eq!((fresh.seq, fresh.status), (Seq(0), Status::Open));
    let answer = socket.ask("m9", "And on it goes");
    signed.team.messages_up_to(&fresh.conversation, answer.seq);
    // Where the visitor was then went with it.
    for gone in [words[2], page] {
        assert_eq!(has(gone), Vec::<String>::new());
    }
    assert!(has(words[1]).iter().any(|table| table == "events"));
    let gone = format!("/conversations/{}", ids[2]);
    signed
        .team
        .call("GET", &gone)
        .send()
        .problem(Code::NotFound);
    assert_eq!(own(&visitor).len(), 2);
}

#[integration_test]
fn an_object_of_before_is_taken_along(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let first = socket.welcome.conversation.clone();
    let said = socket.ask("m1", "Hello?");
    socket.send(&ClientFrame::Escalate {});
    let last = socket.message("the wait", |message| message.role == Role::System);
    signed.team.messages_up_to(&first, last.seq);
    let item = signed.team.review(&signed.site.id, "escalation", "open");
    let object = Database::of_visitor(
        Database::of_objects(fixtures.edge(), "archived_conversations"),
        &visitor.session.visitor,
    );
    fixtures.edge().kill_runtime();
    // As it was left by a version whose list of migrations was shorter.
    until("the object's file to be free", SOON, || {
        object
            .run(&[
                "BEGIN IMMEDIATE",
                "DROP TABLE archived_messages",
                "DROP TABLE archived_conversations",
                "UPDATE schema_version SET version = version - 1",
                "COMMIT",
            ])
            .ok()
    });
    let mut socket = until("the runtime to be back", BACK_WITHIN, || {
        Socket::try_open(signed.client.edge(), &visitor.session.access_token).ok()
    });
    assert_eq!(socket.welcome.seq, last.seq);
    socket.send(&ClientFrame::End {});
    socket.message("the end", |message| message.seq > last.seq);
    until("the item to be done", SOON, || {
        let done = signed.team.reviews(&signed.site.id, "&status=done");
        done.iter().any(|its| its.id == item.id).then_some(())
    });
    begin(&mut socket);
    socket.ask("m2", "Hello again?");
    let back = go_back(&mut socket, &first);
    assert!(back.seq > said.seq);
    assert_eq!(own(&visitor).len(), 2);
}
