//! The management API: one file per resource that the team manages. Callers hold an API key, scoped to an organisation
//! or to one site of it; what is not theirs is not there.

pub mod access;
pub mod audit;
pub mod budget;
pub mod connections;
pub mod conversations;
pub mod deliveries;
pub mod documents;
pub mod downloads;
pub mod embed;
pub mod events;
pub mod imports;
pub mod reviews;
pub mod signing_keys;
pub mod sites;
pub mod visitors;

use oriel_shared::event::Actor;
use oriel_shared::wire::problem::Code;
use worker::{Env, Url};

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::store::api_keys::Scope;
use crate::store::sites::OwnedSite;
use crate::store::{self, Db};

/// One call by somebody who may call.
pub struct Call<'e> {
    /// What their key reaches.
    pub caller: Scope,
    /// The main database.
    pub db: Db,
    /// For objects, secrets and the index.
    pub env: &'e Env,
    /// To note what a change is made to.
    pub context: &'e Context,
    /// For query parameters and the edge's own origin.
    pub url: &'e Url,
}

impl Call<'_> {
    /// Who calls, for the log.
    pub fn actor(&self) -> Actor {
        Actor::ApiKey(self.caller.key.clone())
    }

    /// The one site that a list is held to: the key's, or the one that was asked for.
    ///
    /// # Errors
    /// 404 `not_found` when the key is held to another than was asked for.
    pub fn only_site(&self, asked: Option<String>) -> Result<Option<String>, Problem> {
        match (&self.caller.site, asked) {
            (Some(site), Some(asked)) if site.as_str() != asked => {
                Err(Problem::refused(Code::NotFound))
            }
            (Some(site), _) => Ok(Some(site.0.clone())),
            (None, asked) => Ok(asked),
        }
    }

    /// A site that the caller may manage.
    ///
    /// # Errors
    /// 404 `not_found` for a site that is not there and for one that is not theirs.
    pub async fn site(&self, id: &str) -> Result<OwnedSite, Problem> {
        let is_in_scope = self
            .caller
            .site
            .as_ref()
            .is_none_or(|only| only.as_str() == id);
        let found = if is_in_scope {
            store::sites::find(&self.db, &self.caller.org, id).await?
        } else {
            None
        };
        let found = found.ok_or_else(|| Problem::refused(Code::NotFound))?;
        self.context.is_about(&found.site.id);
        Ok(found)
    }
}
