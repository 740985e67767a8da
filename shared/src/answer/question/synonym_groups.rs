//! Words of like meaning as further ways to write what is asked.

use super::term::Term;
use crate::answer::language::Language;
use crate::answer::stems::Stems;
use crate::answer::words::words;

/// A question's words in their order.
pub(super) struct QuestionWords<'q> {
    /// Each with the term that it is of, if it is of any.
    pub sequence: &'q [(String, Option<usize>)],
    pub stems: &'q Stems,
}

impl QuestionWords<'_> {
    /// Adds further ways to write terms: where the question holds a word or phrase of a group, the group's others.
    pub fn add_group(
        &self,
        terms: &mut [Term],
        group: &[&str],
        weight: f32,
        languages: &[Language],
    ) {
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
