//! The audit trail: who did what to an organisation's things, in lines that name nobody.

use oriel_shared::event::Action;
use oriel_shared::id::{ApiKeyId, AuditId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{AuditActor, AuditLine};
use serde::{Deserialize, Serialize};
use worker::D1PreparedStatement;

use super::columns::{Row, row};
use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DoneBy {
    /// A program of the team.
    ApiKey(ApiKeyId),
    /// Whoever has a link that this key made.
    Link(ApiKeyId),
    /// A visitor, of what is theirs.
    Visitor,
    /// The edge itself, when a time was over.
    Edge,
}

/// A line that is to be written.
#[derive(Clone, Debug)]
pub struct NewAuditLine<'l> {
    /// A line that is written twice under one id is one line.
    pub id: AuditId,
    /// The tenant.
    pub org: &'l OrgId,
    /// The site, when it is about one.
    pub site: Option<&'l SiteId>,
    /// When it was done.
    pub at: UnixMs,
    /// Who did it.
    pub by: &'l DoneBy,
    /// What was done.
    pub action: Action,
    /// What it was done to, as `TokenKey::audit_name` names it.
    pub target: Option<&'l str>,
    /// To how many things it was done, when not to one.
    pub n: Option<u32>,
}

row! {
    /// A line as it is written.
    pub struct AuditRow {
        /// Names it.
        pub id: AuditId,
        /// When it was done.
        pub at: UnixMs,
        actor: AuditActor,
        key_id: Option<ApiKeyId>,
        action: String,
        site_id: Option<SiteId>,
        target: Option<String>,
        n: Option<u32>,
    }
}

const COLUMNS: &str = AuditRow::COLUMNS;
const VALUES: &str = AuditRow::VALUES;

impl From<&NewAuditLine<'_>> for AuditRow {
    fn from(line: &NewAuditLine<'_>) -> Self {
        let NewAuditLine {
            id,
            org: _,
            site,
            at,
            by,
            action,
            target,
            n,
        } = line;
        let (actor, key_id) = match by {
            DoneBy::ApiKey(key) => (AuditActor::ApiKey, Some(key.clone())),
            DoneBy::Link(key) => (AuditActor::Link, Some(key.clone())),
            DoneBy::Visitor => (AuditActor::Visitor, None),
            DoneBy::Edge => (AuditActor::Edge, None),
        };
        Self {
            id: id.clone(),
            at: *at,
            actor,
            key_id,
            action: action.name().to_owned(),
            site_id: site.cloned(),
            target: target.map(str::to_owned),
            n: *n,
        }
    }
}

/// The statement that writes a line, for the transaction of what it is about.
pub fn insert(db: &Db, line: &NewAuditLine<'_>) -> Result<D1PreparedStatement, Problem> {
    let row = AuditRow::from(line);
    db.statement(
        &format!(
            "INSERT INTO audit (org_id, {COLUMNS}) SELECT ?1, {VALUES} FROM json_each(?2) WHERE true
             ON CONFLICT (id) DO NOTHING"
        ),
        &[
            text(line.org.as_str()),
            text(&serde_json::to_string(&[row])?),
        ],
    )
}

/// Writes a line.
pub async fn write(db: &Db, line: &NewAuditLine<'_>) -> Result<(), Problem> {
    db.batch(vec![insert(db, line)?]).await
}

impl From<AuditRow> for AuditLine {
    fn from(row: AuditRow) -> Self {
        let AuditRow {
            id,
            at,
            actor,
            key_id,
            action,
            site_id,
            target,
            n,
        } = row;
        Self {
            id,
            at: at.rfc3339(),
            actor,
            key: key_id,
            action,
            site: site_id,
            target,
            count: n,
        }
    }
}

/// A page of an organisation's lines, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    site: Option<&str>,
    target: Option<&str>,
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<AuditRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM audit
             WHERE org_id = ?1 AND (?2 IS NULL OR site_id = ?2) AND (?3 IS NULL OR target = ?3) AND (at, id) < (?4, ?5)
             ORDER BY at DESC, id DESC LIMIT ?6"
        ),
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

/// Organisations that have a trail and are no more, and whose trail has no line of that yet.
///
/// Asks the index for one organisation after the other, so that the length of the trails does not matter.
pub async fn unrecorded_ends(db: &Db) -> Result<Vec<OrgId>, Problem> {
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

/// Deletes up to `limit` lines of organisations whose end was written down before `until`. Returns how many there were.
pub async fn delete_ended(db: &Db, until: UnixMs, limit: u32) -> Result<usize, Problem> {
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
