//! Which language a text is written in: the one whose function words it has most of.
//!
//! A question can be too short to tell ("Rechnung?"): then it is asked in all of them.

use super::function_words::is_function_word;
use super::language::Language;
use super::words::words;

/// Of a text, this many words tell its language.
const TELLING_WORDS: usize = 3_000;
/// A text with a smaller share of one language's function words is in none of them. Running text has two in five.
const FEWEST_FUNCTION_WORDS: f64 = 0.1;

impl Language {
    /// Returns the language of a document, from any of its texts. One that says too little is taken for English.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut n_words = 0_usize;
        let mut n_function = [0_usize; 4];
        for word in texts.into_iter().flat_map(words).take(TELLING_WORDS) {
            n_words += 1;
            for (n, language) in n_function.iter_mut().zip(Self::UNDERSTOOD) {
                *n += usize::from(is_function_word(&word.folded, language));
            }
        }
        let best = n_function.iter().zip(Self::UNDERSTOOD).rev();
        match best.max_by_key(|(n, _)| **n) {
            // A page of code or of numbers; English is what it has if it has anything.
            _ if n_words < 8 => Self::English,
            #[expect(clippy::cast_precision_loss, reason = "at most TELLING_WORDS")]
            Some((n, language)) if *n as f64 >= FEWEST_FUNCTION_WORDS * n_words as f64 => language,
            _ => Self::Other,
        }
    }

    /// Returns the languages that a question may be in: those with most of its function words, or all when it has none.
    pub fn of_question(text: &str) -> Vec<Self> {
        let words: Vec<_> = words(text).map(|word| word.folded).collect();
        let n_function = |language: &Self| {
            let of_it = |word: &&String| is_function_word(word, *language);
            words.iter().filter(of_it).count()
        };
        let most = Self::UNDERSTOOD.iter().map(n_function).max().unwrap_or(0);
        let mut languages = Self::UNDERSTOOD.to_vec();
        languages.retain(|language| n_function(language) == most);
        languages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_of_the_language_whose_function_words_it_has() {
        for (text, expected) in [
            (
                "You can send anything back within 30 days if it is unused.",
                Language::English,
            ),
            (
                "Sie können alles innerhalb von 30 Tagen zurückgeben, wenn es nicht benutzt wurde.",
                Language::German,
            ),
            (
                "Vous pouvez renvoyer un article dans les 30 jours s’il n’a pas été utilisé.",
                Language::French,
            ),
            (
                "Puede devolver cualquier artículo en un plazo de 30 días si no lo ha usado.",
                Language::Spanish,
            ),
            (
                "Można zwrócić każdy towar do trzydziestu dni, jeżeli nie był używany.",
                Language::Other,
            ),
            ("cargo xtask dev", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of([text]), expected, "{text}");
        }
    }

    #[test]
    fn a_question_that_does_not_tell_is_asked_in_every_language() {
        use Language::{English, French, German, Spanish};
        for (text, expected) in [
            ("How do I return it?", vec![English]),
            ("Wie kann ich das zurückgeben?", vec![German]),
            ("Comment renvoyer un article ?", vec![French]),
            ("¿Cómo puedo devolver un artículo?", vec![Spanish]),
            ("Versandkosten", vec![English, German, French, Spanish]),
            ("", vec![English, German, French, Spanish]),
        ] {
            assert_eq!(Language::of_question(text), expected, "{text}");
        }
    }
}
