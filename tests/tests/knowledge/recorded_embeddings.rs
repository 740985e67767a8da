//! Real questions with the vectors that a real model made of them.

use std::time::Duration;

use super::embeddings::embedded;
use oriel_shared::wire::admin::{Limits, LimitsChange, SiteChange};
use oriel_tests::edge::workspace;
use oriel_tests::embeddings::{
    Recorded, asked, change, connect_embeddings, setting, texts, vectors,
};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::OnlineEdge;
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

/// Where the documents of `testdata/answers` are said to be read.
const READ_AT: &str = "https://docs.example.com/";

/// Asks the questions of one corpus through the edge; how many find their section among the sources, and of how many.
fn n_found(online: &OnlineEdge, key: &str, questions: &[&Value]) -> usize {
    let mut socket = Visitor::arrive(&online.client(), key, ORIGIN).socket();
    let mut n_found = 0;
    for (at, labelled) in questions.iter().enumerate() {
        let answer = socket.ask(
            &format!("q{at}"),
            labelled["question"].as_str().expect("a question"),
        );
        let is_right = |source: &oriel_shared::wire::visitor::Source| {
            let places = labelled["answers"].as_array().into_iter().flatten();
            // By the labels of the questions' writer.
            let mut places = places.filter(|place| place["pooled"] != true);
            let shown = source.heading.as_ref().unwrap_or(&source.title);
            places.any(|place| {
                let document = place["document"].as_str().unwrap_or_default();
                let heading = place["heading"].as_str().unwrap_or_default();
                let is_document = source.url.as_deref() == Some(&format!("{READ_AT}{document}"));
                is_document && shown.rsplit(" › ").next() == Some(heading)
            })
        };
        n_found += usize::from(answer.sources.iter().any(is_right));
    }
    n_found
}

#[integration_test]
fn real_questions_find_more_with_a_real_models_vectors(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let recorded = Recorded::read();
    let host = "recorded.example.com";
    let connection = connect_embeddings(online, &team, host, move |seen| {
        vectors(
            &texts(seen)
                .iter()
                .map(|text| recorded.of(text))
                .collect::<Vec<_>>(),
        )
    });
    let site = team.open_site("Django", &[ORIGIN]);
    let most = Limits::CEILING;
    let limits = LimitsChange {
        message_burst: Some(most.message_burst),
        messages_per_minute: Some(most.messages_per_minute),
        messages_per_day: Some(most.messages_per_day),
        tickets_per_minute: Some(most.tickets_per_minute),
    };
    let limits = SiteChange {
        limits: Some(limits),
        ..SiteChange::default()
    };
    let _limits = team.change(&site.id, &limits).expect(200);
    let folder = workspace().join("testdata/answers");
    for entry in std::fs::read_dir(folder.join("corpora/django")).expect("a folder") {
        let path = entry.expect("readable").path();
        let name = path
            .file_name()
            .expect("named")
            .to_string_lossy()
            .into_owned();
        if !name.ends_with(".md") {
            continue;
        }
        let content = std::fs::read_to_string(&path).expect("text");
        let title = content.lines().find_map(|line| line.strip_prefix("# "));
        let document = json!({
            "title": title.unwrap_or(&name), "url": format!("{READ_AT}{name}"), "content": content,
        });
        let path = format!("/sites/{}/documents", site.id);
        let _made = team.call("POST", &path).json(&document).send().expect(201);
    }
    let lines = std::fs::read_to_string(folder.join("questions.jsonl")).expect("text");
    let all: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let is_ours = |it: &&Value| {
        it["site"] == "django" && it["answers"].as_array().is_some_and(|it| !it.is_empty())
    };
    let questions: Vec<&Value> = all.iter().filter(is_ours).collect();
    let by_words = n_found(online, &site.key, &questions);
    let _on = team
        .change(&site.id, &change(setting(&connection)))
        .expect(200);
    until("all vectors", Duration::from_secs(120), || {
        let (n_with, n) = embedded(online, &site.id);
        (n_with == n).then_some(())
    });
    let first = questions.get(..10).expect("ten questions");
    until("the setting", SOON, || {
        let n_before = asked(online, host).len();
        let _n = n_found(online, &site.key, first);
        (asked(online, host).len() > n_before).then_some(())
    });
    let by_meaning = n_found(online, &site.key, &questions);
    let n = questions.len();
    println!("django, {n} questions: {by_words} found by words, {by_meaning} by meaning too");
    assert!(n >= 90 && by_words * 100 >= n * 70, "{by_words} of {n}");
    assert!(
        by_meaning >= by_words + 4,
        "{by_words}, then {by_meaning} of {n}"
    );
}
