//! The settings of a site, as the team changes them.
//!
//! Keeps true: nothing is kept that was not checked here. Every struct is taken apart whole and put together whole, so
//! that a new field of one of them does not compile until it is checked.
//!
//! - `error`: which setting was refused, and why
//! - `values`: what several settings have in common
//! - `answers`, `model`, `theme`, `prechat`: the settings that are replaced whole

mod answers;
mod error;
mod model;
mod prechat;
#[cfg(test)]
mod tests;
mod theme;
mod values;

pub use error::{InvalidSetting, SettingError};

use self::values::{between, line, line_or_empty, origins};
use super::label::{NAME_MAX, SENTENCE_MAX};
use super::locale;
use crate::hours;
use crate::token::visitor::LONGEST_LIFE_SECS;
use crate::wire::admin::{Site, SiteChange};

/// Ten years: whoever keeps longer keeps for good.
const RETENTION_DAYS_MAX: u32 = 3_650;

/// Applies a change, field by field. The first field that is refused refuses all.
///
/// # Errors
/// [`InvalidSetting`] with the field's name. The site may then hold a part of the change, and must not be stored.
pub fn apply(site: &mut Site, change: SiteChange) -> Result<(), InvalidSetting> {
    let SiteChange {
        name,
        mode,
        safelist,
        enabled,
        token_ttl_max,
        limits,
        greeting,
        disclosure,
        answers,
        model,
        hours,
        theme,
        locale,
        suggestions,
        prechat,
        retention_days,
    } = change;
    if let Some(name) = name {
        site.name = line("name", &name, NAME_MAX)?;
    }
    if let Some(mode) = mode {
        site.mode = mode;
    }
    if let Some(entries) = safelist {
        site.safelist = origins("safelist", &entries)?;
    }
    if let Some(seconds) = token_ttl_max {
        if !(1..=LONGEST_LIFE_SECS).contains(&seconds) {
            let max = LONGEST_LIFE_SECS;
            return Err(InvalidSetting::new(
                "token_ttl_max",
                SettingError::Seconds { max },
            ));
        }
        site.token_ttl_max = seconds;
    }
    if let Some(limits) = limits {
        site.limits.apply(&limits);
        if let Some((name, max)) = site.limits.first_invalid() {
            return Err(InvalidSetting::new(
                format!("limits.{name}"),
                SettingError::Between { min: 1, max },
            ));
        }
    }
    if let Some(greeting) = greeting {
        site.greeting = line_or_empty("greeting", &greeting, SENTENCE_MAX)?;
    }
    if let Some(disclosure) = disclosure {
        site.disclosure = line_or_empty("disclosure", &disclosure, SENTENCE_MAX)?;
    }
    if let Some(answers) = answers {
        site.answers = answers::answers(answers)?;
    }
    if let Some(model) = model {
        site.model = model::model(model)?;
    }
    if let Some(hours) = hours {
        hours::check(&hours).map_err(|error| InvalidSetting::new("hours", error))?;
        site.hours = hours;
    }
    if let Some(theme) = theme {
        site.theme = theme::theme(theme)?;
    }
    if let Some(locale) = locale {
        site.locale = locale.as_deref().map(language).transpose()?;
    }
    if let Some(questions) = suggestions {
        site.suggestions = prechat::suggestions(&questions)?;
    }
    if let Some(form) = prechat {
        site.prechat = form.map(prechat::prechat).transpose()?;
    }
    if let Some(days) = retention_days {
        site.retention_days = between("retention_days", days, 0, RETENTION_DAYS_MAX)?;
    }
    if let Some(enabled) = enabled {
        site.enabled = enabled;
    }
    Ok(())
}

fn language(text: &str) -> Result<String, InvalidSetting> {
    locale::locale(text).map_err(|error| InvalidSetting::new("locale", error))
}
