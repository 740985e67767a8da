//! Ten visitors go on talking while everything breaks. `cargo xtask chaos` is the same with as many as one likes.

use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::visitor::Message;
use oriel_tests::chaos::{ClientLog, Outcome, Plan, Transport, run, verdict_on};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use serde_json::json;

/// Takes half a minute, with what breaks meanwhile.
fn plan(way: Transport, n_tabs: usize) -> Plan {
    Plan {
        seed: 1,
        n_visitors: 10,
        n_messages: 300,
        way,
        n_tabs,
        pace: Duration::from_millis(700) * n_tabs as u32,
        alive: Duration::from_millis(3_500),
    }
}

#[track_caller]
fn assert_good(outcome: &Outcome) {
    println!("{outcome}");
    // Something did break, of each kind.
    assert!(
        outcome.n_kills >= 2 && outcome.n_cuts >= 3 && outcome.n_stretches >= 2,
        "{outcome}"
    );
    assert!(outcome.verdict.is_good(), "{outcome}");
}

#[integration_test]
fn nothing_is_lost_doubled_or_moved_while_everything_breaks(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    assert_good(&run(fixtures.edge(), &plan(Transport::Socket, 1)));
}

#[integration_test]
fn nothing_is_lost_doubled_or_moved_without_sockets_either(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    assert_good(&run(fixtures.edge(), &plan(Transport::Fallback, 1)));
}

#[integration_test]
fn tabs_that_come_and_go_see_one_log(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let outcome = run(fixtures.edge(), &plan(Transport::Socket, 3));
    assert!(outcome.n_tabs > 40, "{outcome}");
    assert_good(&outcome);
}

/// What two tabs said, each thing answered, and what they were told of it.
fn flawless() -> (ClientLog, Vec<Message>) {
    let kept: Vec<Message> = (1..=8)
        .map(|seq| {
            let (id, role) = match seq % 4 {
                1 => (format!("t0-{seq}"), "visitor"),
                3 => (format!("t1-{seq}"), "visitor"),
                _ => (format!("msg_{seq}"), "assistant"),
            };
            let message = json!({
                "seq": seq, "id": id, "role": role, "text": format!("Text of {id}"), "blocks": [],
                "at": "2026-11-27T06:00:00.000Z",
            });
            serde_json::from_value(message).expect("a message")
        })
        .collect();
    let said = |tab: &str| {
        let own = kept.iter().filter(|message| message.id.starts_with(tab));
        own.map(|message| message.id.clone()).collect()
    };
    let told = ClientLog {
        said: vec![said("t0"), said("t1")],
        acknowledged: kept.iter().step_by(2).cloned().collect(),
        seen: vec![kept.clone(), kept[..5].to_vec()],
        n_gaps: 0,
    };
    (told, kept)
}

#[integration_test]
fn the_judge_sees_every_fault() {
    type Fault = fn(&mut ClientLog, &mut Vec<Message>, &mut Vec<Message>);
    let (told, kept) = flawless();
    assert!(verdict_on(&told, &kept, &kept).is_good());
    let faults: [(&str, Fault); 10] = [
        ("never kept", |told, _, _| told.said[0].push("t0-9".into())),
        ("acknowledged and gone", |_, kept, in_d1| {
            kept.truncate(6);
            in_d1.truncate(6);
        }),
        ("acknowledged with other words", |told, _, _| {
            told.acknowledged[0].text.push('!')
        }),
        ("not acknowledged", |told, _, _| {
            told.acknowledged.truncate(3)
        }),
        ("kept twice under two ids", |_, kept, in_d1| {
            let mut again = kept[0].clone();
            again.id = "t0-again".into();
            again.seq = Seq(9);
            kept.push(again);
            in_d1.clone_from(kept);
        }),
        ("answered twice", |_, kept, in_d1| {
            let mut again = kept[1].clone();
            again.seq = Seq(9);
            kept.push(again);
            in_d1.clone_from(kept);
        }),
        ("kept in another order", |told, _, _| told.said[1].reverse()),
        ("seen otherwise by a tab", |told, _, _| {
            told.seen[1][2].text.push('!')
        }),
        ("seen out of turn", |told, _, _| told.n_gaps = 1),
        ("not in D1", |_, _, in_d1| in_d1.truncate(7)),
    ];
    for (what, fault) in faults {
        let (mut told, mut kept) = flawless();
        let mut in_d1 = kept.clone();
        fault(&mut told, &mut kept, &mut in_d1);
        let verdict = verdict_on(&told, &kept, &in_d1);
        assert!(!verdict.is_good(), "{what}: {verdict}");
    }
}
