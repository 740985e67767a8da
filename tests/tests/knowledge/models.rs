//! Answers that a language model words: streamed, grounded, ended when somebody says so, and replaced by the documents
//! whatever the model does.
//!
//! The test plays the model's API (`oriel_tests::model`), so that it can be slow, wrong and malicious.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::site::Answers;
use oriel_shared::wire::visitor::{ClientFrame, Role};
use oriel_tests::fake_internet::{BodyEnd, ReceivedRequest, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{
    API_KEY, HOURS, ModelSite, ModelSiteSetting, QUESTION, any_delta, ask, asked, chunk, end,
    is_from_documents, says, shown, stream,
};
use oriel_tests::online_edge::{EdgeState, OnlineEdge, Platform};
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::LONGER_THAN_ANYBODY_WAITS;
use serde_json::json;

/// A site with a model that says what the test wants.
#[track_caller]
pub(super) fn set<'g>(
    online: &'g OnlineEdge,
    host: &'static str,
    complete: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
) -> ModelSite<'g> {
    ModelSite::open(online, host, ModelSiteSetting::of(online.team()), complete)
}

#[integration_test]
fn an_answer_is_shown_as_it_comes_and_kept_with_the_sources_that_it_names(fixtures: &Fixtures) {
    let pieces = [
        "It op",
        "ens at **ni",
        "ne** on week",
        "days [",
        "1",
        "]. See [here](https://evil.example/?q=1).",
    ];
    let model_site = set(fixtures.online_edge(), "llm.example.com", move |_| {
        says(&pieces, Duration::from_millis(120))
    });
    let mut socket = model_site.visitor.socket();
    let mut second_tab = model_site.visitor.socket();
    let asked = socket.say_and_see("q1", QUESTION);
    let (id, first) = socket.frame("the first words", any_delta);
    assert_eq!(first, "It op");
    let answer = socket.message("the answer", |message| message.seq > asked.seq);
    assert_eq!((answer.role, &answer.id), (Role::Assistant, &id));
    assert_eq!(answer.text, "It opens at nine on weekdays [1]. See here.");
    assert_eq!(answer.sources.len(), 1);
    assert_eq!(answer.sources[0].title, "Hours");
    assert_eq!(answer.offer, None);
    assert!(
        !serde_json::to_string(&answer)
            .expect("it serialises")
            .contains("evil"),
        "{answer:?}"
    );
    let rest = shown(&mut socket, &id);
    assert_eq!(
        format!("{first}{rest}"),
        "It opens at nine on weekdays [1]. See here."
    );
    // In step, and kept.
    let same = second_tab.message("the answer in another tab", |message| message.id == id);
    assert_eq!(same, answer);
    assert_eq!(
        shown(&mut second_tab, &id),
        "It opens at nine on weekdays [1]. See here."
    );
    let kept = model_site
        .online
        .team()
        .messages_up_to(&socket.welcome.conversation, answer.seq);
    assert_eq!(kept.last(), Some(&answer));
}

#[integration_test]
fn an_answer_that_waits_for_approval_is_not_shown_while_it_is_made(fixtures: &Fixtures) {
    let setting = ModelSiteSetting {
        answers: Answers {
            needs_review: true,
            ..Answers::default()
        },
        ..ModelSiteSetting::of(fixtures.online_edge().team())
    };
    let pieces = ["It opens at nine ", "on weekdays ", "[1]."];
    let complete = move |_: &ReceivedRequest| says(&pieces, Duration::from_millis(120));
    let model_site = ModelSite::open(
        fixtures.online_edge(),
        "checked.example.com",
        setting,
        complete,
    );
    let mut socket = model_site.visitor.socket();
    let told = socket.ask("q1", QUESTION);
    assert_eq!(
        (told.role, model_site.n_asked()),
        (Role::System, 1),
        "{told:?}"
    );
    let draft = model_site.team.review(&model_site.site.id, "draft", "open");
    let words = serde_json::to_string(&draft).expect("JSON");
    assert!(words.contains("It opens at nine on weekdays"), "{words}");
    // Neither word by word nor as a whole, to nobody.
    let mut second_tab = model_site.visitor.socket();
    second_tab.send(&ClientFrame::Resume { after: Seq(0) });
    for tab in [&mut socket, &mut second_tab] {
        let leaked = tab.try_frame(Duration::from_millis(500), |frame| {
            let words = serde_json::to_string(frame).unwrap_or_default();
            (any_delta(frame).is_some() || words.contains("nine")).then_some(words)
        });
        assert!(matches!(leaked, Ok(None)), "{leaked:?}");
    }
}

