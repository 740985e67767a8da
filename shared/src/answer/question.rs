//! What a visitor asks, as terms for the index.
//!
//! Keeps true: every expression is made of quoted words of letters and digits alone, so that nothing a visitor writes
//! (quotes, operators, column names) is syntax; the number and size of the terms is bounded whatever the length of the
//! text. Source: <https://www.sqlite.org/fts5.html#full_text_query_syntax>.

use serde::Serialize;

use super::courtesy::{self, Courtesy};
use super::language::{Language, Stems, is_stop_word};
use super::synonyms;
use super::trigrams::Trigrams;
use super::words::{Script, words};

/// Questions have fewer; each term costs the index one count.
pub const MOST_TERMS: usize = 16;

/// A question's terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Those it may be in.
    languages: Vec<Language>,
    pub(super) terms: Vec<Term>,
    /// The words that carry no meaning of their own, each once; headings are compared with them.
    pub(super) stop_words: Vec<String>,
    /// All of it, letter by letter.
    pub(super) trigrams: Trigrams,
    pub(super) courtesy: Option<Courtesy>,
}

/// One thing that is asked for: a word, or an identifier such as `origin_not_allowed`, and other ways to write it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    /// The visitor's own folded words.
    pub own: Vec<String>,
    /// The ways to write it, the visitor's own first.
    pub spellings: Vec<Spelling>,
    /// How much it says when no document has it.
    pub kind: TermKind,
}

/// FTS5 expressions for one term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchTerm {
    /// As the visitor wrote it, or means exactly the same.
    pub own: String,
    /// Any way to write it.
    pub any: String,
}

/// What a term is, as far as its absence says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TermKind {
    /// A word or name.
    Word,
    /// One of [`LIGHT_WORDS`].
    Light,
    /// A pair of characters of a script without blanks: it may be no word at all.
    Piece,
}

/// A way to write a term.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spelling {
    /// Stems that follow each other.
    pub stems: Vec<String>,
    /// How much it counts beside the visitor's own word, which counts 1.
    pub weight: f32,
}

/// A spelling of this weight is the visitor's own word.
pub(super) const OWN: f32 = 1.0;

/// What the owner says means the same does.
const SYNONYM: f32 = 1.0;

/// The last part of a compound is what it is a kind of.
const LAST_PART: f32 = 0.6;

/// A word joined with the one after it.
const JOINED: f32 = 1.0;

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

/// Chinese and Japanese pairs that questions are put with.
const FUNCTION_PIECES: &str = "什么 什麼 怎么 怎麼 如何 可以 是否 能否 我们 我們 你们 您们 哪里 哪裡 哪些 多少 请问 請問 为何 为什 為什 怎样 怎樣 需要 应该 應該 \
    有没 没有 沒有 不能 是不 能不 一下 一个 一個 这个 這個 那个 那個 时候 時候 多久 还是 還是 或者 以及 何時 何日 何分 何度 何人 何故 場合 教示";

/// Characters that make a pair one of them.
const FUNCTION_CHARACTERS: &str = "的了吗嗎呢吧么麼啊我你您他她它太很把被给給何";

