//! What the visitor reads.
//!
//! Keeps true: an answer is one lead-in that names the document, and a quotation of it; nothing is said that the
//! document does not say. What is not sure enough is not quoted: the reply says that it does not know, and may name where
//! to look. Code and lists are quoted whole, so that a command can be copied. All that the assistant
//! says of its own accord is in [`crate::i18n`].

use super::language::Language;
use super::rank::{Candidate, Matcher, SearchResults, cover};
use super::words::sentence_ends;
use crate::i18n::{Catalog, filled};
use crate::text::markdown;
use crate::wire::rich_text::{Block, Inline};
use crate::wire::visitor::{Offer, Source};

/// A quotation grows to about this size: what a chat shows without scrolling.
const QUOTE_CHARS: usize = 700;
/// Share of a question that a heading must have to be taken for it.
const HEADING_IS_QUESTION: f32 = 0.8;
/// A shorter quotation takes in what stands around it: a sentence alone seldom answers.
const SHORT_QUOTE_CHARS: usize = 280;
/// A single list or piece of code may be this long in a quotation before it is shortened or left out.
const LARGEST_CHARS: usize = 1_600;
/// A paragraph up to this length is quoted whole; longer ones by sentences.
const WHOLE_PARAGRAPH: usize = 360;

/// What kind of reply it is, for logs and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// Quotes the site's documents.
    Found,
    /// Answers a greeting or thanks.
    Courtesy,
    /// The visitor asked for a person.
    Person,
    /// Nothing good enough was found; says so, and names what comes nearest.
    Unknown,
}

/// A message of the assistant, ready to store and send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What kind it is.
    pub kind: ReplyKind,
    /// Plain text.
    pub text: String,
    /// Rich text.
    pub blocks: Vec<Block>,
    /// What it rests on, best first, at most 3. Of `Unknown`: where the visitor may look.
    pub sources: Vec<Source>,
    /// A person, for `Person` and `Unknown`.
    pub offer: Option<Offer>,
}

/// Words what was found for a question, in these sentences; what is quoted keeps its own language.
pub fn reply(found: &SearchResults, sentences: &Catalog) -> Reply {
    if let Some(courtesy) = found.question.courtesy {
        let (kind, offer) = match courtesy {
            super::courtesy::Courtesy::Person => (ReplyKind::Person, Some(Offer::Person)),
            _ => (ReplyKind::Courtesy, None),
        };
        return said(kind, courtesy.words(sentences), offer);
    }
    let sources: Vec<Source> = found.named().into_iter().map(source).collect();
    match found.ranked.first() {
        Some(best) if found.is_quotable() => {
            let matcher = Matcher::new(&found.question, &found.corpus);
            quoted(&matcher, &best.candidate, sources, sentences)
        }
        _ if sources.is_empty() => unknown(sentences),
        _ => Reply {
            sources,
            ..said(ReplyKind::Unknown, sentences.unsure, Some(Offer::Person))
        },
    }
}

/// The honest reply; also for when the index cannot be reached.
pub fn unknown(sentences: &Catalog) -> Reply {
    said(ReplyKind::Unknown, sentences.unknown, Some(Offer::Person))
}

fn said(kind: ReplyKind, text: &str, offer: Option<Offer>) -> Reply {
    Reply {
        kind,
        text: text.to_owned(),
        blocks: vec![markdown::paragraph(text)],
        sources: Vec::new(),
        offer,
    }
}

fn quoted(
    matcher: &Matcher<'_>,
    best: &Candidate,
    sources: Vec<Source>,
    sentences: &Catalog,
) -> Reply {
    let blocks = vec![
        lead_in(best, sentences),
        Block::Quote {
            content: quote(matcher, best),
        },
    ];
    Reply {
        kind: ReplyKind::Found,
        text: markdown::plain(&blocks),
        blocks,
        sources,
        offer: None,
    }
}

/// "From “Title”, under “Heading”:"
fn lead_in(candidate: &Candidate, sentences: &Catalog) -> Block {
    let title = ("title", candidate.title.trim());
    let text = match own_heading(&candidate.heading) {
        Some(heading) => filled(sentences.from_under, &[title, ("heading", heading)]),
        None => filled(sentences.from, &[title]),
    };
    markdown::paragraph(&text)
}

/// A passage as the source of an answer.
pub fn source(candidate: &Candidate) -> Source {
    Source {
        title: candidate.title.clone(),
        heading: own_heading(&candidate.heading).map(str::to_owned),
        url: candidate.url.clone(),
    }
}

/// The innermost heading of a path.
fn own_heading(path: &str) -> Option<&str> {
    path.rsplit(" › ")
        .next()
        .map(str::trim)
        .filter(|heading| !heading.is_empty())
}

/// A piece of a passage that is quoted whole or not at all.
struct Unit {
    block: Block,
    /// Trigrams of one paragraph or list share a number, and become one again.
    origin: usize,
    n_chars: usize,
    covered: Vec<f32>,
    n_hits: usize,
}