#[integration_test]
fn the_first_words_are_shown_while_the_model_still_speaks(fixtures: &Fixtures) {
    // The model says one word and goes on only when the visitor has seen it.
    let is_shown = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_shown);
    let model_site = set(fixtures.online_edge(), "quick.example.com", move |_| {
        let seen = Arc::clone(&seen);
        stream(move |line| {
            line.say(&chunk("At"));
            while !seen.load(Ordering::SeqCst) {
                if line.wait(Duration::from_millis(10)) {
                    return BodyEnd::Cut;
                }
            }
            for word in [" nine", " on", " weekdays", " [1]", "."] {
                line.say(&chunk(word));
            }
            line.say(&end(None));
            BodyEnd::Whole
        })
    });
    let mut socket = model_site.visitor.socket();
    socket.say("q1", QUESTION);
    let (id, first) = socket.frame("the first words", any_delta);
    assert_eq!(first, "At");
    is_shown.store(true, Ordering::SeqCst);
    let answer = socket.message("the answer", |message| message.id == id);
    assert_eq!(answer.text, "At nine on weekdays [1].");
}

#[integration_test]
fn whatever_a_model_fails_to_do_the_documents_do(fixtures: &Fixtures) {
    let ways: Vec<(&str, Reply)> = vec![
        ("429", Reply::status(429)),
        ("500", Reply::status(500)),
        ("401", Reply::status(401)),
        (
            "redirect",
            Reply::redirect(307, "https://elsewhere.example.com/v1/chat/completions"),
        ),
        ("html", Reply::page("text/html", "<html>Gateway</html>")),
        (
            "garbage",
            stream(|line| {
                line.say(b"data: <html>\n\n");
                BodyEnd::Whole
            }),
        ),
        (
            "error",
            stream(|line| {
                line.say(&chunk("It opens at nine [1]"));
                line.say(b"data: {\"error\":{\"message\":\"overloaded\"}}\n\n");
                BodyEnd::Whole
            }),
        ),
        (
            "cut",
            stream(|line| {
                line.say(&chunk("It opens at nine [1]"));
                BodyEnd::Cut
            }),
        ),
        (
            "ended",
            stream(|line| {
                line.say(&chunk("It opens at nine [1]"));
                BodyEnd::Whole
            }),
        ),
        (
            "stalled",
            stream(|line| {
                line.say(&chunk("It opens at nine [1]"));
                line.wait(LONGER_THAN_ANYBODY_WAITS);
                BodyEnd::Cut
            }),
        ),
        (
            "silent",
            stream(|line| {
                line.wait(LONGER_THAN_ANYBODY_WAITS);
                BodyEnd::Cut
            }),
        ),
        ("hung", Reply::Silence),
        ("empty", says(&[], Duration::ZERO)),
        (
            "without a source",
            says(&["It opens ", "at five."], Duration::ZERO),
        ),
        (
            "a source that is none",
            says(&["It opens at five [7]."], Duration::ZERO),
        ),
        (
            "a line without end",
            stream(|line| {
                while line.say(&[b'x'; 16 << 10]) {}
                BodyEnd::Cut
            }),
        ),
    ];
    let n_ways = ways.len();
    let n_asked = Mutex::new(0);
    let replies: Vec<Reply> = ways.iter().map(|(_, reply)| reply.clone()).collect();
    let complete = move |_: &ReceivedRequest| {
        let mut n = n_asked.lock().unwrap_or_else(PoisonError::into_inner);
        *n += 1;
        replies.get(*n - 1).cloned().unwrap_or(Reply::status(500))
    };
    let mut setting = ModelSiteSetting::of(fixtures.online_edge().team());
    setting.model.timeout_s = 2;
    let model_site = ModelSite::open(fixtures.online_edge(), "bad.example.com", setting, complete);
    let mut socket = model_site.visitor.socket();
    for (at, (way, _)) in ways.iter().enumerate() {
        let (_, answer) = ask(&mut socket, &format!("q{at}"));
        assert!(is_from_documents(&answer), "{way}: {answer:?}");
        assert_eq!(model_site.n_asked(), at + 1, "{way}: it is asked once");
    }
    assert!(
        model_site
            .online
            .internet
            .seen("elsewhere.example.com")
            .is_empty(),
        "a redirect was followed"
    );
    // Once each, in order.
    let last = u32::try_from(2 * n_ways).expect("few");
    let messages = model_site
        .online
        .team()
        .messages_up_to(&socket.welcome.conversation, Seq(last));
    assert_eq!(messages.len(), 2 * n_ways);
    // Connections that are gone or disabled are not called.
    let path = format!("/connections/{}", model_site.connection);
    let _off = model_site
        .online
        .team()
        .call("PATCH", &path)
        .json(&json!({ "enabled": false }))
        .send()
        .expect(200);
    let (_, answer) = ask(&mut socket, "disabled");
    assert!(is_from_documents(&answer), "{answer:?}");
    assert_eq!(model_site.n_asked(), n_ways);
    assert!(!model_site.online.log().contains(API_KEY));
}

