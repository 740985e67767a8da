//! People in the conversation: who is asked for and when, what the team's queue holds, what it hears as it happens, and
//! what the visitor sees of it.

use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{EscalationReason, Review, ReviewStatus, ReviewSubject};
use oriel_shared::wire::visitor::{ClientFrame, Lead, Message, Offer, Role, ServerFrame, Status};
use oriel_tests::client::Response;
use oriel_tests::events::Event;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{Shop, Visitor};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

#[track_caller]
pub(super) fn change(shop: &Shop, change: Value) {
    let change: SiteChange = serde_json::from_value(change).expect("a change");
    shop.team.change(&shop.site.id, &change).expect(200);
    // An object remembers a site for five seconds; a visitor who comes now is told at once.
}

/// A site whose assistant knows one thing.
#[track_caller]
pub(super) fn knowing(fixtures: &Fixtures, settings: Value) -> Shop {
    let shop = Shop::open(fixtures);
    let _document = shop.team.add_document(
        &shop.site.id,
        "Hours",
        "# Opening hours\n\nOn weekdays we open at nine.",
    );
    change(&shop, settings);
    shop
}

pub(super) const KNOWN: &str = "When do you open on weekdays?";

pub(super) const UNKNOWN: &str = "Do llamas enjoy accordion concerts?";

/// Waits until the queue holds one item of this kind, in this state.
#[track_caller]
pub(super) fn queued(shop: &Shop, kind: &str, status: &str) -> Review {
    shop.team.review(&shop.site.id, kind, status)
}

#[track_caller]
pub(super) fn decide(shop: &Shop, review: &Review, change: &Value) -> Response {
    shop.team
        .call("POST", &format!("/reviews/{}/status", review.id))
        .json(change)
        .send()
}

#[track_caller]
fn say_as(shop: &Shop, visitor: &Visitor, body: &Value) -> Message {
    shop.team.say(&visitor.session.conversation, body)
}

#[track_caller]
fn move_to(shop: &Shop, visitor: &Visitor, status: &str) {
    let path = format!("/conversations/{}/status", visitor.session.conversation);
    let _moved = shop
        .team
        .call("POST", &path)
        .json(&json!({ "status": status }))
        .send()
        .expect(200);
}

pub(super) fn steps(review: &Review) -> Vec<ReviewStatus> {
    review.history.iter().map(|step| step.status).collect()
}

#[integration_test]
fn a_visitor_who_asks_for_a_person_is_in_the_queue_until_somebody_has_answered(
    fixtures: &Fixtures,
) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    socket.ask("m1", "Hello?");
    socket.send(&ClientFrame::Escalate {});
    socket.send(&ClientFrame::Escalate {});
    let review = queued(&shop, "escalation", "open");
    let because = EscalationReason::Visitor;
    assert_eq!(review.matter, ReviewSubject::Escalation { because });
    assert_eq!(review.conversation, visitor.session.conversation);
    assert_eq!(
        (review.seq, steps(&review)),
        (Seq(2), vec![ReviewStatus::Open])
    );

    say_as(&shop, &visitor, &json!({ "text": "Here I am." }));
    let taken = queued(&shop, "escalation", "in_progress");
    assert_eq!(taken.id, review.id);
    move_to(&shop, &visitor, "closed");
    let done = queued(&shop, "escalation", "done");
    let (open, taken) = (ReviewStatus::Open, ReviewStatus::InProgress);
    assert_eq!(steps(&done), [open, taken, ReviewStatus::Done]);
    assert!(done.history.iter().all(|step| step.by.is_none()));
    // Asked for again, it comes up again.
    socket.send(&ClientFrame::Escalate {});
    let again = queued(&shop, "escalation", "open");
    assert_ne!(again.id, review.id);
}

#[integration_test]
fn asking_for_a_person_counts_as_saying_something(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    change(
        &shop,
        json!({ "limits": { "message_burst": 2, "messages_per_minute": 1 } }),
    );
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    socket.say_and_see("m1", "Hello?");
    // Asked twice and counted once: the second time there is nothing to do.
    socket.send(&ClientFrame::Escalate {});
    socket.send(&ClientFrame::Escalate {});
    let told = |frame: &ServerFrame| match frame {
        ServerFrame::Status { status, .. } => Some(Ok(*status)),
        ServerFrame::Error { code, .. } => Some(Err(code.clone())),
        _ => None,
    };
    assert_eq!(socket.frame("the move", told), Ok(Status::Waiting));
    socket.send(&ClientFrame::End {});
    assert_eq!(socket.frame("the end", told), Ok(Status::Closed));
    socket.send(&ClientFrame::Escalate {});
    let refused = Err(Code::RateLimited.name().to_owned());
    assert_eq!(socket.frame("a refusal", told), refused);
}

