//! What the edge itself says to a visitor, a file a language: greetings, "I don't know", who will answer, how a
//! quotation is led in, the transcript. What the widget says is in `widget/locales`, in the same languages.
//!
//! A language that lacks a sentence does not compile. English is for everybody whose language there is not.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod he;
mod ja;
mod pt_br;
mod zh_hans;

use crate::locale;

/// The languages that there are, as BCP 47 writes them.
const LANGUAGES: [(&str, &Catalog); 9] = [
    ("ar", &ar::WORDS),
    ("de", &de::WORDS),
    (locale::FALLBACK, &en::WORDS),
    ("es", &es::WORDS),
    ("fr", &fr::WORDS),
    ("he", &he::WORDS),
    ("ja", &ja::WORDS),
    ("pt-BR", &pt_br::WORDS),
    ("zh-Hans", &zh_hans::WORDS),
];

/// One language's. `{names}` stand for what is filled in.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Catalog {
    /// What a language model calls the language.
    pub language: &'static str,
    /// Somebody said hello.
    pub greeting: &'static str,
    /// Somebody said thanks.
    pub thanks: &'static str,
    /// Somebody said goodbye.
    pub farewell: &'static str,
    /// Somebody asked whether they may ask.
    pub help: &'static str,
    /// Somebody asked who or what answers.
    pub who_answers: &'static str,
    /// Somebody asked for a person.
    pub person: &'static str,
    /// Says that it does not know.
    pub unknown: &'static str,
    /// Says that it does not know, when there are passages that come near.
    pub unsure: &'static str,
    /// The index does not answer.
    pub unavailable: &'static str,
    /// The site refuses such questions, and did not say in which words.
    pub refusal: &'static str,
    /// Leads into a quotation of `{title}`.
    pub from: &'static str,
    /// Leads into a quotation of `{title}` under `{heading}`.
    pub from_under: &'static str,
    /// Stands where an address stood in a model's words.
    pub link_removed: &'static str,
    /// A person was called.
    pub person_called: &'static str,
    /// A person was called, and nobody is there.
    pub nobody_available: &'static str,
    /// An answer waits for approval.
    pub answer_in_review: &'static str,
    /// The visitor ended the chat.
    pub ended_by_visitor: &'static str,
    /// The visitor left a message.
    pub lead_saved: &'static str,
    /// The visitor left a message, and an address or number: `{whom}`.
    pub lead_saved_for: &'static str,
    /// The transcript as text.
    pub transcript: Transcript,
}

/// The words of a transcript around what was said.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Transcript {
    /// First line: of which `{conversation}`.
    pub title: &'static str,
    /// Whose: `{visitor}`.
    pub visitor: &'static str,
    /// Where the conversation stands: `{status}`, one of the next four.
    pub status: &'static str,
    /// When the transcript was made: `{at}`.
    pub made: &'static str,
    /// The assistant answers.
    pub open: &'static str,
    /// A person was called.
    pub waiting: &'static str,
    /// A person answers.
    pub agent: &'static str,
    /// Ended.
    pub closed: &'static str,
    /// Over what the visitor said.
    pub by_visitor: &'static str,
    /// Over what the assistant said.
    pub by_assistant: &'static str,
    /// Over what a person of the team said.
    pub by_agent: &'static str,
    /// Over what the chat itself said.
    pub by_chat: &'static str,
    /// Under an answer: `{source}`.
    pub source: &'static str,
}

/// English: for everybody whose language there is not, and for the team.
pub const ENGLISH: &Catalog = &en::WORDS;

/// Returns the language for preferences in falling order, as [`locale::negotiate`] reads them: the tag of one that
/// there is.
pub fn negotiate<'w>(preferences: impl Iterator<Item = &'w str>) -> &'static str {
    locale::negotiate(&LANGUAGES.map(|(tag, _)| tag), preferences).words
}

/// Returns the sentences of a language that [`negotiate`] named.
pub fn of(tag: &str) -> &'static Catalog {
    let named = LANGUAGES.iter().find(|(known, _)| *known == tag);
    named.map_or(ENGLISH, |(_, sentences)| sentences)
}

/// Fills in what the `{names}` of a sentence stand for. What is filled in stays as it is, whatever it looks like.
pub fn filled(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, end) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        text.push_str(before);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = end;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every text of a language by its name.
    fn all(sentences: &Catalog) -> Vec<(String, String)> {
        let json = serde_json::to_value(sentences).expect("JSON");
        let names = |json: &serde_json::Value| json.as_object().expect("names").clone().into_iter();
        names(&json)
            .chain(names(&json["transcript"]))
            .filter_map(|(name, text)| Some((name, text.as_str()?.to_owned())))
            .collect()
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        let parts = text.split('{').skip(1);
        parts
            .filter_map(|part| Some(part.split_once('}')?.0))
            .collect()
    }

    #[test]
    fn every_language_says_all_of_it_with_the_same_placeholders() {
        let english = all(ENGLISH);
        assert!(english.len() > 30, "{english:?}");
        for (tag, sentences) in LANGUAGES {
            let said = all(sentences);
            assert_eq!(said.len(), english.len(), "{tag}");
            for ((name, text), (of_english, pattern)) in said.iter().zip(&english) {
                assert_eq!(name, of_english);
                assert!(!text.trim().is_empty(), "{tag}: {name}");
                assert_eq!(placeholders(text), placeholders(pattern), "{tag}: {name}");
                let n = |text: &str, brace| text.matches(brace).count();
                assert_eq!(n(text, '{'), n(text, '}'), "{tag}: {name}");
            }
        }
    }

    #[test]
    fn no_language_borrows_a_whole_sentence_of_another() {
        let mut seen: Vec<(String, &str)> = Vec::new();
        for (tag, sentences) in LANGUAGES {
            for (name, text) in all(sentences) {
                if text.matches(' ').count() > 2 || (!text.is_ascii() && text.chars().count() > 9) {
                    let other = seen.iter().find(|(said, _)| *said == text);
                    assert_eq!(
                        other.map(|(_, other)| *other),
                        None,
                        "{tag}: {name}: {text}"
                    );
                    seen.push((text, tag));
                }
            }
        }
    }

    #[test]
    fn the_languages_are_those_of_the_widget() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../widget/locales");
        let files = std::fs::read_dir(folder).expect("the widget's languages");
        let mut tags: Vec<String> = files
            .filter_map(|file| {
                let name = file.ok()?.file_name().into_string().ok()?;
                Some(name.strip_suffix(".json")?.to_owned())
            })
            .collect();
        tags.sort();
        assert_eq!(tags, LANGUAGES.map(|(tag, _)| tag));
    }

    #[test]
    fn what_there_is_not_is_english() {
        assert_eq!(negotiate(["tlh", "de-AT"].into_iter()), "de");
        assert_eq!(negotiate(["pt"].into_iter()), "pt-BR");
        for preference in ["", "tlh", "*", "../de", "de\0"] {
            assert_eq!(negotiate([preference].into_iter()), "en", "{preference}");
            assert_eq!(of(preference), ENGLISH, "{preference}");
        }
        assert_eq!(of("ja").language, "Japanese");
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let values = [("title", "{heading}"), ("heading", "{title}{")];
        assert_eq!(
            filled(ENGLISH.from_under, &values),
            "From “{heading}”, under “{title}{”:"
        );
        assert_eq!(filled("{a}{", &[]), "");
        assert_eq!(filled("", &[]), "");
    }
}
