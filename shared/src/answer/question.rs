//! What a visitor asks, as terms for the index.
//!
//! Keeps true: every expression is made of quoted words of letters and digits alone, so that nothing a visitor writes
//! (quotes, operators, column names) is syntax; the number and size of the terms is bounded whatever the length of the
//! text. Source: <https://www.sqlite.org/fts5.html#full_text_query_syntax>.

use std::collections::HashSet;

use super::courtesy::{self, Courtesy};
use super::words::{Stems, words};

/// Questions have fewer; each term costs the index one count.
pub const MOST_TERMS: usize = 16;

/// A question's terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub(super) terms: Vec<Term>,
    /// The words that carry no meaning of their own, each once; headings are compared with them.
    pub(super) stop_words: Vec<String>,
    pub(super) courtesy: Option<Courtesy>,
}

/// One thing that is asked for: a word, or an identifier such as `origin_not_allowed`, and other ways to write it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    /// The ways to write it, the visitor's own first; each is a run of folded words.
    pub spellings: Vec<Spelling>,
    /// One of [`LIGHT_WORDS`].
    pub is_light: bool,
}

/// A way to write a term.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spelling {
    /// Folded words that follow each other.
    pub words: Vec<String>,
    /// Their stems.
    pub stems: Vec<String>,
    /// How much it counts beside the visitor's own word, which counts 1.
    pub weight: f32,
}

/// A word of like meaning counts nearly as much as the word itself; what is asked in other words is still asked.
const LIKE_MEANING: f32 = 0.8;

/// A word joined with the one after it.
const JOINED: f32 = 1.0;

/// Words that say how a question is put and not what it is about.
///
/// The list is the usual one of English function words and what people add in chats. Folded, not stemmed; the pieces
/// of `don't` and the like are here because the tokeniser cuts at the apostrophe.
const STOP_WORDS: &str = "a able about above actually after again against all almost already also although always am an and another any \
    anybody anyone anything anyway are aren around as ask asking at available away basically be because been \
    before behind being below best better between both btw but by can cannot cant certain choose come comes \
    could couldn currently did didn different do does doesn doing don done dont down during each easily either \
    else especially etc even ever every everyone everything exactly exist existing exists explain few find first \
    for from further get gets getting give given gives go goes going good got had hadn happen happened happening \
    happens happy hardly has hasn have haven having he hello help her here hers hey hi him his hopefully how \
    however i if im in instead into is isn it its itself ive just kind kindly know let like literally ll look \
    looking lot lots m made make makes making many may maybe me mean means might mine more most much must mustn my \
    myself need needed needs neither never nicely no nor not nothing now of off often oh ok okay on once one ones \
    only onto or other others our ours ourselves out over own particular perhaps please possible possibly properly \
    put quite rather re really s said same say says see seem seems seen several shall shan she should shouldn show \
    simply since so some somebody somehow someone something sometimes somewhere soon specific still stuff such \
    suddenly support supported supports supposed sure t take taken takes tell than thank thanks that the their \
    theirs them themselves then there these they thing things think this those though through thus to together \
    told too totally toward towards tried tries try trying under understood unless until up upon us use used \
    useful uses using usually various ve very via want wanted wants was wasn way ways we well were weren what \
    whatever whatsoever when whenever where wherever whether which while who whoever whole whom whose why will \
    with within without won wonder wondering work worked working works would wouldn yes yet you your yours \
    yourself yourselves";

