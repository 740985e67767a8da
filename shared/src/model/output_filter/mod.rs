//! What may be said of a model's words, while they arrive and when all of them are there.
//!
//! Keeps true, of every piece that [`OutputFilter::push`] lets out as of the message that [`OutputFilter::finish`]
//! makes: it holds no part of a phrase that the site withholds, nor of the canary, forwards, backwards, spaced out or
//! in an everyday encoding; an address in it is one that [`LinkPolicy`] admits; there are no images; a number in
//! brackets names a passage that was given. What might be about to break one of these is held back until it is known,
//! and no longer, so that the first word is shown when it comes. An answer that names no passage is rejected.
//!
//! - `markup`: Markdown's marks, read while the text arrives
//! - `citations`: numbers that name passages
//! - `encodings`: the forms of a text that must not come out

mod citations;
mod encodings;
mod markup;
#[cfg(test)]
mod tests;

use self::citations::{Citations, without_definitions};
use self::encodings::encoded_forms;
use self::markup::Step;
use super::links::{self, Address, LinkPolicy};
use super::prompt;
use crate::text::markdown;
use crate::text::phrase::{self, Phrase, Scan};
use crate::wire::rich_text::Block;
use crate::wire::visitor::Source;

/// What a model writes when the passages do not answer the question.
pub const NO_ANSWER: &str = "NO_PASSAGE_ANSWERS";

/// Why an answer is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedOutput {
    /// The canary came out: somebody talked the model into showing its prompt.
    #[error("it showed its prompt")]
    Canary,
    /// It holds a phrase that the site withholds.
    #[error("it holds what the site withholds")]
    Withheld,
    /// The model says that the passages do not answer.
    #[error("the passages do not answer")]
    NoAnswer,
    /// It names no passage that it was given.
    #[error("it names no passage")]
    Ungrounded,
}

impl RejectedOutput {
    /// Returns the stable name for the meter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::Withheld => "withheld",
            Self::NoAnswer => "no_answer",
            Self::Ungrounded => "ungrounded",
        }
    }
}

/// What holds for the answers to one question.
#[derive(Clone, Debug)]
pub struct Rules {
    phrases: Vec<Phrase>,
    /// How many of `phrases` are the site's own; then comes what only a prompt holds, then [`NO_ANSWER`].
    n_withheld: usize,
    links: LinkPolicy,
    /// For each passage by its number less one: the place of its source.
    source_of: Vec<usize>,
    sources: Vec<Source>,
}

impl Rules {
    /// Makes the rules for one question. `passages` are the sources of what the model was given, in its numbering.
    pub fn new(withhold: &[String], canary: &str, links: LinkPolicy, passages: &[Source]) -> Self {
        let mut phrases = phrase::parse_list(withhold);
        let n_withheld = phrases.len();
        phrases.extend(encoded_forms(canary));
        phrases.extend(prompt::openings().filter_map(|opening| Phrase::run(&opening)));
        phrases.extend(Phrase::words(NO_ANSWER));
        let mut sources: Vec<Source> = Vec::new();
        let mut source_of = Vec::new();
        for source in passages {
            let known = sources.iter().position(|known| known == source);
            source_of.push(known.unwrap_or(sources.len()));
            if known.is_none() {
                sources.push(source.clone());
            }
        }
        Self {
            phrases,
            n_withheld,
            links,
            source_of,
            sources,
        }
    }

    /// Adds one more text that must not come out, in any form: a key of the site's API.
    #[must_use]
    pub fn with_secret(mut self, secret: &str) -> Self {
        let forms = encoded_forms(secret);
        self.phrases.splice(self.n_withheld..self.n_withheld, forms);
        self
    }

    fn scan(
        &self,
        before: Option<char>,
        text: &str,
        is_end: bool,
    ) -> Result<usize, RejectedOutput> {
        match phrase::scan(&self.phrases, before, text, is_end) {
            Scan::Clear(clear) => Ok(clear),
            Scan::Found(at) if at < self.n_withheld => Err(RejectedOutput::Withheld),
            Scan::Found(at) if at + 1 == self.phrases.len() => Err(RejectedOutput::NoAnswer),
            Scan::Found(_) => Err(RejectedOutput::Canary),
        }
    }
}

/// Returns where to cut a text of which so much is clear. Not inside a word: half of one may look like the end of a
/// phrase.
fn cut(text: &str, clear: usize) -> usize {
    let (shown, held) = text.split_at_checked(clear).unwrap_or((text, ""));
    if held.starts_with(char::is_alphanumeric) {
        shown.trim_end_matches(char::is_alphanumeric).len()
    } else {
        clear
    }
}

/// An answer that may be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredAnswer {
    /// Plain text.
    pub text: String,
    /// Rich text.
    pub blocks: Vec<Block>,
    /// The passages that it names, in the order of their numbers in it.
    pub sources: Vec<Source>,
}

/// An answer on its way.
#[derive(Clone, Debug)]
pub struct OutputFilter {
    rules: Rules,
    /// As the model wrote it.
    raw: String,
    /// Not known yet: a link that has not ended, say.
    unread: String,
    /// Without its marks, and not known yet: an address that has not ended, say.
    bare: String,
    /// Read, and held back: what may become a phrase.
    held: String,
    /// The end of what was let out, in which a run of letters may have begun.
    tail: String,
    /// The character before it.
    last: Option<char>,
    citations: Citations,
    /// Whether anything but white space was let out.
    has_begun: bool,
}

