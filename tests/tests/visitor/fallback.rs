//! The conversation where sockets are swallowed: the same frames, as requests and events.

use oriel_shared::id::Seq;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Message, Role, ServerFrame, Status};
use oriel_tests::asserts::{ResponseKind, assert_security_headers};
use oriel_tests::client::Response;
use oriel_tests::events::{Events, StreamError};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{Shop, Visitor, from_frame};
use oriel_tests::wait::SOON;
use serde_json::json;

const PATH: &str = "/v1/events";

fn say(shop: &Shop, visitor: &Visitor, id: &str, text: &str) -> Response {
    from_frame(&shop.client, "POST", "/v1/messages")
        .bearer(&visitor.session.access_token)
        .json(&json!({ "id": id, "text": text }))
        .send()
}

fn frame(shop: &Shop, visitor: &Visitor, frame: &ClientFrame) -> Response {
    from_frame(&shop.client, "POST", "/v1/frames")
        .bearer(&visitor.session.access_token)
        .json(frame)
        .send()
}

fn listen(shop: &Shop, visitor: &Visitor, after: Option<&str>) -> Events {
    Events::open(
        shop.client.edge(),
        PATH,
        &visitor.session.access_token,
        after,
    )
}

/// The next message on a stream that is wanted, held to its event's id.
#[track_caller]
fn message(events: &mut Events, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
    events.event(what, |event| match event.json() {
        ServerFrame::Message(message) if wanted(&message) => {
            assert_eq!(event.id, Some(message.seq.0.to_string()));
            Some(message)
        }
        _ => None,
    })
}

#[integration_test]
fn a_message_is_stored_acknowledged_and_answered_without_a_socket(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let _document = shop.team.add_document(
        &shop.site.id,
        "Hours",
        "# Opening hours\n\nOn weekdays we open at nine.",
    );
    let visitor = shop.visitor();
    let mut events = listen(&shop, &visitor, None);
    let (conversation, seq, status) = events.event("a welcome", |event| match event.json() {
        ServerFrame::Welcome {
            conversation,
            seq,
            status,
            ..
        } => Some((conversation, seq, status)),
        _ => None,
    });
    assert_eq!(conversation, visitor.session.conversation);
    assert_eq!((seq, status), (Seq(0), Status::Open));

    let answer = say(&shop, &visitor, "m1", "When do you open on weekdays?").expect(201);
    assert_security_headers(&answer, ResponseKind::Api);
    let stored: Message = answer.json();
    assert_eq!((stored.seq, stored.role), (Seq(1), Role::Visitor));
    assert_eq!(
        message(&mut events, "its echo", |message| message.id == "m1"),
        stored
    );
    let answer = message(&mut events, "the answer", |message| {
        message.role == Role::Assistant
    });
    assert!(answer.text.contains("nine"), "{answer:?}");
    let kept = shop.team.messages_up_to(&conversation, answer.seq);
    assert_eq!(kept, [stored, answer]);
}

#[integration_test]
fn what_the_chat_says_is_in_the_visitors_language_without_a_socket(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor_who_reads(Some("de"), None);
    let mut events = listen(&shop, &visitor, None);
    let _sent = say(&shop, &visitor, "m1", "Do llamas enjoy accordion concerts?").expect(201);
    message(&mut events, "the assistant", |message| {
        message.role == Role::Assistant && message.text.starts_with("Das weiß ich nicht:")
    });
    let _asked = frame(&shop, &visitor, &ClientFrame::Escalate {}).expect(204);
    message(&mut events, "the chat", |message| {
        message.role == Role::System && message.text.starts_with("Jemand aus dem Team liest")
    });
}

#[integration_test]
fn a_stream_and_a_socket_of_one_visitor_are_in_step(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut events = listen(&shop, &visitor, None);
    let mut socket = visitor.socket();
    let said = socket.say_and_see("from-socket", "Hello?");
    let heard = message(&mut events, "what the socket said", |message| {
        message.id == "from-socket"
    });
    assert_eq!(heard, said);
    let said: Message = say(&shop, &visitor, "from-stream", "And hello again.")
        .expect(201)
        .json();
    let heard = socket.message("what the request said", |message| {
        message.id == "from-stream"
    });
    assert_eq!(heard, said);
    // The frames that are no messages too.
    let _done = frame(&shop, &visitor, &ClientFrame::Escalate {}).expect(204);
    for waits in [
        events.event("the move", |event| moved(&event.json())),
        socket.frame("the move", moved),
    ] {
        assert_eq!(waits, Status::Waiting);
    }
    let _done = frame(&shop, &visitor, &ClientFrame::Typing {}).expect(204);
    socket.frame("the other tab's typing", |frame| {
        (*frame
            == ServerFrame::Typing {
                role: Role::Visitor,
            })
        .then_some(())
    });
    socket.send(&ClientFrame::Read { seq: said.seq });
    let read = events.event("what the socket read", |event| match event.json() {
        ServerFrame::Read { role, seq } => Some((role, seq)),
        _ => None,
    });
    assert_eq!(read, (Role::Visitor, said.seq));
    // And it is known to the tab that comes next; a number from the future is cut to what there is.
    socket.send(&ClientFrame::Read {
        seq: Seq(4_000_000),
    });
    let (_, last) = events.event("what the socket read next", |event| match event.json() {
        ServerFrame::Read { role, seq } => Some((role, seq)),
        _ => None,
    });
    let known = listen(&shop, &visitor, None).event("a welcome", |event| match event.json() {
        ServerFrame::Welcome { read, seq, .. } => Some((read, seq)),
        _ => None,
    });
    assert_eq!(known, (last, last));
}

