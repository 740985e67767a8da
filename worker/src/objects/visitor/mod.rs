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
//! - [`socket`]: frames in and out
//! - [`keep`]: rows to D1

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

mod keep;
mod log;
mod schema;
mod sessions;
mod socket;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use oriel_shared::id::Seq;
use worker::{
    DurableObject, Env, Request, Response, State, WebSocket, WebSocketIncomingMessage,
    durable_object,
};

use super::calls::{SOCKET_PATH, VisitorCall, VisitorReply};
use crate::http::problem::Problem;

/// One visitor of one site.
#[durable_object]
pub struct Visitor {
    state: State,
    env: Env,
    /// Questions that are being answered by this instance right now.
    answering: RefCell<HashSet<Seq>>,
    /// Whether this instance knows that an alarm is set.
    is_alarm_set: Cell<bool>,
    /// Failed attempts to reach D1 since the last good one.
    n_failed_keeps: Cell<u32>,
}

impl DurableObject for Visitor {
    fn new(state: State, env: Env) -> Self {
        let visitor = Self {
            state,
            env,
            answering: RefCell::default(),
            is_alarm_set: Cell::new(false),
            n_failed_keeps: Cell::new(0),
        };
        // A constructor has nobody to tell; the first statement on a missing table will.
        if let Err(problem) = schema::create(&visitor.sql()) {
            note("schema", &problem);
        }
        socket::answer_pings(&visitor.state);
        visitor
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let outcome = if request.path() == SOCKET_PATH {
            self.open_socket(&request)
        } else {
            match request.text().await {
                Ok(text) => self
                    .call(&text)
                    .await
                    .and_then(|reply| Ok(Response::from_json(&reply)?)),
                Err(error) => Err(error.into()),
            }
        };
        outcome.or_else(|problem| {
            note("call", &problem);
            Response::error("the object could not do it", 500)
        })
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        if let Err(problem) = self.on_frame(&socket, message).await {
            note("frame", &problem);
            socket::refuse(&socket, &problem, None);
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
        if let Err(problem) = self.on_alarm().await {
            note("alarm", &problem);
        }
        Response::empty()
    }
}

impl Visitor {
    fn sql(&self) -> worker::SqlStorage {
        self.state.storage().sql()
    }

    async fn call(&self, text: &str) -> Result<VisitorReply, Problem> {
        match serde_json::from_str(text)? {
            VisitorCall::OpenSession { ticket } => sessions::open(&self.sql(), &ticket),
            VisitorCall::RefreshSession { family, generation } => {
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

/// Logs a failure inside the object, once, where it is handled.
fn note(doing: &str, problem: &Problem) {
    worker::console_error!(
        "{}",
        serde_json::json!({
            "event": "object_failure", "doing": doing, "cause": problem.cause(),
        })
    );
}