impl OutputFilter {
    /// Begins an answer of which nothing has arrived.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            raw: String::new(),
            unread: String::new(),
            bare: String::new(),
            held: String::new(),
            tail: String::new(),
            last: None,
            citations: Citations::default(),
            has_begun: false,
        }
    }

    /// Counts the bytes that the model wrote so far.
    pub fn n_bytes(&self) -> usize {
        self.raw.len()
    }

    /// Returns all that the model wrote so far.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Takes the model's next words and tells what may be shown of them now, as plain text.
    ///
    /// # Errors
    /// [`RejectedOutput`]: nothing of this answer is to be said any more.
    pub fn push(&mut self, words: &str) -> Result<String, RejectedOutput> {
        let words = markdown::shown(words);
        self.raw.push_str(&words);
        self.unread.push_str(&words);
        let read = self.read();
        self.held.push_str(&read);
        let looked_at = format!("{}{}", self.tail, self.held);
        let clear = self.rules.scan(self.last, &looked_at, false)?;
        let clear = cut(&looked_at, clear);
        let mut shown: String = self
            .held
            .drain(..clear.saturating_sub(self.tail.len()))
            .collect();
        if !self.has_begun {
            shown = shown.trim_start().to_owned();
            self.has_begun = !shown.is_empty();
        }
        self.tail.push_str(&shown);
        let passed: String = self.tail.drain(..phrase::open_end(&self.tail)).collect();
        self.last = passed.chars().next_back().or(self.last);
        Ok(shown)
    }

    /// Returns the whole answer.
    ///
    /// # Errors
    /// [`RejectedOutput`].
    pub fn finish(self) -> Result<FilteredAnswer, RejectedOutput> {
        let answer = self.so_far("")?;
        if answer.sources.is_empty() {
            return Err(RejectedOutput::Ungrounded);
        }
        Ok(answer)
    }

    /// Returns what was said so far, with a mark at its end that there would have been more.
    ///
    /// # Errors
    /// [`RejectedOutput`].
    pub fn so_far(&self, mark: &str) -> Result<FilteredAnswer, RejectedOutput> {
        let raw = format!("{}{mark}", self.raw.trim());
        self.rules.scan(None, &raw, true)?;
        let mut citations = Citations::default();
        // Numbers before links: of a citation that the model made a link of, the number stays.
        let blocks = citations.blocks(
            markdown::blocks(&without_definitions(&raw)),
            &self.rules.source_of,
        );
        let blocks = self.rules.links.blocks(blocks);
        let text = markdown::plain(&blocks);
        // Once more on what is read: markup may have hidden something from the first look.
        self.rules.scan(None, &text, true)?;
        Ok(FilteredAnswer {
            text,
            blocks,
            sources: citations.among(&self.rules.sources),
        })
    }

    /// Reads what can be read: marks that only Markdown knows go, links become their words, and then addresses are
    /// looked at: what a mark kept apart is one address on a screen.
    fn read(&mut self) -> String {
        loop {
            match markup::step(&self.unread) {
                Step::Keep(n) => self.bare.extend(self.unread.drain(..n)),
                Step::Drop(n) => drop(self.unread.drain(..n)),
                Step::Reread(n, words) => self.unread.replace_range(..n, &words),
                Step::Cite(n, numbers) => {
                    self.unread.drain(..n);
                    let marks = self.citations.marks(&numbers, &self.rules.source_of);
                    self.bare.push_str(&marks);
                }
                Step::Wait => break,
            }
        }
        let mut read = String::new();
        loop {
            let before = [&read, &self.held, &self.tail]
                .iter()
                .find_map(|text| text.chars().next_back());
            let before = before.or(self.last);
            match address_step(&self.bare, before, &self.rules.links) {
                AddressStep::Keep(n) => read.extend(self.bare.drain(..n)),
                AddressStep::Removed(n) => {
                    self.bare.drain(..n);
                    read.push_str(self.rules.links.removed);
                }
                AddressStep::Wait => return read,
            }
        }
    }
}

/// What to do with the beginning of a text without marks.
enum AddressStep {
    /// So many bytes are said as they are.
    Keep(usize),
    /// So many bytes are an address that is not said.
    Removed(usize),
    /// It cannot be known yet.
    Wait,
}

fn address_step(text: &str, before: Option<char>, links: &LinkPolicy) -> AddressStep {
    let Some(c) = text.chars().next() else {
        return AddressStep::Wait;
    };
    if !matches!(c, 'h' | 'H' | 'w' | 'W') {
        return AddressStep::Keep(c.len_utf8());
    }
    match links::address(before, text) {
        Address::Begins => AddressStep::Wait,
        Address::None => AddressStep::Keep(1),
        Address::Ends(n) => match text.get(..n) {
            Some(found) if links.shown(found) == found => AddressStep::Keep(n),
            _ => AddressStep::Removed(n),
        },
    }
}
