//! What the team hears as it happens, and finds again after a gap.

use std::time::Duration;

use super::handover::{KNOWN, UNKNOWN, knowing, of};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::ClientFrame;
use oriel_tests::events::Events;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Shop};
use serde_json::{Value, json};

fn watch(shop: &Shop, key: &str, after: Option<&str>) -> Events {
    Events::open(shop.client.edge(), "/v1/admin/events", key, after)
}

#[integration_test]
fn the_team_hears_what_happens_as_it_happens_and_after_a_gap(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({}));
    let visitor = shop.visitor();
    let mut live = watch(&shop, shop.team.key(), None);
    let mut socket = visitor.socket();
    let asked = socket.ask("m1", KNOWN);
    socket.send(&ClientFrame::Escalate {});
    live.event("the beginning", |event| {
        of(event, "conversation.created", &visitor)
    });
    let (first, place) = live.event("the question", |event| {
        let json = of(event, "message.created", &visitor)?;
        Some((json, event.id.clone()))
    });
    assert_eq!(first["data"]["message"]["text"], KNOWN);
    live.event("the wait", |event| {
        of(event, "conversation.waiting", &visitor)
    });
    let review = live.event("the queue", |event| of(event, "review.created", &visitor));
    assert_eq!(review["data"]["review"]["matter"]["kind"], "escalation");
    // What is of the moment has no place.
    socket.send(&ClientFrame::Typing {});
    live.event("typing", |event| {
        let json: Value = event.json();
        let is_it = json["type"] == "conversation.moment"
            && json["conversation"] == visitor.session.conversation.as_str();
        is_it.then(|| {
            assert_eq!(
                (event.id.clone(), &json["frame"]["type"]),
                (None, &json!("typing"))
            )
        })
    });
    drop(live);

    // Who comes back gets what they missed, once and in order.
    let place = place.expect("events have places");
    let mut again = watch(&shop, shop.team.key(), Some(&place));
    let answer = again.event("the answer", |event| of(event, "message.created", &visitor));
    assert_eq!(answer["data"]["message"]["seq"], asked.seq.0);
    again.event("the wait", |event| {
        of(event, "conversation.waiting", &visitor)
    });
    // A place that this feed never gave out: there is a gap, and it says so.
    let mut lost = watch(&shop, shop.team.key(), Some("4000000000"));
    lost.event("the gap", |event| {
        (event.json::<Value>()["type"] == "gap").then_some(())
    });
    for garbage in ["-1", "x"] {
        let call = shop
            .team
            .call("GET", "/events")
            .header("last-event-id", garbage);
        call.send().problem(Code::InvalidQuery);
    }
}

#[integration_test]
fn who_begins_to_listen_hears_what_comes_next_and_that_there_was_more(fixtures: &Fixtures) {
    let team = fixtures.edge().another_team();
    let site = team.open_site("Quiet", &[ORIGIN]);
    let client = fixtures.edge().client();
    let shop = Shop { client, team, site };
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    // Two batches that nobody hears of: the first one finds out, the second one knows.
    for id in ["m1", "m2"] {
        let answer = socket.ask(id, UNKNOWN);
        let conversation = &visitor.session.conversation;
        let _kept = shop.team.messages_up_to(conversation, answer.seq);
    }
    let mut live = watch(&shop, shop.team.key(), Some("0"));
    live.event("the gap", |event| {
        (event.json::<Value>()["type"] == "gap").then_some(())
    });
    socket.ask("m3", UNKNOWN);
    let (heard, place) = live.event("the next message", |event| {
        let json = of(event, "message.created", &visitor)?;
        Some((json, event.id.clone()))
    });
    assert_eq!(heard["data"]["message"]["id"], "m3");
    drop(live);

    // Who has listened may come back.
    let asked = socket.ask("m4", UNKNOWN);
    let conversation = &visitor.session.conversation;
    let _kept = shop.team.messages_up_to(conversation, asked.seq);
    let mut again = watch(&shop, shop.team.key(), place.as_deref());
    again.event("what was missed", |event| {
        let json = of(event, "message.created", &visitor)?;
        (json["data"]["message"]["id"] == "m4").then_some(())
    });
}

#[integration_test]
fn the_team_feed_tells_a_key_of_its_own_sites_alone(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let others = fixtures.edge().another_team();
    let held = fixtures.edge().team_of_demo_site();
    let mut own = watch(&shop, shop.team.key(), Some("0"));
    let mut foreign = watch(&shop, others.key(), Some("0"));
    let mut narrow = watch(&shop, held.key(), Some("0"));
    let words = "Is my secret safe with you?";
    visitor.socket().ask("m1", words);
    own.event("the question", |event| {
        of(event, "message.created", &visitor)
    });
    for stream in [&mut foreign, &mut narrow] {
        let heard = stream.try_event(Duration::from_secs(1), |event| {
            event
                .data
                .contains(visitor.session.conversation.as_str())
                .then_some(())
        });
        assert!(matches!(heard, Ok(None)), "{:?}", stream.unread());
    }
}
