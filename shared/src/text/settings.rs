//! The settings of a site, as the team changes them.

use super::label::{NAME_MAX, SENTENCE_MAX, label};
use super::{TextError, chat, theme};
use crate::hours::{self, HoursError};
use crate::origin::{self, EntryError};
use crate::token::visitor::LONGEST_LIFE_SECS;
use crate::wire::admin::{Site, SiteChange};
use crate::wire::site::{Answers, Embeddings, Model, Provider};

/// Entries of a safelist at the most: the list travels in a header with every frame.
const SAFELIST_MAX: usize = 50;
/// Entries of a list of words at the most, and words of one group: each is looked for in every message.
const WORDS_MAX: usize = 100;
/// A word or a phrase.
const PHRASE_MAX: usize = 80;
/// Ten years: whoever keeps longer keeps for good.
const RETENTION_DAYS_MAX: u32 = 3_650;
/// How a model shall speak: a page, which every call pays for.
const INSTRUCTIONS_MAX: usize = 2_000;

/// A setting that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSetting {
    /// The field, with the place in it for lists: `safelist[2]`.
    pub field: String,
    /// SettingError.
    pub why: SettingError,
}

/// SettingError a setting was refused, as the end of a sentence that begins with the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// A text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// An entry of the safelist.
    #[error("is refused: {0}")]
    Entry(#[from] EntryError),
    /// Too many entries.
    #[error("must have at most {max} entries")]
    Entries {
        /// The bound.
        max: usize,
    },
    /// A number out of its bounds.
    #[error("must be 1 to {max}")]
    Count {
        /// The bound.
        max: u32,
    },
    /// A number out of its bounds, the lower of which is not one.
    #[error("must be {min} to {max}")]
    Between {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// Hours.
    #[error(transparent)]
    Hours(#[from] HoursError),
    /// A model that lacks something.
    #[error("is needed with this `provider`")]
    Needed,
    /// A form that asks for nothing.
    #[error("must not be empty without `consent`")]
    Nothing,
    /// The same again.
    #[error("is asked for twice")]
    Twice,
    /// A life that is no life.
    #[error("must be 1 to {max} seconds")]
    Seconds {
        /// The bound.
        max: u32,
    },
}

/// Applies a change, field by field; the first field that is refused refuses all.
///
/// # Errors
/// [`InvalidSetting`] with the field's name. The site may then hold a part of the change, and must not be stored.
pub fn apply(site: &mut Site, change: SiteChange) -> Result<(), InvalidSetting> {
    let refused = |field: &str, why: SettingError| InvalidSetting {
        field: field.to_owned(),
        why,
    };
    let text =
        |field, text: &str, max| label(text, max).map_err(|error| refused(field, error.into()));
    // None leaves it to the widget, which has words of its own in every language.
    let own_words = |field, words: &str| match words {
        "" => Ok(String::new()),
        words => text(field, words, SENTENCE_MAX),
    };
    if let Some(name) = change.name {
        site.name = text("name", &name, NAME_MAX)?;
    }
    if let Some(mode) = change.mode {
        site.mode = mode;
    }
    if let Some(entries) = change.safelist {
        site.safelist = origins("safelist", &entries)?;
    }
    if let Some(seconds) = change.token_ttl_max {
        if !(1..=LONGEST_LIFE_SECS).contains(&seconds) {
            let max = LONGEST_LIFE_SECS;
            return Err(refused("token_ttl_max", SettingError::Seconds { max }));
        }
        site.token_ttl_max = seconds;
    }
    if let Some(limits) = change.limits {
        site.limits.apply(&limits);
        if let Some((name, max)) = site.limits.first_invalid() {
            return Err(refused(
                &format!("limits.{name}"),
                SettingError::Count { max },
            ));
        }
    }
    if let Some(greeting) = change.greeting {
        site.greeting = own_words("greeting", &greeting)?;
    }
    if let Some(disclosure) = change.disclosure {
        site.disclosure = own_words("disclosure", &disclosure)?;
    }
    if let Some(answers) = change.answers {
        site.answers = checked_answers(&answers)?;
    }
    if let Some(model) = change.model {
        site.model = checked_model(model)?;
    }
    if let Some(hours) = change.hours {
        hours::check(&hours).map_err(|error| refused("hours", error.into()))?;
        site.hours = hours;
    }
    if let Some(theme) = change.theme {
        site.theme = theme::theme(theme)?;
    }
    if let Some(locale) = change.locale {
        site.locale = locale.as_deref().map(theme::language).transpose()?;
    }
    if let Some(questions) = change.suggestions {
        site.suggestions = theme::suggestions(&questions)?;
    }
    if let Some(form) = change.prechat {
        site.prechat = form.map(theme::prechat).transpose()?;
    }
    if let Some(days) = change.retention_days {
        site.retention_days = between("retention_days", days, 0, RETENTION_DAYS_MAX)?;
    }
    if let Some(enabled) = change.enabled {
        site.enabled = enabled;
    }
    Ok(())
}

fn between(field: &str, value: u32, min: u32, max: u32) -> Result<u32, InvalidSetting> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(InvalidSetting {
        field: field.to_owned(),
        why: SettingError::Between { min, max },
    })
}

/// A list of words and phrases, each in its normal form.
fn phrases(field: &str, phrases: &[String]) -> Result<Vec<String>, InvalidSetting> {
    if phrases.len() > WORDS_MAX {
        return Err(InvalidSetting {
            field: field.to_owned(),
            why: SettingError::Entries { max: WORDS_MAX },
        });
    }
    let checked = phrases.iter().enumerate().map(|(at, phrase)| {
        label(phrase, PHRASE_MAX).map_err(|error| InvalidSetting {
            field: format!("{field}[{at}]"),
            why: error.into(),
        })
    });
    checked.collect()
}

fn checked_answers(answers: &Answers) -> Result<Answers, InvalidSetting> {
    let field = "answers.synonyms";
    if answers.synonyms.len() > WORDS_MAX {
        return Err(InvalidSetting {
            field: field.to_owned(),
            why: SettingError::Entries { max: WORDS_MAX },
        });
    }
    let groups = answers.synonyms.iter().enumerate();
    let synonyms = groups.map(|(at, group)| phrases(&format!("{field}[{at}]"), group));
    let refusal = match answers.refusal.trim() {
        "" => String::new(),
        text => label(text, SENTENCE_MAX).map_err(|error| InvalidSetting {
            field: "answers.refusal".to_owned(),
            why: error.into(),
        })?,
    };
    Ok(Answers {
        synonyms: synonyms.collect::<Result<_, _>>()?,
        escalate_on: phrases("answers.escalate_on", &answers.escalate_on)?,
        refuse: phrases("answers.refuse", &answers.refuse)?,
        withhold: phrases("answers.withhold", &answers.withhold)?,
        link_hosts: origins("answers.link_hosts", &answers.link_hosts)?,
        refusal,
        needs_review: answers.needs_review,
        escalate_after: answers.escalate_after,
        embeddings: checked_embeddings(&answers.embeddings)?,
    })
}

fn checked_embeddings(embeddings: &Embeddings) -> Result<Embeddings, InvalidSetting> {
    let refused = |field: &str, why: SettingError| InvalidSetting {
        field: format!("answers.embeddings.{field}"),
        why,
    };
    if embeddings.is_off() {
        return Ok(Embeddings::default());
    }
    if embeddings.provider == Provider::Connection && embeddings.connection_id.is_none() {
        return Err(refused("connection_id", SettingError::Needed));
    }
    if embeddings.name.is_empty() {
        return Err(refused("name", SettingError::Needed));
    }
    let field = "answers.embeddings.timeout_ms";
    let _bound = between(field, embeddings.timeout_ms, 50, 5_000)?;
    let text = |field, text: &str| match text {
        "" => Ok(String::new()),
        text => label(text, NAME_MAX).map_err(|error| refused(field, error.into())),
    };
    Ok(Embeddings {
        name: text("name", &embeddings.name)?,
        question_prefix: text("question_prefix", &embeddings.question_prefix)?,
        passage_prefix: text("passage_prefix", &embeddings.passage_prefix)?,
        ..embeddings.clone()
    })
}

fn checked_model(model: Model) -> Result<Model, InvalidSetting> {
    let refused = |field: &str, why: SettingError| InvalidSetting {
        field: format!("model.{field}"),
        why,
    };
    if model.provider == Provider::None {
        return Ok(Model::default());
    }
    if model.provider == Provider::Connection && model.connection_id.is_none() {
        return Err(refused("connection_id", SettingError::Needed));
    }
    if model.name.is_empty() {
        return Err(refused("name", SettingError::Needed));
    }
    let name = label(&model.name, NAME_MAX).map_err(|error| refused("name", error.into()))?;
    let instructions = match model.instructions.trim() {
        "" => String::new(),
        text => chat::lines(text, INSTRUCTIONS_MAX)
            .map_err(|error| refused("instructions", error.into()))?,
    };
    let _bounds = [
        between(
            "model.max_output_tokens",
            model.max_output_tokens,
            16,
            4_096,
        )?,
        between("model.history_tokens", model.history_tokens, 0, 16_000)?,
        between("model.timeout_s", model.timeout_s, 1, 120)?,
    ];
    Ok(Model {
        name,
        instructions,
        ..model
    })
}

/// A list of origins in its normal form, without repetitions.
fn origins(field: &str, entries: &[String]) -> Result<Vec<String>, InvalidSetting> {
    if entries.len() > SAFELIST_MAX {
        return Err(InvalidSetting {
            field: field.to_owned(),
            why: SettingError::Entries { max: SAFELIST_MAX },
        });
    }
    let mut patterns: Vec<String> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let pattern = origin::parse_entry(entry).map_err(|error| InvalidSetting {
            field: format!("{field}[{at}]"),
            why: error.into(),
        })?;
        if !patterns.iter().any(|known| known == pattern.as_str()) {
            patterns.push(pattern.as_str().to_owned());
        }
    }
    Ok(patterns)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::id::{SiteId, UnixMs};
    use crate::wire::admin::{Limits, Mode};
    use crate::wire::theme::Theme;

    fn site() -> Site {
        Site {
            id: SiteId::from_random([1; 16]),
            key: "pk_1".into(),
            name: "Shop".into(),
            mode: Mode::Safelist,
            safelist: Vec::new(),
            enabled: false,
            token_ttl_max: 300,
            limits: Limits::DEFAULT,
            greeting: "Hello".into(),
            disclosure: "A machine answers".into(),
            answers: Answers::default(),
            model: Model::default(),
            hours: crate::wire::site::Hours::default(),
            theme: Theme::default(),
            locale: None,
            suggestions: Vec::new(),
            prechat: None,
            retention_days: 0,
            created_at: UnixMs(0).rfc3339(),
        }
    }

    fn changed(change: Value) -> Result<Site, InvalidSetting> {
        let mut site = site();
        apply(&mut site, serde_json::from_value(change).expect("a change")).map(|()| site)
    }

    #[test]
    fn absent_fields_keep_their_value() {
        assert_eq!(changed(json!({})), Ok(site()));
    }

    #[test]
    fn words_of_the_sites_own_can_be_taken_back() {
        let site = changed(json!({"greeting": "", "disclosure": ""})).expect("accepted");
        assert_eq!((&*site.greeting, &*site.disclosure), ("", ""));
    }

    #[test]
    fn a_setting_is_kept_in_its_normal_form() {
        let site = changed(json!({
            "name": " Cafe\u{301} ", "mode": "signed", "enabled": true, "token_ttl_max": 86_400,
            "safelist": ["Example.com", "https://example.com:443", "*.Example.com"],
        }))
        .expect("accepted");
        assert_eq!(site.name, "Café");
        assert_eq!((site.mode, site.enabled), (Mode::Signed, true));
        assert_eq!(
            site.safelist,
            ["https://example.com", "https://*.example.com"]
        );
    }

    #[test]
    fn what_is_replaced_whole_is_kept_whole() {
        let hours = json!({
            "time_zone": "Europe/Berlin", "shifts": [{"days": ["monday"], "from": "09:00", "until": "17:00"}],
        });
        let site = changed(json!({
            "answers": {"synonyms": [[" parcel ", "package"]], "link_hosts": ["Example.com"], "needs_review": true},
            "model": {"provider": "workers_ai", "name": "@cf/meta/llama", "instructions": "Be short.\r\nBe kind."},
            "hours": hours, "retention_days": 30,
        }))
        .expect("accepted");
        assert_eq!(site.answers.synonyms, [["parcel", "package"]]);
        assert_eq!(site.answers.link_hosts, ["https://example.com"]);
        assert_eq!(site.model.instructions, "Be short.\nBe kind.");
        assert_eq!((site.hours.shifts.len(), site.retention_days), (1, 30));
        // A site without a model has none of a model's settings either.
        // Nor one without an embedding model its.
        let off = changed(json!({"answers": {"embeddings": {"name": "m", "price": 7}}}));
        assert!(off.expect("accepted").answers.embeddings.is_off());
        let off = changed(json!({"model": {"name": "m", "input_price": 7}})).expect("accepted");
        assert_eq!(off.model, Model::default());
    }

    #[test]
    fn a_look_is_kept_in_its_normal_form() {
        let site = changed(json!({
            "theme": {
                "accent": "#FFD400", "scheme": "dark", "radius": 24, "position": "start", "offset": [0, 200],
                "launcher": {"shape": "pill", "label": " Fragen? "},
            },
            "locale": "pt-br", "suggestions": [" Where is my parcel? "],
            "prechat": {"fields": [{"name": "email", "required": true}, {"name": "company", "label": " Firma "}],
                "consent": "I agree."},
        }))
        .expect("accepted");
        let theme = json!({
            "accent": "#ffd400", "scheme": "dark", "radius": 24, "position": "start", "offset": [0, 200],
            "launcher": {"shape": "pill", "label": "Fragen?"},
        });
        assert_eq!(serde_json::to_value(&site.theme).expect("JSON"), theme);
        assert_eq!(site.locale.as_deref(), Some("pt-BR"));
        assert_eq!(site.suggestions, ["Where is my parcel?"]);
        let form = json!({
            "fields": [{"name": "email", "required": true}, {"name": "company", "label": "Firma"}],
            "consent": "I agree.",
        });
        assert_eq!(serde_json::to_value(&site.prechat).expect("JSON"), form);

        // What is replaced is replaced whole; null takes away, absent keeps.
        let again = |site: &Site, change: Value| {
            let mut site = site.clone();
            let change = serde_json::from_value(change).expect("a change");
            apply(&mut site, change).map(|()| site)
        };
        let kept = again(&site, json!({"name": "Other"})).expect("accepted");
        assert_eq!((&kept.locale, &kept.prechat), (&site.locale, &site.prechat));
        let bare = json!({"theme": {}, "locale": null, "suggestions": [], "prechat": null});
        let bare = again(&site, bare).expect("accepted");
        assert_eq!(bare.theme, Theme::default());
        assert_eq!(
            (bare.locale, bare.suggestions, bare.prechat),
            (None, Vec::new(), None)
        );
    }

    #[test]
    fn a_look_of_another_shape_is_not_a_change() {
        for change in [
            json!({"theme": {"css": "*{display:none}"}}),
            json!({"theme": {"accent": ["#000000"]}}),
            json!({"theme": {"scheme": "sepia"}}),
            json!({"theme": {"position": "left"}}),
            json!({"theme": {"radius": -1}}),
            json!({"theme": {"radius": 1.5}}),
            json!({"theme": {"radius": "4px"}}),
            json!({"theme": {"radius": 65_536}}),
            json!({"theme": {"offset": 4}}),
            json!({"theme": {"offset": [4]}}),
            json!({"theme": {"offset": [4, 4, 4]}}),
            json!({"theme": {"offset": ["4px", "calc(1px)"]}}),
            json!({"theme": {"launcher": {"icon": "<svg onload=alert(1)>"}}}),
            json!({"theme": {"launcher": {"shape": "star"}}}),
            json!({"suggestions": "one"}),
            json!({"suggestions": [{"text": "one"}]}),
            json!({"prechat": {"fields": [{"name": "password"}]}}),
            json!({"prechat": {"fields": [{"name": "email", "type": "hidden"}]}}),
            json!({"prechat": {"fields": [{"label": "E-mail"}]}}),
            json!({"prechat": {"consent": "I agree."}}),
            json!({"prechat": {"fields": [], "action": "https://evil.example"}}),
        ] {
            assert!(
                serde_json::from_value::<SiteChange>(change.clone()).is_err(),
                "{change}"
            );
        }
    }

    #[test]
    fn a_setting_that_is_refused_is_named() {
        for (change, field) in [
            (json!({"name": ""}), "name"),
            (json!({"name": "x".repeat(81)}), "name"),
            (json!({"name": "pay\u{202e}lap"}), "name"),
            (json!({"greeting": "a\u{200b}b"}), "greeting"),
            (json!({"greeting": " "}), "greeting"),
            (json!({"disclosure": "x".repeat(401)}), "disclosure"),
            (json!({"token_ttl_max": 0}), "token_ttl_max"),
            (json!({"token_ttl_max": 86_401}), "token_ttl_max"),
            (
                json!({"limits": {"message_burst": 0}}),
                "limits.message_burst",
            ),
            (
                json!({"limits": {"tickets_per_minute": 60_001}}),
                "limits.tickets_per_minute",
            ),
            (
                json!({"safelist": ["a.example", "javascript:alert(1)"]}),
                "safelist[1]",
            ),
            (json!({"safelist": vec!["a.example"; 51]}), "safelist"),
            (
                json!({"answers": {"synonyms": [["a"], ["b", ""]]}}),
                "answers.synonyms[1][1]",
            ),
            (
                json!({"answers": {"synonyms": vec![["a"]; 101]}}),
                "answers.synonyms",
            ),
            (
                json!({"answers": {"refuse": vec!["a"; 101]}}),
                "answers.refuse",
            ),
            (
                json!({"answers": {"withhold": ["a\nb"]}}),
                "answers.withhold[0]",
            ),
            (
                json!({"answers": {"link_hosts": ["javascript:alert(1)"]}}),
                "answers.link_hosts[0]",
            ),
            (
                json!({"answers": {"refusal": "x".repeat(401)}}),
                "answers.refusal",
            ),
            (
                json!({"model": {"provider": "connection", "name": "m"}}),
                "model.connection_id",
            ),
            (json!({"model": {"provider": "workers_ai"}}), "model.name"),
            (
                json!({"model": {"provider": "workers_ai", "name": "m", "max_output_tokens": 15}}),
                "model.max_output_tokens",
            ),
            (
                json!({"model": {"provider": "workers_ai", "name": "m", "instructions": "x".repeat(2001)}}),
                "model.instructions",
            ),
            (
                json!({"answers": {"embeddings": {"provider": "connection", "name": "m"}}}),
                "answers.embeddings.connection_id",
            ),
            (
                json!({"answers": {"embeddings": {"provider": "workers_ai"}}}),
                "answers.embeddings.name",
            ),
            (
                json!({"answers": {"embeddings": {"provider": "workers_ai", "name": "m", "timeout_ms": 49}}}),
                "answers.embeddings.timeout_ms",
            ),
            (
                json!({"answers": {"embeddings": {"provider": "workers_ai", "name": "m", "passage_prefix": "x".repeat(81)}}}),
                "answers.embeddings.passage_prefix",
            ),
            (
                json!({"hours": {"shifts": [{"days": ["monday"], "from": "09:00", "until": "17:00"}]}}),
                "hours",
            ),
            (json!({"retention_days": 3_651}), "retention_days"),
            (json!({"theme": {"accent": "red"}}), "theme.accent"),
            (json!({"theme": {"accent": "#fff"}}), "theme.accent"),
            (
                json!({"theme": {"accent": "#000000;}*{background:url(//e.example)"}}),
                "theme.accent",
            ),
            (json!({"theme": {"accent": "var(--x)"}}), "theme.accent"),
            (json!({"theme": {"radius": 25}}), "theme.radius"),
            (json!({"theme": {"offset": [0, 201]}}), "theme.offset[1]"),
            (
                json!({"theme": {"launcher": {"label": ""}}}),
                "theme.launcher.label",
            ),
            (
                json!({"theme": {"launcher": {"label": "x".repeat(25)}}}),
                "theme.launcher.label",
            ),
            (
                json!({"theme": {"launcher": {"label": "a\u{0}b"}}}),
                "theme.launcher.label",
            ),
            (
                json!({"theme": {"launcher": {"label": "pay\u{202e}lap"}}}),
                "theme.launcher.label",
            ),
            (json!({"locale": ""}), "locale"),
            (json!({"locale": "en\" onload=\"x"}), "locale"),
            (json!({"suggestions": vec!["a"; 5]}), "suggestions"),
            (json!({"suggestions": ["a", ""]}), "suggestions[1]"),
            (json!({"suggestions": ["a", "b\nc"]}), "suggestions[1]"),
            (json!({"suggestions": ["x".repeat(81)]}), "suggestions[0]"),
            (
                json!({"suggestions": ["x".repeat(60_000)]}),
                "suggestions[0]",
            ),
            (json!({"prechat": {"fields": []}}), "prechat.fields"),
            (
                json!({"prechat": {"fields": [{"name": "email"}, {"name": "name"}, {"name": "email"}]}}),
                "prechat.fields[2].name",
            ),
            (
                json!({"prechat": {"fields": [{"name": "email", "label": "x".repeat(41)}]}}),
                "prechat.fields[0].label",
            ),
            (
                json!({"prechat": {"fields": [{"name": "email"}], "consent": ""}}),
                "prechat.consent",
            ),
            (
                json!({"prechat": {"fields": [{"name": "email"}], "consent": "x".repeat(401)}}),
                "prechat.consent",
            ),
        ] {
            assert_eq!(
                changed(change.clone()).map_err(|refused| refused.field),
                Err(field.to_owned()),
                "{change}"
            );
        }
    }
}