#[integration_test]
fn an_api_that_ignores_its_bound_is_cut_off(fixtures: &Fixtures) {
    let model_site = set(fixtures.online_edge(), "long.example.com", |_| {
        stream(|line| {
            line.say(&chunk("It opens at nine [1]."));
            while line.say(&chunk(" More and more words.")) {}
            BodyEnd::Cut
        })
    });
    let mut socket = model_site.visitor.socket();
    let (_, answer) = ask(&mut socket, "q1");
    assert!(
        answer.text.starts_with("It opens at nine [1]. More") && answer.text.ends_with(" …"),
        "{answer:?}"
    );
    // 500 tokens, eight bytes each, and what came with the last piece.
    assert!(
        answer.text.len() < 500 * 8 + 64 * 1024,
        "{}",
        answer.text.len()
    );
    let request = &asked(model_site.online, model_site.host)[0];
    assert_eq!(request.json()["max_tokens"], 500);
}

#[integration_test]
fn a_model_behind_the_edges_own_binding_answers_alike_and_without_one_the_documents_do(
    fixtures: &Fixtures,
) {
    let on = |online: &OnlineEdge| {
        let team = online.team();
        let site = team.open_site("Shop", &[ORIGIN]);
        let _document = team.add_document(&site.id, "Hours", HOURS);
        let change = json!({ "model": { "provider": "workers_ai", "name": "@cf/meta/llama-3.1-8b-instruct" } });
        let path = format!("/sites/{}", site.id);
        let _on = team.call("PATCH", &path).json(&change).send().expect(200);
        Visitor::arrive(&online.client(), &site.key, ORIGIN).socket()
    };
    let mut without = on(fixtures.online_edge());
    assert!(is_from_documents(&ask(&mut without, "q1").1));

    let state = EdgeState::new();
    let online = OnlineEdge::start_on(
        Platform {
            has_ai: true,
            ..Platform::default()
        },
        &state,
    )
    .expect("an edge");
    let host = "workers-ai.example.com";
    online.internet.host(host, |_| {
        stream(|line| {
            // As Cloudflare's documentation shows its streams; a token of digits is a number.
            for token in ["\"At\"", "\" \"", "9", "\" [1\"", "\"].\""] {
                line.say(format!("data: {{\"response\":{token}}}\n\n").as_bytes());
                let _gone = line.wait(Duration::from_millis(90));
            }
            line.say(b"data: {\"response\":\"\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n");
            BodyEnd::Whole
        })
    });
    let mut socket = on(&online);
    let (words, answer) = ask(&mut socket, "q1");
    assert_eq!(
        (words.as_str(), answer.text.as_str()),
        ("At 9 [1].", "At 9 [1].")
    );
    let seen = online.internet.seen(host);
    assert_eq!(seen.len(), 1);
    assert!(
        seen[0].url.ends_with("/run/@cf/meta/llama-3.1-8b-instruct"),
        "{}",
        seen[0].url
    );
    let request = seen[0].json();
    assert_eq!(
        (&request["stream"], &request["max_tokens"]),
        (&json!(true), &json!(500))
    );
    online.internet.host(host, |_| Reply::status(500));
    assert!(is_from_documents(&ask(&mut socket, "q2").1));
}
