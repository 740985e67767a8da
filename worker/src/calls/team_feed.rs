//! Calls to an organisation's team feed.

use oriel_shared::id::{ConversationId, EventId, OrgId, SiteId, VisitorId};
use serde::{Deserialize, Serialize};
use worker::{Env, ResponseBody};

use super::{EVENTS_PATH, ask, is_events, send};
use crate::http::problem::Problem;
use crate::store::deliveries::NewEvent;

/// A call to an organisation's team feed.
#[derive(Serialize, Deserialize)]
pub enum TeamFeedCall {
    /// Asks whether anybody listens to what is to be published.
    Announce {},
    /// Something happened. Events that were published before change nothing.
    Publish {
        /// The site.
        site: SiteId,
        /// The visitor.
        visitor: VisitorId,
        /// The events, in the order in which they happened.
        events: Vec<FeedEvent>,
    },
    /// Something of the moment, which is not stored.
    PublishMoment {
        /// The site.
        site: SiteId,
        /// The event, as JSON.
        payload: String,
    },
    /// A visitor's events are erased.
    Erase {
        /// Whose.
        visitor: VisitorId,
        /// Only those of this conversation.
        conversation: Option<ConversationId>,
    },
}

/// An event for those who listen.
#[derive(Serialize, Deserialize)]
pub struct FeedEvent {
    /// Made of what happened, so that it is published once.
    pub id: EventId,
    /// JSON, in the shape that webhooks have.
    pub payload: String,
}

impl From<NewEvent> for FeedEvent {
    fn from(event: NewEvent) -> Self {
        Self {
            id: event.id,
            payload: event.payload,
        }
    }
}

/// Who listens at a team feed.
#[derive(Serialize, Deserialize)]
pub struct FeedRequest {
    /// Only to this site.
    pub site: Option<SiteId>,
    /// The last event that they have.
    pub after: Option<u64>,
}

/// Calls an organisation's team feed. Returns whether anybody listens, or may come back for what they missed.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn team_feed(env: &Env, org: &OrgId, call: &TeamFeedCall) -> Result<bool, Problem> {
    let team_feed = env
        .durable_object("TEAM_FEEDS")?
        .get_by_name(org.as_str())?;
    ask("team_feed", &team_feed, call).await
}

/// Listens at an organisation's team feed.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn watch(env: &Env, org: &OrgId, asked: &FeedRequest) -> Result<ResponseBody, Problem> {
    let team_feed = env
        .durable_object("TEAM_FEEDS")?
        .get_by_name(org.as_str())?;
    let response = send("team_feed", &team_feed, EVENTS_PATH, asked).await?;
    if is_events(&response) {
        Ok(response.body().clone())
    } else {
        Err(Problem::unavailable("team_feed", &"no stream"))
    }
}