#[integration_test]
fn a_rule_of_the_site_asks_for_a_person_and_not_the_assistant(fixtures: &Fixtures) {
    let shop = knowing(
        fixtures,
        json!({ "answers": { "escalate_on": ["speak to a human", "refund"] } }),
    );
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let premise = socket.ask("m1", KNOWN);
    assert_eq!(premise.role, Role::Assistant);
    let answer = socket.ask("m2", "I want a REFUND, and when do you open on weekdays?");
    assert_eq!(answer.role, Role::System, "{answer:?}");
    let review = queued(&shop, "escalation", "open");
    assert_eq!(
        review.matter,
        ReviewSubject::Escalation {
            because: EscalationReason::Rule
        }
    );
    let kept = shop
        .team
        .messages_up_to(&visitor.session.conversation, answer.seq);
    assert!(
        kept[3..]
            .iter()
            .all(|message| message.role != Role::Assistant),
        "{kept:?}"
    );
}

#[integration_test]
fn too_many_answers_that_were_none_ask_for_a_person(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({ "answers": { "escalate_after": 2 } }));
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let doubt = socket.ask("m1", UNKNOWN);
    assert_eq!(doubt.offer, Some(Offer::Person), "{doubt:?}");
    // An answer in between begins the count anew.
    assert_eq!(socket.ask("m2", KNOWN).offer, None);
    socket.ask("m3", UNKNOWN);
    assert_eq!(shop.team.reviews(&shop.site.id, "").len(), 0);
    socket.ask("m4", UNKNOWN);
    let moved = socket.frame("the move", |frame| match frame {
        ServerFrame::Status { status, .. } => Some(*status),
        _ => None,
    });
    assert_eq!(moved, Status::Waiting);
    let review = queued(&shop, "escalation", "open");
    assert_eq!(
        review.matter,
        ReviewSubject::Escalation {
            because: EscalationReason::Doubt
        }
    );
}

#[integration_test]
fn the_assistant_is_quiet_while_a_person_has_the_conversation_and_comes_back(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({}));
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let first = socket.ask("m1", KNOWN);
    shop.team
        .messages_up_to(&visitor.session.conversation, first.seq);
    move_to(&shop, &visitor, "agent");
    let asked = socket.say_and_see("m2", KNOWN);
    let quiet = socket.try_frame(Duration::from_secs(1), |frame| match frame {
        ServerFrame::Message(message) if message.seq > asked.seq => Some(message.clone()),
        _ => None,
    });
    assert!(matches!(quiet, Ok(None)), "{quiet:?}");
    move_to(&shop, &visitor, "open");
    let answer = socket.ask("m3", KNOWN);
    assert_eq!((answer.role, answer.seq), (Role::Assistant, Seq(5)));
}

#[integration_test]
fn the_visitor_sees_who_answers_who_writes_and_who_has_read(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let last = socket.ask("m1", "Hello?");
    let conversation = &visitor.session.conversation;
    shop.team.messages_up_to(conversation, last.seq);
    let call = |path: &str| {
        shop.team
            .call("POST", &format!("/conversations/{conversation}/{path}"))
    };
    let _done = call("typing").send().expect(204);
    socket.frame("somebody writing", |frame| {
        (*frame == ServerFrame::Typing { role: Role::Agent }).then_some(())
    });
    let _done = call("read").json(&json!({ "seq": 1 })).send().expect(204);
    let read = |frame: &ServerFrame| match frame {
        ServerFrame::Read {
            role: Role::Agent,
            seq,
        } => Some(*seq),
        _ => None,
    };
    assert_eq!(socket.frame("what was read", read), Seq(1));
    let said = say_as(
        &shop,
        &visitor,
        &json!({ "text": "Good day.", "name": " Mina " }),
    );
    assert_eq!(said.author.as_deref(), Some("Mina"));
    assert_eq!(
        socket.message("the answer", |message| message.role == Role::Agent),
        said
    );
    assert_eq!(
        socket.frame("what was read", read),
        Seq(2),
        "whoever answers has read"
    );
    let kept = shop.team.messages_up_to(conversation, said.seq);
    assert_eq!(kept.last(), Some(&said));
    // It is known to the tab that comes next.
    let mut second = visitor.socket();
    second.send(&ClientFrame::Resume { after: Seq(0) });
    assert_eq!(second.frame("what was read", read), Seq(2));
    for name in ["", "pay\u{202e}lap", &"x".repeat(81)] {
        let body = json!({ "text": "Hi", "name": name });
        call("messages")
            .json(&body)
            .send()
            .problem(Code::InvalidField);
    }
}

