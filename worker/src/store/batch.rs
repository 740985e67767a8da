//! A batch on its way from a visitor's object to D1: what the object has of one conversation that D1 does not. It may
//! arrive twice.

use oriel_shared::id::{OrgId, Seq, UnixMs};
use oriel_shared::wire::visitor::Status;
use serde::{Deserialize, Serialize};

use super::conversations::ConversationRow;
use super::deliveries::{self, DeliveryJob, NewEvent};
use super::messages::{self, MessageRow};
use super::reviews::{self, ReviewItem, ReviewStepRow};
use super::{Db, conversations, text};
use crate::http::problem::Problem;

/// What a visitor's object has of one conversation that D1 does not.
pub struct Batch {
    /// Where the conversation stands, with the last message of this batch.
    pub conversation: ConversationRow,
    /// Its next messages.
    pub messages: Vec<MessageRow>,
    /// Changes of its status. D1 keeps the last one; connections are notified of each.
    pub status_changes: Vec<StatusChange>,
    /// What the visitor said of answers.
    pub feedback: Vec<FeedbackRow>,
    /// Items of the team's queue in their present state.
    pub reviews: Vec<ReviewItem>,
    /// Steps of such items.
    pub review_steps: Vec<ReviewStepRow>,
}

impl Batch {
    /// The number of rows of the longest list.
    pub fn n_rows_max(&self) -> usize {
        let Self {
            conversation: _,
            messages,
            status_changes,
            feedback,
            reviews,
            review_steps,
        } = self;
        messages
            .len()
            .max(status_changes.len())
            .max(feedback.len())
            .max(reviews.len())
            .max(review_steps.len())
    }

    /// Whether it brings something beside messages.
    pub fn has_changes(&self) -> bool {
        let Self {
            conversation: _,
            messages: _,
            status_changes,
            feedback,
            reviews,
            review_steps,
        } = self;
        !(status_changes.is_empty()
            && feedback.is_empty()
            && reviews.is_empty()
            && review_steps.is_empty())
    }
}

/// A change of a conversation's status.
#[derive(Clone, Deserialize)]
pub struct StatusChange {
    /// Its number; none is used twice.
    pub n: u32,
    /// The status after it.
    pub status: Status,
    /// When.
    pub at: UnixMs,
}

/// What a visitor said of an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedbackRow {
    /// The answer.
    pub seq: Seq,
    /// 1 for good, 0 for bad.
    pub good: u8,
}

/// Writes a batch, and the deliveries of its events, as one transaction. Doing it again changes nothing. Returns whose
/// deliveries are due now.
///
/// # Errors
/// 503 `unavailable` when D1 does not answer: then nothing of it may be there, or all.
pub async fn write(
    db: &Db,
    org: &OrgId,
    batch: &Batch,
    events: &[NewEvent],
    now: UnixMs,
) -> Result<Vec<DeliveryJob>, Problem> {
    let Batch {
        conversation,
        messages,
        // The conversation's row has the last one.
        status_changes: _,
        feedback,
        reviews,
        review_steps,
    } = batch;
    let mut statements = vec![conversations::upsert(db, org, conversation)?];
    if !messages.is_empty() {
        statements.push(messages::insertion(db, org, &conversation.id, messages)?);
    }
    if !feedback.is_empty() {
        statements.push(db.statement(
            "UPDATE messages SET good = feedback.good
             FROM (SELECT value ->> 'seq' AS seq, value ->> 'good' AS good FROM json_each(?3)) AS feedback
             WHERE messages.org_id = ?2 AND messages.conversation_id = ?1 AND messages.seq = feedback.seq",
            &[
                text(conversation.id.as_str()),
                text(org.as_str()),
                text(&serde_json::to_string(feedback)?),
            ],
        )?);
    }
    if !(reviews.is_empty() && review_steps.is_empty()) {
        statements.extend(reviews::upsert(
            db,
            org,
            conversation,
            reviews,
            review_steps,
        )?);
    }
    statements.push(deliveries::enqueue(
        db,
        org,
        &conversation.site_id,
        events,
        now,
    )?);
    db.batch_rows(statements).await
}
