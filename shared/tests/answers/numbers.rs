//! What became of labelled questions: how many were found, answered, and answered though nothing answers them.

use std::collections::{BTreeMap, HashSet};

use oriel_shared::answer::{Candidate, ReplyKind, reply};
use oriel_shared::i18n::ENGLISH;

use crate::index::Index;
use crate::labels::{Labelled, Place};
use crate::recorded::Recorded;

/// What was found of answerable questions, by one reading of the labels.
#[derive(Debug, Default)]
pub struct Right {
    /// The best passage is right, whether it was sure enough to be quoted or not.
    pub first: usize,
    /// One of the passages that were named is.
    pub named: usize,
    /// The question was answered, and one of the named is.
    pub answered: usize,
}

impl Right {
    fn add(&mut self, other: &Self) {
        self.first += other.first;
        self.named += other.named;
        self.answered += other.answered;
    }
}

/// What became of some questions.
#[derive(Debug, Default)]
pub struct Numbers {
    pub answerable: usize,
    pub unanswerable: usize,
    /// Answerable ones that were answered.
    pub answered: usize,
    /// Unanswerable ones that were answered.
    pub invented: usize,
    /// By the labels of the questions' writer; and by those that were pooled too.
    pub right: Right,
    pub right_pooled: Right,
}

impl Numbers {
    fn share(part: usize, whole: usize) -> f64 {
        part as f64 / whole.max(1) as f64
    }
    pub fn recall_at_3(&self) -> f64 {
        Self::share(self.right.named, self.answerable)
    }
    pub fn answered(&self) -> f64 {
        Self::share(self.answered, self.answerable)
    }
    pub fn precision(&self) -> f64 {
        Self::share(self.right.answered, self.answered + self.invented)
    }
    pub fn wrong(&self) -> f64 {
        Self::share(self.invented, self.unanswerable)
    }

    fn line(&self, what: &str) -> String {
        let recall = |found| Self::share(found, self.answerable);
        format!(
            "{what:<16}{:>4}  {:.3}     {:.3}     {:.3}     {:.3}     {:>4}  {:.3}                   {:.3}     {:.3}",
            self.answerable,
            recall(self.right.first),
            recall(self.right.named),
            self.answered(),
            self.precision(),
            self.unanswerable,
            self.wrong(),
            recall(self.right_pooled.first),
            recall(self.right_pooled.named),
        )
    }
}

/// Asks everything; numbers by part, and by part and language.
pub fn measure(
    questions: &[Labelled],
    sites: &BTreeMap<String, Index>,
    recorded: Option<&Recorded>,
) -> BTreeMap<String, Numbers> {
    let mut all: BTreeMap<String, Numbers> = BTreeMap::new();
    for labelled in questions {
        let index = &sites[&labelled.site];
        let mut found = index.find(&labelled.question);
        if let Some(recorded) = recorded {
            found = index.with_embeddings(found, &recorded.of_question(&labelled.question));
        }
        let answer = reply(&found, ENGLISH);
        let is_answered = answer.kind == ReplyKind::Found;
        // A section is named, and any of its passages may hold the phrase.
        let found_by = |is_counted: fn(&Place) -> bool| {
            let places = || labelled.answers.iter().filter(|place| is_counted(place));
            let rows = index.rows.iter();
            let right: HashSet<(&str, &str)> = rows
                .filter(|row| places().any(|place| place.is(row)))
                .map(|row| (row.document.as_str(), row.heading.as_str()))
                .collect();
            let is_right = |passage: &Candidate| {
                right.contains(&(passage.document.as_str(), passage.heading.as_str()))
            };
            let best = found.ranked.first();
            let is_named = found.named().into_iter().any(is_right);
            Right {
                first: usize::from(best.is_some_and(|best| is_right(&best.candidate))),
                named: usize::from(is_named),
                answered: usize::from(is_answered && is_named),
            }
        };
        let (right, right_pooled) = (found_by(|place| !place.pooled), found_by(|_| true));
        for key in [
            labelled.part.clone(),
            format!("{} {}", labelled.part, labelled.language),
        ] {
            let numbers = all.entry(key).or_default();
            if labelled.answers.is_empty() {
                numbers.unanswerable += 1;
                numbers.invented += usize::from(is_answered);
                continue;
            }
            numbers.answerable += 1;
            numbers.answered += usize::from(is_answered);
            numbers.right.add(&right);
            numbers.right_pooled.add(&right_pooled);
        }
    }
    println!(
        "part, language   n    recall@1  recall@3  answered  precision  unanswerable, answered  with pooled labels: recall@1  recall@3"
    );
    for (what, numbers) in &all {
        println!("{}", numbers.line(what));
    }
    all
}
