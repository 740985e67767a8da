//! Calls to an organisation's desk.

use oriel_shared::id::{ConversationId, EventId, OrgId, SiteId, VisitorId};
use serde::{Deserialize, Serialize};
use worker::{Env, ResponseBody};

use super::{EVENTS_PATH, ask, is_events, send};
use crate::http::problem::Problem;
use crate::store::deliveries::NewEvent;

/// What an organisation's desk is told.
#[derive(Serialize, Deserialize)]
pub enum DeskCall {
    /// Something is to be published, if anybody listens.
    Announce {},
    /// Something happened. The same events again change nothing.
    Publish {
        /// Where.
        site: SiteId,
        /// With whom.
        visitor: VisitorId,
        /// In this order.
        events: Vec<Published>,
    },
    /// Something of the moment, which is not kept.
    Mention {
        /// Where.
        site: SiteId,
        /// JSON.
        payload: String,
    },
    /// A visitor is to be forgotten.
    Forget {
        /// Whom.
        visitor: VisitorId,
        /// Only what is of this conversation.
        conversation: Option<ConversationId>,
    },
}

/// An event for those who listen.
#[derive(Serialize, Deserialize)]
pub struct Published {
    /// Made of what happened.
    pub id: EventId,
    /// JSON, in the shape that webhooks have.
    pub payload: String,
}

impl From<NewEvent> for Published {
    fn from(event: NewEvent) -> Self {
        Self {
            id: event.id,
            payload: event.payload,
        }
    }
}

/// Who listens at a desk.
#[derive(Serialize, Deserialize)]
pub struct Watching {
    /// Only to this site.
    pub site: Option<SiteId>,
    /// The last event that they have.
    pub after: Option<u64>,
}

/// Tells an organisation's desk. It tells whether anybody listens, or may come back for what they missed.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn desk(env: &Env, org: &OrgId, call: &DeskCall) -> Result<bool, Problem> {
    let desk = env.durable_object("DESKS")?.get_by_name(org.as_str())?;
    ask("desk", &desk, call).await
}

/// Listens at an organisation's desk.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn watch(env: &Env, org: &OrgId, watching: &Watching) -> Result<ResponseBody, Problem> {
    let desk = env.durable_object("DESKS")?.get_by_name(org.as_str())?;
    let response = send("desk", &desk, EVENTS_PATH, watching).await?;
    if is_events(&response) {
        Ok(response.body().clone())
    } else {
        Err(Problem::unavailable("desk", &"no stream"))
    }
}
