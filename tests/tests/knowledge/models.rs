//! Answers that a language model words: streamed, grounded, ended when somebody says so, and replaced by the documents
//! whatever the model does.
//!
//! The test plays the model's API (`oriel_tests::model`), so that it can be slow, wrong and malicious.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::site::Answers;
use oriel_shared::wire::visitor::{ClientFrame, Offer, Role, ServerFrame, Status};
use oriel_tests::connections::own_headers;
use oriel_tests::fake_internet::{BodyEnd, FakeInternet, ReceivedRequest, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{
    API_KEY, HOURS, ModelSite, ModelSiteSetting, QUESTION, any_delta, ask, asked, chunk, end,
    is_from_documents, says, shown, stream,
};
use oriel_tests::online_edge::{EdgeState, OnlineEdge, Platform};
use oriel_tests::signed::{claims as visitor_claims, token};
use oriel_tests::visitor::{ORIGIN, Visitor, ask_with_token, from_frame};
use oriel_tests::wait::{LONGER_THAN_ANYBODY_WAITS, SOON, until};
use serde_json::json;

/// A model_site of the first organisation.
#[track_caller]
fn set<'g>(
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

/// A model that goes on until nobody listens, and what became of it.
fn endless(gone: &Arc<Mutex<usize>>) -> impl Fn(&ReceivedRequest) -> Reply + Send + Sync + use<> {
    let gone = Arc::clone(gone);
    move |_| {
        let gone = Arc::clone(&gone);
        stream(move |line| {
            line.say(&chunk("It opens at nine [1]"));
            let mut n = 0;
            while line.say(&chunk(" and so on")) && !line.wait(Duration::from_millis(60)) {
                n += 1;
                if n > 300 {
                    return BodyEnd::Cut;
                }
            }
            *gone.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            BodyEnd::Cut
        })
    }
}

fn is_hung_up(gone: &Arc<Mutex<usize>>) {
    until("the call to be ended", SOON, || {
        (*gone.lock().unwrap_or_else(PoisonError::into_inner) == 1).then_some(())
    });
}

#[integration_test]
fn stop_ends_the_call_and_keeps_what_was_said(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(
        fixtures.online_edge(),
        "endless.example.com",
        endless(&gone),
    );
    let mut socket = model_site.visitor.socket();
    let asked = socket.say_and_see("q1", QUESTION);
    let (id, first) = socket.frame("the first words", any_delta);
    let (_, second) = socket.frame("more words", any_delta);
    socket.send(&ClientFrame::Stop {});
    let answer = socket.message("what was said", |message| message.seq > asked.seq);
    is_hung_up(&gone);
    assert_eq!(answer.id, id);
    assert!(
        answer.text.starts_with("It opens at nine [1] and so on"),
        "{answer:?}"
    );
    assert!(answer.text.ends_with(" …"), "{answer:?}");
    assert_eq!(answer.sources.len(), 1);
    let all = format!("{first}{second}{}", shown(&mut socket, &id));
    assert!(
        answer.text.starts_with(all.trim_end()),
        "{all} / {answer:?}"
    );
    // The chat goes on.
    let next = socket.ask("q2", "hello");
    assert_eq!(next.role, Role::Assistant);
    assert_eq!(model_site.n_asked(), 1);
}

#[integration_test]
fn a_person_who_takes_over_silences_the_model_and_ends_the_call(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(
        fixtures.online_edge(),
        "silenced.example.com",
        endless(&gone),
    );
    let mut socket = model_site.visitor.socket();
    let asked = socket.say_and_see("q1", QUESTION);
    let (id, _) = socket.frame("the first words", any_delta);
    let conversation = socket.welcome.conversation.clone();
    let path = format!("/conversations/{conversation}/status");
    let team = model_site.online.team();
    until("the conversation to be there", SOON, || {
        let answer = team
            .call("POST", &path)
            .json(&json!({ "status": "agent" }))
            .send();
        (answer.status == 200).then_some(())
    });
    socket.frame("the move", |frame| match frame {
        ServerFrame::Status {
            status: Status::Agent,
            ..
        } => Some(()),
        _ => None,
    });
    is_hung_up(&gone);
    // What was on its way when the person came was said before them.
    let _before = shown(&mut socket, &id);
    assert!(matches!(
        socket.try_frame(Duration::from_millis(700), any_delta),
        Ok(None)
    ));
    let said = team.say(&conversation, &json!({ "text": "I am a person." }));
    assert_eq!(
        said.seq,
        asked.seq.next(),
        "nothing was kept of the model's words"
    );
    assert_eq!(model_site.n_asked(), 1);
}

#[integration_test]
fn a_person_who_simply_answers_silences_it_too(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(
        fixtures.online_edge(),
        "answered.example.com",
        endless(&gone),
    );
    let mut socket = model_site.visitor.socket();
    let _asked = socket.say_and_see("q1", QUESTION);
    let (id, _) = socket.frame("the first words", any_delta);
    let path = format!("/conversations/{}/messages", socket.welcome.conversation);
    let team = model_site.online.team();
    until("the conversation to be there", SOON, || {
        let words = json!({ "text": "I am a person." });
        (team.call("POST", &path).json(&words).send().status == 201).then_some(())
    });
    let said = socket.message("the person", |message| message.role == Role::Agent);
    is_hung_up(&gone);
    let _before = shown(&mut socket, &id);
    let more = socket.try_frame(Duration::from_millis(700), any_delta);
    assert!(matches!(more, Ok(None)), "{more:?}");
    let all = socket.resume(Seq(0), said.seq);
    let roles: Vec<Role> = all.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::Visitor, Role::Agent]);
}

