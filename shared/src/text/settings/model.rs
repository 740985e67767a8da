//! The language model that words a site's answers.

use super::error::{InvalidSetting, SettingError};
use super::values::{between, line};
use crate::text::chat;
use crate::text::label::NAME_MAX;
use crate::wire::site::{Model, Provider};

/// How a model shall speak: a page, which every call pays for.
const INSTRUCTIONS_MAX: usize = 2_000;

/// Returns the settings of a model in their normal form. A site without a model has none of them.
pub(super) fn model(model: Model) -> Result<Model, InvalidSetting> {
    let Model {
        provider,
        connection_id,
        name,
        instructions,
        max_output_tokens,
        history_tokens,
        timeout_s,
        input_price,
        output_price,
    } = model;
    if provider == Provider::None {
        return Ok(Model::default());
    }
    let field = |name: &str| format!("model.{name}");
    let needed = |name| Err(InvalidSetting::new(field(name), SettingError::Needed));
    if provider == Provider::Connection && connection_id.is_none() {
        return needed("connection_id");
    }
    if name.is_empty() {
        return needed("name");
    }
    let name = line(&field("name"), &name, NAME_MAX)?;
    let instructions = match instructions.trim() {
        "" => String::new(),
        text => chat::lines(text, INSTRUCTIONS_MAX)
            .map_err(|error| InvalidSetting::new(field("instructions"), error))?,
    };
    let bounded = |name, value, min, max| between(&field(name), value, min, max);
    Ok(Model {
        provider,
        connection_id,
        name,
        instructions,
        max_output_tokens: bounded("max_output_tokens", max_output_tokens, 16, 4_096)?,
        history_tokens: bounded("history_tokens", history_tokens, 0, 16_000)?,
        timeout_s: bounded("timeout_s", timeout_s, 1, 120)?,
        input_price,
        output_price,
    })
}
