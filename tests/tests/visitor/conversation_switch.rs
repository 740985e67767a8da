//! Several conversations of one visitor whom the site vouches for: one after the other, each whole, and nobody else's.

use std::time::Duration;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::admin::{LimitsChange, Page, VisitorExport};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Lead, OwnConversation, Role, ServerFrame, Status};
use oriel_tests::database::Database;
use oriel_tests::events::Events;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{self, ModelSite, ModelSiteSetting, QUESTION, any_delta, says};
use oriel_tests::signed;
use oriel_tests::signed_site::{
    SignedSite, another_welcome, begin, frame, go_back, own, transcript,
};
use oriel_tests::socket::{Socket, Welcome};
use oriel_tests::visitor::{ORIGIN, Shop, ask_for_ticket};
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
