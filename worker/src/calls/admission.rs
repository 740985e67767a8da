//! Calls to a site's admission object.

use oriel_shared::id::SiteId;
use oriel_shared::wire::admin::Limits;
use serde::{Deserialize, Serialize};
use worker::Env;

use super::ask;
use crate::http::problem::Problem;

/// A ticket is wanted at a site's admission object.
#[derive(Serialize, Deserialize)]
pub struct AdmissionCall {
    /// Hash of the address that wants it.
    pub address: String,
    /// The site's limits.
    pub limits: Limits,
    /// Hash of the visitor token's `jti`, when it has one: it is spent here.
    pub jti: Option<String>,
}

/// What an admission object answers.
#[derive(Serialize, Deserialize)]
pub enum AdmissionReply {
    /// The ticket may be made.
    Open,
    /// There were too many.
    Limited {
        /// Whether all addresses together were too many.
        is_site: bool,
        /// Microseconds until one more is let in.
        wait_us: u64,
    },
    /// The token was spent before.
    Spent,
}

/// Asks a site's admission object for one ticket.
///
/// # Errors
/// 503 `unavailable` when the admission object does not answer: then nobody gets a ticket.
pub async fn admission(
    env: &Env,
    site: &SiteId,
    call: &AdmissionCall,
) -> Result<AdmissionReply, Problem> {
    let admission = env
        .durable_object("ADMISSIONS")?
        .get_by_name(site.as_str())?;
    ask("limiter", &admission, call).await
}
