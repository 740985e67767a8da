//! What a site's owner decides about answers, the model behind them, and the hours of the team. Each is replaced whole by a
//! change that names it; what is absent inside has its default, so that old rows and short requests read the same.

use serde::{Deserialize, Serialize};

use crate::id::ConnectionId;

/// How the assistant answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(transform = nothing_is_required)
)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// Whether an answer waits until a person of the team approves it.
    pub needs_review: bool,
    /// Words of like meaning on this site, a group each: `["parcel", "package", "shipment"]`.
    pub synonyms: Vec<Vec<String>>,
    /// Questions in a row that the assistant could not answer until a person is asked for by itself; 0 for never.
    pub escalate_after: u8,
    /// Words and phrases of the visitor for which a person is asked at once.
    pub escalate_on: Vec<String>,
    /// Words and phrases of the visitor to which the assistant answers with `refusal` and nothing else.
    pub refuse: Vec<String>,
    /// What it then says; empty for a sentence of the edge's own.
    pub refusal: String,
    /// Words and phrases that the assistant never says: an answer that holds one is not sent.
    pub withhold: Vec<String>,
    /// Origins that a model's answers may link to, beside those of the documents' own addresses, written like a safelist.
    pub link_hosts: Vec<String>,
    /// The embedding model by which passages are ordered besides their words. Off unless the site turns it on.
    #[serde(skip_serializing_if = "Embeddings::is_off")]
    pub embeddings: Embeddings,
}

/// The model that says how near passages and questions are in meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(transform = nothing_is_required)
)]
#[serde(default, deny_unknown_fields)]
pub struct Embeddings {
    /// Where it is.
    pub provider: Provider,
    /// For [`Provider::Connection`]: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<ConnectionId>,
    /// Its name there.
    pub name: String,
    /// Stands before a question, with a blank, when the model wants that: `query:`.
    pub question_prefix: String,
    /// Stands before a passage, with a blank, when the model wants that: `passage:`.
    pub passage_prefix: String,
    /// Until a question's vector has to be there, 50 to 5,000 milliseconds. Afterwards the words alone decide.
    pub timeout_ms: u32,
    /// What a million tokens cost, in millionths of the currency of the budget.
    pub price: u64,
}

impl Default for Embeddings {
    fn default() -> Self {
        Self {
            provider: Provider::None,
            connection_id: None,
            name: String::new(),
            question_prefix: String::new(),
            passage_prefix: String::new(),
            timeout_ms: 400,
            price: 0,
        }
    }
}

impl Embeddings {
    /// Tells whether the site has none.
    pub fn is_off(&self) -> bool {
        self.provider == Provider::None
    }
}

/// Where a model is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Nowhere: answers are passages of the documents, and nothing is sent to a model.
    #[default]
    None,
    /// An OpenAI-compatible API, through a connection of the kind `model`.
    Connection,
    /// Workers AI, behind the edge's binding.
    WorkersAi,
}

/// The language model that words the answers. Off unless the site turns it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(transform = nothing_is_required)
)]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// Where it is.
    pub provider: Provider,
    /// For [`Provider::Connection`]: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<ConnectionId>,
    /// Its name there.
    pub name: String,
    /// How it shall speak, at most 2,000 characters: tone, language, what to call the company.
    pub instructions: String,
    /// Tokens of an answer at the most, 16 to 4,096.
    pub max_output_tokens: u32,
    /// Tokens of the conversation so far that are sent along at the most, 0 to 16,000.
    pub history_tokens: u32,
    /// Until the whole answer has to be there, 1 to 120 seconds. Afterwards the documents answer.
    pub timeout_s: u32,
    /// What a million tokens cost that are sent, in millionths of the currency of the budget.
    pub input_price: u64,
    /// What a million tokens cost that are answered, in millionths of the currency of the budget.
    pub output_price: u64,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            provider: Provider::None,
            connection_id: None,
            name: String::new(),
            instructions: String::new(),
            max_output_tokens: 500,
            history_tokens: 1_500,
            timeout_s: 30,
            input_price: 0,
            output_price: 0,
        }
    }
}

/// When somebody of the team is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(transform = nothing_is_required)
)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// Name in the IANA time zone database: `Europe/Berlin`. Needed with shifts.
    pub time_zone: String,
    /// When somebody is there, in that zone. Empty: always.
    pub shifts: Vec<Shift>,
}

/// A part of a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`, not included; `24:00` is the end of the day, and what is before `from` is on the next day.
    pub until: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "they say it themselves")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Drops `required`: all members are written, and none has to be sent, and one schema says both.
#[cfg(feature = "describe")]
fn nothing_is_required(schema: &mut schemars::Schema) {
    schema.remove("required");
}
