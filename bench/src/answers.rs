//! Answers: questions over real documentation, asked by visitors through the edge.
//!
//! Each corpus of `testdata/answers` becomes a site, its documents uploaded by the management API; each question goes through
//! a socket. What is shown counts: a question is found when one of the sources, three at most, is a section that answers
//! it, by the labels of the questions' writer and, in columns of their own, by those that were pooled too; it is answered
//! when the assistant does not offer a person instead. `shared/tests/answers` holds the same
//! questions to floors without an edge.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use oriel_shared::wire::admin::DocumentCreate;
use oriel_shared::wire::visitor::{Message, Source};
use serde::Deserialize;
use xtask::workspace::Workspace;
use xtask::{clock, command, progress};

use crate::chat::Chat;
use crate::server::{Implementation, Server, make_site};
use crate::visitor::{Browser, PAGE};

/// The goals, on questions that nothing was tuned on.
const RECALL_GOAL: f64 = 0.9;
const WRONG_GOAL: f64 = 0.02;
/// The address of every document begins with this; sources name documents by it.
const READ_AT: &str = "https://docs.example.com/";
/// Headings are shown shortened.
const HEADING_CHARS: usize = 120;

/// A line of `questions.jsonl`; its README says what the members mean.
#[derive(Deserialize)]
struct Labelled {
    site: String,
    language: String,
    part: String,
    kind: String,
    question: String,
    answers: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    document: String,
    heading: String,
    /// Added by judging a pool, and not the questions' writer's.
    #[serde(default)]
    pooled: bool,
}

impl Place {
    fn is(&self, site: &str, source: &Source) -> bool {
        let heading = source.heading.as_ref().unwrap_or(&source.title);
        let own = heading.rsplit(" › ").next().unwrap_or(heading);
        let wanted = self
            .heading
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let wanted: String = wanted.chars().take(HEADING_CHARS).collect();
        source.url.as_ref() == Some(&address(site, &self.document)) && own == wanted
    }
}

fn address(site: &str, document: &str) -> String {
    format!("{READ_AT}{site}/{document}")
}

/// Answerable questions whose first source, and one of whose sources, is right, by one reading of the labels.
#[derive(Default)]
struct Right {
    first: usize,
    named: usize,
}

impl Right {
    fn count(&mut self, sources: &[Source], is_right: impl Fn(&Source) -> bool) {
        self.first += usize::from(sources.first().is_some_and(&is_right));
        self.named += usize::from(sources.iter().any(is_right));
    }
}

/// What became of some questions.
#[derive(Default)]
struct Numbers {
    answerable: usize,
    unanswerable: usize,
    /// By the labels of the questions' writer; and by those that were pooled too.
    right: Right,
    right_pooled: Right,
    /// Answerable ones that were answered.
    answered: usize,
    /// Unanswerable ones that were.
    wrong: usize,
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl Numbers {
    fn count(&mut self, labelled: &Labelled, answer: &Message) {
        let is_answered = answer.offer.is_none();
        if labelled.answers.is_empty() {
            self.unanswerable += 1;
            self.wrong += usize::from(is_answered && !answer.sources.is_empty());
            return;
        }
        let is_in = |place: &Place, source: &Source| place.is(&labelled.site, source);
        let places = || labelled.answers.iter();
        self.answerable += 1;
        self.right.count(&answer.sources, |source| {
            places().any(|place| !place.pooled && is_in(place, source))
        });
        self.right_pooled.count(&answer.sources, |source| {
            places().any(|place| is_in(place, source))
        });
        self.answered += usize::from(is_answered);
    }

    fn line(&self, what: &str) -> String {
        let recall = |found| share(found, self.answerable);
        format!(
            "{what:<22}{:>6}{:>10.3}{:>10.3}{:>10.3}{:>10.3}{:>10.3}{:>10}{:>10.3}\n",
            self.answerable,
            recall(self.right.first),
            recall(self.right.named),
            recall(self.right_pooled.first),
            recall(self.right_pooled.named),
            share(self.answered, self.answerable),
            self.unanswerable,
            share(self.wrong, self.unanswerable),
        )
    }
}

/// Asks everything and prints what came of it.
///
/// # Errors
/// When the edge cannot be started, or does not answer.
pub fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.join("testdata/answers");
    let questions = fs::read_to_string(folder.join("questions.jsonl"))?;
    let questions: Vec<Labelled> = questions
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let server = Server::start(workspace, Implementation::Oriel)?;
    let api = server.management();
    let mut by: BTreeMap<String, Numbers> = BTreeMap::new();
    let mut took: Vec<Duration> = Vec::new();
    for entry in fs::read_dir(folder.join("corpora"))? {
        let corpus = entry?.path();
        let name = corpus.file_name().unwrap_or_default().to_string_lossy();
        let step = progress::step(format!("ask {name}"));
        let site = make_site(
            &api,
            &name,
            vec![PAGE.to_owned()],
            &documents(&name, &corpus)?,
        )?;
        let session = Browser::new(&server.edge)
            .pair(&site.key)
            .map_err(|error| anyhow!(error))?;
        let mut chat = Chat::open(Implementation::Oriel, &server.edge, &session.access_token)?;
        for labelled in questions.iter().filter(|labelled| labelled.site == name) {
            command::leave_if_stopping();
            let began = clock::now();
            let answer = chat
                .ask(&labelled.question)
                .map_err(|error| anyhow!("{}: {error}", labelled.question))?;
            took.push(began.elapsed());
            for key in [
                labelled.part.clone(),
                format!("{}, {}", labelled.part, labelled.language),
                format!("{}, {}", labelled.part, labelled.kind),
            ] {
                by.entry(key).or_default().count(labelled, &answer);
            }
        }
        step.done();
    }
    println!("{}", report(&by, took)?);
    Ok(())
}

fn report(by: &BTreeMap<String, Numbers>, mut took: Vec<Duration>) -> Result<String> {
    took.sort_unstable();
    let at = |share: usize| {
        took.get(took.len() * share / 100)
            .copied()
            .unwrap_or_default()
    };
    let mut out = format!(
        "\nAnswers, {} questions through the edge; one took {:.0} ms, of a hundred the slowest {:.0} ms\n\n\
         {:<22}{:>6}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        took.len(),
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
        "",
        "n",
        "recall@1",
        "recall@3",
        "pooled@1",
        "pooled@3",
        "answered",
        "n none",
        "wrong",
    );
    for (what, numbers) in by {
        out.push_str(&numbers.line(what));
    }
    let held = by.get("held").context("no question is held")?;
    let (recall, wrong) = (
        share(held.right.named, held.answerable),
        share(held.wrong, held.unanswerable),
    );
    let verdict = |is_met| if is_met { "met" } else { "MISSED" };
    let _infallible = write!(
        out,
        "\nrecall@3, held {recall:.3}   goal ≥ {RECALL_GOAL}: {}\nwrong answers, held {wrong:.3}   goal ≤ {WRONG_GOAL}: {}",
        verdict(recall >= RECALL_GOAL),
        verdict(wrong <= WRONG_GOAL),
    );
    Ok(out)
}

/// The Markdown of a corpus, as a customer would post it.
fn documents(name: &str, corpus: &Path) -> Result<Vec<DocumentCreate>> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(corpus)? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if !file.ends_with(".md") {
            continue;
        }
        let content = fs::read_to_string(&path)?;
        let title = content.lines().find_map(|line| line.strip_prefix("# "));
        documents.push(DocumentCreate {
            title: Some(title.unwrap_or(&file).to_owned()),
            format: None,
            url: Some(address(name, &file)),
            content: Some(content),
        });
    }
    Ok(documents)
}
