//! Labels beside judgements: what was judged to answer a question is labelled.

use std::collections::{BTreeMap, HashMap};

use crate::labels::{questions, read};
use crate::recorded::{Recorded, SITES};

/// What was drawn into the pool for a question, and the grade it was given unseen where it came from.
struct Judged<'f> {
    question: &'f str,
    /// As in `vectors.bin`, in hexadecimal.
    passage: u64,
    grade: u8,
    is_random: bool,
}

impl<'f> Judged<'f> {
    fn parse(line: &'f str) -> Self {
        let fields: Vec<&str> = line.split('\t').collect();
        let [question, passage, grade, _again, drawn] = fields[..] else {
            panic!("five fields: {line}");
        };
        Self {
            question,
            passage: u64::from_str_radix(passage, 16).expect("eight bytes"),
            grade: grade.parse().expect("0 to 2"),
            is_random: drawn == "random",
        }
    }
}

#[test]
fn what_was_judged_to_answer_is_labelled() {
    let file = read("testdata/answers/judged.tsv");
    let questions = questions("testdata/answers/questions.jsonl");
    let by_id: HashMap<_, _> = questions.iter().map(|it| (it.id.as_str(), it)).collect();
    let rows = SITES.iter().flat_map(|(site, index)| {
        let key = |row| u64::from_be_bytes(Recorded::key(&Recorded::text_of_passage(row)));
        let rows = index.rows.iter();
        rows.map(move |row| ((site.as_str(), key(row)), row))
    });
    let rows: HashMap<_, _> = rows.collect();
    // By language: of the writer's passages and of random ones, how many were judged to answer, and of how many.
    let mut agreement: BTreeMap<&str, [(u32, u32); 2]> = BTreeMap::new();
    for line in file.lines().skip(1) {
        let judged = Judged::parse(line);
        let labelled = by_id[judged.question];
        // A passage that is cut otherwise since then was not judged.
        let Some(row) = rows.get(&(labelled.site.as_str(), judged.passage)) else {
            continue;
        };
        let answers = judged.grade == 2;
        let mut places = labelled.answers.iter().filter(|place| place.is(row));
        let is_writers = places.clone().any(|place| !place.pooled);
        assert!(!answers || places.next().is_some(), "{line}");
        for language in ["all", &labelled.language] {
            let controls = agreement.entry(language).or_default();
            for (control, (n_answer, n)) in [is_writers, judged.is_random].iter().zip(controls) {
                *n += u32::from(*control);
                *n_answer += u32::from(*control && answers);
            }
        }
    }
    println!("judged to answer: of the writer's passages, of random ones");
    for (language, [(writers, n_writers), (random, n_random)]) in &agreement {
        println!("{language:<4}{writers:>5} of {n_writers:<5}{random:>5} of {n_random}");
    }
    let [(writers, n_writers), (random, n_random)] = agreement["all"];
    assert!(n_writers >= 200 && n_random >= 300);
    assert!(writers * 100 >= n_writers * 80 && random * 100 <= n_random);
}
