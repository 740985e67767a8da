//! Keys that sign visitor tokens, two live at the most. The secret is sealed for its row.

use oriel_shared::id::{OrgId, SigningKeyId, SiteId, UnixMs};

use super::columns::{Row, row};
use super::{Db, int, text};
use crate::http::problem::Problem;

/// Two, so that one can replace the other without a gap; more would only hide a key that nobody uses.
pub const LIVE_MAX: u32 = 2;

row! {
    /// A live key with its sealed secret.
    pub struct SealedKey {
        /// The `kid` of its tokens.
        pub id: SigningKeyId,
        /// Secret, sealed by the vault for the row named by `id`.
        pub sealed: String,
    }
}

const COLUMNS: &str = SealedKey::COLUMNS;
const VALUES: &str = SealedKey::VALUES;

/// Adds a key unless [`LIVE_MAX`] are live. Returns whether it was added. It is one statement, so that two callers
/// cannot both add the second.
pub async fn insert(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    key: &SealedKey,
    now: UnixMs,
) -> Result<bool, Problem> {
    let n_added = db
        .run(
            &format!(
                "INSERT INTO signing_keys (org_id, site_id, created_at, {COLUMNS})
                 SELECT ?1, ?2, ?3, {VALUES} FROM json_each(?4)
                 WHERE (SELECT count(*) FROM signing_keys WHERE org_id = ?1 AND site_id = ?2) < ?5"
            ),
            &[
                text(org.as_str()),
                text(site.as_str()),
                int(now.0),
                text(&serde_json::to_string(&[key])?),
                int(LIVE_MAX.into()),
            ],
        )
        .await?;
    Ok(n_added > 0)
}

/// Removes a key. Returns whether it was there.
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
        &format!(
            "SELECT {COLUMNS} FROM signing_keys WHERE org_id = ?1 AND site_id = ?2 ORDER BY created_at, id"
        ),
        &[text(org.as_str()), text(site.as_str())],
    )
    .await
}
