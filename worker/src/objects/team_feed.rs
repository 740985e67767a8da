//! An organisation's team feed: what happens in its conversations, as it happens, for those of the team who listen.
//!
//! Keeps true: an event is sent once under one number, however often it arrives; whoever comes back with the last number
//! that they have gets the rest, or learns that there is a gap. What is only of the moment (somebody is typing) has no
//! number and is not stored, and nothing is while nobody listens who could come back for it. The truth is elsewhere: in
//! the visitors' objects, and in D1.

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

use std::cell::Cell;

use oriel_shared::id::{EventId, SiteId, UnixMs, VisitorId};
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::sql::{self, column, int, rows, run};
use super::streams::{self, Streams};
use crate::calls::{EVENTS_PATH, FeedEvent, FeedRequest, TeamFeedCall};
use crate::clock;
use crate::http::problem::Problem;

/// From nothing to the present, step by step: see [`sql::migrate`].
const MIGRATIONS: &[&str] = &["
    CREATE TABLE events (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        site_id TEXT NOT NULL,
        visitor_id TEXT NOT NULL,
        payload TEXT NOT NULL,
        at INTEGER NOT NULL
    );
    CREATE INDEX events_by_visitor ON events (visitor_id);
    -- When somebody began to listen last, once somebody has.
    CREATE TABLE watch (at INTEGER NOT NULL);
"];

/// Events that can be caught up on: some hours of a busy team, a few megabytes at the most. Who was away for longer reads
/// the lists.
const EVENTS_MAX: u64 = 1_000;
/// How long an event can be caught up on. Streams end after minutes, so whoever listens began within it.
const EVENT_LIFE_MS: u64 = 24 * 3_600_000;

/// One organisation's team feed.
#[durable_object]
pub struct TeamFeed {
    state: State,
    /// Those who listen, by the site that their key is held to.
    listeners: Streams<Option<SiteId>>,
    /// When somebody began to listen last, as far as this instance knows.
    watched_at: Cell<Option<UnixMs>>,
    /// Whether this instance knows that a gap is noted since then.
    is_gap_noted: Cell<bool>,
}

#[derive(Deserialize)]
struct EventRow {
    n: u64,
    payload: String,
}

/// An event that was not there before, and its number.
#[derive(Deserialize)]
struct Added {
    n: u64,
    id: EventId,
}

impl DurableObject for TeamFeed {
    fn new(state: State, _env: Env) -> Self {
        let team_feed = Self {
            state,
            listeners: Streams::default(),
            watched_at: Cell::default(),
            is_gap_noted: Cell::default(),
        };
        // A constructor has nobody to tell; the first statement on a missing table will.
        if let Err(problem) = sql::migrate(&team_feed.sql(), MIGRATIONS) {
            super::log_failure("schema", &problem);
        }
        team_feed
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let text = request.text().await?;
        if request.path() == EVENTS_PATH {
            return match self.watch(&text) {
                Ok(response) => Ok(response),
                Err(problem) => super::answer(Err::<(), _>(problem)),
            };
        }
        super::answer(self.call(&text))
    }
}

impl TeamFeed {
    fn sql(&self) -> worker::SqlStorage {
        self.state.storage().sql()
    }

    /// Takes a call. Returns whether anybody listens, or may come back for what they missed.
    fn call(&self, text: &str) -> Result<bool, Problem> {
        let call = serde_json::from_str(text)?;
        let has_listeners = self.has_listeners()?;
        match call {
            TeamFeedCall::Announce {} | TeamFeedCall::Publish { .. } if !has_listeners => {
                self.note_gap()?
            }
            TeamFeedCall::Announce {} => {}
            TeamFeedCall::Publish {
                site,
                visitor,
                events,
            } => self.publish(text, &site, &visitor, &events)?,
            TeamFeedCall::PublishMoment { site, payload } => self.send(&site, None, &payload),
            TeamFeedCall::Erase {
                visitor,
                conversation,
            } => run(
                &self.sql(),
                "DELETE FROM events
                 WHERE visitor_id = ?1 AND (?2 IS NULL OR payload ->> '$.data.conversation' = ?2)",
                vec![
                    visitor.as_str().into(),
                    conversation.map(|conversation| conversation.0).into(),
                ],
            )?,
        }
        Ok(has_listeners)
    }

    fn has_listeners(&self) -> Result<bool, Problem> {
        if !self.listeners.is_empty() {
            return Ok(true);
        }
        let at = match self.watched_at.get() {
            Some(at) => at,
            None => {
                let query = "SELECT max(at) AS at FROM watch";
                let watched: Vec<Option<UnixMs>> = column(&self.sql(), query, vec![])?;
                let at = watched.first().copied().flatten().unwrap_or_default();
                self.watched_at.set(Some(at));
                at
            }
        };
        Ok(clock::now() < at.plus(EVENT_LIFE_MS))
    }

    /// Whoever comes back after all will see by the numbers that something is missing.
    fn note_gap(&self) -> Result<(), Problem> {
        if self.is_gap_noted.replace(true) {
            return Ok(());
        }
        run(
            &self.sql(),
            "INSERT INTO events (id, site_id, visitor_id, payload, at) VALUES ('', '', '', '', 0);
             DELETE FROM events",
            vec![],
        )
    }

    /// Stores events, and sends those that are new. `text` is the call that they came in.
    fn publish(
        &self,
        text: &str,
        site: &SiteId,
        visitor: &VisitorId,
        events: &[FeedEvent],
    ) -> Result<(), Problem> {
        // One statement whatever the number of events, and from the very text that came.
        let mut added: Vec<Added> = rows(
            &self.sql(),
            "INSERT INTO events (id, site_id, visitor_id, payload, at)
             SELECT value ->> 'id', ?2, ?3, value ->> 'payload', ?4 FROM json_each(?1, '$.Publish.events')
             WHERE true ORDER BY key
             ON CONFLICT (id) DO NOTHING RETURNING n, id",
            vec![
                text.into(),
                site.as_str().into(),
                visitor.as_str().into(),
                int(clock::now().0),
            ],
        )?;
        added.sort_by_key(|row| row.n);
        for row in &added {
            if let Some(event) = events.iter().find(|event| event.id == row.id) {
                self.send(site, Some(row.n), &event.payload);
            }
        }
        self.delete_old(added.len(), added.last().map_or(0, |row| row.n))
    }

    fn send(&self, site: &SiteId, n: Option<u64>, payload: &str) {
        if self.listeners.is_empty() {
            return;
        }
        let wanted = |only: &Option<SiteId>| only.as_ref().is_none_or(|only| only == site);
        self.listeners.send(wanted, &streams::event(n, payload));
    }

    /// Now and then: a statement a batch would be one too many.
    fn delete_old(&self, n_added: usize, last: u64) -> Result<(), Problem> {
        const EVERY: u64 = 100;
        // Whether a hundred was passed.
        if last % EVERY >= n_added as u64 {
            return Ok(());
        }
        run(
            &self.sql(),
            "DELETE FROM events WHERE n <= ? OR at < ?",
            vec![
                int(last.saturating_sub(EVENTS_MAX)),
                int(clock::now().0.saturating_sub(EVENT_LIFE_MS)),
            ],
        )
    }

    /// Lets somebody listen: from now on, or from after the last event that they have.
    fn watch(&self, text: &str) -> Result<Response, Problem> {
        #[derive(Deserialize)]
        struct Bounds {
            first: Option<u64>,
            last: u64,
        }
        let FeedRequest { site, after } = serde_json::from_str(text)?;
        let sql = self.sql();
        // So that the answer begins at once.
        let mut first = vec!["retry: 2000\n\n".to_owned()];
        if let Some(after) = after {
            let bounds: Vec<Bounds> = rows(
                &sql,
                "SELECT (SELECT min(n) FROM events) AS first,
                        coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS last",
                vec![],
            )?;
            let has_gap = bounds.first().is_some_and(|bounds| {
                after > bounds.last || bounds.first.unwrap_or(bounds.last + 1) > after + 1
            });
            if has_gap {
                first.push("event: gap\ndata: {\"type\":\"gap\"}\n\n".to_owned());
            }
            let missed: Vec<EventRow> = rows(
                &sql,
                "SELECT n, payload FROM events WHERE n > ?1 AND (?2 IS NULL OR site_id = ?2) ORDER BY n",
                vec![int(after), site.as_ref().map(|site| site.0.clone()).into()],
            )?;
            let missed = missed.iter();
            first.extend(missed.map(|row| streams::event(Some(row.n), &row.payload)));
        }
        let now = clock::now();
        run(
            &sql,
            "DELETE FROM watch;
             INSERT INTO watch (at) VALUES (?)",
            vec![int(now.0)],
        )?;
        self.watched_at.set(Some(now));
        self.is_gap_noted.set(false);
        Ok(self.listeners.open(site, first)?)
    }
}