#[integration_test]
fn a_judgement_of_an_answer_reaches_the_team_and_the_other_tabs(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({}));
    let visitor = shop.visitor();
    let (mut first, mut second) = (visitor.socket(), visitor.socket());
    let answer = first.ask("m1", KNOWN);
    let judge = |seq: Seq, good| ClientFrame::Feedback { seq, good };
    first.send(&judge(answer.seq, true));
    first.send(&judge(answer.seq, true));
    first.send(&judge(answer.seq, false));
    for good in [true, false] {
        let (seq, told) = second.frame("a judgement", |frame| match frame {
            ServerFrame::Feedback { seq, good } => Some((*seq, *good)),
            _ => None,
        });
        assert_eq!((seq, told), (answer.seq, good));
    }
    until("the judgement in the management API", SOON, || {
        let kept = shop
            .team
            .messages_up_to(&visitor.session.conversation, answer.seq);
        (kept[1].feedback == Some(false)).then_some(())
    });
    let again = second.resume(Seq(0), answer.seq);
    assert_eq!(again[1].feedback, Some(false));
    for seq in [Seq(0), Seq(1), Seq(99)] {
        first.send(&judge(seq, true));
        let code = first.frame("a refusal", |frame| match frame {
            ServerFrame::Error { code, .. } => Some(code.clone()),
            _ => None,
        });
        assert_eq!(code, Code::InvalidField.name(), "{seq:?}");
    }
}

#[integration_test]
fn a_visitor_ends_the_chat_and_begins_it_again(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({}));
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    socket.ask("m1", KNOWN);
    socket.send(&ClientFrame::End {});
    socket.send(&ClientFrame::End {});
    let moved = |frame: &ServerFrame| match frame {
        ServerFrame::Status { status, .. } => Some(*status),
        _ => None,
    };
    assert_eq!(socket.frame("the end", moved), Status::Closed);
    let answer = socket.ask("m2", KNOWN);
    assert_eq!(socket.frame("a new beginning", moved), Status::Open);
    assert_eq!(answer.role, Role::Assistant);
    let kept = shop
        .team
        .messages_up_to(&visitor.session.conversation, answer.seq);
    let n_ends = kept
        .iter()
        .filter(|message| message.role == Role::System)
        .count();
    assert_eq!(n_ends, 1, "{kept:?}");
}

/// The event of a kind in a conversation.
pub(super) fn of(event: &Event, kind: &str, visitor: &Visitor) -> Option<Value> {
    let json: Value = event.json();
    let is_it = json["type"] == kind
        && json["data"]["conversation"] == visitor.session.conversation.as_str();
    is_it.then_some(json)
}

#[integration_test]
fn the_queue_is_listed_by_kind_and_status_and_belongs_to_one_team(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    socket.send(&ClientFrame::Escalate {});
    socket.send(&ClientFrame::Lead(Lead {
        email: Some("ada@example.com".into()),
        ..Lead::default()
    }));
    let escalation = queued(&shop, "escalation", "open");
    let lead = queued(&shop, "lead", "open");
    assert_eq!(shop.team.reviews(&shop.site.id, "").len(), 2);
    assert_eq!(shop.team.reviews(&shop.site.id, "&status=done").len(), 0);
    for query in [
        "kind=gossip",
        "status=maybe",
        "kind=",
        "cursor=x",
        "limit=0",
    ] {
        let call = shop.team.call("GET", &format!("/reviews?{query}"));
        call.send().problem(Code::InvalidQuery);
    }
    // Taken on, and done with, by somebody whose key is in the history.
    let path = format!("/reviews/{}", lead.id);
    let _done = decide(
        &shop,
        &lead,
        &json!({ "status": "done", "note": "Called." }),
    )
    .expect(200);
    let shown: Review = shop.team.call("GET", &path).send().expect(200).json();
    assert_eq!((shown.status, shown.history.len()), (ReviewStatus::Done, 2));
    decide(
        &shop,
        &escalation,
        &json!({ "status": "done", "text": "x" }),
    )
    .problem(Code::InvalidField);
    let others = fixtures.edge().another_team();
    let held = fixtures.edge().team_of_demo_site();
    for team in [&others, &held] {
        team.call("GET", &path).send().problem(Code::NotFound);
        let change = json!({ "status": "dismissed" });
        team.call("POST", &format!("{path}/status"))
            .json(&change)
            .send()
            .problem(Code::NotFound);
        let listed = team.call("GET", "/reviews").send().expect(200).text();
        assert!(!listed.contains(lead.id.as_str()), "{listed}");
    }
}
