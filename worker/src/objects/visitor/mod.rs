//! The visitor's object: one visitor of one site. Their sessions, sockets and conversation live here, so that a
//! message is one hop, and all tabs are in step.
//!
//! Keeps true: what was acknowledged is in this object's SQLite under a sequence number; SQLite is the truth and memory
//! only a hint, since the object may be evicted between any two events. Output leaves only after the writes before it
//! are on disk (the platform's output gate). D1 gets the rows from an alarm ([`keep`]).
//!
//! - [`schema`]: the tables
//! - [`sessions`]: tickets spent, sessions renewed and ended
//! - [`log`]: the conversation's messages and status
//! - [`standing`]: what the site says now
//! - [`limits`]: how much a visitor may say
//! - [`socket`]: frames in and out
//! - [`answering`]: the assistant; [`people`]: the visitor's wish for a person, and the team
//! - [`keep`]: rows to D1; [`tell`]: what connections are told of them

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

mod answering;
mod keep;
mod limits;
mod log;
mod people;
mod schema;
mod sessions;
mod socket;
mod standing;
mod tell;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use oriel_shared::id::Seq;
use worker::{
    DurableObject, Env, Request, Response, State, WebSocket, WebSocketIncomingMessage,
    durable_object,
};

use socket::Upgrade;

use super::calls::{SOCKET_PATH, VisitorCall, VisitorReply};
use super::{note, sql};
use crate::http::problem::Problem;
use crate::objects;

/// One visitor of one site.
#[durable_object]
pub struct Visitor {
    state: State,
    env: Env,
    /// Questions that are being answered by this instance right now.
    answering: RefCell<HashSet<Seq>>,
    /// Whether this instance knows that the tables are there.
    has_tables: Cell<bool>,
    /// Whether this instance knows that an alarm is set.
    is_alarm_set: Cell<bool>,
    /// Frames that this instance has read.
    frames: limits::FrameCount,
    /// Whether the last refused frame was logged; a flood is one line, not thousands.
    is_refusal_logged: Cell<bool>,
    /// Failed attempts to reach D1 since the last good one.
    n_failed_keeps: Cell<u32>,
}

impl DurableObject for Visitor {
    fn new(state: State, env: Env) -> Self {
        let visitor = Self {
            state,
            env,
            answering: RefCell::default(),
            has_tables: Cell::new(false),
            is_alarm_set: Cell::new(false),
            frames: limits::FrameCount::default(),
            is_refusal_logged: Cell::new(false),
            n_failed_keeps: Cell::new(0),
        };
        socket::answer_pings(&visitor.state);
        visitor
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let outcome = if request.path() == SOCKET_PATH {
            match self.open_socket(&request).await {
                Ok(Upgrade::Accepted(response)) => return Ok(response),
                Ok(Upgrade::Refused(refusal)) => Ok(VisitorReply::Refused(refusal)),
                Err(problem) => Err(problem),
            }
        } else {
            match request.text().await {
                Ok(text) => self.call(&text).await,
                Err(error) => Err(error.into()),
            }
        };
        objects::answer(outcome)
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        let outcome = match self.prepare() {
            Ok(()) => self.on_frame(&socket, message).await,
            Err(problem) => Err(problem),
        };
        if let Err(problem) = outcome {
            note("frame", &problem);
            self.refuse(&socket, &problem, None);
        }
        Ok(())
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        code: usize,
        _: String,
        _: bool,
    ) -> worker::Result<()> {
        // The other side is gone; completing the handshake frees the socket. Reserved codes cannot be sent back.
        let code = u16::try_from(code)
            .ok()
            .filter(|code| !matches!(code, 1004..=1006 | 1015))
            .unwrap_or(1000);
        socket.close(Some(code), Some("")).ok();
        Ok(())
    }

    async fn websocket_error(&self, _: WebSocket, _: worker::Error) -> worker::Result<()> {
        Ok(())
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.is_alarm_set.set(false);
        let outcome = match self.prepare() {
            Ok(()) => self.on_alarm().await,
            Err(problem) => Err(problem),
        };
        if let Err(problem) = outcome {
            note("alarm", &problem);
        }
        Response::empty()
    }
}

impl Visitor {
    fn sql(&self) -> worker::SqlStorage {
        self.state.storage().sql()
    }

    /// The tables, before whatever an event does with them. Not in the constructor: a new visitor's tables and first rows
    /// reach the disk in one commit.
    fn prepare(&self) -> Result<(), Problem> {
        if !self.has_tables.get() {
            sql::prepare(&self.sql(), schema::TABLES, schema::UPGRADES)?;
            self.has_tables.set(true);
        }
        Ok(())
    }

    async fn call(&self, text: &str) -> Result<VisitorReply, Problem> {
        self.prepare()?;
        match serde_json::from_str(text)? {
            VisitorCall::OpenSession { ticket, settings } => {
                sessions::open(&self.sql(), &ticket, &settings)
            }
            VisitorCall::RefreshSession {
                family,
                generation,
                settings,
            } => {
                if let (Some(now), Some(conversation)) = (settings, log::conversation(&self.sql())?)
                {
                    self.learn(&serde_json::from_str(&conversation.settings)?, &now)?;
                }
                let reply = sessions::refresh(&self.sql(), &family, generation)?;
                if sessions::is_theft(&reply) {
                    self.close_sockets("session_reused");
                }
                Ok(reply)
            }
            VisitorCall::EndSession { family } => {
                sessions::end(&self.sql(), &family)?;
                self.close_sockets_of(&family, "session_expired");
                Ok(VisitorReply::Done)
            }
            VisitorCall::SayAsAgent { text, blocks } => self.say_as_agent(text, blocks).await,
            VisitorCall::ChangeStatus { status } => self.change_status(status).await,
        }
    }
}
