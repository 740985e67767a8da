//! Rows to D1, from an alarm: at least once, in batches that may arrive twice without harm. D1 down means that the rows
//! wait and the chat goes on. What connections are told of goes with the rows that it tells of, in the same batch.

use std::time::Duration;

use oriel_shared::id::{ConversationId, Seq, UnixMs};
use oriel_shared::wire::visitor::ServerFrame;
use serde::Serialize;

use super::messages::{Conversation, Move};
use super::{Visitor, archive, messages, reviews, webhook_events};
use crate::calls;
use crate::calls::TeamFeedCall;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::note;
use crate::store::deliveries::DeliveryJob;
use crate::store::messages::{
    self as store_messages, Batch as MessageBatch, Judgement, MessageRow,
};
use crate::store::reviews::{ReviewItem, ReviewStepRow};
use crate::store::{Db, conversations};

/// Long enough to catch a question and its answer in one batch, short enough that the team sees it at once.
const DELAY_MS: u64 = 300;
/// The same while batch follows batch: each costs several writes, whatever it holds. Within the two seconds in which a
/// message has to be found.
const BUSY_DELAY_MS: u64 = 1_500;
/// A visitor who writes without a pause is waited for, so that many messages are one batch; up to this long, by chance as
/// little as half of it: those who began together would hold up everybody by bringing theirs together.
const FLOOD_MS: u64 = 5_000;
/// Without a message for so long, they have paused. With the wait below, still within the two seconds.
const PAUSE_MS: u64 = 300;
/// Between two looks whether they have paused.
const LOOK_MS: u64 = 1_300;
/// Rows of one batch.
const BATCH: u32 = 200;
/// Bytes of the messages of one batch. D1 takes 2 MB in one value.
const BATCH_WEIGHT: usize = 500_000;
/// Waits between attempts double up to this while D1 does not answer.
const MAX_DELAY_MS: u64 = 60_000;

/// What goes to D1 in one batch.
#[derive(Default)]
struct Pile {
    rows: Vec<MessageRow>,
    moves: Vec<Move>,
    judgements: Vec<Judgement>,
    reviews: Vec<ReviewItem>,
    steps: Vec<ReviewStepRow>,
}

impl Pile {
    /// Whether nothing had to be left for the next one.
    fn is_all(&self) -> bool {
        [
            self.rows.len(),
            self.moves.len(),
            self.judgements.len(),
            self.reviews.len(),
            self.steps.len(),
        ]
        .iter()
        .all(|n| *n < BATCH as usize)
    }

    fn tells_of_moves(&self) -> bool {
        !(self.moves.is_empty()
            && self.judgements.is_empty()
            && self.reviews.is_empty()
            && self.steps.is_empty())
    }
}

/// Somebody writes, or has read: a frame of the visitor's, told to the team.
#[derive(Serialize)]
struct Momentary<'m> {
    #[serde(rename = "type")]
    kind: &'static str,
    conversation: &'m ConversationId,
    frame: &'m ServerFrame,
}

impl Visitor {
    /// Makes sure that an alarm is coming.
    pub(super) async fn wake_soon(&self) -> Result<(), Problem> {
        if self.is_alarm_set.get() {
            return Ok(());
        }
        let now = clock::now().0;
        let is_busy = now < self.kept_at.get().0 + 2 * BUSY_DELAY_MS;
        let delay_ms = if is_busy {
            apart(BUSY_DELAY_MS)?
        } else {
            DELAY_MS
        };
        self.due_at.set(UnixMs(now + apart(FLOOD_MS)?));
        self.set_alarm(delay_ms).await
    }

    pub(super) async fn set_alarm(&self, delay_ms: u64) -> Result<(), Problem> {
        self.is_alarm_set.set(true);
        self.state
            .storage()
            .set_alarm(Duration::from_millis(delay_ms))
            .await
            .inspect_err(|_| {
                self.is_alarm_set.set(false);
            })?;
        Ok(())
    }

