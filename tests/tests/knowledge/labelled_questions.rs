//! Labelled questions, put to a running edge: how many answers are right, and how many are invented.

use std::collections::HashMap;
use std::path::Path;

use oriel_shared::wire::admin::{Limits, LimitsChange, SiteChange};
use oriel_shared::wire::visitor::{Offer, Source};
use oriel_tests::edge::workspace;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Visitor};
use serde::Deserialize;

/// The bars that the native evaluation in `shared/tests/answers` holds, on questions that nothing was tuned on.
const RECALL_MIN: f64 = 0.65;
const PRECISION_MIN: f64 = 0.95;
const INVENTED_MAX: f64 = 0.02;

/// A question and the passages that answer it; none for one that no page answers.
#[derive(Deserialize)]
struct Labelled {
    part: String,
    question: String,
    answers: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    document: String,
    heading: String,
}

impl Place {
    /// `titles` are those of the documents, by the names of their files.
    fn is(&self, source: &Source, titles: &HashMap<String, String>) -> bool {
        let heading = source.heading.as_deref().unwrap_or_default();
        let own_heading = heading.rsplit(" › ").next().unwrap_or(heading);
        titles.get(&self.document) == Some(&source.title) && own_heading == self.heading
    }
}

#[derive(Debug, Default)]
struct Numbers {
    answerable: usize,
    unanswerable: usize,
    right: usize,
    wrong: usize,
    invented: usize,
}

impl Numbers {
    fn share(part: usize, whole: usize) -> f64 {
        if whole == 0 {
            1.0
        } else {
            part as f64 / whole as f64
        }
    }

    /// Right answers among all answers given.
    fn precision(&self) -> f64 {
        Self::share(self.right, self.right + self.wrong + self.invented)
    }

    /// Right answers among the questions that have one.
    fn recall(&self) -> f64 {
        Self::share(self.right, self.answerable)
    }

    /// Answers to questions that have none.
    fn invented(&self) -> f64 {
        Self::share(self.invented, self.unanswerable)
    }
}

#[integration_test]
fn labelled_questions_are_answered_rightly_and_others_honestly(fixtures: &Fixtures) {
    let help = workspace().join("testdata/help");
    let read = |path: &Path| {
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let pages = std::fs::read_dir(help.join("pages")).expect("a folder of pages");
    let team = fixtures.edge().team();
    let site = team.open_site("Help", &[ORIGIN]);
    // One visitor asks all of them, as fast as answers come.
    let limits = LimitsChange {
        message_burst: Some(Limits::CEILING.message_burst),
        messages_per_minute: Some(Limits::CEILING.messages_per_minute),
        ..LimitsChange::default()
    };
    let change = SiteChange {
        limits: Some(limits),
        ..SiteChange::default()
    };
    let _site = team.change(&site.id, &change).expect(200);
    let mut titles = HashMap::new();
    for page in pages {
        let page = page.expect("readable");
        let content = read(&page.path());
        let title = content.lines().find_map(|line| line.strip_prefix("# "));
        let title = title.expect("a title");
        let _document = team.add_document(&site.id, title, &content);
        titles.insert(
            page.file_name().to_string_lossy().into_owned(),
            title.to_owned(),
        );
    }
    let visitor = Visitor::arrive(&fixtures.edge().client(), &site.key, ORIGIN);
    let lines = read(&help.join("questions.jsonl"));
    let mut socket = visitor.socket();
    let mut by_part: HashMap<String, Numbers> = HashMap::new();
    for (n, line) in lines.lines().enumerate() {
        let labelled: Labelled = serde_json::from_str(line).expect("one question a line");
        let answer = socket.ask(&format!("q{n}"), &labelled.question);
        let numbers = by_part.entry(labelled.part.clone()).or_default();
        let is_honest = answer.offer == Some(Offer::Person);
        let first = answer.sources.first().filter(|_| !is_honest);
        let is_right = first.is_some_and(|source| {
            labelled
                .answers
                .iter()
                .any(|place| place.is(source, &titles))
        });
        if labelled.answers.is_empty() {
            numbers.unanswerable += 1;
            numbers.invented += usize::from(first.is_some());
        } else {
            numbers.answerable += 1;
            numbers.right += usize::from(is_right);
            numbers.wrong += usize::from(first.is_some() && !is_right);
        }
        let is_good = if labelled.answers.is_empty() {
            is_honest
        } else {
            is_right
        };
        if !is_good {
            let shown = first.map(|source| {
                format!(
                    "{} › {}",
                    source.title,
                    source.heading.as_deref().unwrap_or("")
                )
            });
            println!(
                "missed ({}): {} -> {shown:?}",
                labelled.part, labelled.question
            );
        }
    }
    println!("part  questions  precision  recall  answered though unanswerable");
    for (part, numbers) in &by_part {
        println!(
            "{part}   {:<9}  {:.3}      {:.3}   {:.3}",
            numbers.answerable + numbers.unanswerable,
            numbers.precision(),
            numbers.recall(),
            numbers.invented()
        );
    }
    let held = by_part
        .get("held")
        .expect("questions that nothing was tuned on");
    assert!(held.answerable >= 30 && held.unanswerable >= 12, "{held:?}");
    assert!(held.recall() >= RECALL_MIN, "{held:?}");
    assert!(held.precision() >= PRECISION_MIN, "{held:?}");
    assert!(held.invented() <= INVENTED_MAX, "{held:?}");
}
