//! What the visitor reads, from documents to the reply.

use proptest::prelude::*;

use super::*;
use crate::answer::Language;
use crate::answer::matcher::Matcher;
use crate::answer::{Corpus, Question, TermFrequency, passages};
use crate::i18n::ENGLISH;
use crate::id::UnixMs;
use crate::wire::admin::DocumentFormat;

/// A site's passages as candidates, with the counts that the index would give.
fn ask(question: &str, documents: &[(&str, &str)]) -> Reply {
    let mut candidates = Vec::new();
    for (title, content) in documents {
        for passage in passages(DocumentFormat::Markdown, title, content) {
            candidates.push(Candidate {
                document: (*title).to_owned(),
                title: (*title).to_owned(),
                url: Some("https://a.example/".to_owned()),
                heading: passage.heading,
                text: passage.text,
                language: Language::English,
                updated_at: UnixMs(0),
                vector: None,
            });
        }
    }
    let question = Question::parse(question, &[]);
    let matcher = Matcher::new(&question, &Corpus::default());
    let n_terms = question.match_terms("").len();
    let best = |candidate: &Candidate, term: usize| {
        let Candidate {
            title,
            heading,
            text,
            ..
        } = candidate;
        let (hits, _) = matcher.hits(&format!("{title} . {heading} . {text}"), Language::English);
        let hits = hits.iter().filter(|hit| hit.term == term);
        hits.map(|hit| hit.weight).fold(0.0, f32::max)
    };
    let count = |term, least: f32| {
        let all = candidates.iter().map(|candidate| best(candidate, term));
        u32::try_from(all.filter(|weight| *weight >= least).count()).expect("few")
    };
    let terms = (0..n_terms).map(|term| TermFrequency {
        own: count(term, 1.0),
        any: count(term, f32::MIN_POSITIVE),
    });
    let corpus = Corpus {
        passages: u32::try_from(candidates.len()).expect("few"),
        terms: terms.collect(),
    };
    candidates.retain(|candidate| (0..n_terms).any(|term| best(candidate, term) > 0.0));
    reply(&SearchResults::new(question, corpus, candidates), ENGLISH)
}

const SHOP: [(&str, &str); 2] = [
    (
        "Returns and refunds",
        "# Returns and refunds\n\n## Sending things back\n\nYou can send anything back within 30 days. Keep the receipt.\n\n\
         ## Refunds\n\nThe money is on your account after five days.",
    ),
    (
        "Opening hours",
        "# Opening hours\n\nWe are open from Monday to Friday.\n\n## Parking\n\nThere is a car park behind the shop.",
    ),
];

#[test]
fn an_answer_quotes_its_document_and_names_it() {
    let answer = ask("Where is the car park?", &SHOP);
    assert_eq!(answer.kind, ReplyKind::Found);
    assert_eq!(
        answer.text,
        "From “Opening hours”, under “Parking”:\n\n> There is a car park behind the shop."
    );
    assert!(matches!(
        answer.blocks.as_slice(),
        [Block::Paragraph { .. }, Block::Quote { .. }]
    ));
    let expected = Source {
        title: "Opening hours".into(),
        heading: Some("Parking".into()),
        url: Some("https://a.example/".into()),
    };
    assert_eq!(answer.sources, [expected]);
    assert_eq!(answer.offer, None);
}

#[test]
fn a_site_of_one_passage_answers_from_it() {
    let documents = [("Parcels", "The secret word of the week is marmalade.")];
    assert_eq!(
        ask("What is the secret word of the week?", &documents).kind,
        ReplyKind::Found
    );
    assert_eq!(
        ask("What is the capital of Australia?", &documents).kind,
        ReplyKind::Unknown
    );
}

#[test]
fn what_no_document_says_is_unknown_and_offers_a_person() {
    for (question, nearest) in [
        ("Do you sell helicopters?", None),
        ("Where is the submarine park?", Some("Parking")),
        ("???", None),
        ("what is it", None),
        ("🙂", None),
        ("\0\"*(", None),
    ] {
        let answer = ask(question, &SHOP);
        assert_eq!(
            (answer.kind, answer.offer),
            (ReplyKind::Unknown, Some(Offer::Person)),
            "{question}"
        );
        let first = answer.sources.first();
        let heading = first.and_then(|source| source.heading.as_deref());
        assert_eq!(heading, nearest, "{question}");
        let text = if nearest.is_some() {
            ENGLISH.unsure
        } else {
            ENGLISH.unknown
        };
        assert_eq!(answer.text, text);
        assert_eq!(answer.blocks, [markdown::paragraph(text)]);
    }
}

