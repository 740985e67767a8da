//! Rows to D1, from an alarm: at least once, in batches that may arrive twice without harm. D1 down means that the rows
//! wait and the chat goes on. The events that connections are notified of go with the rows that they are about, in the
//! same batch.

use std::cell::Cell;
use std::rc::Rc;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::visitor::ServerFrame;
use serde::Serialize;
use tokio::sync::{Mutex, MutexGuard};
use worker::{Env, State};

use super::alarm::Alarm;
use super::archive::Archive;
use super::conversation::{Conversation, Record};
use super::reviews::Reviews;
use super::sync_pace::Pace;
use super::webhook_events;
use crate::calls::{self, TeamFeedCall};
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::log_failure;
use crate::store::Db;
use crate::store::batch::{self, Batch};
use crate::store::deliveries::DeliveryJob;
use crate::store::messages::MessageRow;

/// Rows of one batch.
const BATCH_ROWS: u32 = 200;
/// Bytes of the messages of one batch. D1 takes 2 MB in one value.
const BATCH_BYTES: usize = 500_000;

/// A frame of the moment: somebody writes, or has read.
#[derive(Serialize)]
struct MomentEvent<'m> {
    #[serde(rename = "type")]
    kind: &'static str,
    conversation: &'m ConversationId,
    frame: &'m ServerFrame,
}

/// What the sync needs.
pub struct SyncParts {
    /// D1, the team feed, webhook senders.
    pub env: Env,
    /// Keeps the instance while a moment is on its way.
    pub state: Rc<State>,
    /// When it syncs.
    pub alarm: Rc<Alarm>,
    /// The current conversation.
    pub conversation: Rc<Conversation>,
    /// The others, whose items in the queue may move.
    pub archive: Rc<Archive>,
    /// The team's queue.
    pub reviews: Rc<Reviews>,
}

/// The sync to D1.
pub struct D1Sync {
    parts: SyncParts,
    pace: Pace,
    /// Whether anybody listened at the team feed when it was called last.
    has_listeners: Cell<bool>,
    /// One at a time writes to D1, so that what is deleted there is not written again.
    writing: Mutex<()>,
}

impl D1Sync {
    /// Nothing is known of D1 yet.
    pub fn new(parts: SyncParts) -> Self {
        Self {
            parts,
            pace: Pace::default(),
            has_listeners: Cell::new(true),
            writing: Mutex::default(),
        }
    }

    /// A visitor's message was stored.
    pub fn on_message(&self) {
        self.pace.on_message(clock::now());
    }

    /// Makes sure that an alarm is coming.
    pub async fn wake_soon(&self) -> Result<(), Problem> {
        if self.parts.alarm.is_set() {
            return Ok(());
        }
        let delay_ms = self.pace.first_delay_ms(clock::now(), clock::random()?);
        self.parts.alarm.set(delay_ms).await
    }

    /// Writes what is there, unless the visitor is writing without a pause: then the alarm comes again. Returns whether it
    /// tried.
    pub async fn on_alarm(&self) -> Result<bool, Problem> {
        let pause = self.pace.pause_delay_ms(clock::now(), clock::random()?);
        if let Some(delay_ms) = pause {
            self.parts.alarm.set(delay_ms).await?;
            return Ok(false);
        }
        match self.run().await {
            Ok(()) => self.pace.on_success(),
            Err(problem) => {
                log_failure("sync", &problem);
                self.parts.alarm.set(self.pace.retry_delay_ms()).await?;
            }
        }
        Ok(true)
    }

