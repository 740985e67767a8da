//! How the assistant answers, and the embedding model that orders passages beside their words.

use super::error::{InvalidSetting, SettingError};
use super::values::{WORDS_MAX, between, check_length, line_or_empty, origins, phrases};
use crate::text::label::{NAME_MAX, SENTENCE_MAX};
use crate::wire::site::{Answers, Embeddings, Provider};

/// Returns the settings of answers in their normal form.
pub(super) fn answers(answers: Answers) -> Result<Answers, InvalidSetting> {
    let Answers {
        needs_review,
        synonyms,
        escalate_after,
        escalate_on,
        refuse,
        refusal,
        withhold,
        link_hosts,
        embeddings,
    } = answers;
    check_length("answers.synonyms", &synonyms, WORDS_MAX)?;
    let groups = synonyms.iter().enumerate();
    let synonyms = groups.map(|(at, group)| phrases(&format!("answers.synonyms[{at}]"), group));
    Ok(Answers {
        needs_review,
        synonyms: synonyms.collect::<Result<_, _>>()?,
        escalate_after,
        escalate_on: phrases("answers.escalate_on", &escalate_on)?,
        refuse: phrases("answers.refuse", &refuse)?,
        refusal: line_or_empty("answers.refusal", refusal.trim(), SENTENCE_MAX)?,
        withhold: phrases("answers.withhold", &withhold)?,
        link_hosts: origins("answers.link_hosts", &link_hosts)?,
        embeddings: self::embeddings(embeddings)?,
    })
}

fn embeddings(embeddings: Embeddings) -> Result<Embeddings, InvalidSetting> {
    if embeddings.is_off() {
        return Ok(Embeddings::default());
    }
    let Embeddings {
        provider,
        connection_id,
        name,
        question_prefix,
        passage_prefix,
        timeout_ms,
        price,
    } = embeddings;
    let field = |name: &str| format!("answers.embeddings.{name}");
    let needed = |name| Err(InvalidSetting::new(field(name), SettingError::Needed));
    if provider == Provider::Connection && connection_id.is_none() {
        return needed("connection_id");
    }
    if name.is_empty() {
        return needed("name");
    }
    let line = |name, text: &str| line_or_empty(&field(name), text, NAME_MAX);
    let timeout_ms = between(&field("timeout_ms"), timeout_ms, 50, 5_000)?;
    Ok(Embeddings {
        provider,
        connection_id,
        name: line("name", &name)?,
        question_prefix: line("question_prefix", &question_prefix)?,
        passage_prefix: line("passage_prefix", &passage_prefix)?,
        timeout_ms,
        price,
    })
}
