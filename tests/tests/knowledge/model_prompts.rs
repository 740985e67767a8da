//! What a model is asked and told, and what it may not say.

use std::time::Duration;

use super::models::set;
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::site::Answers;
use oriel_shared::wire::visitor::Offer;
use oriel_tests::connections::own_headers;
use oriel_tests::fake_internet::ReceivedRequest;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{
    API_KEY, ModelSite, ModelSiteSetting, QUESTION, ask, asked, is_from_documents, says,
};
use oriel_tests::signed::{claims as visitor_claims, token};
use oriel_tests::visitor::{ORIGIN, Visitor, ask_with_token};
use oriel_tests::wait::{SOON, until};
use serde_json::json;

#[integration_test]
fn a_model_is_asked_only_what_the_documents_may_answer(fixtures: &Fixtures) {
    let model_site = set(fixtures.online_edge(), "idle.example.com", |_| {
        says(&["NO_PASSAGE", "_ANSWERS"], Duration::ZERO)
    });
    let mut socket = model_site.visitor.socket();
    for (n, text) in [
        "Who won the football world cup in 1998?",
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
