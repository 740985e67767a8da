//! The audit trail: who did what to an organisation's things, in lines that name nobody.

use oriel_shared::event::Action;
use oriel_shared::id::{ApiKeyId, AuditId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{AuditActor, AuditLine};
use serde::{Deserialize, Serialize};
use worker::D1PreparedStatement;

use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// A program of the team.
    ApiKey(ApiKeyId),
    /// Whoever has a link that this key made.
    Link(ApiKeyId),
    /// A visitor, of what is theirs.
    Visitor,
    /// The edge itself, when a time was over.
    Edge,
}

impl By {
    fn columns(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::ApiKey(key) => ("api_key", Some(key.as_str())),
            Self::Link(key) => ("link", Some(key.as_str())),
            Self::Visitor => ("visitor", None),
            Self::Edge => ("edge", None),
        }
    }
}

/// A line that is to be written.
#[derive(Clone, Debug)]
pub struct NewLine<'l> {
    /// Writing it twice is writing it once.
    pub id: AuditId,
    /// The tenant.
    pub org: &'l OrgId,
    /// The site, when it is about one.
    pub site: Option<&'l SiteId>,
    /// When.
    pub at: UnixMs,
    /// Who.
    pub by: &'l By,
    /// What.
    pub action: Action,
    /// To what, as `TokenKey::audit_name` names it.
    pub target: Option<&'l str>,
    /// To how many, when not to one.
    pub n: Option<u32>,
}

/// The statement that writes a line, for the transaction of what it tells of.
pub fn insert(db: &Db, line: &NewLine<'_>) -> Result<D1PreparedStatement, Problem> {
    let (actor, key) = line.by.columns();
    db.statement(
        "INSERT INTO audit (id, org_id, site_id, at, actor, key_id, action, target, n)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO NOTHING",
        &[
            text(line.id.as_str()),
            text(line.org.as_str()),
            maybe(line.site.map(SiteId::as_str)),
            int(line.at.0),
            text(actor),
            maybe(key),
            text(line.action.name()),
            maybe(line.target),
            line.n
                .map_or(wasm_bindgen::JsValue::NULL, |n| int(n.into())),
        ],
    )
}

/// Writes a line.
pub async fn write(db: &Db, line: &NewLine<'_>) -> Result<(), Problem> {
    db.batch(vec![insert(db, line)?]).await
}

/// A line as it was written.
#[derive(Deserialize)]
pub struct AuditRow {
    /// Names it.
    pub id: AuditId,
    /// When.
    pub at: UnixMs,
    actor: AuditActor,
    key_id: Option<ApiKeyId>,
    action: String,
    site_id: Option<SiteId>,
    target: Option<String>,
    n: Option<u32>,
}

impl From<AuditRow> for AuditLine {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at.rfc3339(),
            actor: row.actor,
            key: row.key_id,
            action: row.action,
            site: row.site_id,
            target: row.target,
            count: row.n,
        }
    }
}

/// A page of an organisation's lines, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    site: Option<&str>,
    target: Option<&str>,
    wanted: &Wanted<TimeCursor>,
) -> Result<Vec<AuditRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        "SELECT id, at, actor, key_id, action, site_id, target, n FROM audit
         WHERE org_id = ?1 AND (?2 IS NULL OR site_id = ?2) AND (?3 IS NULL OR target = ?3) AND (at, id) < (?4, ?5)
         ORDER BY at DESC, id DESC LIMIT ?6",
        &[
            text(org.as_str()),
            maybe(site),
            maybe(target),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}

/// Organisations that have a trail and are no more, and whose end the trail does not tell yet.
///
/// Asks the index for one organisation after the other, so that the length of the trails does not matter.
pub async fn ended(db: &Db) -> Result<Vec<OrgId>, Problem> {
    #[derive(Deserialize)]
    struct Ended {
        id: OrgId,
    }
    let ended: Vec<Ended> = db
        .all(
            "WITH RECURSIVE trails (id) AS (
               SELECT min(org_id) FROM audit
               UNION ALL
               SELECT (SELECT min(org_id) FROM audit WHERE org_id > trails.id) FROM trails WHERE id IS NOT NULL
             )
             SELECT id FROM trails
             WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM organisations WHERE organisations.id = trails.id)
               AND NOT EXISTS (SELECT 1 FROM audit WHERE org_id = trails.id AND action = 'organisation.end')",
            &[],
        )
        .await?;
    Ok(ended.into_iter().map(|ended| ended.id).collect())
}

/// Forgets up to `limit` lines of organisations whose end was told before `until`. Tells how many.
pub async fn forget(db: &Db, until: UnixMs, limit: u32) -> Result<usize, Problem> {
    db.run(
        "DELETE FROM audit WHERE id IN (
           SELECT line.id FROM audit AS line JOIN audit AS ending
             ON ending.org_id = line.org_id AND ending.action = 'organisation.end' AND ending.at < ?1
           ORDER BY line.at LIMIT ?2)",
        &[
            int(until.0),
            int(limit.into()),
        ],
    )
    .await
}