impl Question {
    /// Reads a visitor's words. `synonyms` are the site owner's: each group's words and phrases stand for each other.
    pub fn parse(text: &str, synonyms: &[Vec<String>]) -> Self {
        let languages = Language::of_question(text);
        let stems = Stems::default();
        let mut terms: Vec<Term> = Vec::new();
        let mut stop_words: Vec<String> = Vec::new();
        // The words in their order, with the term that each is of.
        let mut sequence: Vec<(String, Option<usize>)> = Vec::new();
        let runs = runs(text);
        for (at, run) in runs.iter().enumerate() {
            let is_name = run.words.len() > 1;
            let is_empty = run.words.iter().all(|word| is_stop_word(word, &languages));
            if is_empty || is_piece_of_function_words(&runs, at) {
                sequence.extend(run.words.iter().map(|word| (word.clone(), None)));
                if stop_words.len() < MOST_TERMS
                    && !run.words.iter().any(|word| stop_words.contains(word))
                {
                    stop_words.extend(run.words.iter().cloned());
                }
                continue;
            }
            let mut term = Term::new(run, &languages, &stems);
            // People write `back up` and documents `backup`.
            let next = runs.get(at + 1).filter(|next| {
                !is_name && next.words.len() == 1 && [run, next].iter().all(|run| run.is_spaced())
            });
            if let (Some(word), Some(next)) =
                (run.words.first(), next.and_then(|next| next.words.first()))
            {
                term.add(&[format!("{word}{next}")], JOINED, &languages, &stems);
            }
            let known = terms
                .iter()
                .position(|known| known.spellings.first() == term.spellings.first());
            let at = known.unwrap_or(terms.len());
            sequence.extend(run.words.iter().map(|word| (word.clone(), Some(at))));
            if known.is_none() {
                terms.push(term);
            }
        }
        let asked = Asked {
            sequence: &sequence,
            stems: &stems,
        };
        for group in synonyms {
            let group: Vec<&str> = group.iter().map(String::as_str).collect();
            asked.add_group(&mut terms, &group, SYNONYM, &languages);
        }
        for language in &languages {
            for (weight, group) in synonyms::groups(*language) {
                asked.add_group(&mut terms, &group, weight, &[*language]);
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
            languages,
            terms,
            stop_words,
            trigrams: Trigrams::of(text),
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

    /// One FTS5 expression that matches every passage with any of the terms. Empty when the question is. Every word
    /// begins with `prefix`, which is letters and digits.
    pub fn match_any(&self, prefix: &str) -> String {
        let expression = |term: &Term| term.expression(prefix, 0.0);
        let terms: Vec<_> = self.terms.iter().map(expression).collect();
        terms.join(" OR ")
    }

    /// Of each term, the expressions that count the passages with it.
    pub fn match_terms(&self, prefix: &str) -> Vec<MatchTerm> {
        let of = |term: &Term| MatchTerm {
            own: term.expression(prefix, OWN),
            any: term.expression(prefix, 0.0),
        };
        self.terms.iter().map(of).collect()
    }

    pub(super) fn is_stop_word(&self, folded: &str) -> bool {
        is_stop_word(folded, &self.languages)
    }
}

impl Term {
    fn new(run: &Run, languages: &[Language], stems: &Stems) -> Self {
        let mut term = Self {
            own: run.words.clone(),
            spellings: Vec::new(),
            kind: if run.is_spaced() {
                TermKind::Word
            } else {
                TermKind::Piece
            },
        };
        term.add(&run.words, 1.0, languages, stems);
        if run.words.len() > 1 {
            // `e-mail` and `email`.
            term.add(&[run.words.concat()], JOINED, languages, stems);
        }
        if let ([word], true) = (run.words.as_slice(), run.is_spaced()) {
            for language in languages {
                term.add_family(word, *language, stems);
            }
        }
        term
    }

    /// Other forms of a word, and the words of like meaning.
    fn add_family(&mut self, word: &str, language: Language, stems: &Stems) {
        let of = |word: &str| stems.of(word, language);
        let stem = of(word);
        if language == Language::English {
            let is_light = (word.len() > 5 && word.ends_with("ly"))
                || LIGHT_WORDS
                    .split_ascii_whitespace()
                    .any(|light| light.get(..2) == word.get(..2) && of(light) == stem);
            if is_light {
                self.kind = TermKind::Light;
            }
            for form in other_forms(word, &stem) {
                self.add(&[form], 1.0, &[language], stems);
            }
        }
        if language == Language::German {
            for part in last_parts(word).map(of) {
                if part.len() >= SHORTEST_PART {
                    self.add_stems(vec![part], LAST_PART);
                }
            }
        }
    }

    /// Adds a way to write it, as each language would.
    pub(super) fn add(
        &mut self,
        words: &[String],
        weight: f32,
        languages: &[Language],
        stems: &Stems,
    ) {
        for language in languages {
            let stems = words.iter().map(|word| stems.of(word, *language)).collect();
            self.add_stems(stems, weight);
        }
    }

    /// Adds a way to write it. The first weight holds.
    pub(super) fn add_stems(&mut self, stems: Vec<String>, weight: f32) {
        if !self.spellings.iter().any(|known| known.stems == stems) {
            self.spellings.push(Spelling { stems, weight });
        }
    }

    /// Its single words as they may stand in the index: as it was typed, and its stems.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        let own = self.own.first().into_iter();
        let stems = self
            .spellings
            .iter()
            .filter(|spelling| spelling.weight >= 1.0);
        own.chain(
            stems.filter_map(|spelling| match spelling.stems.as_slice() {
                [one] => Some(one),
                _ => None,
            }),
        )
        .map(String::as_str)
    }

    /// `"word"`, `"two words"` in this order, or `("word" OR "other")`: the spellings of this weight at least.
    pub(super) fn expression(&self, prefix: &str, weight: f32) -> String {
        let spellings = self.spellings.iter();
        let quoted: Vec<_> = spellings
            .filter(|spelling| spelling.weight >= weight)
            .map(|spelling| {
                let words = spelling.stems.iter().map(|stem| format!("{prefix}{stem}"));
                format!("\"{}\"", words.collect::<Vec<_>>().join(" "))
            })
            .collect();
        if let [one] = quoted.as_slice() {
            one.clone()
        } else {
            format!("({})", quoted.join(" OR "))
        }
    }
}

/// A question's words in their order.
struct Asked<'q> {
    /// Each with the term that it is of, if it is of any.
    sequence: &'q [(String, Option<usize>)],
    stems: &'q Stems,
}

impl Asked<'_> {
    /// Where the question has a word or phrase of a group, its terms can be written as the group's others.
    fn add_group(&self, terms: &mut [Term], group: &[&str], weight: f32, languages: &[Language]) {
        // Stems share the beginnings of their words, and most groups are about something else. Letters that folding may
        // change are looked at below.
        let may_begin = |entry: &str| {
            let beginning = entry.as_bytes().get(..2);
            let is_folded = |beginning: &[u8]| beginning.iter().all(u8::is_ascii_lowercase);
            let mut asked = self.sequence.iter();
            !beginning.is_some_and(is_folded)
                || asked.any(|(asked, _)| asked.as_bytes().get(..2) == beginning)
        };
        let split =
            |entry: &&str| -> Vec<String> { words(entry).map(|word| word.folded).collect() };
        let mut entries: Option<Vec<Vec<String>>> = None;
        for entry in group.iter().filter(|entry| may_begin(entry)) {
            let entry = split(entry);
            for language in languages {
                let stem = |word: &String| self.stems.of(word, *language);
                let looked_for: Vec<_> = entry.iter().map(stem).collect();
                for at in 0..self.sequence.len() {
                    let its_words = self.sequence.get(at..at + entry.len()).unwrap_or_default();
                    let is_it = !its_words.is_empty()
                        && its_words.len() == entry.len()
                        && its_words
                            .iter()
                            .map(|(word, _)| stem(word))
                            .eq(looked_for.iter().cloned());
                    if !is_it {
                        continue;
                    }
                    let entries = entries.get_or_insert_with(|| group.iter().map(split).collect());
                    for other in entries.iter().filter(|other| **other != entry) {
                        for term in its_words.iter().filter_map(|(_, term)| *term) {
                            if let Some(term) = terms.get_mut(term) {
                                term.add(other, weight, languages, self.stems);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Forms of an English word that the stemmer puts elsewhere than the word: it takes the end of `embed` for that of a past
/// tense, and the second `d` of `adding` for one that the ending has doubled.
fn other_forms(word: &str, stem: &str) -> Vec<String> {
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Vec::new();
    }
    let base = ["ing", "ed"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .filter(|base| base.len() > 2);
    let mut from_end = word.bytes().rev();
    let is_doubled = from_end.next() == from_end.next();
    let longer = (word.ends_with("ed") || is_doubled).then(|| format!("{word}ing"));
    let stem_itself = base.is_some().then(|| stem.to_owned());
    [longer, base.map(str::to_owned), stem_itself]
        .into_iter()
        .flatten()
        .collect()
}

/// Shorter endings are those of other words too.
const SHORTEST_PART: usize = 4;

/// What a long German word may end with: a compound is a kind of its last part (`Logdatei` is a `Datei`). Endings that are
/// no words find nothing.
fn last_parts(word: &str) -> impl Iterator<Item = &str> {
    const SHORTEST_COMPOUND: usize = 8;
    let is_long = word.len() >= SHORTEST_COMPOUND && word.is_ascii();
    let starts = SHORTEST_PART..word.len().saturating_sub(SHORTEST_PART - 1);
    starts
        .filter(move |_| is_long)
        .filter_map(|start| word.get(start..))
}

/// Words of a question that belong together.
struct Run {
    words: Vec<String>,
    script: Script,
    /// Of a piece: whether its last character is the first of the next one.
    overlaps_next: bool,
}

impl Run {
    fn is_spaced(&self) -> bool {
        self.script == Script::Spaced
    }
}

/// The words of a text; those joined by `_` or `-` are one name (`token_missing`, `frame-ancestors`) and stay together, and
/// so do the parts of a number (`1.0`).
fn runs(text: &str) -> Vec<Run> {
    /// Names have fewer parts; what has more is a line drawn with underscores.
    const MOST_PARTS: usize = 6;
    let mut runs: Vec<Run> = Vec::new();
    let mut last_end = None;
    for word in words(text) {
        let is_number = |run: &Run| {
            let last = run.words.last().map(String::as_str).unwrap_or_default();
            last.bytes().all(|byte| byte.is_ascii_digit())
        };
        let gap = last_end.and_then(|end| text.get(end..word.start));
        let is_joined = word.script == Script::Spaced
            && match gap {
                Some("_" | "-") => true,
                Some("." | ",") => runs.last().is_some_and(is_number),
                _ => false,
            };
        let overlaps = last_end.is_some_and(|end| end > word.start);
        last_end = Some(word.end);
        match runs.last_mut() {
            Some(run) if is_joined && run.is_spaced() && run.words.len() < MOST_PARTS => {
                run.words.push(word.folded);
                continue;
            }
            Some(run) if overlaps => run.overlaps_next = true,
            _ => {}
        }
        runs.push(Run {
            words: vec![word.folded],
            script: word.script,
            overlaps_next: false,
        });
    }
    runs
}

/// Whether a piece says how the question is put and not what it is about: Japanese's endings, one of
/// [`FUNCTION_PIECES`], or a pair across the border of one (of 密码怎么重置 the pairs 码怎 and 么重).
fn is_piece_of_function_words(runs: &[Run], at: usize) -> bool {
    let piece = |run: &Run| run.words.first().cloned().unwrap_or_default();
    let is_known = |run: &Run| FUNCTION_PIECES.split(' ').any(|known| known == piece(run));
    let Some(run) = runs.get(at) else {
        return false;
    };
    let before = at.checked_sub(1).and_then(|at| runs.get(at));
    let after = runs.get(at + 1);
    match run.script {
        Script::Spaced => false,
        Script::Hiragana => true,
        _ => {
            is_known(run)
                || piece(run).contains(|c| FUNCTION_CHARACTERS.contains(c))
                || before.is_some_and(|before| before.overlaps_next && is_known(before))
                || after.is_some_and(|after| run.overlaps_next && is_known(after))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PREFIX: &str = "s1x";

    fn own_words(text: &str) -> Vec<String> {
        let terms = Question::parse(text, &[]).terms;
        terms.iter().map(|term| term.own.join(" ")).collect()
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
            let question = Question::parse(hostile, &[]);
            assert!(
                is_safe(&question.match_any(PREFIX)),
                "{hostile:?}: {}",
                question.match_any(PREFIX)
            );
            assert!(
                question
                    .match_terms(PREFIX)
                    .iter()
                    .all(|term| is_safe(&term.own) && is_safe(&term.any)),
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
            ("is 1.0 out? 5.1.x is.", vec!["1 0", "5 1 x"]),
            ("whats a safelist", vec!["safelist"]),
            ("est-ce que c'est gratuit", vec!["gratuit"]),
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
            let question = Question::parse(asked, &[]);
            let finds =
                |spelling: &Spelling| spelling.stems == [stems.of(written, Language::English)];
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
            let question = Question::parse(&text, &[]);
            prop_assert!(is_safe(&question.match_any(PREFIX)));
            prop_assert!(question.match_terms(PREFIX).len() <= MOST_TERMS);
            prop_assert!(question.match_terms(PREFIX).iter().all(|term| [&term.own, &term.any].iter().all(|it| !it.is_empty() && is_safe(it))));
        }

        #[test]
        fn so_is_every_expression_from_pieces_of_syntax(parts in prop::collection::vec(
            prop::sample::select(vec!["\"", "\"\"", "'", "(", ")", "{", "}", ":", "^", "*", "-", "+", " OR ", " AND ", " NOT ", "NEAR(", ",", "title", "embed",
                "_", "\0", "\n", "é", "價", "🙂", " "]), 0..40)) {
            prop_assert!(is_safe(&Question::parse(&parts.concat(), &[]).match_any(PREFIX)));
        }
    }
}
