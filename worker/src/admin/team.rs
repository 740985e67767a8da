//! Who is calling from the team: a program with an API key in the `Authorization` header. A key reaches one
//! organisation, or one site of it; what is beyond its reach is not there.

use oriel_shared::event::Actor;
use oriel_shared::id::{ApiKeyId, OrgId, SiteId};
use oriel_shared::wire::problem::Code;
use sha2::{Digest, Sha256};

use super::audit;
use crate::http::call::{Call, Handle, Unknown};
use crate::http::problem::Problem;
use crate::http::response::HandlerResult;
use crate::store::Db;
use crate::store::api_keys::{self, Scope};
use crate::store::sites::{self, OwnedSite};

/// Longer than any key of ours.
const KEY_MAX: usize = 128;

/// A program of the team, and what its key reaches.
pub struct Team {
    /// The key.
    pub key: ApiKeyId,
    /// The tenant.
    pub org: OrgId,
    /// The one site that the key is held to, if it is.
    pub site: Option<SiteId>,
    /// The main database.
    pub db: Db,
}

/// Has a call of the team handled, and writes to the audit trail what it changed.
///
/// # Errors
/// 401 `unauthorized`, 403 `forbidden` for a key that is held to one site where the endpoint wants the organisation's,
/// the handler's.
pub async fn serve(call: Call<'_, Unknown>, handle: Handle<Team>) -> HandlerResult {
    let db = Db::open(call.env())?;
    let Scope { key, org, site } = find_key(&call, &db).await?;
    let (context, endpoint, target) = (call.context, call.endpoint, call.target());
    context.set_actor(Actor::ApiKey(key.clone()));
    if endpoint.is_organisation_wide && site.is_some() {
        let detail =
            "This key is held to one site; this call needs a key of the whole organisation.";
        return Err(Problem::new(Code::Forbidden, detail));
    }
    let team = Team {
        key,
        org: org.clone(),
        site,
        db,
    };
    let outcome = handle(call.by(team)?).await;
    if let Some(log) = endpoint.log
        && log.is_audited
        && outcome.is_ok()
    {
        audit::record(context, &org, log.action, target).await;
    }
    outcome
}

/// What the API key of a call reaches. No key, a garbled one and an unknown one are refused with the same words.
async fn find_key(call: &Call<'_, Unknown>, db: &Db) -> Result<Scope, Problem> {
    let refused = || {
        Problem::refused(Code::Unauthorized).with_header("www-authenticate", "Bearer".to_owned())
    };
    let header = call.header("authorization")?.unwrap_or_default();
    let key = header
        .strip_prefix("Bearer ")
        .filter(|key| key.starts_with("ok_") && key.len() <= KEY_MAX)
        .ok_or_else(refused)?;
    let hash: String = Sha256::digest(key.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    api_keys::find(db, &hash).await?.ok_or_else(refused)
}

impl Call<'_, Team> {
    /// The main database.
    pub fn db(&self) -> &Db {
        &self.caller.db
    }

    /// The tenant.
    pub fn org(&self) -> &OrgId {
        &self.caller.org
    }

    /// Who calls, for the log.
    pub fn actor(&self) -> Actor {
        Actor::ApiKey(self.caller.key.clone())
    }

    /// The one site that a list is held to: the key's, or the one that the parameter `site` asks for.
    ///
    /// # Errors
    /// 404 `not_found` when the key is held to another site than was asked for.
    pub fn only_site(&self) -> Result<Option<String>, Problem> {
        match (&self.caller.site, self.query("site")) {
            (Some(site), Some(asked)) if site.as_str() != asked => {
                Err(Problem::refused(Code::NotFound))
            }
            (Some(site), _) => Ok(Some(site.0.clone())),
            (None, asked) => Ok(asked),
        }
    }

    /// The site that the path names.
    ///
    /// # Errors
    /// 404 `not_found` for a site that is not there and for one that is not theirs.
    pub async fn site(&self) -> Result<OwnedSite, Problem> {
        self.find_site(self.param("site")).await
    }

    /// A site that the caller may manage.
    ///
    /// # Errors
    /// As [`Self::site`].
    pub async fn find_site(&self, id: &str) -> Result<OwnedSite, Problem> {
        let only = self.caller.site.as_ref();
        let found = match only.is_none_or(|only| only.as_str() == id) {
            true => sites::find(self.db(), self.org(), id).await?,
            false => None,
        };
        let found = found.ok_or_else(|| Problem::refused(Code::NotFound))?;
        self.context.set_site(&found.site.id);
        Ok(found)
    }
}
