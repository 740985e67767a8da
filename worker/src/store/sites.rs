//! Sites. Visitors find one by its public key, the team by its id and its own organisation.

use oriel_shared::id::{OrgId, SiteId, SiteKey, UnixMs};
use oriel_shared::wire::admin::{Limits, LimitsChange, Mode, Site};
use oriel_shared::wire::site::{Answers, Hours, Model};
use oriel_shared::wire::theme::{Prechat, Theme};
use serde::{Deserialize, Serialize};

use super::columns::{Row, changes, flag, json, row};
use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

/// A site and its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedSite {
    /// The tenant.
    pub org: OrgId,
    /// The site as the management API shows it. The safelist is in its normal form.
    pub site: Site,
    /// For cursors.
    pub created_at: UnixMs,
    /// Sessions that began before this have ended.
    pub sessions_since: UnixMs,
}

/// Declares the row of a site by its settings, which are fields of [`Site`] under the same names. Both ways between the
/// two take every field by its name, so a setting that is not listed does not compile.
macro_rules! settings {
    ($($(#[$about:meta])* $setting:ident: $type:ty,)*) => {
        row! {
            struct SiteRow {
                id: SiteId,
                org_id: OrgId,
                key: String,
                $($(#[$about])* $setting: $type,)*
                sessions_since: UnixMs,
                created_at: UnixMs,
            }
        }

        impl From<OwnedSite> for SiteRow {
            fn from(owned: OwnedSite) -> Self {
                let OwnedSite { org: org_id, site, created_at, sessions_since } = owned;
                let Site { id, key, $($setting,)* created_at: _ } = site;
                Self { id, org_id, key, $($setting,)* sessions_since, created_at }
            }
        }

        impl From<SiteRow> for OwnedSite {
            fn from(row: SiteRow) -> Self {
                let SiteRow { id, org_id: org, key, $($setting,)* sessions_since, created_at } = row;
                let site = Site { id, key, $($setting,)* created_at: created_at.rfc3339() };
                Self { org, site, created_at, sessions_since }
            }
        }
    };
}

settings! {
    name: String,
    mode: Mode,
    #[serde(with = "json")]
    safelist: Vec<String>,
    #[serde(with = "flag")]
    enabled: bool,
    token_ttl_max: u32,
    greeting: String,
    disclosure: String,
    #[serde(serialize_with = "json::serialize", deserialize_with = "read_limits")]
    limits: Limits,
    #[serde(with = "json")]
    answers: Answers,
    #[serde(with = "json")]
    model: Model,
    #[serde(with = "json")]
    hours: Hours,
    #[serde(with = "json")]
    theme: Theme,
    locale: Option<String>,
    #[serde(with = "json")]
    suggestions: Vec<String>,
    #[serde(with = "json")]
    prechat: Option<Prechat>,
    retention_days: u32,
}

const COLUMNS: &str = SiteRow::COLUMNS;
const VALUES: &str = SiteRow::VALUES;
const CHANGES: &str = SiteRow::CHANGES;

/// Limits that are not stored have their defaults.
fn read_limits<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Limits, D::Error> {
    let stored: LimitsChange = json::deserialize(deserializer)?;
    let mut limits = Limits::DEFAULT;
    limits.apply(&stored);
    Ok(limits)
}

/// Adds a site, disabled or not as it says.
pub async fn insert(db: &Db, owned: &OwnedSite) -> Result<(), Problem> {
    let row = SiteRow::from(owned.clone());
    db.run(
        &format!("INSERT INTO sites ({COLUMNS}) SELECT {VALUES} FROM json_each(?1)"),
        &[text(&serde_json::to_string(&[row])?)],
    )
    .await
    .map(drop)
}

/// Writes what differs from `old`, as it was read, and nothing else: who suspends a site is not undone by who changes
/// its greeting at the same moment.
pub async fn update(db: &Db, old: &OwnedSite, new: &OwnedSite) -> Result<(), Problem> {
    let Some(changed) = changes(&SiteRow::from(old.clone()), &SiteRow::from(new.clone()))? else {
        return Ok(());
    };
    db.run(
        &format!(
            "UPDATE sites SET {CHANGES} FROM (SELECT ?3 AS value) WHERE org_id = ?1 AND id = ?2"
        ),
        &[
            text(new.org.as_str()),
            text(new.site.id.as_str()),
            text(&changed),
        ],
    )
    .await
    .map(drop)
}

/// Ends every session of a site that began before `now`.
pub async fn revoke_sessions(
    db: &Db,
    org: &OrgId,
    id: &SiteId,
    now: UnixMs,
) -> Result<(), Problem> {
    db.run(
        "UPDATE sites SET sessions_since = ?3 WHERE org_id = ?1 AND id = ?2",
        &[text(org.as_str()), text(id.as_str()), int(now.0)],
    )
    .await
    .map(drop)
}

/// A site of an organisation.
pub async fn find(db: &Db, org: &OrgId, id: &str) -> Result<Option<OwnedSite>, Problem> {
    let row: Option<SiteRow> = db
        .first(
            &format!("SELECT {COLUMNS} FROM sites WHERE org_id = ?1 AND id = ?2"),
            &[text(org.as_str()), text(id)],
        )
        .await?;
    Ok(row.map(Into::into))
}

/// A site by the key in its embed code, enabled or not.
pub async fn find_by_key(db: &Db, key: &SiteKey) -> Result<Option<OwnedSite>, Problem> {
    let row: Option<SiteRow> = db
        .first(
            &format!("SELECT {COLUMNS} FROM sites WHERE key = ?1"),
            &[text(key.as_str())],
        )
        .await?;
    Ok(row.map(Into::into))
}

/// A page of an organisation's sites, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<OwnedSite>, Problem> {
    let after = wanted.after_or_start();
    let rows: Vec<SiteRow> = db
        .all(
            &format!(
                "SELECT {COLUMNS} FROM sites
                 WHERE org_id = ?1 AND (?2 = '' OR id = ?2) AND (created_at, id) < (?3, ?4)
                 ORDER BY created_at DESC, id DESC LIMIT ?5"
            ),
            &[
                text(org.as_str()),
                text(only.map_or("", SiteId::as_str)),
                int(after.at),
                text(&after.id),
                int(u64::from(wanted.limit) + 1),
            ],
        )
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
