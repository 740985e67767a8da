//! API keys: kept as SHA-256 of the whole key, which has 256 random bits.

use oriel_shared::id::{ApiKeyId, OrgId, SiteId};
use serde::Deserialize;

use super::{Db, text};
use crate::http::problem::Problem;

/// What a key may do: everything of one organisation, or of one site of it.
#[derive(Deserialize)]
pub struct Scope {
    /// The key's row, for the log.
    #[serde(rename = "id")]
    pub key: ApiKeyId,
    /// The tenant.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// Held to this site, when the key is.
    #[serde(rename = "site_id")]
    pub site: Option<SiteId>,
}

/// Whose key has this hash (lower-case hex).
pub async fn find(db: &Db, hash: &str) -> Result<Option<Scope>, Problem> {
    db.first(
        "SELECT id, org_id, site_id FROM api_keys WHERE hash = ?1",
        &[text(hash)],
    )
    .await
}