/// General words that questions have and answers may well do without ("why does it *appear* twice", "*temporarily*").
/// They are searched for like others; only when no document has one it says little about what the question is about.
/// Besides these: adverbs in -ly. Folded, compared by stem.
const LIGHT_WORDS: &str = "accept accomplish achieve actual additional adjust advise affect afford agree aim amount announce annoy \
    anymore appear apply approach appropriate arrange arrive assume attempt attention avoid aware bad become \
    believe belong besides big bit boss bother brief bring broad busy calm capable care careful carry catch cause \
    chance cheap circumstance clear clever client colleague combine common complain complete complicated concern \
    confirm confuse confused consider contain continue convenient convince cool correct count couple coworker \
    crazy curious currently cut daily damage deal decent decide decrease deep demand depend describe deserve \
    desire detail determine develop difficult discover discuss dislike double doubt drop eager earn easy effect \
    effort enjoy enormous ensure entire equal escape essential estimate eventually exact examine excellent excuse \
    expect expensive experience explore express extend extra fact fair fall familiar fast feel figure fill final \
    fine fix follow forget forgot form former forward frequent full fun future gain gather general generate \
    genuine glad guess guide half hand handle happy hard hate hear heavy hesitate hold hope huge idea ignore \
    imagine immediate important improve include increase indicate inform initial instance intend interest \
    interested involve issue job join judge jump keen kick lack large last late lately later lay lead learn leave \
    left less lie like likely listen little load long lose lost love low lucky main maintain major manage manager \
    matter maximum mention mess minimum minor miss missing mistake modern moment more move name natural near \
    nearby necessary negative new next nice normal note notice number obtain obvious occasion occur odd offer old \
    opinion opportunity option ordinary original overall owner pain part pass past pay perfect perform period \
    permit pick piece place plain plan play plenty point poor positive possess potential practice prefer prepare \
    present pretty prevent previous prior probably proceed process produce progress promise proper propose prove \
    provide pull purpose push quick quiet range rare rather reach react ready real realise realize reason receive \
    recent recently recognise recognize recommend reduce refer reflect regard regular relate relevant rely remain \
    remember remind repeat replace report represent request require rest result right rise risk rough routine rule \
    run sad safe satisfied satisfy select send sense separate serious serve set share short sight similar simple \
    situation skip slight slow small smart smooth solution solve sort sound special specify spend stand standard \
    state stay step strange strict strong struggle stuck stupid succeed success sudden suffer sufficient suggest \
    suit suitable supply suppose surprise suspect switch talk temporary terrible tiny tired today tolerate \
    tomorrow tonight total touch tough treat trick trigger true trust turn type typical unable unique unless \
    urgent usual valid value view visible wait walk watch weak week weird wide willing wish wonder wonderful word \
    worry worse worst worth wrong year yesterday young";

/// Words that people and documents use for the same thing when they write about services and sites. Only words that
/// can stand for each other in most questions; a site's own vocabulary is in its documents.
///
/// Spellings of the two English first, then doing, then things and people.
const LIKE_WORDS: [&[&str]; 35] = [
    &["colour", "color"],
    &["licence", "license", "licensing"],
    &["organisation", "organization", "company"],
    &["behaviour", "behavior"],
    &["centre", "center"],
    &["customise", "customize", "personalise", "personalize"],
    &["authorise", "authorize", "authenticate", "authentication"],
    &["delete", "remove", "erase"],
    &["change", "edit", "modify", "update", "alter"],
    &["add", "upload", "create", "insert"],
    &["begin", "start", "launch"],
    &["close", "end", "finish", "stop"],
    &["keep", "store", "save", "retain", "retention"],
    &["allow", "permit", "admit"],
    &["install", "setup"],
    &["reply", "answer", "respond", "response"],
    &["find", "search", "look"],
    &["publish", "release", "deploy"],
    &["disable", "deactivate", "switch off", "turn off"],
    &["enable", "activate", "switch on", "turn on"],
    &["buy", "purchase", "order"],
    &["return", "refund"],
    &["ship", "deliver", "delivery", "shipping"],
    &["price", "cost", "fee", "pricing"],
    &["fast", "quick", "speed", "slow", "performance"],
    &["large", "big", "size", "maximum", "max", "limit"],
    &["person", "human", "people", "staff"],
    &["assistant", "bot", "chatbot", "robot"],
    &["website", "site", "webpage", "homepage"],
    &["internet", "web", "online"],
    &["error", "problem", "issue", "failure", "fail"],
    &["secure", "safe", "security"],
    &["picture", "image", "photo"],
    &["phone", "mobile", "smartphone"],
    &["email", "mail", "e mail"],
];

