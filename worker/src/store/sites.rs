//! Sites. Visitors find one by its public key, the team by its id and its own organisation.

use oriel_shared::id::{OrgId, SiteId, SiteKey, UnixMs};
use oriel_shared::wire::admin::{Limits, Mode, Site};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

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

#[derive(Deserialize)]
struct SiteRow {
    id: SiteId,
    org_id: OrgId,
    key: String,
    name: String,
    mode: Mode,
    safelist: String,
    enabled: u8,
    token_ttl_max: u32,
    greeting: String,
    disclosure: String,
    created_at: UnixMs,
    limits: String,
    sessions_since: UnixMs,
    answers: String,
    model: String,
    hours: String,
    retention_days: u32,
    theme: String,
    locale: Option<String>,
    suggestions: String,
    prechat: Option<String>,
}

impl TryFrom<SiteRow> for OwnedSite {
    type Error = Problem;

    fn try_from(row: SiteRow) -> Result<Self, Problem> {
        let mut limits = Limits::DEFAULT;
        limits.apply(&serde_json::from_str(&row.limits)?);
        Ok(Self {
            org: row.org_id,
            sessions_since: row.sessions_since,
            created_at: row.created_at,
            site: Site {
                id: row.id,
                key: row.key,
                name: row.name,
                mode: row.mode,
                safelist: serde_json::from_str(&row.safelist)?,
                enabled: row.enabled == 1,
                token_ttl_max: row.token_ttl_max,
                limits,
                greeting: row.greeting,
                disclosure: row.disclosure,
                answers: serde_json::from_str(&row.answers)?,
                model: serde_json::from_str(&row.model)?,
                hours: serde_json::from_str(&row.hours)?,
                theme: serde_json::from_str(&row.theme)?,
                locale: row.locale,
                suggestions: serde_json::from_str(&row.suggestions)?,
                prechat: row
                    .prechat
                    .as_deref()
                    .map(serde_json::from_str)
                    .transpose()?,
                retention_days: row.retention_days,
                created_at: row.created_at.rfc3339(),
            },
        })
    }
}

/// Every column, as [`SiteRow`] reads them.
const COLUMNS: &str = "id, org_id, key, name, mode, safelist, enabled, token_ttl_max, greeting, disclosure, created_at, \
     limits, sessions_since, answers, model, hours, retention_days, \
     theme, locale, suggestions, prechat";

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Safelist => "safelist",
        Mode::Signed => "signed",
    }
}

/// Adds a site, disabled or not as it says.
pub async fn insert(db: &Db, owned: &OwnedSite) -> Result<(), Problem> {
    let site = &owned.site;
    let prechat = site.prechat.as_ref().map(serde_json::to_string);
    let prechat = prechat.transpose()?;
    db.run(
        "INSERT INTO sites
           (id, org_id, key, name, mode, safelist, enabled, token_ttl_max, greeting, disclosure, created_at, limits,
            answers, model, hours, retention_days, theme, locale, suggestions, prechat)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        &[
            text(site.id.as_str()),
            text(owned.org.as_str()),
            text(&site.key),
            text(&site.name),
            text(mode_name(site.mode)),
            text(&serde_json::to_string(&site.safelist)?),
            int(site.enabled.into()),
            int(site.token_ttl_max.into()),
            text(&site.greeting),
            text(&site.disclosure),
            int(owned.created_at.0),
            text(&serde_json::to_string(&site.limits)?),
            text(&serde_json::to_string(&site.answers)?),
            text(&serde_json::to_string(&site.model)?),
            text(&serde_json::to_string(&site.hours)?),
            int(site.retention_days.into()),
            text(&serde_json::to_string(&site.theme)?),
            maybe(site.locale.as_deref()),
            text(&serde_json::to_string(&site.suggestions)?),
            maybe(prechat.as_deref()),
        ],
    )
    .await
    .map(drop)
}

/// Writes what differs from `old`, as it was read, and nothing else: who suspends a site is not undone by who changes its
/// greeting at the same moment.
pub async fn update(db: &Db, owned: &OwnedSite, old: &Site) -> Result<(), Problem> {
    /// NULL for what stays.
    fn news<T: PartialEq>(new: &T, old: &T, value: impl FnOnce(&T) -> JsValue) -> JsValue {
        if new == old {
            JsValue::NULL
        } else {
            value(new)
        }
    }
    fn json<T: PartialEq + Serialize>(new: &T, old: &T) -> Result<JsValue, Problem> {
        let json = serde_json::to_string(new)?;
        Ok(news(new, old, |_| text(&json)))
    }
    let words = |new, old| news(new, old, |words: &String| text(words));
    let number = |new: u32, old: u32| news(&new, &old, |number| int((*number).into()));
    let site = &owned.site;
    let prechat = site.prechat.as_ref().map(serde_json::to_string);
    let prechat = prechat.transpose()?;
    db.run(
        "UPDATE sites
         SET name = coalesce(?3, name), mode = coalesce(?4, mode), safelist = coalesce(?5, safelist),
             enabled = coalesce(?6, enabled), token_ttl_max = coalesce(?7, token_ttl_max),
             greeting = coalesce(?8, greeting), disclosure = coalesce(?9, disclosure), limits = coalesce(?10, limits),
             answers = coalesce(?11, answers), model = coalesce(?12, model), hours = coalesce(?13, hours),
             retention_days = coalesce(?14, retention_days), theme = coalesce(?15, theme),
             locale = iif(?16, ?17, locale), suggestions = coalesce(?18, suggestions), prechat = iif(?19, ?20, prechat)
         WHERE org_id = ?1 AND id = ?2",
        &[
            text(owned.org.as_str()),
            text(site.id.as_str()),
            words(&site.name, &old.name),
            news(&site.mode, &old.mode, |mode| text(mode_name(*mode))),
            json(&site.safelist, &old.safelist)?,
            number(site.enabled.into(), old.enabled.into()),
            number(site.token_ttl_max, old.token_ttl_max),
            words(&site.greeting, &old.greeting),
            words(&site.disclosure, &old.disclosure),
            json(&site.limits, &old.limits)?,
            json(&site.answers, &old.answers)?,
            json(&site.model, &old.model)?,
            json(&site.hours, &old.hours)?,
            number(site.retention_days, old.retention_days),
            json(&site.theme, &old.theme)?,
            int((site.locale != old.locale).into()),
            maybe(site.locale.as_deref()),
            json(&site.suggestions, &old.suggestions)?,
            int((site.prechat != old.prechat).into()),
            maybe(prechat.as_deref()),
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
    row.map(TryInto::try_into).transpose()
}

/// A site by the key in its embed code, enabled or not.
pub async fn find_by_key(db: &Db, key: &SiteKey) -> Result<Option<OwnedSite>, Problem> {
    let row: Option<SiteRow> = db
        .first(
            &format!("SELECT {COLUMNS} FROM sites WHERE key = ?1"),
            &[text(key.as_str())],
        )
        .await?;
    row.map(TryInto::try_into).transpose()
}

/// A page of an organisation's sites, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    wanted: &Wanted<TimeCursor>,
) -> Result<Vec<OwnedSite>, Problem> {
    let after = wanted.after_or_start();
    let rows: Vec<SiteRow> = db
        .all(
            &format!(
                "SELECT {COLUMNS}
             FROM sites
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
    rows.into_iter().map(TryInto::try_into).collect()
}
