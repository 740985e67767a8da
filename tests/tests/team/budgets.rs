//! What models may cost: reserved before, settled after, told of, and never an error for a visitor.
//!
//! Each test has an organisation of its own, since an organisation has one budget.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use oriel_shared::wire::problem::Code;
use oriel_shared::wire::site::Provider;
use oriel_shared::wire::usage::{BudgetState, UsagePage};
use oriel_tests::connections::webhook_for;
use oriel_tests::fake_internet::{BodyEnd, FakeInternet, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{
    ModelSite, ModelSiteSetting, QUESTION, any_delta, ask, asked, chunk, end, is_from_documents,
    says, stream,
};
use oriel_tests::online_edge::{EdgeState, OnlineEdge};
use oriel_tests::team::Team;
use oriel_tests::visitor::Visitor;
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

/// What the stand-in says that a call used.
const USED: (u32, u32) = (100, 20);

#[track_caller]
fn budget(team: &Team) -> BudgetState {
    team.call("GET", "/budget").send().expect(200).json()
}

#[track_caller]
fn set_budget(team: &Team, change: &Value) -> BudgetState {
    let answer = team.call("PATCH", "/budget").json(change).send();
    answer.expect(200).json()
}

#[track_caller]
fn usage(team: &Team, query: &str) -> UsagePage {
    team.call("GET", &format!("/usage{query}"))
        .send()
        .expect(200)
        .json()
}

/// Waits until so many calls are metered.
#[track_caller]
fn metered(team: &Team, n: u64) -> UsagePage {
    until(&format!("{n} metered calls"), SOON, || {
        let page = usage(team, "");
        (page.totals.calls >= n).then_some(page)
    })
}

fn quick() -> Reply {
    says(&["At nine [1]."], Duration::ZERO)
}

/// A site with a model, whose tokens cost a millionth each.
#[track_caller]
fn set<'g>(
    online: &'g OnlineEdge,
    host: &'static str,
    complete: impl Fn() -> Reply + Send + Sync + 'static,
) -> ModelSite<'g> {
    let mut setting = ModelSiteSetting::of(online.team());
    (setting.model.input_price, setting.model.output_price) = (1_000_000, 1_000_000);
    ModelSite::open(online, host, setting, move |_| complete())
}

