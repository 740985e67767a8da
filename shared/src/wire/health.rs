//! What probes are told.

use serde::{Deserialize, Serialize};

/// Answer to `GET /healthz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Alive {
    /// `ok`: whatever cannot say so does not answer.
    pub status: String,
}

/// Answer to `GET /readyz`: each part by name. 503 when one of them does not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Readiness {
    /// The parts that the chat stands on.
    pub parts: Vec<Part>,
}

/// A part of the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Part {
    /// `secrets`, `database`, …
    pub name: String,
    /// Whether it answers.
    pub ok: bool,
    /// What it lacks, where saying so gives nothing away: the name of a secret that is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
}
