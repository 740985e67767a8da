//! What is under way when a visitor switches to another conversation: other tabs, messages, a person who answers, an
//! answer in the making.

use std::time::Duration;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Lead, Role, ServerFrame, Status};
use oriel_tests::events::Events;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{self, ModelSite, ModelSiteSetting, QUESTION, any_delta, says};
use oriel_tests::signed;
use oriel_tests::signed_site::{
    SignedSite, another_welcome, begin, frame, go_back, own, transcript,
};
use oriel_tests::socket::{Socket, Welcome};
use oriel_tests::visitor::{ORIGIN, ask_for_ticket};
use oriel_tests::wait::{SOON, until};
use serde_json::json;

#[integration_test]
fn every_tab_goes_along(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let (mut one, mut two) = (visitor.socket(), visitor.socket());
    let answer = one.ask("m1", "Hello?");
    two.message("the same", |message| message.id == answer.id);
    let first = one.welcome.conversation.clone();
    let token = &visitor.session.access_token;
    let mut stream = Events::open(signed.client.edge(), "/v1/events", token, Some("2"));
    // Without a socket, too.
    let _begun = frame(&visitor, &ClientFrame::Begin {}).expect(204);
    let welcome = another_welcome(&mut one, &first);
    assert_eq!(another_welcome(&mut two, &first), welcome);
    let heard = stream.event("the welcome", |event| {
        Welcome::of(&event.json()).filter(|its| its.conversation != first)
    });
    assert_eq!(heard, welcome);
    let next = two.ask("m2", "And now?");
    assert_eq!(one.message("the answer", |its| its.id == next.id), next);
    let _back = frame(
        &visitor,
        &ClientFrame::Switch {
            conversation: first.clone(),
        },
    )
    .expect(204);
    for socket in [&mut one, &mut two] {
        let welcome = another_welcome(socket, &welcome.conversation);
        assert_eq!(
            (welcome.conversation, welcome.seq),
            (first.clone(), answer.seq)
        );
    }
    // A stream has what was said in it right behind.
    stream.event("the welcome back", |event| {
        Welcome::of(&event.json()).filter(|its| its.conversation == first && its.seq == answer.seq)
    });
    for seq in 1..=answer.seq.0 {
        let id = Some(seq.to_string());
        stream.event("what was said", |event| {
            let message = match event.json() {
                ServerFrame::Message(message) => message,
                _ => return None,
            };
            (event.id == id && (message.id == "m1" || message.id == answer.id)).then_some(())
        });
    }
}

#[integration_test]
fn what_was_meant_for_one_conversation_is_not_said_in_another(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let first = socket.welcome.conversation.clone();
    let said = socket.ask("m1", "Said in the first one");
    let second = begin(&mut socket).conversation;
    // Sent again after the answer to it was lost: it is there, and not said twice.
    let again = |conversation: Option<&ConversationId>, id: &str| ClientFrame::Send {
        id: id.to_owned(),
        text: "Said in the first one".to_owned(),
        conversation: conversation.cloned(),
    };
    let refused = ("conversation_not_current".to_owned(), None);
    for (named, id) in [(None, "m1"), (Some(&first), "m1"), (Some(&first), "m9")] {
        socket.send(&again(named, id));
        let (code, of, wait) = socket.refusal();
        assert_eq!((code, wait), refused, "{named:?} {id}");
        assert_eq!(of.as_deref(), Some(id));
        let mut body = json!({ "id": id, "text": "Said in the first one" });
        if let Some(named) = named {
            body["conversation"] = json!(named);
        }
        visitor
            .call("POST", "/v1/messages")
            .json(&body)
            .send()
            .problem(Code::ConversationNotCurrent);
    }
    assert_eq!(visitor.socket().welcome.seq, Seq(0));
    // What is meant for this one is said in it, whatever its id was elsewhere.
    socket.send(&again(Some(&second), "m1"));
    let here = socket.message("it, here", |message| message.id == "m1");
    assert_eq!(here.seq, Seq(1));
    let answer = socket.message("the answer", |message| message.seq == Seq(2));
    // And once: the same again is the same.
    socket.send(&again(Some(&second), "m1"));
    assert_eq!(
        socket.message("it again", |message| message.id == "m1"),
        here
    );
    // A place in the one is none in the other.
    let rest = go_back(&mut socket, &first);
    socket.send(&ClientFrame::Resume { after: Seq(57) });
    assert_eq!(rest.seq, said.seq);
    assert_eq!(socket.resume(Seq(0), said.seq).len(), said.seq.0 as usize);
    assert_eq!(signed.team.messages_up_to(&second, answer.seq).len(), 2);
}

