//! Drafts of answers: what a site lets nobody see before a person has approved it.

use std::time::Duration;

use super::handover::{KNOWN, UNKNOWN, decide, knowing, queued};
use oriel_shared::id::Seq;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{Review, ReviewStatus, ReviewSubject};
use oriel_shared::wire::visitor::{Offer, Role, ServerFrame};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use serde_json::json;

#[integration_test]
fn an_answer_that_needs_review_is_not_sent_before_a_person_approves_it(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({ "answers": { "needs_review": true } }));
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let held = socket.ask("m1", KNOWN);
    assert_eq!(held.role, Role::System, "{held:?}");
    let draft = queued(&shop, "draft", "open");
    let ReviewSubject::Draft {
        question,
        text,
        sources,
    } = &draft.matter
    else {
        panic!("a draft: {draft:?}");
    };
    assert_eq!(question, KNOWN);
    assert!(text.contains("nine") && sources.len() == 1, "{draft:?}");
    // What has nothing in it to be checked is said at once.
    assert_eq!(socket.ask("m2", UNKNOWN).offer, Some(Offer::Person));
    let leaked = socket.try_frame(Duration::from_millis(500), |frame| match frame {
        ServerFrame::Message(message) if message.text.contains("nine") => Some(()),
        _ => None,
    });
    assert!(
        matches!(leaked, Ok(None)),
        "it was said before it was approved"
    );

    let taken: Review = decide(
        &shop,
        &draft,
        &json!({ "status": "in_progress", "note": "I look." }),
    )
    .expect(200)
    .json();
    assert_eq!(taken.status, ReviewStatus::InProgress);
    assert_eq!(
        taken
            .history
            .last()
            .and_then(|step| step.note.clone())
            .as_deref(),
        Some("I look.")
    );
    assert!(taken.history.last().is_some_and(|step| step.by.is_some()));
    let done: Review = decide(&shop, &draft, &json!({ "status": "done" }))
        .expect(200)
        .json();
    assert_eq!(done.status, ReviewStatus::Done);
    let said = socket.message("the answer", |message| message.text.contains("nine"));
    assert_eq!((said.role, said.sources.len()), (Role::Assistant, 1));
    assert_eq!(said.text, *text);
    // Approved twice it is said once.
    let _again = decide(&shop, &draft, &json!({ "status": "done" })).expect(200);
    let last = socket.ask("m3", UNKNOWN);
    let all = socket.resume(Seq(0), last.seq);
    assert_eq!(
        all.iter().filter(|message| message.text == *text).count(),
        1
    );
}

#[integration_test]
fn a_draft_can_be_edited_or_dismissed_and_is_decided_on_once(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({ "answers": { "needs_review": true } }));
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    socket.ask("m1", KNOWN);
    let draft = queued(&shop, "draft", "open");
    for (body, code) in [
        (
            json!({ "status": "dismissed", "text": "x" }),
            Code::InvalidField,
        ),
        (json!({ "status": "done", "text": "" }), Code::InvalidField),
        (
            json!({ "status": "done", "note": "x".repeat(501) }),
            Code::InvalidField,
        ),
        (json!({ "status": "sent" }), Code::InvalidBody),
        (json!({}), Code::InvalidBody),
    ] {
        decide(&shop, &draft, &body).problem(code);
    }
    let edited = "At **nine**, but come at ten. [Map](javascript:alert(1))";
    let _done = decide(&shop, &draft, &json!({ "status": "done", "text": edited })).expect(200);
    let said = socket.message("the edited answer", |message| message.text == edited);
    let blocks = serde_json::to_string(&said.blocks).expect("JSON");
    assert!(
        blocks.contains("strong") && !blocks.contains("javascript"),
        "{blocks}"
    );
    decide(&shop, &draft, &json!({ "status": "dismissed" })).problem(Code::InvalidField);

    socket.say_and_see("m2", "And when do you open on weekdays, please?");
    let second = queued(&shop, "draft", "open");
    let dismissed: Review = decide(&shop, &second, &json!({ "status": "dismissed" }))
        .expect(200)
        .json();
    assert_eq!(dismissed.status, ReviewStatus::Dismissed);
    decide(&shop, &second, &json!({ "status": "done" })).problem(Code::InvalidField);
    let last = socket.ask("m3", UNKNOWN);
    let all = socket.resume(said.seq, last.seq);
    assert!(
        all.iter().all(|message| !message.text.contains("nine")),
        "{all:?}"
    );
}
