//! Words of like meaning: what people and documents use for the same thing when they write about services, shops and
//! software. A visitor asks how to throw something away, and the page says "delete".
//!
//! One list a language, in `synonyms/`. They are written by hand, so that a wrong one can be seen and taken out; a
//! site's own vocabulary is in its documents and in its setting `answers.synonyms`.

use super::language::Language;

/// What is asked in other words is still asked, with a little less certainty.
const SAME: f32 = 0.6;
/// What only lies near may be something else.
const NEAR: f32 = 0.3;

/// Groups of words and phrases that can stand for each other, with what they weigh beside the visitor's own.
pub(super) fn groups(language: Language) -> impl Iterator<Item = (f32, Vec<&'static str>)> {
    let list = match language {
        Language::English => include_str!("synonyms/en.txt"),
        Language::German => include_str!("synonyms/de.txt"),
        Language::French => include_str!("synonyms/fr.txt"),
        Language::Spanish => include_str!("synonyms/es.txt"),
        Language::Other => "",
    };
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| match line.strip_prefix('~') {
        Some(near) => (NEAR, near.split(',').map(str::trim).collect()),
        None => (SAME, line.split(',').map(str::trim).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::words::words;

    #[test]
    fn every_group_is_of_folded_words_and_has_two_at_least() {
        for language in Language::UNDERSTOOD {
            let mut n_groups = 0;
            for (_, group) in groups(language) {
                n_groups += 1;
                assert!(group.len() > 1, "{group:?}");
                for entry in group {
                    let folded: Vec<_> = words(entry).map(|word| word.folded).collect();
                    assert_eq!(folded.join(" "), entry);
                }
            }
            assert!(n_groups > 30, "{language:?}");
        }
    }
}