#[integration_test]
fn every_call_is_metered_and_added_up(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let n = Arc::new(AtomicUsize::new(0));
    let model_site = set(online, "metered.example.com", move || {
        match n.fetch_add(1, Ordering::SeqCst) {
            0 => quick(),
            1 => Reply::status(429),
            // Without usage: estimated.
            2 => stream(|line| {
                line.say(&chunk("At nine [1]."));
                line.say(&end(None));
                BodyEnd::Whole
            }),
            _ => says(&["No source."], Duration::ZERO),
        }
    });
    let mut socket = model_site.visitor.socket();
    for n in 0..4 {
        let _answer = ask(&mut socket, &format!("q{n}"));
    }
    let page = metered(&model_site.team, 4);
    let outcomes: Vec<&str> = page
        .items
        .iter()
        .rev()
        .map(|call| call.outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        ["answered", "status_429", "answered", "ungrounded"]
    );
    let [_, estimated, declined, first] = page.items.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(
        (first.input_tokens, first.output_tokens, first.cost),
        (USED.0, USED.1, 120)
    );
    assert_eq!(
        (&first.site, first.provider, first.model.as_str()),
        (&model_site.site.id, Provider::Connection, "stand-in")
    );
    assert_eq!(
        (declined.input_tokens, declined.output_tokens, declined.cost),
        (0, 0, 0)
    );
    assert!(
        estimated.input_tokens > 100 && (1..20).contains(&estimated.output_tokens),
        "{estimated:?}"
    );
    let sum: u64 = page.items.iter().map(|call| call.cost).sum();
    assert_eq!((page.totals.calls, page.totals.cost), (4, sum));
    let state = budget(&model_site.team);
    assert_eq!(
        (state.cost, state.tokens, state.reserved_tokens),
        (sum, sum, 0)
    );
    assert_eq!(state.month, page.month);
    // In pages, of a month, of a site, and nobody else's.
    let half = usage(&model_site.team, "?limit=2");
    let rest = usage(
        &model_site.team,
        &format!("?limit=2&cursor={}", half.next_cursor.expect("more")),
    );
    assert_eq!([half.items, rest.items].concat(), page.items);
    assert_eq!((rest.totals, rest.next_cursor), (page.totals, None));
    assert_eq!(usage(&model_site.team, "?month=2020-01").totals.calls, 0);
    assert_eq!(
        usage(&model_site.team, &format!("?site={}", model_site.site.id))
            .totals
            .calls,
        4
    );
    let other = model_site.team.make_site("Other");
    assert_eq!(
        usage(&model_site.team, &format!("?site={}", other.id))
            .totals
            .calls,
        0
    );
    assert_eq!(
        usage(&online.team_of_site(other.id.as_str()), "")
            .totals
            .calls,
        0
    );
    assert_eq!(
        usage(
            &online.another_team(),
            &format!("?site={}", model_site.site.id)
        )
        .totals
        .calls,
        0
    );
    for query in ["?month=2026", "?month=2026-13", "?limit=0"] {
        let answer = model_site
            .team
            .call("GET", &format!("/usage{query}"))
            .send();
        let _problem = answer.problem(Code::InvalidQuery);
    }
    // No row holds what was said or who said it.
    let rows = online.sql("SELECT * FROM usage").to_string();
    for private in ["boathouse", "nine", "vis_", "cnv_", "msg_"] {
        assert!(!rows.contains(private), "{private} is in {rows}");
    }
}

#[integration_test]
fn over_the_month_the_documents_answer_and_the_team_is_told_once(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let model_site = set(online, "monthly.example.com", quick);
    let told = webhook_for(online, &model_site.team, "spending.example.com");
    let mut socket = model_site.visitor.socket();
    let (_, answer) = ask(&mut socket, "premise");
    assert_eq!(answer.text, "At nine [1].");
    let first = metered(&model_site.team, 1).items.remove(0);
    // Room for the worst of one more call: its input, estimated, and 500 tokens of answer.
    let worst = asked(online, model_site.host)[0].text().len() as u64 + 500;
    let bound = first.cost + worst;
    let state = set_budget(&model_site.team, &json!({ "cost_per_month": bound }));
    assert_eq!(
        (state.budget.cost_per_month, state.cost),
        (bound, first.cost)
    );
    let mut n = 0;
    let spent = until("the month to be over", SOON, || {
        n += 1;
        let (_, answer) = ask(&mut socket, &format!("q{n}"));
        assert!(
            answer.text == "At nine [1]." || is_from_documents(&answer),
            "{answer:?}"
        );
        is_from_documents(&answer).then(|| budget(&model_site.team))
    });
    assert!(spent.cost <= bound, "{spent:?}");
    let n_asked = model_site.n_asked();
    assert!(n_asked >= 2, "the bound leaves room for one at least");
    // A budget that was reached to four fifths before it was over is told of twice, one that was not once.
    let events = || -> Vec<Value> {
        let seen = online.internet.seen("spending.example.com");
        let bodies = seen.iter().map(|seen| seen.json());
        bodies
            .filter(|body| {
                body["type"]
                    .as_str()
                    .is_some_and(|kind| kind.starts_with("budget."))
            })
            .collect()
    };
    let exceeded = until("the team to be told", SOON, || {
        events()
            .into_iter()
            .find(|event| event["type"] == "budget.exceeded")
    });
    assert_eq!(exceeded["data"]["cost_per_month"], bound);
    assert_eq!(exceeded["data"]["month"], spent.month);
    assert!(exceeded["data"].get("conversation").is_none(), "{exceeded}");
    // More is spent and refused, and nothing more is told.
    let _state = set_budget(&model_site.team, &json!({ "cost_per_month": 1 }));
    for socket in [&mut socket, &mut model_site.another_visitor().socket()] {
        let (_, answer) = ask(socket, "again");
        assert!(is_from_documents(&answer), "{answer:?}");
    }
    assert_eq!(model_site.n_asked(), n_asked);
    let _raised = set_budget(&model_site.team, &json!({ "cost_per_month": null }));
    let (_, answer) = ask(&mut socket, "raised");
    assert_eq!(answer.text, "At nine [1].");
    let _metered = metered(&model_site.team, n_asked as u64 + 1);
    let kinds: Vec<Value> = events().iter().map(|event| event["type"].clone()).collect();
    for kind in ["budget.warning", "budget.exceeded"] {
        assert!(
            kinds.iter().filter(|told| *told == kind).count() <= 1,
            "{kinds:?}"
        );
    }
    drop(told);
}

