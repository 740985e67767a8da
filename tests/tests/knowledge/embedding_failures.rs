//! Whatever an embedding model does wrong, the words answer as if there were none.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::embeddings::{
    BoathouseSite, TEMPEST, assert_by_meaning, assert_by_words, headings, understands, vector,
};
use oriel_shared::wire::site::Embeddings;
use oriel_tests::embeddings::{asked, texts, vectors};
use oriel_tests::fake_internet::{BodyEnd, ReceivedRequest, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{API_KEY, stream};
use oriel_tests::wait::{SOON, until};

/// What a host answers to a call for vectors.
type Answers = Box<dyn Fn(&ReceivedRequest) -> Reply + Send>;

#[integration_test]
fn whatever_an_embedding_model_does_wrong_the_words_answer(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let wrong: Arc<Mutex<Answers>> = Arc::new(Mutex::new(Box::new(understands)));
    let answers = Arc::clone(&wrong);
    let boathouse = BoathouseSite::open(online, online.team(), "wrong.example.com", move |seen| {
        answers.lock().unwrap_or_else(PoisonError::into_inner)(seen)
    });
    boathouse.wait_for_vectors();
    let comes_to = |answers: Answers| {
        *wrong.lock().unwrap_or_else(PoisonError::into_inner) = answers;
    };
    let raw = |body: &'static str| -> Answers {
        Box::new(move |_| Reply::page("application/json", body))
    };
    let cases: Vec<(&str, Answers)> = vec![
        ("garbage", raw("{}")),
        ("garbage", raw("not JSON")),
        ("garbage", raw(r#"{"error": {"message": "no such model"}}"#)),
        ("garbage", raw(r#"{"data": []}"#)),
        (
            "garbage",
            raw(r#"{"data": [{"index": 0, "embedding": [NaN, 1, 1, 1, 1, 1, 1, 1]}]}"#),
        ),
        (
            "garbage",
            raw(r#"{"data": [{"index": 0, "embedding": [1e300, 1, 1, 1, 1, 1, 1, 1]}]}"#),
        ),
        (
            "garbage",
            raw(r#"{"data": [{"index": 0, "embedding": [0, 0, 0, 0, 0, 0, 0, 0]}]}"#),
        ),
        (
            "garbage",
            raw(r#"{"data": [{"index": 1, "embedding": [1, 0, 0, 0, 0, 0, 0, 0]}]}"#),
        ),
        (
            "garbage",
            Box::new(|_| vectors(&[vector("a"), vector("b")])),
        ),
        ("too_large", Box::new(|_| Reply::Flood)),
        (
            "status_302",
            Box::new(|_| Reply::redirect(302, "https://elsewhere.example.com/v1/embeddings")),
        ),
        ("status_401", Box::new(|_| Reply::status(401))),
        ("status_429", Box::new(|_| Reply::status(429))),
        ("status_500", Box::new(|_| Reply::status(500))),
        (
            "unreachable",
            Box::new(|_| {
                stream(|line| {
                    line.say(b"{\"data\": [");
                    BodyEnd::Cut
                })
            }),
        ),
    ];
    for (n, (outcome, answers)) in cases.into_iter().enumerate() {
        comes_to(answers);
        assert_by_words(&boathouse.ask(TEMPEST));
        let metered = until("a metered call", SOON, || {
            let calls = boathouse.usage().items;
            let failed: Vec<_> = calls
                .into_iter()
                .filter(|call| call.outcome != "embedded")
                .collect();
            (failed.len() > n).then_some(failed)
        });
        assert_eq!(metered[0].outcome, outcome, "case {n}");
    }
    // A slow one is not waited for, and hears that nobody listens any more.
    let is_gone = Arc::new(Mutex::new(false));
    let gone = Arc::clone(&is_gone);
    comes_to(Box::new(move |_| {
        let gone = Arc::clone(&gone);
        stream(move |line| {
            let left = line.wait(SOON);
            *gone.lock().unwrap_or_else(PoisonError::into_inner) = left;
            BodyEnd::Cut
        })
    }));
    boathouse.set(&Embeddings {
        timeout_ms: 100,
        ..boathouse.setting.clone()
    });
    until("the shorter time", SOON, || {
        assert_by_words(&boathouse.ask(TEMPEST));
        boathouse
            .usage()
            .items
            .iter()
            .any(|call| call.outcome == "timeout")
            .then_some(())
    });
    until("the end of the call", SOON, || {
        let is_gone = *is_gone.lock().unwrap_or_else(PoisonError::into_inner);
        is_gone.then_some(())
    });
    assert!(online.internet.seen("elsewhere.example.com").is_empty());
    let log = online.until_logged(&["embedding_failed"]);
    assert!(!log.contains(API_KEY) && !log.contains("tempest"), "{log}");
    // Another model under the same name: its vectors are made anew, and then it is understood.
    comes_to(Box::new(|seen| {
        let longer = |text: &String| [vector(text), vec![0.1; 8]].concat();
        vectors(&texts(seen).iter().map(longer).collect::<Vec<_>>())
    }));
    boathouse.set(&boathouse.setting);
    let _unlike = boathouse.ask(TEMPEST);
    until("the other model's order", SOON, || {
        (headings(&boathouse.ask(TEMPEST)).first() == Some(&"Gales")).then_some(())
    });
}

#[integration_test]
fn a_model_that_fails_delays_vectors_and_no_document(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let fails = Arc::new(Mutex::new(true));
    let failing = Arc::clone(&fails);
    let boathouse = BoathouseSite::open(online, online.team(), "late.example.com", move |seen| {
        if *failing.lock().unwrap_or_else(PoisonError::into_inner) {
            return Reply::status(503);
        }
        understands(seen)
    });
    until("a call that failed", SOON, || {
        (!asked(online, boathouse.host).is_empty()).then_some(())
    });
    assert_by_words(&boathouse.ask(TEMPEST));
    assert_eq!(boathouse.embedded().0, 0);
    *fails.lock().unwrap_or_else(PoisonError::into_inner) = false;
    until("vectors after the pause", Duration::from_secs(60), || {
        let (n_with, n) = boathouse.embedded();
        (n_with == n).then_some(())
    });
    assert_by_meaning(&boathouse.ask(TEMPEST));
}

#[integration_test]
fn one_passage_that_the_model_refuses_costs_the_others_nothing(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let boathouse = BoathouseSite::open(online, online.team(), "poison.example.com", |seen| {
        if texts(seen).iter().any(|text| text.contains("children")) {
            return Reply::status(400);
        }
        understands(seen)
    });
    until("all vectors but one", Duration::from_secs(90), || {
        (boathouse.embedded() == (4, 5)).then_some(())
    });
    assert_by_meaning(&boathouse.ask(TEMPEST));
}
