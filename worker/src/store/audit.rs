//! The audit trail: who did what to an organisation's things, in lines that name nobody.

use oriel_shared::event::Action;
use oriel_shared::id::{ApiKeyId, AuditId, OrgId, SiteId, UnixMs};
use serde::{Deserialize, Serialize};
use worker::D1PreparedStatement;

use super::{Db, int, maybe, text};
use crate::http::problem::Problem;

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
