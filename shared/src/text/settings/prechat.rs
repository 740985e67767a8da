//! How a chat begins: suggested questions, and the form before the first message.

use super::error::{InvalidSetting, SettingError};
use super::values::{check_length, line, optional_line};
use crate::text::label::SENTENCE_MAX;
use crate::wire::theme::{Prechat, PrechatField};

/// More are a menu, and push the greeting off a phone.
const SUGGESTIONS_MAX: usize = 4;
/// A question that fits two lines.
const SUGGESTION_MAX: usize = 80;
/// The words beside a field.
const FIELD_LABEL_MAX: usize = 40;

/// Returns suggested questions in their normal form.
pub(super) fn suggestions(questions: &[String]) -> Result<Vec<String>, InvalidSetting> {
    check_length("suggestions", questions, SUGGESTIONS_MAX)?;
    let questions = questions.iter().enumerate();
    questions
        .map(|(at, question)| line(&format!("suggestions[{at}]"), question, SUGGESTION_MAX))
        .collect()
}

/// Returns the form before the first message in its normal form.
pub(super) fn prechat(form: Prechat) -> Result<Prechat, InvalidSetting> {
    let Prechat { fields, consent } = form;
    if fields.is_empty() && consent.is_none() {
        return Err(InvalidSetting::new(
            "prechat.fields",
            SettingError::EmptyForm,
        ));
    }
    let mut checked: Vec<PrechatField> = Vec::new();
    for (at, field) in fields.into_iter().enumerate() {
        let PrechatField {
            name,
            label,
            required,
        } = field;
        let place = format!("prechat.fields[{at}]");
        if checked.iter().any(|known| known.name == name) {
            return Err(InvalidSetting::new(
                format!("{place}.name"),
                SettingError::Twice,
            ));
        }
        checked.push(PrechatField {
            name,
            label: optional_line(&format!("{place}.label"), label.as_deref(), FIELD_LABEL_MAX)?,
            required,
        });
    }
    Ok(Prechat {
        fields: checked,
        consent: optional_line("prechat.consent", consent.as_deref(), SENTENCE_MAX)?,
    })
}
