//! Word that a visitor leaves when nobody of the team is there.

use oriel_shared::id::Seq;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{ReviewStatus, ReviewSubject};
use oriel_shared::wire::visitor::{ClientFrame, Lead, Offer, Role, ServerFrame};
use oriel_tests::events::Events;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::team::closed_hours;
use oriel_tests::visitor::{Shop, from_frame};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

use super::handover::{UNKNOWN, change, knowing, queued, steps};

#[integration_test]
fn when_nobody_is_there_the_visitor_leaves_word(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({ "hours": closed_hours() }));
    let visitor = shop.visitor();
    let mut events = Events::open(
        shop.client.edge(),
        "/v1/events",
        &visitor.session.access_token,
        None,
    );
    let away = events.event("a welcome", |event| match event.json() {
        ServerFrame::Welcome { away, .. } => Some(away),
        _ => None,
    });
    assert!(away);
    let mut socket = visitor.socket();
    let doubt = socket.ask("m1", UNKNOWN);
    assert_eq!(doubt.offer, Some(Offer::Message), "{doubt:?}");
    socket.send(&ClientFrame::Escalate {});
    let told = socket.message("what to do", |message| message.role == Role::System);
    assert_eq!(told.offer, Some(Offer::Message), "{told:?}");
    let lead = Lead {
        name: Some("Ada Lovelace".into()),
        email: Some("ada@example.com".into()),
        message: Some("Do you sell engines?\nAnd cards?".into()),
        ..Lead::default()
    };
    socket.send(&ClientFrame::Lead(lead.clone()));
    let thanks = socket.message("thanks", |message| message.seq > told.seq);
    assert!(thanks.text.contains("ada@example.com"), "{thanks:?}");
    assert_eq!(
        queued(&shop, "lead", "open").matter,
        ReviewSubject::Lead(lead)
    );
    // Somebody is there again: told to whoever comes, and with the next move.
    change(&shop, json!({ "hours": {} }));
    until("the hours to be known", SOON, || {
        let token = &visitor.session.access_token;
        let mut events = Events::open(shop.client.edge(), "/v1/events", token, None);
        events.event("a welcome", |event| match event.json() {
            ServerFrame::Welcome { away, .. } => Some((!away).then_some(())),
            _ => None,
        })
    });
    for hours in [
        json!({ "time_zone": "Mars/Olympus", "shifts": [{ "days": ["monday"], "from": "09:00", "until": "17:00" }] }),
        json!({ "time_zone": "Europe/Berlin", "shifts": [{ "days": ["monday"], "from": "9", "until": "17:00" }] }),
    ] {
        let path = format!("/sites/{}", shop.site.id);
        let call = shop
            .team
            .call("PATCH", &path)
            .json(&json!({ "hours": hours }));
        call.send().problem(Code::InvalidField);
    }
}

#[integration_test]
fn word_that_a_visitor_leaves_is_checked_and_kept_once(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let leave = |lead: Value| {
        let mut frame = lead;
        frame["type"] = json!("lead");
        from_frame(&shop.client, "POST", "/v1/frames")
            .bearer(&visitor.session.access_token)
            .json(&frame)
            .send()
    };
    for (lead, code) in [
        (json!({}), Code::InvalidField),
        (json!({ "email": "not an address" }), Code::InvalidField),
        (
            json!({ "email": "ada@example.com", "phone": "12" }),
            Code::InvalidField,
        ),
        (
            json!({ "email": "ada@example.com", "name": "pay\u{202e}lap" }),
            Code::InvalidField,
        ),
        (
            json!({ "email": "ada@example.com", "message": "x".repeat(4_001) }),
            Code::InvalidField,
        ),
        (
            json!({ "email": "ada@example.com", "admin": true }),
            Code::InvalidBody,
        ),
        (json!({ "email": ["ada@example.com"] }), Code::InvalidBody),
    ] {
        leave(lead).problem(code);
    }
    assert_eq!(shop.team.reviews(&shop.site.id, "").len(), 0);
    let _left = leave(json!({ "email": "ada@example.com" })).expect(204);
    let first = queued(&shop, "lead", "open");
    // What is said again is nothing new; a correction takes its place.
    let _left = leave(json!({ "email": "ada@example.com" })).expect(204);
    let _left =
        leave(json!({ "email": "ada@example.org", "phone": "+44 20 7946 0958" })).expect(204);
    let corrected = until("the correction", SOON, || {
        let review = queued(&shop, "lead", "open");
        (review.matter != first.matter).then_some(review)
    });
    assert_eq!(corrected.id, first.id);
    assert_eq!(steps(&corrected), [ReviewStatus::Open, ReviewStatus::Open]);
    let kept = shop
        .team
        .messages_up_to(&visitor.session.conversation, Seq(2));
    assert_eq!(kept.len(), 2, "one thank-you each: {kept:?}");
}