/// The part of a passage that answers best, in reading order.
fn quote(matcher: &Matcher<'_>, candidate: &Candidate) -> Vec<Block> {
    let blocks = markdown::blocks(&candidate.text);
    if markdown::plain(&blocks).chars().count() <= QUOTE_CHARS {
        return blocks;
    }
    let units = units(matcher, blocks, candidate.language);
    // A passage whose own heading is the question answers from its beginning.
    let mut named = vec![0.0; matcher.weights.len()];
    let heading = own_heading(&candidate.heading).unwrap_or(&candidate.title);
    matcher
        .hits(heading, candidate.language)
        .0
        .iter()
        .for_each(|hit| cover(&mut named, *hit));
    let window =
        best_window(matcher, &units).filter(|_| matcher.share(&named) < HEADING_IS_QUESTION);
    let (first, last) = window.unwrap_or_else(|| beginning(&units));
    let (first, last) = with_context(&units, first, last);
    let (first, last) = grown(&units, first, last);
    let (first, last) = with_context(&units, first, last);
    rebuild(
        units
            .into_iter()
            .skip(first)
            .take(last - first + 1)
            .collect(),
    )
}

fn units(matcher: &Matcher<'_>, blocks: Vec<Block>, language: Language) -> Vec<Unit> {
    let mut units = Vec::new();
    for (origin, block) in blocks.into_iter().enumerate() {
        let n_chars = markdown::plain(std::slice::from_ref(&block))
            .chars()
            .count();
        let trigrams = match block {
            Block::Paragraph { content } if n_chars > WHOLE_PARAGRAPH => sentences(content)
                .into_iter()
                .map(|content| Block::Paragraph { content })
                .collect(),
            // Steps are of use together; bullets stand alone.
            Block::List { ordered, items }
                if n_chars > if ordered { LARGEST_CHARS } else { QUOTE_CHARS } =>
            {
                items
                    .into_iter()
                    .map(|item| Block::List {
                        ordered,
                        items: vec![item],
                    })
                    .collect()
            }
            // A row says what it says with the names of its columns.
            Block::Table { head, rows } if n_chars > QUOTE_CHARS => rows
                .into_iter()
                .map(|row| Block::Table {
                    head: head.clone(),
                    rows: vec![row],
                })
                .collect(),
            whole => vec![whole],
        };
        for block in trigrams {
            let text = markdown::plain(std::slice::from_ref(&block));
            let (hits, _) = matcher.hits(&text, language);
            let mut covered = vec![0.0; matcher.weights.len()];
            hits.iter().for_each(|hit| cover(&mut covered, *hit));
            units.push(Unit {
                block,
                origin,
                n_chars: text.chars().count(),
                covered,
                n_hits: hits.len(),
            });
        }
    }
    units
}

/// The run from the start that fits: for a passage that only its heading makes an answer.
fn beginning(units: &[Unit]) -> (usize, usize) {
    let mut n_chars = 0;
    let fits = |unit: &&Unit| {
        n_chars += unit.n_chars;
        n_chars <= QUOTE_CHARS
    };
    (0, units.iter().take_while(fits).count().saturating_sub(1))
}

/// First and last unit of the run that says most of what was asked within the quotation's size; none when no unit
/// says any of it.
fn best_window(matcher: &Matcher<'_>, units: &[Unit]) -> Option<(usize, usize)> {
    let mut best = None;
    let mut best_worth = f32::MIN;
    for first in 0..units.len() {
        let mut covered = vec![0.0_f32; matcher.weights.len()];
        let mut n_chars = 0;
        let mut n_hits = 0;
        for (last, unit) in units.iter().enumerate().skip(first) {
            n_chars += unit.n_chars;
            if last > first && n_chars > QUOTE_CHARS {
                break;
            }
            n_hits += unit.n_hits;
            for (covered, more) in covered.iter_mut().zip(&unit.covered) {
                *covered = covered.max(*more);
            }
            // What is asked comes first, how much is said of it second; then the shorter run, then the earlier one.
            #[expect(clippy::cast_precision_loss, reason = "counts of a passage are small")]
            let worth = matcher.share(&covered) + 0.04 * (n_hits as f32).min(6.0)
                - 0.000_15 * n_chars as f32;
            if n_hits > 0 && worth > best_worth + f32::EPSILON {
                best_worth = worth;
                best = Some((first, last));
            }
        }
    }
    best
}

/// A run of words that is much shorter than a quotation may be takes in its neighbours, what stands before it first.
/// A list or code with what leads into it is whole as it is.
fn grown(units: &[Unit], mut first: usize, mut last: usize) -> (usize, usize) {
    let mut n_chars: usize = units
        .iter()
        .skip(first)
        .take(last + 1 - first)
        .map(|unit| unit.n_chars)
        .sum();
    let mut run = units.iter().skip(first).take(last + 1 - first);
    if run.any(|unit| !matches!(unit.block, Block::Paragraph { .. })) {
        return (first, last);
    }
    while n_chars < SHORT_QUOTE_CHARS {
        let before = first.checked_sub(1).and_then(|at| units.get(at));
        let fits = |unit: &&Unit| n_chars + unit.n_chars <= QUOTE_CHARS;
        if let Some(unit) = before.filter(fits) {
            n_chars += unit.n_chars;
            first -= 1;
        } else if let Some(unit) = units.get(last + 1).filter(fits) {
            n_chars += unit.n_chars;
            last += 1;
        } else {
            break;
        }
    }
    (first, last)
}