#[integration_test]
fn over_the_minute_the_documents_answer_until_it_has_passed(fixtures: &Fixtures) {
    let model_site = set(fixtures.online_edge(), "bursty.example.com", quick);
    let mut socket = model_site.visitor.socket();
    let (_, _) = ask(&mut socket, "premise");
    let _settled = metered(&model_site.team, 1);
    let worst = asked(model_site.online, model_site.host)[0].text().len() as u64 + 500;
    // One call fits; what it did not use comes back when it is settled.
    let _bound = set_budget(&model_site.team, &json!({ "tokens_per_minute": worst }));
    let (_, answer) = ask(&mut socket, "q1");
    assert_eq!(answer.text, "At nine [1].");
    // A call whose worst is more than a minute's is never made.
    let _bound = set_budget(&model_site.team, &json!({ "tokens_per_minute": 200 }));
    let n_asked = model_site.n_asked();
    for n in 0..3 {
        let (_, answer) = ask(&mut socket, &format!("over{n}"));
        assert!(is_from_documents(&answer), "{answer:?}");
    }
    assert_eq!(model_site.n_asked(), n_asked);
    let _none = set_budget(&model_site.team, &json!({ "tokens_per_minute": 0 }));
    let (_, answer) = ask(&mut socket, "free");
    assert_eq!(answer.text, "At nine [1].");
}

#[integration_test]
fn however_many_ask_at_once_the_bound_holds(fixtures: &Fixtures) {
    const N_VISITORS: usize = 12;
    const N_ROOM: usize = 3;
    let online = fixtures.online_edge();
    let under_way = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, peak) = (Arc::clone(&under_way), Arc::clone(&most));
    let mut setting = ModelSiteSetting::of(online.team());
    // The answer alone costs: the worst of a call is known to the token.
    (setting.model.max_output_tokens, setting.model.output_price) = (100, 1_000_000);
    let model_site = ModelSite::open(online, "crowded.example.com", setting, move |_| {
        let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
        stream(move |line| {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            line.say(&chunk("At nine [1]."));
            let _gone = line.wait(Duration::from_millis(1_500));
            now.fetch_sub(1, Ordering::SeqCst);
            line.say(&end(Some((10, 100))));
            BodyEnd::Whole
        })
    });
    let bound = 100 * N_ROOM as u64;
    let _bound = set_budget(&model_site.team, &json!({ "cost_per_month": bound }));
    let visitors: Vec<Visitor> = (0..N_VISITORS)
        .map(|_| model_site.another_visitor())
        .collect();
    let barrier = Barrier::new(N_VISITORS);
    let answers: Vec<bool> = thread::scope(|scope| {
        let asking: Vec<_> = visitors
            .iter()
            .map(|visitor| {
                let barrier = &barrier;
                scope.spawn(move || {
                    let mut socket = visitor.socket();
                    barrier.wait();
                    let answer = socket.ask("q1", QUESTION);
                    assert!(
                        answer.text == "At nine [1]." || is_from_documents(&answer),
                        "{answer:?}"
                    );
                    !is_from_documents(&answer)
                })
            })
            .collect();
        asking
            .into_iter()
            .map(|asked| asked.join().expect("it asked"))
            .collect()
    });
    assert_eq!(
        answers.iter().filter(|is_modelled| **is_modelled).count(),
        N_ROOM
    );
    assert_eq!(
        (model_site.n_asked(), most.load(Ordering::SeqCst)),
        (N_ROOM, N_ROOM)
    );
    let page = metered(&model_site.team, N_ROOM as u64);
    assert_eq!(page.totals.cost, bound);
    let state = budget(&model_site.team);
    assert_eq!((state.cost, state.reserved_cost), (bound, 0));
}