#[test]
fn courtesies_get_no_quotation() {
    for (text, kind, offer) in [
        ("Hi!", ReplyKind::Courtesy, None),
        ("thank you", ReplyKind::Courtesy, None),
        ("Are you a robot?", ReplyKind::Courtesy, None),
        (
            "I want to talk to a human",
            ReplyKind::Person,
            Some(Offer::Person),
        ),
    ] {
        assert!(Question::parse(text, &[]).is_empty(), "{text}");
        let answer = ask(text, &SHOP);
        assert_eq!((answer.kind, answer.offer), (kind, offer), "{text}");
        assert!(answer.sources.is_empty());
    }
}

#[test]
fn of_a_long_passage_the_part_that_answers_is_quoted_with_its_command_whole() {
    let filler =
        "The weather was fine and nobody thought of anything in particular that day. ".repeat(7);
    let content = format!(
        "## Manual\n\n{filler}\n\nTo restart the pump, type this:\n\n```sh\npump stop\n\npump start --now\n```\n\n{filler}"
    );
    let answer = ask("How do I restart the pump?", &[("Machine", &content)]);
    assert_eq!(answer.kind, ReplyKind::Found);
    let Some(Block::Quote { content }) = answer.blocks.get(1) else {
        panic!("no quotation: {answer:?}")
    };
    assert_eq!(
        content.as_slice(),
        [
            markdown::paragraph("To restart the pump, type this:"),
            Block::Code {
                language: "sh".into(),
                text: "pump stop\n\npump start --now".into()
            }
        ]
    );
}

#[test]
fn steps_are_quoted_together_and_in_order() {
    let steps: String = (1..=8).map(|n| format!("{n}. Turn screw number {n} to the left until it stops and hold it there for a while.\n")).collect();
    let content = format!(
        "## Opening the case\n\nTurn the case over first:\n\n{steps}\n\n{}",
        "Other words. ".repeat(40)
    );
    let answer = ask("How do I open the case?", &[("Machine", &content)]);
    assert_eq!(answer.kind, ReplyKind::Found);
    let at: Vec<_> = (1..=8)
        .map(|n| answer.text.find(&format!("{n}. Turn screw number {n} ")))
        .collect();
    assert!(
        at.iter().all(Option::is_some) && at.is_sorted(),
        "{}\n{:#?}",
        answer.text,
        passages(DocumentFormat::Markdown, "Machine", &content)
    );
}

#[test]
fn a_second_source_is_named_only_when_it_is_about_the_same() {
    let documents = [
        (
            "Cats",
            "# Cats\n\n## Feeding cats\n\nFeeding cats is done twice a day.",
        ),
        (
            "Kittens",
            "# Kittens\n\n## Feeding young cats\n\nFeeding cats that are young is done four times a day.",
        ),
        (
            "Dogs",
            "# Dogs\n\n## Walking\n\nDogs walk. Feeding is elsewhere.",
        ),
    ];
    let answer = ask("How does feeding cats work?", &documents);
    let titles: Vec<_> = answer
        .sources
        .iter()
        .map(|source| source.title.as_str())
        .collect();
    assert_eq!(titles, ["Cats", "Kittens"]);
}

proptest! {
    #[test]
    fn no_question_and_no_document_breaks_it(question in "(?s).{0,80}", title in ".{0,20}", content in "(?s).{0,300}") {
        let answer = ask(&question, &[(title.as_str(), content.as_str())]);
        prop_assert!(!answer.blocks.is_empty() && !answer.text.is_empty());
        prop_assert!(answer.kind != ReplyKind::Found || !answer.sources.is_empty());
        prop_assert_eq!(answer.kind == ReplyKind::Unknown, answer.offer.is_some());
    }

    #[test]
    fn whatever_is_quoted_is_in_the_document(picked in prop::collection::vec(0_usize..8, 1..120)) {
        let words = ["pump", "restart", "valve.", "open", "close\n\n", "- item", "the", "water"];
        let content = picked.iter().filter_map(|at| words.get(*at)).copied().collect::<Vec<_>>().join(" ");
        let answer = ask("restart the pump", &[("T", content.as_str())]);
        if let Some(Block::Quote { content: quoted }) = answer.blocks.get(1) {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let whole = letters(&markdown::plain(&markdown::blocks(&content)));
            prop_assert!(whole.contains(&letters(&markdown::plain(quoted))));
        }
    }
}