    /// Brings new rows to D1, and answers what an earlier instance left unanswered: in this order, since a model may take
    /// its time.
    pub(super) async fn on_alarm(&self) -> Result<(), Problem> {
        if let Err(problem) = self.finish_erasure().await {
            note("erase", &problem);
        }
        if !self.has_tables.get() {
            // All is erased, the note of it too.
            return Ok(());
        }
        if self.is_flooded() {
            return self.set_alarm(apart(LOOK_MS)?).await;
        }
        match self.keep().await {
            Ok(()) => self.n_failed_keeps.set(0),
            Err(problem) => {
                let n_failed = self.n_failed_keeps.get() + 1;
                self.n_failed_keeps.set(n_failed);
                note("keep", &problem);
                let delay_ms = (1_000 << n_failed.min(6)).min(MAX_DELAY_MS);
                self.set_alarm(delay_ms).await?;
            }
        }
        self.wake_for_erasure().await?;
        self.answer_leftovers().await
    }

    /// Whether more is coming right now, and D1 is not far behind.
    fn is_flooded(&self) -> bool {
        let now = clock::now().0;
        now < self.said_at.get().0 + PAUSE_MS && now < self.due_at.get().0
    }

    /// Brings everything that D1 does not have yet, and tells the team feed.
    pub(super) async fn keep(&self) -> Result<(), Problem> {
        let _turn = self.to_d1.take().await;
        let sql = self.sql();
        while let Some(conversation) = messages::conversation(sql)? {
            let mut pile = Pile {
                rows: messages::rows_after(sql, conversation.kept_seq, BATCH)?,
                moves: messages::moves(sql, BATCH)?,
                judgements: self.cache.judgements(sql, BATCH)?,
                ..self.queue_of(&conversation.id)?
            };
            // What comes while this is on its way has an alarm of its own.
            let is_all = pile.is_all() && !is_lightened(&mut pile.rows);
            let status_moved = conversation.kept_status != Some(conversation.status);
            let is_in_d1 = conversation.kept_seq > Seq(0);
            let has_moved =
                status_moved || conversation.is_context_kept == 0 || pile.tells_of_moves();
            if pile.rows.is_empty() && !(is_in_d1 && has_moved) {
                break;
            }
            let (id, status) = (conversation.id.clone(), conversation.status);
            let context = conversation.context.clone();
            let (last, jobs) = self.send_to_d1(conversation, &pile).await?;
            // Erased meanwhile: what has just arrived is deleted next.
            if messages::conversation(sql)?.is_none_or(|now| now.id != id) {
                break;
            }
            messages::set_kept(sql, last, status)?;
            messages::set_context_kept(sql, context.as_deref())?;
            messages::forget_moves(sql, &pile.moves)?;
            messages::set_judgements_kept(sql, &pile.judgements)?;
            reviews::set_kept(sql, &pile.reviews, &pile.steps)?;
            self.kept_at.set(clock::now());
            self.wake_webhook_senders(jobs).await;
            if is_all {
                break;
            }
        }
        // What rests is there already, whole; the team still moves what came up in it.
        let has_others = self.cache.tail(sql)?.is_some_and(|tail| tail.has_others);
        while let Some(resting) = has_others
            .then(|| archive::unkept(sql))
            .transpose()?
            .flatten()
        {
            let pile = self.queue_of(&resting.id)?;
            let (_, jobs) = self.send_to_d1(resting, &pile).await?;
            reviews::set_kept(sql, &pile.reviews, &pile.steps)?;
            self.wake_webhook_senders(jobs).await;
        }
        Ok(())
    }

    fn queue_of(&self, conversation: &ConversationId) -> Result<Pile, Problem> {
        let sql = self.sql();
        Ok(Pile {
            reviews: reviews::unkept(sql, conversation, BATCH)?,
            steps: reviews::steps(sql, conversation, BATCH)?,
            ..Pile::default()
        })
    }

