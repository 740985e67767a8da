//! Keys that sign visitor tokens, two live at the most. The secret is sealed for its row.

use oriel_shared::id::{OrgId, SigningKeyId, SiteId, UnixMs};
use serde::Deserialize;

use super::{Db, int, text};
use crate::http::problem::Problem;

/// Two, so that one can replace the other without a gap; more would only hide a key that nobody uses.
pub const LIVE_MAX: u32 = 2;

/// A live key with its sealed secret.
#[derive(Clone, Deserialize)]
pub struct SealedKey {
    /// The `kid` of its tokens.
    pub id: SigningKeyId,
    /// Secret, sealed by the vault for the row named by `id`.
    pub sealed: String,
}

/// Adds a key unless [`LIVE_MAX`] are live. Tells whether it was added; one statement, so two callers cannot both be
/// the second.
pub async fn insert(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    key: &SealedKey,
    now: UnixMs,
) -> Result<bool, Problem> {
    let n_added = db
        .run(
            "INSERT INTO signing_keys (id, org_id, site_id, sealed, created_at)
             SELECT ?1, ?2, ?3, ?4, ?5
             WHERE (SELECT count(*) FROM signing_keys WHERE org_id = ?2 AND site_id = ?3) < ?6",
            &[
                text(key.id.as_str()),
                text(org.as_str()),
                text(site.as_str()),
                text(&key.sealed),
                int(now.0),
                int(LIVE_MAX.into()),
            ],
        )
        .await?;
    Ok(n_added > 0)
}

/// Removes a key. Tells whether it was there.
pub async fn delete(db: &Db, org: &OrgId, site: &SiteId, kid: &str) -> Result<bool, Problem> {
    let n_deleted = db
        .run(
            "DELETE FROM signing_keys WHERE org_id = ?1 AND site_id = ?2 AND id = ?3",
            &[text(org.as_str()), text(site.as_str()), text(kid)],
        )
        .await?;
    Ok(n_deleted > 0)
}

/// The live keys of a site.
pub async fn list(db: &Db, org: &OrgId, site: &SiteId) -> Result<Vec<SealedKey>, Problem> {
    db.all(
        "SELECT id, sealed FROM signing_keys WHERE org_id = ?1 AND site_id = ?2 ORDER BY created_at, id",
        &[text(org.as_str()), text(site.as_str())],
    )
    .await
}
