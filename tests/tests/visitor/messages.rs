//! The conversation: the socket, its messages, several tabs, and people who answer; without a browser.

use std::time::Duration;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{
    ClientFrame, Message, Offer as NextStep, Role, ServerFrame, Status,
};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::socket::Socket;
use oriel_tests::visitor::Shop;
use oriel_tests::wait::{SOON, until};
use serde_json::json;

#[integration_test]
fn messages_are_numbered_from_one_without_gaps(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    assert_eq!(socket.welcome.conversation, visitor.session.conversation);
    assert_eq!(
        (socket.welcome.seq, socket.welcome.status),
        (Seq(0), Status::Open)
    );
    let mut seen: Vec<Message> = Vec::new();
    for n in 0..3 {
        seen.push(socket.say_and_see(&format!("m{n}"), "  What do you sell?\r\nAnd when?  "));
        let last = seen.last().expect("just pushed").seq;
        seen.push(socket.message("the answer", |message| message.seq > last));
    }
    assert_eq!(
        seen.iter().map(|message| message.seq.0).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    for message in &seen {
        let expected = if message.seq.0 % 2 == 1 {
            Role::Visitor
        } else {
            Role::Assistant
        };
        assert_eq!(message.role, expected, "{message:?}");
        assert!(
            !message.text.is_empty() && !message.blocks.is_empty(),
            "{message:?}"
        );
    }
    assert_eq!(seen[0].text, "What do you sell?\nAnd when?");
    assert!(
        seen.windows(2).all(|pair| pair[0].at <= pair[1].at),
        "{seen:?}"
    );
}

#[integration_test]
fn two_tabs_see_the_same_messages_under_the_same_numbers(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let (mut one, mut other) = (visitor.socket(), visitor.socket());
    let read = |socket: &mut Socket| -> Vec<Message> {
        (0..4)
            .map(|_| socket.message("four messages", |_| true))
            .collect()
    };
    one.say("a1", "First, from one tab");
    let answer_to_one = other.message("the answer to the other tab", |message| {
        message.role == Role::Assistant
    });
    assert_eq!(answer_to_one.seq, Seq(2));
    other.say("b1", "Second, from the other");
    let mut from_one = read(&mut one);
    from_one.sort_by_key(|message| message.seq);
    assert_eq!(
        from_one
            .iter()
            .map(|message| message.seq.0)
            .collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    let mut third = visitor.socket();
    assert_eq!(third.welcome.seq, Seq(4));
    assert_eq!(third.resume(Seq(0), Seq(4)), from_one);
    assert_eq!(other.resume(Seq(0), Seq(4)), from_one);
}

#[integration_test]
fn a_returning_tab_gets_what_it_missed_and_nothing_twice(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let (mut leaving, mut staying) = (visitor.socket(), visitor.socket());
    let held = leaving.ask("m1", "Are you there?").seq;
    leaving.vanish();
    let last = staying.ask("m2", "And now?").seq;
    let last = staying.ask("m3", "And later?").seq.max(last);
    let mut back = visitor.socket();
    assert_eq!(back.welcome.seq, last);
    let missed: Vec<u32> = back
        .resume(held, last)
        .iter()
        .map(|message| message.seq.0)
        .collect();
    assert_eq!(missed, (held.0 + 1..=last.0).collect::<Vec<_>>());
    // One who has everything gets nothing.
    back.send(&ClientFrame::Resume { after: last });
    let news = back.try_frame(Duration::from_millis(500), |frame| match frame {
        ServerFrame::Message(message) => Some(message.clone()),
        _ => None,
    });
    assert_eq!(news.expect("an open socket"), None);
}

#[integration_test]
fn the_same_id_again_is_the_same_message(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let first = socket.say_and_see("same", "Only once, please");
    let answer = socket.message("the answer", |message| message.role == Role::Assistant);
    // A client that did not hear the acknowledgement sends again: here, and in a new socket.
    let again = socket.say_and_see("same", "Only once, please");
    assert_eq!(again, first);
    let in_another = visitor
        .socket()
        .say_and_see("same", "Other words under the same id");
    assert_eq!(in_another, first);
    let next = socket.say_and_see("next", "Something else");
    assert_eq!(
        next.seq,
        answer.seq.next(),
        "the repetition took a place of its own"
    );
    let team = shop
        .team
        .messages_up_to(&visitor.session.conversation, next.seq);
    assert_eq!(
        team.iter().filter(|message| message.id == "same").count(),
        1
    );
}

#[integration_test]
fn a_message_that_is_too_long_is_refused_and_the_socket_stays_open(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let mut socket = shop.visitor().socket();
    let longest = "é".repeat(4_000);
    assert_eq!(socket.say_and_see("longest", &longest).text, longest);
    let _answer = socket.message("the answer", |message| message.role == Role::Assistant);
    for (id, text) in [
        ("long", "é".repeat(4_001)),
        ("empty", String::new()),
        ("blank", " \n ".into()),
    ] {
        socket.say(id, &text);
        let code = error_for(&mut socket, id);
        assert!(
            ["invalid_field", "invalid_frame", "body_too_large"].contains(&code.as_str()),
            "{id}: {code}"
        );
    }
    socket.say("far-too-long", &"x".repeat(60_000));
    let code = socket.frame("an error about the overlong frame", |frame| match frame {
        ServerFrame::Error { code, .. } => Some(code.clone()),
        _ => None,
    });
    assert!(
        ["invalid_field", "body_too_large"].contains(&code.as_str()),
        "{code}"
    );
    let after = socket.say_and_see("after", "Short");
    assert_eq!(after.seq, Seq(3), "a refused message took a place");
}

#[integration_test]
fn the_longest_message_is_taken_however_it_is_escaped(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let mut socket = shop.visitor().socket();
    let longest = "\u{1f6a4}".repeat(4_000);
    // As a client that writes ASCII only sends it: two escapes of six bytes a character.
    socket.send_text(&format!(
        r#"{{"type":"send","id":"m1","text":"{}"}}"#,
        r"\ud83d\udea4".repeat(4_000)
    ));
    let taken = socket.frame("the message, or an error", |frame| match frame {
        ServerFrame::Message(message) if message.id == "m1" => Some(Ok(message.text == longest)),
        ServerFrame::Error { code, .. } => Some(Err(code.clone())),
        _ => None,
    });
    assert_eq!(taken, Ok(true));
}

/// The error frame about the message of this id.
#[track_caller]
fn error_for(socket: &mut Socket, id: &str) -> String {
    socket.frame(&format!("an error about {id}"), |frame| match frame {
        ServerFrame::Error {
            code,
            detail,
            id: Some(its),
            ..
        } if its == id => {
            assert!(!detail.is_empty());
            Some(code.clone())
        }
        _ => None,
    })
}

#[integration_test]
fn another_visitor_sees_nothing_of_it(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let (one, other) = (shop.visitor(), shop.visitor());
    assert_ne!(one.session.visitor, other.session.visitor);
    assert_ne!(one.session.conversation, other.session.conversation);
    let (mut ones, mut others) = (one.socket(), other.socket());
    let answer = ones.ask("m1", "My secret is 4711");
    assert_eq!(ones.resume(Seq(0), answer.seq).len(), 2);
    others.send(&ClientFrame::Resume { after: Seq(0) });
    let seen = others.try_frame(Duration::from_secs(1), |frame| match frame {
        ServerFrame::Message(message) => Some(message.clone()),
        _ => None,
    });
    assert_eq!(seen.expect("an open socket"), None);
    // The other conversation starts at one, whatever happened in this.
    assert_eq!(others.say_and_see("m1", "Hello").seq, Seq(1));
}

#[integration_test]
fn the_team_reads_the_same_messages_under_the_same_numbers(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let _document = shop.team.add_document(
        &shop.site.id,
        "Opening hours",
        "# Opening hours\n\nWe open at nine on weekdays.",
    );
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let _first = socket.ask("m1", "When do you open on weekdays?");
    let last = socket.ask("m2", "Do you sell <b>aeroplanes</b>?").seq;
    let seen = visitor.socket().resume(Seq(0), last);
    let read = shop
        .team
        .messages_up_to(&visitor.session.conversation, last);
    assert_eq!(read, seen);
    let listed = shop.team.conversations(&shop.site.id);
    let [conversation] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(conversation.id, visitor.session.conversation);
    assert_eq!(conversation.visitor, visitor.session.visitor);
    assert_eq!(
        (conversation.seq, conversation.status),
        (last, Status::Open)
    );
}

#[integration_test]
fn a_persons_answer_reaches_the_socket_and_quiets_the_assistant(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let last = socket.ask("m1", "Is anybody there?").seq;
    let conversation = &visitor.session.conversation;
    shop.team.messages_up_to(conversation, last);
    let messages = format!("/conversations/{conversation}/messages");
    let text = "Yes: **me**. See [our page](https://shop.example/).";
    let said: Message = shop
        .team
        .call("POST", &messages)
        .json(&json!({ "text": text }))
        .send()
        .expect(201)
        .json();
    assert_eq!(said.role, Role::Agent);
    assert!(said.seq > last);
    let heard = socket.message("the person's answer", |message| message.role == Role::Agent);
    assert_eq!(heard, said);
    status_frame(&mut socket, Status::Agent);
    // The assistant is quiet while a person has the conversation.
    let asked = socket.say_and_see("m2", "What do you sell?");
    let answered = socket.try_frame(Duration::from_secs(2), |frame| match frame {
        ServerFrame::Message(message) if message.seq > asked.seq => Some(message.clone()),
        _ => None,
    });
    assert_eq!(answered.expect("an open socket"), None);
    // Handed back, it answers again.
    set_status(&shop, conversation, Status::Open).expect(200);
    status_frame(&mut socket, Status::Open);
    assert_eq!(socket.ask("m3", "And now?").role, Role::Assistant);
    for bad in [json!({ "text": "" }), json!({ "text": "x".repeat(4_001) })] {
        shop.team
            .call("POST", &messages)
            .json(&bad)
            .send()
            .problem(Code::InvalidField);
    }
}

#[integration_test]
fn a_visitor_can_ask_for_a_person(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let answer = socket.ask("m1", "What is the airspeed of an unladen swallow?");
    assert_eq!(answer.offer, Some(NextStep::Person), "{answer:?}");
    socket.send(&ClientFrame::Escalate {});
    status_frame(&mut socket, Status::Waiting);
    assert_eq!(visitor.socket().welcome.status, Status::Waiting);
    until("the team to see that somebody waits", SOON, || {
        let listed = shop.team.conversations(&shop.site.id);
        listed
            .iter()
            .any(|conversation| conversation.status == Status::Waiting)
            .then_some(())
    });
}

#[integration_test]
fn a_closed_conversation_opens_again_with_a_new_message(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let last = socket.ask("m1", "Hello?").seq;
    let conversation = &visitor.session.conversation;
    shop.team.messages_up_to(conversation, last);
    set_status(&shop, conversation, Status::Waiting).problem(Code::InvalidField);
    set_status(&shop, conversation, Status::Closed).expect(200);
    status_frame(&mut socket, Status::Closed);
    let said = socket.say_and_see("m2", "One more thing");
    status_frame(&mut socket, Status::Open);
    shop.team.messages_up_to(conversation, said.seq);
}

fn set_status(
    shop: &Shop,
    conversation: &ConversationId,
    status: Status,
) -> oriel_tests::client::Response {
    shop.team
        .call("POST", &format!("/conversations/{conversation}/status"))
        .json(&json!({ "status": status }))
        .send()
}

#[track_caller]
fn status_frame(socket: &mut Socket, wanted: Status) {
    socket.frame(&format!("the status {wanted:?}"), |frame| match frame {
        ServerFrame::Status { status, .. } if *status == wanted => Some(()),
        _ => None,
    });
}
