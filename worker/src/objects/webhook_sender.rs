//! A connection's webhook sender: sends what is due to one receiver, one delivery after the other.
//!
//! Keeps true: D1 is the truth and this object only a clock. A delivery is `due` until an attempt is written down, so a
//! webhook sender that dies in between sends it again under the same id, which receivers take for the same. A receiver that
//! fails waits for its own retries and holds up nobody else. What wakes it: the visitor's object that made a delivery,
//! its own alarm, a replay, and a job every minute.

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

use oriel_shared::event::Actor;
use oriel_shared::id::UnixMs;
use oriel_shared::webhook::{SigningSecret, retry_after_ms};
use oriel_shared::wire::admin::{ConnectionKind, DeliveryStatus};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::job;
use crate::http::problem::Problem;
use crate::outbound::webhook::{self, WebhookRequest};
use crate::outbound::{self, OutboundError};
use crate::store::Db;
use crate::store::connections::{self, ConnectionRow};
use crate::store::deliveries::{self, Attempt, DeliveryJob, DueDelivery};
use crate::{clock, config};

/// Deliveries of one alarm: even when each takes all its time, the alarm ends within what the platform allows.
const BATCH: u32 = 20;
/// When D1 does not answer.
const DATABASE_RETRY_MS: u64 = 30_000;
/// The receiver is gone and wants no more. Source: Standard Webhooks.
const GONE: u16 = 410;

/// One connection's webhook sender.
#[durable_object]
pub struct WebhookSender {
    state: State,
    env: Env,
}

impl DurableObject for WebhookSender {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let job: DeliveryJob = request.json().await?;
        super::answer(job::begin(&self.state, &job).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        job::end_alarm(
            &self.state,
            "webhook_sender",
            self.run().await,
            DATABASE_RETRY_MS,
        )
        .await
    }
}

impl WebhookSender {
    /// Sends what is due. Returns how long to wait for the next delivery, if there is one.
    async fn run(&self) -> Result<Option<u64>, Problem> {
        let Some(job) = job::stored::<DeliveryJob>(&self.state).await? else {
            return Ok(None);
        };
        let db = Db::open(&self.env)?;
        for _ in 0..BATCH {
            // Read again each time, for a receiver takes its time: the connection may have been changed, disabled or deleted
            // meanwhile, and the visitor whom the next delivery is about may have been erased.
            let Some(connection) = live_connection(&db, &job).await? else {
                return Ok(None);
            };
            let Some(delivery) = deliveries::due(&db, &job, clock::now()).await? else {
                break;
            };
            let outcome = self.attempt(&connection, &delivery).await;
            let now = clock::now();
            let attempted = judge(&outcome, delivery.attempts + 1, now, clock::random::<1>()?);
            if outcome == Ok(GONE) {
                connections::disable(&db, &job.org, &job.connection).await?;
            }
            deliveries::record(&db, &job, &delivery.id, &attempted, now).await?;
        }
        if live_connection(&db, &job).await?.is_none() {
            return Ok(None);
        }
        let next = deliveries::next_due(&db, &job).await?;
        Ok(next.map(|at| at.0.saturating_sub(clock::now().0)))
    }

    /// One attempt: the receiver's status, or why there is none.
    async fn attempt(
        &self,
        connection: &ConnectionRow,
        delivery: &DueDelivery,
    ) -> Result<u16, &'static str> {
        let name = |failure: OutboundError| failure.name();
        let by = Actor::Connection(connection.id.clone());
        let target = outbound::target(&by, &connection.url).map_err(name)?;
        let secret = self.secret(connection).ok_or("unreadable_secret")?;
        let request = WebhookRequest {
            by: &by,
            target: &target,
            secret: &secret,
            id: &delivery.id,
            body: delivery.payload.clone(),
            now: clock::now(),
        };
        webhook::send(&self.env, request).await.map_err(name)
    }

    fn secret(&self, connection: &ConnectionRow) -> Option<SigningSecret> {
        let vault = config::vault(&self.env).ok()?;
        let bytes = vault
            .open(connection.id.as_str(), connection.sealed.as_deref()?)
            .ok()?;
        SigningSecret::parse(std::str::from_utf8(&bytes).ok()?).ok()
    }
}

/// The connection, while requests may be sent to it.
async fn live_connection(db: &Db, job: &DeliveryJob) -> Result<Option<ConnectionRow>, Problem> {
    let found = connections::find(db, &job.org, None, job.connection.as_str()).await?;
    Ok(found.filter(|row| row.enabled && row.kind == ConnectionKind::Webhook))
}

/// What becomes of a delivery after its `attempts`th attempt. Only 2xx is success: a receiver that moved has to be
/// changed here, since a redirect would hand what was signed for one host to another.
fn judge(
    outcome: &Result<u16, &'static str>,
    attempts: u32,
    now: UnixMs,
    [random]: [u8; 1],
) -> Attempt {
    let word = match outcome {
        Ok(status) => format!("answered_{status}"),
        Err(name) => (*name).to_owned(),
    };
    let retry = match outcome {
        Ok(200..=299) => {
            return Attempt {
                status: DeliveryStatus::Delivered,
                attempts,
                next_at: None,
                outcome: word,
            };
        }
        Ok(GONE) => None,
        _ => retry_after_ms(attempts, random),
    };
    Attempt {
        status: match retry {
            Some(_) => DeliveryStatus::Due,
            None => DeliveryStatus::Parked,
        },
        attempts,
        next_at: retry.map(|wait_ms| now.plus(wait_ms)),
        outcome: word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_good_answer_delivers_and_only_the_last_failure_or_a_farewell_parks() {
        let now = UnixMs(1_000);
        for (outcome, attempts, status, word) in [
            (Ok(200), 1, DeliveryStatus::Delivered, "answered_200"),
            (Ok(204), 11, DeliveryStatus::Delivered, "answered_204"),
            (Ok(302), 1, DeliveryStatus::Due, "answered_302"),
            (Ok(500), 10, DeliveryStatus::Due, "answered_500"),
            (Ok(500), 11, DeliveryStatus::Parked, "answered_500"),
            (Ok(410), 1, DeliveryStatus::Parked, "answered_410"),
            (Err("timeout"), 1, DeliveryStatus::Due, "timeout"),
            (
                Err("special_address"),
                11,
                DeliveryStatus::Parked,
                "special_address",
            ),
        ] {
            let judged = judge(&outcome, attempts, now, [0]);
            assert_eq!((judged.status, judged.outcome.as_str()), (status, word));
            assert_eq!(
                judged.next_at.is_some(),
                status == DeliveryStatus::Due,
                "{word}"
            );
            assert!(judged.next_at.is_none_or(|at| at > now));
        }
    }
}
