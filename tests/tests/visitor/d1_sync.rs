//! How soon the team finds what was said.

use super::handover::change;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::Shop;
use oriel_tests::wait::{SOON, until};
use serde_json::json;

#[integration_test]
fn a_conversation_is_found_soon_after_its_last_message(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    // Several times: what was brought lately may wait a little longer.
    for n in 0..4 {
        let last = socket.ask(&format!("m{n}"), "Hello?");
        shop.team
            .messages_up_to(&visitor.session.conversation, last.seq);
    }
}

#[integration_test]
fn somebody_who_writes_without_a_pause_is_found_meanwhile_and_after_it(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let plenty = json!({"limits": {"message_burst": 10_000, "messages_per_minute": 60_000, "messages_per_day": 1_000_000}});
    change(&shop, plenty);
    let visitor = shop.visitor();
    let id = &visitor.session.conversation;
    let mut socket = visitor.socket();
    let mut last = socket.ask("m0", "Hello?").seq;
    let mut n = 0;
    let path = format!("/conversations/{id}");
    until(
        "the conversation to be found while they write",
        SOON,
        || {
            for _ in 0..20 {
                n += 1;
                last = socket.ask(&format!("m{n}"), "And another thing:").seq;
            }
            (shop.team.call("GET", &path).send().status == 200).then_some(())
        },
    );
    let all = shop.team.messages_up_to(id, last);
    let numbers: Vec<u32> = all.iter().map(|message| message.seq.0).collect();
    let n_all = u32::try_from(all.len()).unwrap_or(0);
    assert_eq!(numbers, (1..=n_all).collect::<Vec<_>>());
}