fn moved(frame: &ServerFrame) -> Option<Status> {
    match frame {
        ServerFrame::Status { status, .. } => Some(*status),
        _ => None,
    }
}

#[integration_test]
fn a_stream_begins_after_the_last_event_that_the_client_has(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let last = (1..=3)
        .map(|n| socket.ask(&format!("m{n}"), "Hello?").seq)
        .next_back()
        .expect("three");
    let all = socket.resume(Seq(0), last);
    for after in [0, 2, last.0] {
        let mut events = listen(&shop, &visitor, Some(&after.to_string()));
        for expected in &all[after as usize..] {
            let heard = message(&mut events, "a message that was missed", |_| true);
            assert_eq!(heard, *expected, "after {after}");
        }
        let news = socket.say_and_see(&format!("news-{after}"), "More.");
        let heard = message(&mut events, "news", |message| message.id == news.id);
        assert_eq!(heard, news);
    }
    for garbage in ["-1", "x", "4294967296", "1 2"] {
        let refused = Events::try_open(
            shop.client.edge(),
            PATH,
            &visitor.session.access_token,
            Some(garbage),
        );
        let Err(StreamError::Answered(status, text)) = refused else {
            panic!("`{garbage}` was taken for a place");
        };
        assert!(status == 400 && text.contains("invalid_query"), "{text}");
    }
}

#[integration_test]
fn the_same_id_again_is_the_same_message_without_a_socket(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let first: Message = say(&shop, &visitor, "m1", "Hello?").expect(201).json();
    let again: Message = say(&shop, &visitor, "m1", "Hello?").expect(201).json();
    assert_eq!(first, again);
    let other_words: Message = say(&shop, &visitor, "m1", "Other words").expect(201).json();
    assert_eq!(first, other_words);
    let mut socket = visitor.socket();
    assert_eq!(socket.say_and_see("m1", "Hello?"), first);
}

#[integration_test]
fn what_a_socket_refuses_is_refused_with_a_problem(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let _premise = say(&shop, &visitor, "m1", "Hello?").expect(201);
    say(&shop, &visitor, "m2", "").problem(Code::InvalidField);
    say(&shop, &visitor, "m 2", "Hello?").problem(Code::InvalidField);
    say(&shop, &visitor, "m2", &"x".repeat(4_001)).problem(Code::InvalidField);
    let resume = ClientFrame::Resume { after: Seq(0) };
    frame(&shop, &visitor, &resume).problem(Code::InvalidFrame);
    let send = ClientFrame::Send {
        id: "m3".into(),
        text: "Hello?".into(),
        conversation: None,
    };
    frame(&shop, &visitor, &send).problem(Code::InvalidFrame);
    for body in [
        json!({"type": "shout"}),
        json!({"type": "escalate", "x": 1}),
        json!([]),
    ] {
        from_frame(&shop.client, "POST", "/v1/frames")
            .bearer(&visitor.session.access_token)
            .json(&body)
            .send()
            .problem(Code::InvalidBody);
    }
}

#[integration_test]
fn limits_hold_without_a_socket_and_say_how_long(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let change = serde_json::from_value(json!({
        "limits": { "message_burst": 2, "messages_per_minute": 1 },
    }))
    .expect("a change");
    shop.team.change(&shop.site.id, &change).expect(200);
    let visitor = shop.visitor();
    let first: Message = say(&shop, &visitor, "m1", "One").expect(201).json();
    let _second = say(&shop, &visitor, "m2", "Two").expect(201);
    let refused = say(&shop, &visitor, "m3", "Three");
    refused.problem(Code::RateLimited);
    let wait = refused.header("retry-after").expect("how long");
    assert!((1..=60).contains(&wait.parse::<u32>().expect("seconds")));
    assert!(refused.header("ratelimit").is_some() && refused.header("ratelimit-policy").is_some());
    // What was let in before is still acknowledged.
    let again: Message = say(&shop, &visitor, "m1", "One").expect(201).json();
    assert_eq!(first, again);
}

#[integration_test]
fn a_stream_ends_with_its_session(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut events = listen(&shop, &visitor, None);
    events.event("a welcome", |_| Some(()));
    let _ended = from_frame(&shop.client, "DELETE", "/v1/session")
        .header("cookie", &visitor.cookie.pair())
        .json(&json!({ "site": shop.site.key }))
        .send()
        .expect(204);
    let end = events.try_event(SOON, |_| None::<()>);
    assert!(end.is_err(), "the stream is open after log-out");
    say(&shop, &visitor, "m1", "Hello?").problem(Code::SessionExpired);
    let refused = Events::try_open(
        shop.client.edge(),
        PATH,
        &visitor.session.access_token,
        None,
    );
    assert!(
        matches!(&refused, Err(StreamError::Answered(401, text)) if text.contains("session_expired"))
    );
}

#[integration_test]
fn of_more_streams_than_there_may_be_the_oldest_makes_room(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut streams: Vec<Events> = (0..51).map(|_| listen(&shop, &visitor, None)).collect();
    let ended = streams[0].try_event(SOON, |_| None::<()>);
    assert!(ended.is_err(), "the oldest goes on");
    let _said = say(&shop, &visitor, "m1", "Who hears me?").expect(201);
    for at in [1, 50] {
        streams[at].event("what was said", |event| {
            event.data.contains("Who hears me?").then_some(())
        });
    }
}