    /// Waits for what is being written to D1, and holds up what would be next until the guard is dropped.
    pub async fn hold(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    /// Writes everything that D1 does not have yet, and publishes it to the team feed.
    pub async fn run(&self) -> Result<(), Problem> {
        let _writing = self.writing.lock().await;
        while let Some(record) = self.parts.conversation.record()? {
            let (batch, is_all) = self.collect(&record)?;
            let is_in_d1 = record.synced_seq > Seq(0);
            let has_changed = record.synced_status != Some(record.status)
                || record.is_context_synced == 0
                || batch.has_changes();
            if batch.messages.is_empty() && !(is_in_d1 && has_changed) {
                break;
            }
            let jobs = self.send(&record, &batch).await?;
            // Erased meanwhile: what has just arrived is deleted next.
            let now = self.parts.conversation.record()?;
            if now.is_none_or(|now| now.id != record.id) {
                break;
            }
            self.parts.conversation.set_synced(&batch)?;
            self.parts.reviews.set_synced(&batch)?;
            self.pace.on_batch(clock::now());
            self.wake_webhook_senders(jobs).await;
            if is_all {
                break;
            }
        }
        // Archived conversations are there already, whole; the team still moves what was raised in them.
        while let Some(record) = self.parts.archive.unsynced()? {
            let batch = self.queue_of(&record)?;
            let jobs = self.send(&record, &batch).await?;
            self.parts.reviews.set_synced(&batch)?;
            self.wake_webhook_senders(jobs).await;
        }
        Ok(())
    }

    /// Whether D1 has all of the current conversation.
    pub fn has_all(&self, record: &Record) -> Result<bool, Problem> {
        let is_status_synced = record
            .synced_status
            .is_none_or(|synced| synced == record.status);
        Ok(record.synced_seq == record.seq
            && is_status_synced
            && self.parts.conversation.status_changes(1)?.is_empty()
            && self.parts.conversation.feedback.unsynced(1)?.is_empty())
    }

    /// The next batch of the current conversation, and whether nothing had to be left for the one after it. What comes while
    /// it is on its way has an alarm of its own.
    fn collect(&self, record: &Record) -> Result<(Batch, bool), Problem> {
        let after = record.synced_seq;
        let mut messages = self.parts.conversation.messages_after(after, BATCH_ROWS)?;
        let n_messages = messages.len();
        let is_heavy = truncate_heavy(&mut messages);
        let last = messages.last().map(|row| (row.seq, row.at));
        let (seq, updated_at) = last.unwrap_or((after, record.updated_at));
        let batch = Batch {
            conversation: record.row(seq, updated_at),
            messages,
            status_changes: self.parts.conversation.status_changes(BATCH_ROWS)?,
            feedback: self.parts.conversation.feedback.unsynced(BATCH_ROWS)?,
            ..self.queue_of(record)?
        };
        let n_rows_max = batch.n_rows_max().max(n_messages);
        Ok((batch, n_rows_max < BATCH_ROWS as usize && !is_heavy))
    }

    /// What moved in the team's queue of a conversation.
    fn queue_of(&self, record: &Record) -> Result<Batch, Problem> {
        Ok(Batch {
            conversation: record.row(record.synced_seq, record.updated_at),
            messages: Vec::new(),
            status_changes: Vec::new(),
            feedback: Vec::new(),
            reviews: self.parts.reviews.unsynced(&record.id, BATCH_ROWS)?,
            review_steps: self.parts.reviews.unsynced_steps(&record.id, BATCH_ROWS)?,
        })
    }

    /// Writes a batch to D1 and publishes it to the team feed. Returns whose deliveries are due now.
    async fn send(&self, record: &Record, batch: &Batch) -> Result<Vec<DeliveryJob>, Problem> {
        let events = webhook_events::events(batch)?;
        let (org, db) = (&record.org_id, Db::open(&self.parts.env)?);
        let jobs = batch::write(&db, org, batch, &events, clock::now()).await?;
        // Before the batch counts as synced: a team feed that does not answer gets them with the next attempt. One that nobody
        // listened to is asked first, since the events have many times more bytes.
        if self.has_listeners.get()
            || calls::team_feed(&self.parts.env, org, &TeamFeedCall::Announce {}).await?
        {
            let publish = TeamFeedCall::Publish {
                site: record.site_id.clone(),
                visitor: record.visitor_id.clone(),
                events: events.into_iter().map(Into::into).collect(),
            };
            let has_listeners = calls::team_feed(&self.parts.env, org, &publish).await?;
            self.has_listeners.set(has_listeners);
        }
        Ok(jobs)
    }

    /// Publishes to the team feed what is only of the moment. Nobody waits for that, and nobody misses it.
    pub fn send_moment(&self, frame: &ServerFrame) -> Result<(), Problem> {
        let Some(record) = self.parts.conversation.record()? else {
            return Ok(());
        };
        let moment = TeamFeedCall::PublishMoment {
            site: record.site_id,
            payload: serde_json::to_string(&MomentEvent {
                kind: "conversation.moment",
                conversation: &record.id,
                frame,
            })?,
        };
        let (env, org) = (self.parts.env.clone(), record.org_id);
        self.parts.state.wait_until(async move {
            calls::team_feed(&env, &org, &moment).await.ok();
        });
        Ok(())
    }

    /// A webhook sender that cannot be woken is woken by a job soon.
    async fn wake_webhook_senders(&self, mut jobs: Vec<DeliveryJob>) {
        jobs.sort_by(|a, b| a.connection.cmp(&b.connection));
        jobs.dedup();
        for job in &jobs {
            if let Err(problem) = calls::wake_webhook_sender(&self.parts.env, job).await {
                log_failure("wake", &problem);
            }
        }
    }
}

/// Leaves what is too heavy for one batch to the next; one message never is. Returns whether something is left.
fn truncate_heavy(messages: &mut Vec<MessageRow>) -> bool {
    let mut n_bytes = 0;
    let light = messages.iter().take_while(|row| {
        n_bytes += row.text.len() + row.body.len();
        n_bytes <= BATCH_BYTES
    });
    let n_light = light.count().max(1);
    let is_heavy = n_light < messages.len();
    messages.truncate(n_light);
    is_heavy
}

#[cfg(test)]
mod tests {
    use oriel_shared::id::UnixMs;
    use oriel_shared::wire::visitor::Role;

    use super::*;

    fn message(n_bytes: usize) -> MessageRow {
        MessageRow {
            seq: Seq(1),
            id: "m1".into(),
            role: Role::Visitor,
            text: "a".repeat(n_bytes),
            body: String::new(),
            at: UnixMs(1),
            good: None,
        }
    }

    #[test]
    fn a_batch_is_bounded_by_bytes_and_never_empty_for_it() {
        for (sizes, n_left, is_heavy) in [
            (vec![], 0, false),
            (vec![10, 10], 2, false),
            (vec![BATCH_BYTES + 1], 1, false),
            (vec![BATCH_BYTES, 1], 1, true),
            (vec![BATCH_BYTES + 1, 1], 1, true),
            (vec![BATCH_BYTES / 2, BATCH_BYTES / 2, 1], 2, true),
        ] {
            let mut messages: Vec<_> = sizes.iter().map(|size| message(*size)).collect();
            assert_eq!(truncate_heavy(&mut messages), is_heavy, "{sizes:?}");
            assert_eq!(messages.len(), n_left, "{sizes:?}");
        }
    }
}