/// The stop words, to ask for.
pub(super) struct StopWords(HashSet<&'static str>);

impl Default for StopWords {
    fn default() -> Self {
        Self(STOP_WORDS.split_ascii_whitespace().collect())
    }
}

impl StopWords {
    /// Whether a folded word carries no meaning of its own; single letters do not either.
    pub fn has(&self, folded: &str) -> bool {
        self.0.contains(folded)
            || (folded.len() == 1 && folded.bytes().all(|byte| byte.is_ascii_alphabetic()))
    }
}

impl Question {
    /// Reads a visitor's words.
    pub fn parse(text: &str) -> Self {
        let stop = StopWords::default();
        let stems = Stems::default();
        let mut terms: Vec<Term> = Vec::new();
        let mut stop_words: Vec<String> = Vec::new();
        let mut seen = HashSet::new();
        let runs = identifiers(text);
        for (at, run) in runs.iter().enumerate() {
            let is_name = run.len() > 1;
            if !is_name && run.iter().all(|word| stop.has(word)) {
                if stop_words.len() < MOST_TERMS
                    && !run.iter().any(|word| stop_words.contains(word))
                {
                    stop_words.extend(run.iter().cloned());
                }
                continue;
            }
            let mut term = Term::new(run, &stems);
            // People write `back up` and documents `backup`.
            let next = runs
                .get(at + 1)
                .filter(|next| !is_name && next.len() == 1)
                .and_then(|next| next.first());
            if let (Some(word), Some(next)) = (run.first(), next) {
                term.add(vec![format!("{word}{next}")], JOINED, &stems);
            }
            if term
                .spellings
                .first()
                .is_some_and(|own| seen.insert(own.stems.clone()))
            {
                terms.push(term);
            }
        }
        // Of a long text, the beginning and the end: people open with the matter or close with the question.
        if terms.len() > MOST_TERMS {
            let tail = terms.split_off(terms.len() - MOST_TERMS / 2);
            terms.truncate(MOST_TERMS - tail.len());
            terms.extend(tail);
        }
        let courtesy = courtesy::read(text);
        if courtesy.is_some() {
            terms.clear();
        }
        Self {
            terms,
            stop_words,
            courtesy,
        }
    }

    /// Whether it is a greeting, thanks or the wish for a person, and not a question to the documents.
    pub fn is_courtesy(&self) -> bool {
        self.courtesy.is_some()
    }

    /// Whether there is nothing to search for: a greeting, or no words that ask for anything. [`super::reply()`] answers
    /// it without candidates.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// One FTS5 expression that matches every passage with any of the terms. Empty when the question is.
    pub fn match_any(&self) -> String {
        self.match_terms().join(" OR ")
    }

    /// One FTS5 expression for each term, to count the passages that have it.
    pub fn match_terms(&self) -> Vec<String> {
        self.terms.iter().map(Term::expression).collect()
    }
}

impl Term {
    fn new(own: &[String], stems: &Stems) -> Self {
        let mut term = Self {
            spellings: Vec::new(),
            is_light: false,
        };
        term.add(own.to_vec(), 1.0, stems);
        if own.len() > 1 {
            // `e-mail` and `email`.
            term.add(vec![own.concat()], JOINED, stems);
        }
        if let [word] = own {
            let stem = stems.of(word);
            term.is_light = (word.len() > 5 && word.ends_with("ly"))
                || LIGHT_WORDS
                    .split_ascii_whitespace()
                    .any(|light| light.get(..2) == word.get(..2) && stems.of(light) == stem);
            for form in other_forms(word, &stem) {
                if stems.of(&form) != stem {
                    term.add(vec![form], 1.0, stems);
                }
            }
            for group in LIKE_WORDS {
                if group.iter().any(|like| stems.of(like) == stem) {
                    for like in group.iter().filter(|like| stems.of(like) != stem) {
                        term.add(
                            like.split(' ').map(str::to_owned).collect(),
                            LIKE_MEANING,
                            stems,
                        );
                    }
                }
            }
        }
        term
    }

    fn add(&mut self, words: Vec<String>, weight: f32, stems: &Stems) {
        let stems: Vec<String> = words.iter().map(|word| stems.of(word)).collect();
        if !self.spellings.iter().any(|known| known.stems == stems) {
            self.spellings.push(Spelling {
                words,
                stems,
                weight,
            });
        }
    }

    /// `"word"`, `"two words"` in this order, or `("word" OR "other")`.
    fn expression(&self) -> String {
        let quoted: Vec<_> = self
            .spellings
            .iter()
            .map(|spelling| format!("\"{}\"", spelling.words.join(" ").replace('"', "\"\"")))
            .collect();
        if let [one] = quoted.as_slice() {
            one.clone()
        } else {
            format!("({})", quoted.join(" OR "))
        }
    }
}

/// Forms of a word that the stemmers may put elsewhere than the word: they take the end of `embed` for that of a past
/// tense, and the second `d` of `adding` for one that the ending has doubled.
fn other_forms(word: &str, stem: &str) -> Vec<String> {
    let base = ["ing", "ed"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .filter(|base| base.len() > 2);
    let forms = [
        Some(format!("{word}ing")),
        base.map(str::to_owned),
        Some(stem.to_owned()),
    ];
    let is_plain = word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    forms.into_iter().flatten().filter(|_| is_plain).collect()
}

/// The words of a text; those joined by `_` or `-` are one name (`token_missing`, `frame-ancestors`) and stay together.
fn identifiers(text: &str) -> Vec<Vec<String>> {
    /// Names have fewer parts; what has more is a line drawn with underscores.
    const MOST_PARTS: usize = 6;
    let mut runs: Vec<Vec<String>> = Vec::new();
    let mut last_end = None;
    for word in words(text) {
        let is_joined =
            last_end.is_some_and(|end| matches!(text.get(end..word.start), Some("_" | "-")));
        last_end = Some(word.end);
        match runs.last_mut() {
            Some(run) if is_joined && run.len() < MOST_PARTS => run.push(word.folded),
            _ => runs.push(vec![word.folded]),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own_words(text: &str) -> Vec<String> {
        let own = |term: &Term| {
            term.spellings
                .first()
                .map(|own| own.words.join(" "))
                .unwrap_or_default()
        };
        Question::parse(text).terms.iter().map(own).collect()
    }

    /// Whether an expression is strings, `OR` and balanced brackets, by the grammar of FTS5.
    fn is_safe(expression: &str) -> bool {
        let mut depth = 0_i32;
        let mut rest = expression;
        let mut wants_operand = true;
        while let Some(c) = rest.chars().next() {
            match c {
                '"' if wants_operand => {
                    let Some((inside, after)) = rest[1..].split_once('"') else {
                        return false;
                    };
                    if inside.is_empty() || !inside.chars().all(|c| c.is_alphanumeric() || c == ' ')
                    {
                        return false;
                    }
                    rest = after;
                    wants_operand = false;
                }
                '(' if wants_operand => {
                    depth += 1;
                    rest = &rest[1..];
                }
                ')' if !wants_operand && depth > 0 => {
                    depth -= 1;
                    rest = &rest[1..];
                }
                ' ' if !wants_operand && rest.starts_with(" OR ") => {
                    rest = &rest[4..];
                    wants_operand = true;
                }
                _ => return false,
            }
        }
        depth == 0 && (!wants_operand || expression.is_empty())
    }

    #[test]
    fn nothing_that_a_visitor_writes_is_syntax() {
        for hostile in [
            "\"",
            "\"\"\"",
            "' OR 1=1 --",
            "a\" OR site:\"other",
            "title: secret",
            "{title body}: x",
            "NEAR(a b, 2)",
            "-site : pk_other",
            "^embed",
            "embed*",
            "a AND b NOT c",
            "(((((",
            "a + b",
            "\0null\0byte",
            "🙂🙂🙂",
            "ＡＢＣ",
            "\u{202e}evil",
            "%' ; DROP TABLE passages; --",
            "\\\" OR \"",
            "日本語の質問です",
            "e\u{301}",
            "½ Ⅷ ①",
        ] {
            let question = Question::parse(hostile);
            assert!(
                is_safe(&question.match_any()),
                "{hostile:?}: {}",
                question.match_any()
            );
            assert!(
                question.match_terms().iter().all(|term| is_safe(term)),
                "{hostile:?}"
            );
        }
    }

    #[test]
    fn the_check_of_these_tests_refuses_what_is_unsafe() {
        for unsafe_one in [
            "\"a",
            "a",
            "\"a\" AND \"b\"",
            "site:\"a\"",
            "(\"a\"",
            "\"a\")",
            "\"a\" OR ",
            "\"\"",
            "\"a\"*",
            "\"a:b\"",
        ] {
            assert!(!is_safe(unsafe_one), "{unsafe_one}");
        }
        assert!(is_safe("(\"a\" OR \"b c\") OR \"d\""));
    }

    #[test]
    fn a_question_is_its_words_that_carry_meaning() {
        for (text, expected) in [
            (
                "How do I embed the chat on my site?",
                vec!["embed", "chat", "site"],
            ),
            (
                "What does origin_not_allowed mean?",
                vec!["origin not allowed"],
            ),
            ("Can you tell me what it is about?", vec![]),
            ("Embedding, embedding and embeddings", vec!["embedding"]),
            ("I don't see the launcher!!!", vec!["launcher"]),
            ("D1?", vec!["d1"]),
            ("", vec![]),
        ] {
            assert_eq!(own_words(text), expected, "{text}");
        }
    }

    #[test]
    fn forms_that_the_stemmers_part_find_each_other() {
        let stems = Stems::default();
        for (asked, written) in [
            ("embed", "embedding"),
            ("embedding", "embed"),
            ("embedded", "embed"),
            ("add", "adding"),
            ("adding", "add"),
            ("added", "add"),
            ("delete", "deleting"),
            ("running", "run"),
        ] {
            let question = Question::parse(asked);
            let finds = |spelling: &Spelling| spelling.stems == [stems.of(written)];
            assert!(
                question
                    .terms
                    .iter()
                    .any(|term| term.spellings.iter().any(finds)),
                "{asked} {written}"
            );
        }
    }

    #[test]
    fn a_long_text_is_asked_by_its_beginning_and_end() {
        let text: Vec<_> = (0..600).map(|n| format!("word{n}")).collect();
        let terms = own_words(&text.join(" "));
        assert_eq!(terms.len(), MOST_TERMS);
        assert_eq!(terms.first().map(String::as_str), Some("word0"));
        assert_eq!(terms.last().map(String::as_str), Some("word599"));
        assert!(own_words(&"x".repeat(4000)).is_empty());
        assert!(own_words(&"a_".repeat(2000)).len() <= MOST_TERMS);
    }

    proptest! {
        #[test]
        fn every_expression_is_quoted_and_balanced(text in "(?s).{0,300}") {
            let question = Question::parse(&text);
            prop_assert!(is_safe(&question.match_any()));
            prop_assert!(question.match_terms().len() <= MOST_TERMS);
            prop_assert!(question.match_terms().iter().all(|term| !term.is_empty() && is_safe(term)));
        }

        #[test]
        fn so_is_every_expression_from_pieces_of_syntax(parts in prop::collection::vec(
            prop::sample::select(vec!["\"", "\"\"", "'", "(", ")", "{", "}", ":", "^", "*", "-", "+", " OR ", " AND ", " NOT ", "NEAR(", ",", "title", "embed",
                "_", "\0", "\n", "é", "價", "🙂", " "]), 0..40)) {
            prop_assert!(is_safe(&Question::parse(&parts.concat()).match_any()));
        }
    }
}