/// Takes in what the run cannot be understood without: the sentence that leads into a list or code, and the list or
/// code that its last sentence leads into.
fn with_context(units: &[Unit], mut first: usize, mut last: usize) -> (usize, usize) {
    let ends_with_colon = |unit: &Unit| {
        markdown::plain(std::slice::from_ref(&unit.block))
            .trim_end()
            .ends_with(':')
    };
    let is_paragraph = |unit: &Unit| matches!(unit.block, Block::Paragraph { .. });
    let size = |first: usize, last: usize| -> usize {
        units
            .iter()
            .skip(first)
            .take(last + 1 - first)
            .map(|unit| unit.n_chars)
            .sum()
    };
    while let Some(next) = units.get(last + 1) {
        let is_led_into = units
            .get(last)
            .is_some_and(|unit| is_paragraph(unit) && ends_with_colon(unit));
        // Code directly after its explanation is what people came for.
        let is_code =
            matches!(next.block, Block::Code { .. }) && size(first, last + 1) <= LARGEST_CHARS;
        let is_rest_of_steps = matches!(next.block, Block::List { ordered: true, .. })
            && units
                .get(last)
                .is_some_and(|unit| unit.origin == next.origin)
            && size(first, last + 1) <= LARGEST_CHARS;
        if !(is_led_into || is_code || is_rest_of_steps) {
            break;
        }
        last += 1;
    }
    while first > 0 {
        let (Some(before), Some(now)) = (units.get(first - 1), units.get(first)) else {
            break;
        };
        let is_lead_in = !is_paragraph(now)
            && is_paragraph(before)
            && (ends_with_colon(before) || matches!(now.block, Block::Code { .. }));
        let is_same_steps =
            before.origin == now.origin && matches!(now.block, Block::List { ordered: true, .. });
        // A sentence that points back needs what it points to; a first sentence names what the others call "it".
        let is_same_paragraph = before.origin == now.origin && is_paragraph(now);
        let fits = size(first - 1, last) <= QUOTE_CHARS + QUOTE_CHARS / 4;
        if !(is_lead_in
            || is_same_steps && size(first - 1, last) <= LARGEST_CHARS
            || is_same_paragraph && fits)
        {
            break;
        }
        first -= 1;
    }
    (first, last)
}

/// Units as blocks again: trigrams of one paragraph or list are joined.
fn rebuild(units: Vec<Unit>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last_origin = None;
    for unit in units {
        let is_same = last_origin == Some(unit.origin);
        last_origin = Some(unit.origin);
        match (blocks.last_mut(), unit.block) {
            (Some(Block::Paragraph { content }), Block::Paragraph { content: more }) if is_same => {
                for inline in more {
                    match (content.last_mut(), inline) {
                        (Some(Inline::Text { text }), Inline::Text { text: words }) => {
                            text.push_str(&words)
                        }
                        (_, inline) => content.push(inline),
                    }
                }
            }
            (Some(Block::List { items, .. }), Block::List { items: more, .. }) if is_same => {
                items.extend(more);
            }
            (Some(Block::Table { rows, .. }), Block::Table { rows: more, .. }) if is_same => {
                rows.extend(more);
            }
            (_, block) => blocks.push(block),
        }
    }
    blocks
}

/// A paragraph's sentences. Only plain words are cut; what is emphasised or linked stays whole.
fn sentences(content: Vec<Inline>) -> Vec<Vec<Inline>> {
    let mut sentences: Vec<Vec<Inline>> = Vec::new();
    let mut open: Vec<Inline> = Vec::new();
    for inline in content {
        let Inline::Text { text } = inline else {
            open.push(inline);
            continue;
        };
        let mut start = 0;
        for end in sentence_ends(&text) {
            // The blank after a full stop stays with the sentence that it ends.
            let end = text
                .get(end..)
                .map_or(end, |rest| end + rest.len() - rest.trim_start().len());
            let Some(words) = text.get(start..end).filter(|words| !words.is_empty()) else {
                continue;
            };
            open.push(Inline::Text {
                text: words.to_owned(),
            });
            sentences.push(std::mem::take(&mut open));
            start = end;
        }
        if let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            open.push(Inline::Text {
                text: rest.to_owned(),
            });
        }
    }
    if !open.is_empty() {
        sentences.push(open);
    }
    sentences
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
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
            let (hits, _) =
                matcher.hits(&format!("{title} . {heading} . {text}"), Language::English);
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
        let filler = "The weather was fine and nobody thought of anything in particular that day. "
            .repeat(7);
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
}
