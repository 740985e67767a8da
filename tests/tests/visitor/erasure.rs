//! What a visitor has a right to: to be forgotten. Source: CONTROLS DAT-4.
//!
//! Each test has its edges for itself meanwhile: one kills them, others search all that they keep.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::own_data::{family_of, rows_with, signed_site};
use oriel_shared::id::Seq;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::transcript::Transcript;
use oriel_shared::wire::visitor::{ClientFrame, Lead, Role};
use oriel_tests::connections::webhook_of;
use oriel_tests::database::Database;
use oriel_tests::events::Events;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::socket::{HandshakeError, Socket};
use oriel_tests::visitor::{ORIGIN, Shop, Visitor, redeem_ticket};
use oriel_tests::wait::until;
use serde_json::Value;

#[integration_test]
fn who_is_erased_is_gone_from_objects_database_and_index(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let (client, team) = (online.client(), online.team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let _told = webhook_of(online, &site, "erase.hooks.example.com");
    // The team feed keeps what happens for those who listen.
    let _listening = Events::open(client.edge(), "/v1/admin/events", team.key(), None);
    let (visitor, other) = (
        Visitor::arrive(&client, &site.key, ORIGIN),
        Visitor::arrive(&client, &site.key, ORIGIN),
    );
    let (words, others_words) = ("Zanzibarbarous wardrobe", "Quixotrous lampshade");
    let mut socket = visitor.socket();
    let answer = socket.ask("m1", words);
    let theirs = other.socket().ask("m1", others_words);
    let email = "zanzibar@example.org";
    socket.send(&ClientFrame::Lead(Lead {
        email: Some(email.to_owned()),
        ..Lead::default()
    }));
    let thanks = socket.message("thanks for the address", |message| {
        message.role == Role::System
    });
    socket.send(&ClientFrame::Feedback {
        seq: answer.seq,
        good: true,
    });
    for (who, seq) in [(&visitor, thanks.seq), (&other, theirs.seq)] {
        team.messages_up_to(&who.session.conversation, seq);
    }
    let session = &visitor.session;
    let family = family_of(&session.access_token);
    let needles = [
        words,
        email,
        session.visitor.as_str(),
        session.conversation.as_str(),
        &answer.id,
        &family,
    ];
    // It is everywhere where it is known to be, and found there.
    let before = rows_with(online, &needles);
    for table in [
        "conversation",
        "conversations",
        "deliveries",
        "events",
        "messages",
        "reviews",
        "sessions",
    ] {
        assert!(
            before.iter().any(|name| name == table),
            "{table}: {before:?}"
        );
    }
    let is_theirs = |path: &Path| path.to_string_lossy().contains("-Visitor/");
    let files = online.files_with(words);
    assert!(files.iter().any(|path| is_theirs(path)), "{files:?}");

    let erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    let cookies = erased.cookies();
    assert_eq!(cookies.len(), 1);
    assert_eq!(cookies[0].name, visitor.cookie.name);
    assert_eq!(
        (cookies[0].value.as_str(), cookies[0].attribute("max-age")),
        ("", Some("0"))
    );
    socket.expect_closed();
    // At once, in every table of every database and object but the runtime's list of timers, where the note's is; and
    // their object's file was made anew.
    let mut at_once = rows_with(online, &needles);
    at_once.retain(|table| table != "_cf_ALARM");
    assert_eq!(at_once, Vec::<String>::new());
    let left: Vec<_> = online
        .files_with(words)
        .into_iter()
        .filter(|path| is_theirs(path))
        .collect();
    assert_eq!(left, Vec::<PathBuf>::new());
    // Nobody else is the poorer for it.
    let kept = rows_with(online, &[others_words]);
    assert!(
        ["messages", "deliveries"]
            .iter()
            .all(|table| kept.iter().any(|name| name == table))
    );
    let _there: Transcript = other
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
    let path = format!("/conversations/{}", session.conversation);
    team.call("GET", &path).send().problem(Code::NotFound);
    // What is left is a line that names nobody.
    let lines = online.sql("SELECT * FROM audit WHERE action = 'visitor.erase'");
    let lines = lines.as_array().expect("rows");
    let line = lines
        .iter()
        .find(|line| line["site_id"] == site.id.as_str())
        .unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!(line["actor"], "visitor");
    assert!(
        line["target"]
            .as_str()
            .is_some_and(|name| name.starts_with("hash_"))
    );
    // Asking again is no mistake, and the line stays one.
    let _again = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    let again = online.sql("SELECT * FROM audit WHERE action = 'visitor.erase'");
    assert_eq!(again.as_array().map(Vec::len), Some(lines.len()));
    // When no ticket of before is good any more, the note of it goes too.
    until("an empty storage", Duration::from_secs(60), || {
        let objects = Database::everywhere(&online.state().join("do"));
        let n_notes = objects.iter().filter(|object| {
            object
                .run(&["SELECT * FROM erasure"])
                .is_ok_and(|rows| rows != Value::Array(vec![]))
        });
        (n_notes.count() == 0).then_some(())
    });
    assert_eq!(rows_with(online, &needles), Vec::<String>::new());
}

#[integration_test]
fn an_erasure_that_the_database_misses_is_made_up_for(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    let (site, ticket) = signed_site(&shop.team);
    let visitor = Visitor::with_ticket(&shop.client, &ticket(&shop.client, "ada"));
    let answer = visitor.socket().ask("m1", "Something to be forgotten");
    let before = visitor.session.conversation.clone();
    shop.team.messages_up_to(&before, answer.seq);

    let database = Database::with_table(fixtures.edge(), "messages");
    let broken = database.without(&["conversations"]);
    let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    // The visitor comes back before the database does, and is somebody new.
    let again = Visitor::with_ticket(&shop.client, &ticket(&shop.client, "ada"));
    assert_eq!(again.session.visitor, visitor.session.visitor);
    assert_ne!(again.session.conversation, before);
    let said = again.socket().say_and_see("m2", "A new beginning");
    assert_eq!(said.seq, Seq(1));
    let there = database
        .run(&["SELECT count(*) AS n FROM messages WHERE text = 'Something to be forgotten'"]);
    assert_eq!(there.expect("rows")[0]["n"], 1, "the premise");
    // Nor does it matter that the runtime dies meanwhile.
    fixtures.edge().kill_runtime();
    drop(broken);

    until(
        "the database to have forgotten",
        Duration::from_secs(120),
        || {
            let answer = shop.team.call("GET", &format!("/conversations/{before}"));
            answer.try_send().ok().filter(|answer| answer.status == 404)
        },
    );
    shop.team
        .messages_up_to(&again.session.conversation, said.seq);
    let conversations = shop.team.conversations(&site.id);
    assert_eq!(conversations.len(), 1, "{conversations:?}");
}

#[integration_test]
fn no_row_on_its_way_comes_back_after_an_erasure(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    std::thread::scope(|scope| {
        for n in 0..24_u64 {
            let shop = &shop;
            scope.spawn(move || {
                let visitor = shop.visitor();
                let _said = visitor.socket().say_and_see("m1", "On its way");
                // Around the moment at which the alarm takes rows to the database.
                std::thread::sleep(Duration::from_millis(200 + n * 10));
                let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
            });
        }
    });
    // They are known for sure not to come, once rows that were sent later are there.
    let witness = shop.visitor();
    let said = witness.socket().say_and_see("m1", "Later");
    shop.team
        .messages_up_to(&witness.session.conversation, said.seq);
    let conversations = shop.team.conversations(&shop.site.id);
    assert_eq!(conversations.len(), 1, "{conversations:?}");
    let database = Database::with_table(fixtures.edge(), "messages");
    let left = database.run(&["SELECT count(*) AS n FROM messages WHERE text = 'On its way'"]);
    assert_eq!(left.expect("rows")[0]["n"], 0);
}

#[integration_test]
fn nothing_of_before_an_erasure_lets_in_again(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    let (site, ticket) = signed_site(&shop.team);
    let (spent, unspent) = (ticket(&shop.client, "bob"), ticket(&shop.client, "bob"));
    let visitor = Visitor::with_ticket(&shop.client, &spent);
    let _said = visitor.socket().say_and_see("m1", "Forget me");
    let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    let assert_shut = || {
        redeem_ticket(&shop.client, &spent).problem(Code::TicketUsed);
        redeem_ticket(&shop.client, &unspent).problem(Code::TicketUsed);
        visitor.refresh(&site.key).problem(Code::SessionExpired);
        visitor
            .call("GET", "/v1/transcript")
            .send()
            .problem(Code::SessionExpired);
        match Socket::try_open(shop.client.edge(), &visitor.session.access_token) {
            Err(HandshakeError::Answered(401)) => {}
            other => panic!(
                "an erased visitor's token opened a socket: {:?}",
                other.err()
            ),
        }
    };
    assert_shut();
    // Whoever comes anew is let in, and finds nothing.
    let again = Visitor::with_ticket(&shop.client, &ticket(&shop.client, "bob"));
    let found: Transcript = again
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
    assert_eq!(found.messages, Vec::new());
    // Their old papers still open nothing, not even when they are back.
    assert_shut();
    let _still: Transcript = again
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
}
