//! A site's admission: every ticket is asked for here once. It counts the tickets of each address and of the site, exactly, and
//! spends visitor tokens that may be used once.
//!
//! Keeps true: there is one instance, so its memory counts exactly; the counts are in its SQLite within [`FLUSH_MS`], so
//! they outlive eviction and restarts but for that moment, and a ticket waits for no disk. A spent token is on disk before
//! its ticket leaves. An address is here as a keyed hash that changes with the day, a token as a keyed hash of its `jti`.
//! An admission object that does not answer lets nobody in (`calls/` makes that a 503). What is no longer needed goes away
//! by an alarm.

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use oriel_shared::id::UnixMs;
use oriel_shared::rate::{Limited, Quota, UnixUs};
use oriel_shared::token::visitor::{LONGEST_LIFE_SECS, SKEW_SECS};
use oriel_shared::wire::admin::Limits;
use worker::{Delay, DurableObject, Env, Request, Response, State, durable_object};

use super::sql::{self, column, int, is_written, run};
use crate::calls::{AdmissionCall, AdmissionReply};
use crate::clock;
use crate::http::problem::Problem;

/// From nothing to the present, step by step: see [`sql::migrate`].
const MIGRATIONS: &[&str] = &["
    -- The arrival time that the last ticket left behind, by hash of the address or `site`.
    CREATE TABLE arrivals (
        name TEXT PRIMARY KEY,
        arrival INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE spent_tokens (
        jti TEXT PRIMARY KEY,
        expires_at INTEGER NOT NULL
    ) WITHOUT ROWID;
"];

/// The site's own count. Too short to be the hash of an address.
const SITE: &str = "site";
/// A token cannot be shown again after its life and the skew on both ends.
const TOKEN_LIFE_MS: u64 = (LONGEST_LIFE_SECS as u64 + 2 * SKEW_SECS) * 1_000;
/// Counts wait for so long to be written together.
const FLUSH_MS: u64 = 100;
/// More addresses than this are looked up on disk again.
const REMEMBERED_MAX: usize = 10_000;
/// Between two sweeps of what is no longer needed.
const SWEEP_EVERY_MS: u64 = 600_000;

/// One site's admission object.
#[durable_object]
pub struct Admission {
    state: State,
    /// Arrival times as this instance knows them.
    arrivals: RefCell<HashMap<String, UnixUs>>,
    /// Those that are not on disk yet.
    unwritten: Rc<RefCell<HashMap<String, UnixUs>>>,
    /// Whether this instance knows that a sweep is coming.
    is_sweep_set: Cell<bool>,
}

impl DurableObject for Admission {
    fn new(state: State, _env: Env) -> Self {
        let admission = Self {
            state,
            arrivals: RefCell::default(),
            unwritten: Rc::default(),
            is_sweep_set: Cell::new(false),
        };
        // A constructor has nobody to tell; the first statement on a missing table will.
        if let Err(problem) = sql::migrate(&admission.sql(), MIGRATIONS) {
            super::log_failure("schema", &problem);
        }
        admission
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let outcome = match request.text().await {
            Ok(text) => self.call(&text).await,
            Err(error) => Err(error.into()),
        };
        super::answer(outcome)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.is_sweep_set.set(false);
        if let Err(problem) = self.sweep().await {
            super::log_failure("sweep", &problem);
        }
        Response::empty()
    }
}

impl Admission {
    fn sql(&self) -> worker::SqlStorage {
        self.state.storage().sql()
    }

    async fn call(&self, text: &str) -> Result<AdmissionReply, Problem> {
        let AdmissionCall {
            address,
            limits,
            jti,
        } = serde_json::from_str(text)?;
        let now = clock::now();
        if let Some(limited) = self.count(&address, &limits, now)? {
            return Ok(AdmissionReply::Limited {
                is_site: limited.quota.name == SITE_QUOTA,
                wait_us: limited.wait_us,
            });
        }
        if let Some(jti) = jti
            && !self.spend(&jti, now)?
        {
            return Ok(AdmissionReply::Spent);
        }
        self.sweep_soon().await?;
        Ok(AdmissionReply::Open)
    }

    /// Counts one ticket for the address and the site, or neither. Returns the limit that was met, if one was.
    fn count(
        &self,
        address: &str,
        limits: &Limits,
        now: UnixMs,
    ) -> Result<Option<Limited>, Problem> {
        let of_address = match per_address(limits).admit(self.arrival(address)?, now) {
            Ok(of_address) => of_address,
            Err(limited) => return Ok(Some(limited)),
        };
        let of_site = match per_site(limits).admit(self.arrival(SITE)?, now) {
            Ok(of_site) => of_site,
            Err(limited) => return Ok(Some(limited)),
        };
        self.remember([(address, of_address), (SITE, of_site)]);
        Ok(None)
    }

    /// The arrival time that the last ticket left behind.
    fn arrival(&self, name: &str) -> Result<UnixUs, Problem> {
        if let Some(known) = self.arrivals.borrow().get(name) {
            return Ok(*known);
        }
        let stored: Vec<UnixUs> = column(
            &self.sql(),
            "SELECT arrival FROM arrivals WHERE name = ?",
            vec![name.into()],
        )?;
        Ok(stored.first().copied().unwrap_or_default())
    }

    /// Takes over new arrival times, and makes sure that they are written soon.
    fn remember(&self, arrivals: [(&str, UnixUs); 2]) {
        let mut known = self.arrivals.borrow_mut();
        let mut unwritten = self.unwritten.borrow_mut();
        let is_flush_set = !unwritten.is_empty();
        if known.len() > REMEMBERED_MAX {
            // What is not on disk yet must not be looked up there.
            known.retain(|name, _| unwritten.contains_key(name));
        }
        for (name, arrival) in arrivals {
            known.insert(name.to_owned(), arrival);
            unwritten.insert(name.to_owned(), arrival);
        }
        if is_flush_set {
            return;
        }
        let (sql, unwritten) = (self.sql(), Rc::clone(&self.unwritten));
        self.state.wait_until(async move {
            Delay::from(Duration::from_millis(FLUSH_MS)).await;
            if let Err(problem) = write(&sql, &unwritten.take()) {
                super::log_failure("counts", &problem);
            }
        });
    }

    /// Spends a token. Returns whether it was unspent.
    fn spend(&self, jti: &str, now: UnixMs) -> Result<bool, Problem> {
        is_written(
            &self.sql(),
            "INSERT INTO spent_tokens (jti, expires_at) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING",
            vec![jti.into(), int(now.plus(TOKEN_LIFE_MS).0)],
        )
    }

    async fn sweep_soon(&self) -> Result<(), Problem> {
        if self.is_sweep_set.get() {
            return Ok(());
        }
        self.is_sweep_set.set(true);
        let storage = self.state.storage();
        // One that an earlier instance set stays where it is, or a busy site would never be swept.
        if storage.get_alarm().await?.is_none() {
            storage
                .set_alarm(Duration::from_millis(SWEEP_EVERY_MS))
                .await?;
        }
        Ok(())
    }

    /// Deletes what decides nothing any more.
    async fn sweep(&self) -> Result<(), Problem> {
        let sql = self.sql();
        let now = clock::now();
        run(
            &sql,
            "DELETE FROM arrivals WHERE arrival < ?",
            vec![int(UnixUs::from(now).0)],
        )?;
        self.arrivals
            .borrow_mut()
            .retain(|_, arrival| *arrival >= UnixUs::from(now));
        run(
            &sql,
            "DELETE FROM spent_tokens WHERE expires_at < ?",
            vec![int(now.0)],
        )?;
        let left: Vec<u32> = column(
            &sql,
            "SELECT (SELECT count(*) FROM arrivals) + (SELECT count(*) FROM spent_tokens) AS n",
            vec![],
        )?;
        if left.iter().any(|n| *n > 0) {
            self.sweep_soon().await?;
        }
        Ok(())
    }
}

/// Writes arrival times, all in one statement.
fn write(sql: &worker::SqlStorage, arrivals: &HashMap<String, UnixUs>) -> Result<(), Problem> {
    run(
        sql,
        "INSERT INTO arrivals (name, arrival) SELECT key, value FROM json_each(?)
         WHERE true ON CONFLICT (name) DO UPDATE SET arrival = excluded.arrival",
        vec![serde_json::to_string(arrivals)?.into()],
    )
}

const SITE_QUOTA: &str = "site-tickets";

/// What one address may ask of a site.
pub fn per_address(limits: &Limits) -> Quota {
    let count = limits.tickets_per_minute;
    Quota::per_minute("tickets", count, count)
}

/// What all addresses together may ask of a site.
pub fn per_site(limits: &Limits) -> Quota {
    let count = limits
        .tickets_per_minute
        .saturating_mul(Limits::SITE_FACTOR);
    Quota::per_minute(SITE_QUOTA, count, count)
}
