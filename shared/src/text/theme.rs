//! How a site's chat looks and begins, as its owner sets it: a closed set of values in their normal form, never CSS.

use super::label::{SENTENCE_MAX, label};
use super::settings::{InvalidSetting, SettingError};
use super::{TextError, locale};
use crate::colour::Rgb;
use crate::theme::RADIUS_MAX;
use crate::wire::theme::{Launcher, Prechat, PrechatField, Theme};

/// Farther from the corner, the launcher is in the middle of a phone.
const OFFSET_MAX: u16 = 200;
/// What a pill says, on one line of a phone.
const LAUNCHER_LABEL_MAX: usize = 24;
/// More are a menu, and push the greeting off a phone.
const SUGGESTIONS_MAX: usize = 4;
/// A question that fits two lines.
const SUGGESTION_MAX: usize = 80;
/// The words beside a field.
const FIELD_LABEL_MAX: usize = 40;

fn refused(field: impl Into<String>, why: impl Into<SettingError>) -> InvalidSetting {
    InvalidSetting {
        field: field.into(),
        why: why.into(),
    }
}

fn line(field: &str, text: &str, max: usize) -> Result<String, InvalidSetting> {
    label(text, max).map_err(|error| refused(field, error))
}

/// A theme in its normal form.
pub(super) fn theme(theme: Theme) -> Result<Theme, InvalidSetting> {
    let colour = |text: String| match Rgb::parse(&text) {
        Some(colour) => Ok(colour.hex()),
        None => Err(refused(
            "theme.accent",
            TextError::Form {
                expected: "a colour as #rrggbb",
            },
        )),
    };
    let within = |field: &str, value: u16, max: u16| {
        if value <= max {
            return Ok(());
        }
        let (min, max) = (0, u32::from(max));
        Err(refused(field, SettingError::Between { min, max }))
    };
    if let Some(radius) = theme.radius {
        within("theme.radius", radius, RADIUS_MAX)?;
    }
    for (at, distance) in theme.offset.into_iter().flatten().enumerate() {
        within(&format!("theme.offset[{at}]"), distance, OFFSET_MAX)?;
    }
    let launcher = |launcher: Launcher| {
        let label = launcher
            .label
            .map(|text| line("theme.launcher.label", &text, LAUNCHER_LABEL_MAX));
        Ok(Launcher {
            label: label.transpose()?,
            ..launcher
        })
    };
    Ok(Theme {
        accent: theme.accent.map(colour).transpose()?,
        launcher: theme.launcher.map(launcher).transpose()?,
        ..theme
    })
}

/// The language of the chat, in its normal form.
pub(super) fn language(text: &str) -> Result<String, InvalidSetting> {
    locale::locale(text).map_err(|error| refused("locale", error))
}

/// Suggested questions in their normal form.
pub(super) fn suggestions(questions: &[String]) -> Result<Vec<String>, InvalidSetting> {
    let field = "suggestions";
    if questions.len() > SUGGESTIONS_MAX {
        let max = SUGGESTIONS_MAX;
        return Err(refused(field, SettingError::Entries { max }));
    }
    let questions = questions.iter().enumerate();
    questions
        .map(|(at, question)| line(&format!("{field}[{at}]"), question, SUGGESTION_MAX))
        .collect()
}

/// The form before the first message, in its normal form.
pub(super) fn prechat(form: Prechat) -> Result<Prechat, InvalidSetting> {
    if form.fields.is_empty() && form.consent.is_none() {
        return Err(refused("prechat.fields", SettingError::Nothing));
    }
    let mut fields: Vec<PrechatField> = Vec::new();
    for (at, field) in form.fields.into_iter().enumerate() {
        let place = format!("prechat.fields[{at}]");
        if fields.iter().any(|known| known.name == field.name) {
            return Err(refused(format!("{place}.name"), SettingError::Twice));
        }
        let words = field
            .label
            .map(|text| line(&format!("{place}.label"), &text, FIELD_LABEL_MAX));
        fields.push(PrechatField {
            label: words.transpose()?,
            ..field
        });
    }
    let consent = form
        .consent
        .map(|text| line("prechat.consent", &text, SENTENCE_MAX));
    Ok(Prechat {
        fields,
        consent: consent.transpose()?,
    })
}