#[integration_test]
fn a_conversation_that_a_person_has_is_ended_first(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let first = socket.welcome.conversation.clone();
    let said = socket.ask("m1", "Hello?");
    begin(&mut socket);
    socket.ask("m2", "A person, please");
    let moved = |to: Status| {
        move |frame: &ServerFrame| match frame {
            ServerFrame::Status { status, .. } => (*status == to).then_some(()),
            _ => None,
        }
    };
    socket.send(&ClientFrame::Escalate {});
    socket.frame("the wait", moved(Status::Waiting));
    let second = socket.welcome.conversation.clone();
    let refused = |socket: &mut Socket| {
        for wish in [
            ClientFrame::Begin {},
            ClientFrame::Switch {
                conversation: first.clone(),
            },
        ] {
            socket.send(&wish);
            assert_eq!(socket.refusal().0, "conversation_busy", "{wish:?}");
            frame(&visitor, &wish).problem(Code::ConversationBusy);
        }
        assert_eq!(visitor.socket().welcome.conversation, second);
    };
    refused(&mut socket);
    signed.team.messages_up_to(&second, Seq(3));
    let person = signed.team.say(&second, &json!({ "text": "Ana here." }));
    socket.message("the person", |message| message.id == person.id);
    refused(&mut socket);
    socket.send(&ClientFrame::End {});
    socket.frame("the end", moved(Status::Closed));
    let back = go_back(&mut socket, &first);
    assert_eq!((back.seq, back.status), (said.seq, Status::Open));
    // It rests as it was left.
    let rests = own(&visitor);
    let rests = rests.iter().find(|item| item.id == second).expect("listed");
    assert_eq!(
        (rests.status, rests.preview.as_str()),
        (Status::Closed, "Ana here.")
    );
    let back = go_back(&mut socket, &second);
    assert_eq!(back.status, Status::Closed);
}

#[integration_test]
fn an_answer_in_the_making_stays_behind(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let words: Vec<&str> = std::iter::repeat_n("It opens at nine [1]. ", 400).collect();
    let slow = move |_: &_| says(&words, Duration::from_millis(50));
    let model_site = ModelSite::open(
        online,
        "left.example.com",
        ModelSiteSetting::of(online.team()),
        slow,
    );
    let key = model_site.team.require_tokens(&model_site.site.id);
    until("that to be in force", SOON, || {
        let asked = ask_for_ticket(&online.client(), &model_site.site.key, ORIGIN);
        (asked.status == 401).then_some(())
    });
    let visitor = signed::visitor(&online.client(), &model_site.site.key, &key, "ada");
    let mut socket = visitor.socket();
    let first = socket.welcome.conversation.clone();
    socket.say_and_see("q1", QUESTION);
    let (left, _) = socket.frame("the first words", any_delta);
    begin(&mut socket);
    // This place is taken in the other conversation too: it has an answer of its own.
    socket.say_and_see("q2", QUESTION);
    let (own_id, _) = socket.frame("the first words of the other answer", |frame| {
        any_delta(frame).filter(|(id, _)| *id != left)
    });
    socket.send(&ClientFrame::Stop {});
    let answer = socket.message("the answer", |message| message.role == Role::Assistant);
    assert_eq!((answer.seq, &answer.id), (Seq(2), &own_id));
    // Of what was left nothing comes: neither here nor there.
    let late = socket.try_frame(Duration::from_millis(700), |frame| match frame {
        ServerFrame::Delta { id, .. } => (*id == left).then_some(()),
        ServerFrame::Message(message) => (message.id == left).then_some(()),
        _ => None,
    });
    assert!(matches!(late, Ok(None)), "{late:?}");
    let rests = transcript(&visitor, &first);
    assert_eq!(rests.len(), 1, "{rests:?}");
    go_back(&mut socket, &first);
    assert_eq!(model::asked(online, "left.example.com").len(), 2);
}

#[integration_test]
fn the_team_writes_to_the_current_one_alone(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let visitor = signed.visitor("ada");
    let mut socket = visitor.socket();
    let first = socket.welcome.conversation.clone();
    let said = socket.ask("m1", "Hello?");
    socket.send(&ClientFrame::Lead(Lead {
        email: Some("ada@example.org".into()),
        ..Lead::default()
    }));
    socket.message("thanks", |message| message.role == Role::System);
    let lead = signed.team.review(&signed.site.id, "lead", "open");
    begin(&mut socket);
    let refused = |conversation: &ConversationId, code: Code| {
        for (what, body) in [
            ("messages", Some(json!({ "text": "Ana here." }))),
            ("status", Some(json!({ "status": "agent" }))),
            ("read", Some(json!({ "seq": 1 }))),
            ("typing", None),
        ] {
            let path = format!("/conversations/{conversation}/{what}");
            let mut call = signed.team.call("POST", &path);
            if let Some(body) = &body {
                call = call.json(body);
            }
            call.send().problem(code);
        }
    };
    refused(&first, Code::ConversationNotCurrent);
    assert_eq!(visitor.socket().welcome.status, Status::Open);
    // What came up in it stays in the team's queue, and moves there.
    let path = format!("/reviews/{}/status", lead.id);
    let moved = signed
        .team
        .call("POST", &path)
        .json(&json!({ "status": "done", "note": "Written to." }));
    let moved: oriel_shared::wire::review::Review = moved.send().expect(200).json();
    assert_eq!(moved.conversation, first);
    assert_eq!(moved.history.len(), 2, "{moved:?}");
    // Nothing of that moved the one that the visitor is in, of which the team has not heard.
    let second = socket.welcome.conversation.clone();
    refused(&second, Code::NotFound);
    let other = socket.ask("m2", "Another matter");
    signed.team.messages_up_to(&second, other.seq);
    let _said = signed.team.say(&second, &json!({ "text": "Ana here." }));
    assert!(
        signed
            .team
            .messages_up_to(&first, said.seq)
            .iter()
            .all(|m| m.role != Role::Agent)
    );
    assert_eq!(
        signed
            .team
            .reviews(&signed.site.id, "&kind=lead&status=done")
            .len(),
        1
    );
}
