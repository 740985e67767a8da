//! Values that several settings have: numbers within bounds, lines of text, lists of phrases and of origins.

use super::error::{InvalidSetting, SettingError};
use crate::origin;
use crate::text::label::label;

/// Entries of a safelist at the most: the list travels in a header with every frame.
const SAFELIST_MAX: usize = 50;
/// Entries of a list of words at the most, and words of one group: each is looked for in every message.
pub(super) const WORDS_MAX: usize = 100;
/// A word or a phrase.
const PHRASE_MAX: usize = 80;

/// Returns the number when it is within its bounds, both of which it may be.
pub(super) fn between(field: &str, value: u32, min: u32, max: u32) -> Result<u32, InvalidSetting> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(InvalidSetting::new(
        field,
        SettingError::Between { min, max },
    ))
}

/// Returns one line of text in its normal form.
pub(super) fn line(field: &str, text: &str, max: usize) -> Result<String, InvalidSetting> {
    label(text, max).map_err(|error| InvalidSetting::new(field, error))
}

/// Returns one line of text in its normal form, or none.
pub(super) fn optional_line(
    field: &str,
    text: Option<&str>,
    max: usize,
) -> Result<Option<String>, InvalidSetting> {
    text.map(|text| line(field, text, max)).transpose()
}

/// Returns one line of text in its normal form. An empty one is taken for none: then the product's own words are used.
pub(super) fn line_or_empty(field: &str, text: &str, max: usize) -> Result<String, InvalidSetting> {
    match text {
        "" => Ok(String::new()),
        text => line(field, text, max),
    }
}

/// Refuses a list that is longer than `max`.
pub(super) fn check_length<T>(field: &str, list: &[T], max: usize) -> Result<(), InvalidSetting> {
    if list.len() > max {
        return Err(InvalidSetting::new(field, SettingError::Entries { max }));
    }
    Ok(())
}

/// Returns a list of words and phrases, each in its normal form.
pub(super) fn phrases(field: &str, phrases: &[String]) -> Result<Vec<String>, InvalidSetting> {
    check_length(field, phrases, WORDS_MAX)?;
    let phrases = phrases.iter().enumerate();
    phrases
        .map(|(at, phrase)| line(&format!("{field}[{at}]"), phrase, PHRASE_MAX))
        .collect()
}

/// Returns a list of origins in its normal form, without repetitions.
pub(super) fn origins(field: &str, entries: &[String]) -> Result<Vec<String>, InvalidSetting> {
    check_length(field, entries, SAFELIST_MAX)?;
    let mut patterns: Vec<String> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let pattern = origin::parse_entry(entry)
            .map_err(|error| InvalidSetting::new(format!("{field}[{at}]"), error))?;
        if !patterns.iter().any(|known| known == pattern.as_str()) {
            patterns.push(pattern.as_str().to_owned());
        }
    }
    Ok(patterns)
}
