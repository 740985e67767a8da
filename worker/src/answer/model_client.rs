//! How a site's models are reached: an OpenAI-compatible API, through a connection of the site's own, or Workers AI behind
//! the edge's binding.
//!
//! Keeps true: what goes to an API goes out under the egress policy, with the key of that connection and no other.

use oriel_shared::egress::Target;
use oriel_shared::event::Actor;
use oriel_shared::id::{ConnectionId, SiteId};
use oriel_shared::wire::admin::ConnectionKind;
use oriel_shared::wire::site::Provider;
use worker::{AbortSignal, Ai, Env, Method};

use crate::config;
use crate::http::problem::Problem;
use crate::outbound::{self, OutboundError};
use crate::store::sites::OwnedSite;
use crate::store::{Db, connections};

/// How a model is reached.
pub enum ModelClient {
    /// An OpenAI-compatible API.
    Api(Api),
    /// Workers AI.
    Binding(Ai),
}

/// An OpenAI-compatible API.
pub struct Api {
    /// On whose behalf, for the log.
    by: Actor,
    /// Its base.
    url: String,
    /// The site's own key.
    secret: Option<String>,
}

impl ModelClient {
    /// A client for the language model that a site turned on; `None` when there is none as it is set up: no such
    /// connection, or no binding, as on an edge that runs offline.
    ///
    /// # Errors
    /// A [`Problem`] of ours or of the database.
    pub async fn for_language_model(env: &Env, owned: &OwnedSite) -> Result<Option<Self>, Problem> {
        let model = &owned.site.model;
        Self::new(env, owned, model.provider, model.connection_id.as_ref()).await
    }

    /// A client for any model of a site, by its provider and connection.
    ///
    /// # Errors
    /// A [`Problem`] of ours or of the database.
    pub async fn new(
        env: &Env,
        owned: &OwnedSite,
        provider: Provider,
        connection: Option<&ConnectionId>,
    ) -> Result<Option<Self>, Problem> {
        let id = match (provider, connection) {
            (Provider::WorkersAi, _) => return Ok(env.ai("AI").ok().map(Self::Binding)),
            (Provider::Connection, Some(id)) => id,
            _ => return Ok(None),
        };
        let found = connections::find(&Db::open(env)?, &owned.org, None, id.as_str()).await?;
        let is_ours = |row: &connections::ConnectionRow| {
            let is_of_site = |site: &SiteId| *site == owned.site.id;
            row.enabled
                && row.kind == ConnectionKind::Model
                && row.site_id.as_ref().is_none_or(is_of_site)
        };
        let Some(row) = found.filter(is_ours) else {
            return Ok(None);
        };
        let secret = row.sealed.as_deref().map(|sealed| {
            let bytes = config::vault(env)?
                .open(row.id.as_str(), sealed)
                .map_err(|error| Problem::ours("vault", &error))?;
            String::from_utf8(bytes).map_err(|error| Problem::ours("vault", &error))
        });
        Ok(Some(Self::Api(Api {
            by: Actor::Connection(row.id.clone()),
            secret: secret.transpose()?,
            url: row.url,
        })))
    }

    /// The key that is sent along.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::Api(api) => api.secret.as_deref(),
            Self::Binding(_) => None,
        }
    }
}

impl Api {
    /// Its base address, if the egress policy lets a call go there.
    pub fn target(&self) -> Result<Target, OutboundError> {
        outbound::target(&self.by, &self.url)
    }

    /// Asks for an answer of a media type, with a body of JSON.
    pub async fn post(
        &self,
        env: &Env,
        target: &Target,
        (accept, body): (&str, Option<String>),
        signal: &AbortSignal,
    ) -> Result<outbound::Stream, OutboundError> {
        let mut headers = vec![
            ("accept", accept.to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        let secret = self.secret.as_ref();
        headers.extend(secret.map(|secret| ("authorization", format!("Bearer {secret}"))));
        let request = outbound::OutboundRequest {
            by: &self.by,
            method: Method::Post,
            target,
            headers,
            body,
        };
        outbound::open_stream(env, &request, signal).await
    }
}