    /// Brings a batch to D1 and tells the team feed. Tells the last message that D1 has now, and whom to wake.
    async fn send_to_d1(
        &self,
        conversation: Conversation,
        pile: &Pile,
    ) -> Result<(Seq, Vec<DeliveryJob>), Problem> {
        let Pile {
            rows,
            moves,
            judgements,
            reviews,
            steps,
        } = pile;
        let news = webhook_events::News {
            rows,
            moves,
            judgements,
            reviews,
            steps,
        };
        let events = webhook_events::events(&conversation, &news)?;
        let last = rows.last().map_or(conversation.kept_seq, |row| row.seq);
        let updated_at = rows.last().map_or(conversation.updated_at, |row| row.at);
        let db = Db::open(&self.env)?;
        let row = conversations::ConversationRow {
            id: conversation.id,
            site_id: conversation.site_id.clone(),
            visitor_id: conversation.visitor_id.clone(),
            verified: conversation.verified,
            status: conversation.status,
            context: conversation.context,
            seq: last,
            created_at: conversation.created_at,
            updated_at,
        };
        let batch = MessageBatch {
            conversation: &row,
            messages: rows,
            judgements,
            reviews,
            steps,
            events: &events,
        };
        let org = &conversation.org_id;
        let jobs = store_messages::keep(&db, org, &batch, clock::now()).await?;
        // Before the batch counts as kept: a team feed that does not answer is told with the next attempt. One that nobody
        // listened to is asked first, since there are many times more words in what happened.
        if self.is_heard.get()
            || calls::team_feed(&self.env, org, &TeamFeedCall::Announce {}).await?
        {
            let told = TeamFeedCall::Publish {
                site: conversation.site_id,
                visitor: conversation.visitor_id,
                events: events.into_iter().map(Into::into).collect(),
            };
            let is_heard = calls::team_feed(&self.env, org, &told).await?;
            self.is_heard.set(is_heard);
        }
        Ok((last, jobs))
    }

    /// Tells the team feed what is only of the moment. Nobody waits for that, and nobody misses it.
    pub(super) fn tell_team_now(&self, frame: &ServerFrame) -> Result<(), Problem> {
        let Some(conversation) = messages::conversation(self.sql())? else {
            return Ok(());
        };
        let mention = TeamFeedCall::Mention {
            site: conversation.site_id,
            payload: serde_json::to_string(&Momentary {
                kind: "conversation.moment",
                conversation: &conversation.id,
                frame,
            })?,
        };
        let (env, org) = (self.env.clone(), conversation.org_id);
        self.state.wait_until(async move {
            calls::team_feed(&env, &org, &mention).await.ok();
        });
        Ok(())
    }

    /// A webhook sender that cannot be woken is woken by a job soon.
    async fn wake_webhook_senders(&self, mut jobs: Vec<DeliveryJob>) {
        jobs.sort_by(|a, b| a.connection.cmp(&b.connection));
        jobs.dedup();
        for job in &jobs {
            if let Err(problem) = calls::wake_webhook_sender(&self.env, job).await {
                note("wake", &problem);
            }
        }
    }
}

/// Up to a half less, by chance, so that visitors who came together do not write together.
fn apart(delay_ms: u64) -> Result<u64, Problem> {
    let [random] = clock::random()?;
    Ok(delay_ms - u64::from(random) * delay_ms / 512)
}

/// Leaves what is too heavy for one batch to the next; one message never is. Tells whether something is left.
fn is_lightened(rows: &mut Vec<MessageRow>) -> bool {
    let mut weight = 0;
    let n_light = rows.iter().take_while(|row| {
        weight += row.text.len() + row.body.len();
        weight <= BATCH_WEIGHT
    });
    let n = n_light.count().max(1);
    let is_heavy = n < rows.len();
    rows.truncate(n);
    is_heavy
}
