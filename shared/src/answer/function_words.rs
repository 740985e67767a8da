//! Words that say how a question is put and not what it is about: of each language its function words, and what people
//! add in chats.
//!
//! The lists are the usual ones. Their words are folded and not stemmed; they hold the parts of `don't` and the like,
//! because words end at the apostrophe.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::language::Language;

/// The words of each language, made to be looked up in.
static FUNCTION_WORDS: LazyLock<HashMap<Language, HashSet<&'static str>>> = LazyLock::new(|| {
    let words = |language: Language| list(language).split_ascii_whitespace().collect();
    let languages = Language::UNDERSTOOD.into_iter();
    languages
        .map(|language| (language, words(language)))
        .collect()
});

const fn list(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("function_words/en.txt"),
        Language::German => include_str!("function_words/de.txt"),
        Language::French => include_str!("function_words/fr.txt"),
        Language::Spanish => include_str!("function_words/es.txt"),
        Language::Other => "",
    }
}

/// Tells whether a folded word carries no meaning of its own in this language.
pub(super) fn is_function_word(folded: &str, language: Language) -> bool {
    FUNCTION_WORDS
        .get(&language)
        .is_some_and(|words| words.contains(folded))
}

/// Tells whether a folded word carries no meaning of its own in a question of these languages; single letters do not
/// either.
pub(super) fn is_stop_word(folded: &str, languages: &[Language]) -> bool {
    (folded.len() == 1 && folded.bytes().all(|byte| byte.is_ascii_alphabetic()))
        || languages
            .iter()
            .any(|language| is_function_word(folded, *language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::words::words;

    #[test]
    fn every_word_of_the_lists_is_folded() {
        for language in Language::UNDERSTOOD {
            assert!(list(language).split_ascii_whitespace().count() > 100);
            for word in list(language).split_ascii_whitespace() {
                let folded: Vec<_> = words(word).map(|word| word.folded).collect();
                assert_eq!(folded, [word]);
            }
        }
    }
}