#[integration_test]
fn a_visitor_who_erases_everything_ends_the_call_too(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(fixtures.online_edge(), "erased.example.com", endless(&gone));
    let mut socket = model_site.visitor.socket();
    socket.say("q1", QUESTION);
    let _words = socket.frame("the first words", any_delta);
    let _erased = from_frame(&model_site.online.client(), "DELETE", "/v1/visitor")
        .bearer(&model_site.visitor.session.access_token)
        .send()
        .expect(204);
    is_hung_up(&gone);
    let path = format!("/conversations/{}", socket.welcome.conversation);
    let _problem = model_site
        .team
        .call("GET", &path)
        .send()
        .problem(Code::NotFound);
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
fn a_model_is_asked_only_what_the_documents_may_answer(fixtures: &Fixtures) {
    let model_site = set(fixtures.online_edge(), "idle.example.com", |_| {
        says(&["NO_PASSAGE", "_ANSWERS"], Duration::ZERO)
    });
    let mut socket = model_site.visitor.socket();
    for (n, text) in [
        "Who won the football internet cup in 1998?",
        "hello",
        "?",
        "I want to talk to a person",
    ]
    .iter()
    .enumerate()
    {
        let answer = socket.ask(&format!("q{n}"), text);
        assert!(answer.sources.is_empty(), "{text}: {answer:?}");
    }
    assert_eq!(model_site.n_asked(), 0);
    // A model that finds no answer in what it was given is believed.
    let (words, answer) = ask(&mut socket, "premise");
    assert_eq!((model_site.n_asked(), words.as_str()), (1, ""));
    assert_eq!(
        (answer.offer, answer.sources.len()),
        (Some(Offer::Person), 0),
        "{answer:?}"
    );
    // A site that turned it off sends nothing, whatever else is set up.
    let change = SiteChange {
        model: Some(oriel_shared::wire::site::Model::default()),
        ..SiteChange::default()
    };
    let _off = model_site
        .online
        .team()
        .change(&model_site.site.id, &change)
        .expect(200);
    until("the model to be off", SOON, || {
        // No faster than a visitor may ask.
        std::thread::sleep(Duration::from_millis(700));
        let n = model_site.n_asked();
        let (_, answer) = ask(&mut socket, &format!("off{n}"));
        (is_from_documents(&answer) && model_site.n_asked() == n).then_some(())
    });
}

#[integration_test]
fn a_site_refuses_and_withholds_what_it_lists(fixtures: &Fixtures) {
    let pieces = [
        "It opens at nine [1]. The ",
        "sec",
        "ret ",
        "pl",
        "an is ready.",
    ];
    let answers = Answers {
        refuse: vec!["legal advice".into()],
        refusal: "Ask a lawyer.".into(),
        withhold: vec!["secret plan".into(), "ten on sundays".into()],
        ..Answers::default()
    };
    let complete = move |_: &ReceivedRequest| says(&pieces, Duration::from_millis(90));
    let setting = ModelSiteSetting {
        answers,
        ..ModelSiteSetting::of(fixtures.online_edge().team())
    };
    let model_site = ModelSite::open(
        fixtures.online_edge(),
        "leaky.example.com",
        setting,
        complete,
    );
    let mut socket = model_site.visitor.socket();
    let refused = socket.ask(
        "q1",
        "Can I have LEGAL\u{2019}advice: when does the boathouse open?",
    );
    assert_eq!(
        (refused.text.as_str(), refused.offer, model_site.n_asked()),
        ("Ask a lawyer.", None, 0)
    );
    // Neither what the model says nor what the documents would say instead.
    let (words, answer) = ask(&mut socket, "q2");
    assert_eq!(
        (words.as_str(), model_site.n_asked()),
        ("It opens at nine [1]. The ", 1)
    );
    assert_eq!(
        (answer.offer, answer.sources.len()),
        (Some(Offer::Person), 0),
        "{answer:?}"
    );
    let json = serde_json::to_string(&answer).expect("it serialises");
    assert!(
        !json.contains("secret") && !json.contains("Sundays"),
        "{json}"
    );
}

#[integration_test]
fn a_model_is_told_the_rules_the_passages_the_conversation_and_nothing_of_the_visitor(
    fixtures: &Fixtures,
) {
    let host = "told.example.com";
    let online = fixtures.online_edge();
    let model_site = set(online, host, |_| says(&["At nine [1]."], Duration::ZERO));
    let team = online.team();
    let key = team.require_tokens(&model_site.site.id);
    let mut about = visitor_claims(&model_site.site.key, "customer-4711");
    about["name"] = json!("Ada Lovelace");
    about["email"] = json!("ada@lovelace.example");
    about["traits"] = json!({ "plan": "golden-goose" });
    let ticket = until("the site to be signed", SOON, || {
        let answer = ask_with_token(
            &online.client(),
            &model_site.site.key,
            ORIGIN,
            &token(key.kid.as_str(), &key.secret, &about),
        );
        (answer.status == 201).then(|| {
            answer
                .json::<oriel_shared::wire::visitor::TicketReply>()
                .ticket
        })
    });
    let visitor = Visitor::with_ticket(&online.client(), &ticket);
    let mut socket = visitor.socket();
    let _first = socket.ask("q1", QUESTION);
    let answer = socket.ask("q2", "And when does the boathouse open on Sundays?");
    assert_eq!(answer.text, "At nine [1].");
    let prompts = asked(online, host);
    assert_eq!(prompts.len(), 2);
    let messages = prompts[1].messages();
    let roles: Vec<&str> = messages.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(messages[1].1, QUESTION);
    assert_eq!(messages[2].1, "At nine [1].");
    assert!(
        messages[3].1.contains("<passage 1 ") && messages[3].1.contains("at ten on Sundays"),
        "{messages:?}"
    );
    assert!(
        prompts[0].key() != prompts[1].key(),
        "a key of its own for each call"
    );
    let seen = online.internet.seen(host);
    let call = seen.last().expect("the call");
    assert_eq!(call.header("authorization"), format!("Bearer {API_KEY}"));
    assert_eq!(
        own_headers(call),
        ["accept", "authorization", "content-type", "user-agent"]
    );
    let names: Vec<&String> = prompts[1]
        .json()
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(
        names,
        [
            "max_tokens",
            "messages",
            "model",
            "stream",
            "stream_options"
        ]
    );
    let sent = format!("{call:?}");
    for private in [
        "Ada",
        "lovelace",
        "customer-4711",
        "golden-goose",
        visitor.session.visitor.as_str(),
        socket.welcome.conversation.as_str(),
        model_site.site.key.as_str(),
        model_site.site.id.as_str(),
        key.secret.as_str(),
    ] {
        assert!(!sent.contains(private), "{private} was sent to the model");
    }
}

#[integration_test]
fn a_question_that_leans_on_the_one_before_reaches_the_model_with_its_passages(
    fixtures: &Fixtures,
) {
    let model_site = set(fixtures.online_edge(), "leaning.example.com", |_| {
        says(&["At ten [1]."], Duration::ZERO)
    });
    let mut alone = model_site.visitor.socket();
    let lost = alone.ask("q1", "And on holidays?");
    assert_eq!(
        (model_site.n_asked(), lost.sources.len()),
        (0, 0),
        "the premise: {lost:?}"
    );
    let mut socket = model_site.another_visitor().socket();
    let _first = ask(&mut socket, "q1");
    let answer = socket.ask("q2", "And on holidays?");
    assert_eq!(answer.text, "At ten [1].");
    let last = asked(model_site.online, model_site.host)
        .pop()
        .expect("it was asked");
    assert!(last.text().contains("at ten on Sundays"), "{last:?}");
}

#[integration_test]
fn an_answer_that_a_kill_cut_short_is_given_once() {
    let state = EdgeState::new();
    let host = "mortal.example.com";
    let online = OnlineEdge::start(&state).expect("an edge");
    let model_site = set(&online, host, endless(&Arc::default()));
    let (site, visitor) = (model_site.site.clone(), model_site.visitor);
    let mut socket = visitor.socket();
    let conversation = socket.welcome.conversation.clone();
    let asked_first = socket.say_and_see("q1", QUESTION);
    let (id, _) = socket.frame("the first words", any_delta);
    // Long enough for the alarm that brings the question to D1 to have come and gone.
    let _kept = online.team().messages_up_to(&conversation, asked_first.seq);
    let _more = socket.frame("more words", any_delta);
    online.kill();

    // The model answers, asked a second time: the visitor did nothing.
    let internet = internet_of(host, says(&["At nine [1]."], Duration::ZERO));
    let online = OnlineEdge::start_again(internet, &state).expect("an edge on the same data");
    let up_to = asked_first.seq.next();
    let kept = online.team().messages_up_to(&conversation, up_to);
    let [question, answer] = kept.as_slice() else {
        panic!("{kept:?}")
    };
    assert_eq!((question.seq, &answer.id), (asked_first.seq, &id));
    assert_eq!(answer.text, "At nine [1].");
    assert_eq!(asked(&online, host).len(), 1);

    // Two deaths in one answer: then the documents answer.
    online.internet.host(host, endless(&Arc::default()));
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    let mut socket = visitor.socket();
    let conversation = socket.welcome.conversation.clone();
    let asked_next = socket.say_and_see("q1", QUESTION);
    let _words = socket.frame("the first words", any_delta);
    online.kill();
    let again = FakeInternet::default();
    again.host(host, endless(&Arc::default()));
    let online = OnlineEdge::start_again(again, &state).expect("an edge on the same data");
    until("the model to be asked again", SOON, || {
        (!asked(&online, host).is_empty()).then_some(())
    });
    online.kill();
    let internet = internet_of(host, says(&["Too late [1]."], Duration::ZERO));
    let online = OnlineEdge::start_again(internet, &state).expect("an edge on the same data");
    let up_to = asked_next.seq.next();
    let kept = online.team().messages_up_to(&conversation, up_to);
    assert_eq!(kept.len(), 2);
    assert!(is_from_documents(&kept[1]), "{kept:?}");
    assert!(asked(&online, host).is_empty());
}

fn internet_of(host: &str, reply: Reply) -> FakeInternet {
    let internet = FakeInternet::default();
    internet.host(host, move |_| reply.clone());
    internet
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