#[integration_test]
fn a_reservation_outlives_a_kill_and_counts_as_spent_when_its_time_is_up() {
    let state = EdgeState::new();
    let online = OnlineEdge::start(&state).expect("an edge");
    let mut setting = ModelSiteSetting::of(online.team());
    (setting.model.output_price, setting.model.timeout_s) = (1_000_000, 2);
    let host = "gone-budget.example.com";
    let model_site = ModelSite::open(&online, host, setting, |_| {
        stream(|line| {
            line.say(&chunk("At nine [1]"));
            let _gone = line.wait(Duration::from_secs(20));
            BodyEnd::Cut
        })
    });
    let mut socket = model_site.visitor.socket();
    socket.say("q1", QUESTION);
    let _words = socket.frame("the first words", any_delta);
    let before = budget(&model_site.team);
    assert_eq!((before.cost, before.reserved_cost), (0, 500));
    online.kill();

    // Asked again after the restart, and answered at once: the first call is still reserved, and then lost.
    let internet = FakeInternet::default();
    internet.host(host, |_| quick());
    let online = OnlineEdge::start_again(internet, &state).expect("an edge on the same data");
    let team = online.team();
    let page = until(
        "the lost call to be metered",
        Duration::from_secs(60),
        || {
            let page = usage(&team, "");
            (page.totals.calls >= 2).then_some(page)
        },
    );
    let mut outcomes: Vec<(&str, u64)> = page
        .items
        .iter()
        .map(|call| (call.outcome.as_str(), call.cost))
        .collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, [("answered", u64::from(USED.1)), ("lost", 500)]);
    let after = budget(&team);
    assert_eq!((after.cost, after.reserved_cost), (520, 0));
}

#[integration_test]
fn a_budget_is_checked_and_is_the_organisations_alone(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let fresh = budget(&team);
    assert_eq!(
        (fresh.budget, fresh.tokens, fresh.cost),
        (Default::default(), 0, 0)
    );
    let change = json!({ "tokens_per_minute": 1_000, "tokens_per_month": 50_000, "cost_per_month": 7_000_000 });
    let set = set_budget(&team, &change);
    assert_eq!(set.budget.tokens_per_month, 50_000);
    let kept = set_budget(&team, &json!({ "tokens_per_minute": null }));
    assert_eq!(
        (kept.budget.tokens_per_minute, kept.budget.cost_per_month),
        (0, 7_000_000)
    );
    for (change, field) in [
        (
            json!({ "tokens_per_minute": 10_000_001 }),
            "tokens_per_minute",
        ),
        (
            json!({ "cost_per_month": 1_000_000_000_001_u64 }),
            "cost_per_month",
        ),
    ] {
        let answer = team.call("PATCH", "/budget").json(&change).send();
        let problem = answer.problem(Code::InvalidField);
        assert!(problem.detail.contains(field), "{}", problem.detail);
    }
    assert_eq!(budget(&team).budget, kept.budget);
    assert_eq!(budget(&online.another_team()).budget, Default::default());
    let site = online.team().make_site("Held");
    let held = online.team_of_site(site.id.as_str());
    for call in [
        held.call("GET", "/budget"),
        held.call("PATCH", "/budget").json(&json!({})),
    ] {
        let _problem = call.send().problem(Code::Forbidden);
    }
}
