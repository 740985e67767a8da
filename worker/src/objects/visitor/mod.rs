//! The visitor's object: one visitor of one site. Their sessions, sockets and conversation live here, so that a
//! message is one hop, and all tabs are in step.
//!
//! Keeps true: what was acknowledged is in this object's SQLite under a sequence number; SQLite is the truth and memory
//! only a hint, since the object may be evicted between any two events. Output leaves only after the writes before it
//! are on disk (the platform's output gate). D1 gets the rows from an alarm ([`d1_sync`]).
//!
//! - [`schema`]: the tables
//! - [`sessions`]: tickets spent, sessions renewed and ended
//! - [`messages`]: the conversation's messages and status
//! - [`conversation_switch`]: one conversation after the other; [`archive`]: those that are not the current one
//! - [`site_settings`]: what the site says now
//! - [`limits`]: how much a visitor may say
//! - [`cache`]: what an instance knows of all this without asking
//! - [`broadcast`]: who hears; [`socket`]: sockets and streams
//! - [`frames`]: what a frame brings about, one after the other ([`turns`])
//! - [`answering`]: the assistant; [`handover`]: the visitor's wish for a person, and the team; [`reviews`]: their queue
//! - [`d1_sync`]: rows to D1; [`webhook_events`]: what connections are told of them
//! - [`own_data`]: everything shown; [`erase`]: everything forgotten, here and in D1

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

mod answering;
mod archive;
mod broadcast;
mod cache;
mod conversation_switch;
mod d1_sync;
mod erase;
mod frames;
mod handover;
mod limits;
mod messages;
mod own_data;
pub mod reviews;
mod schema;
mod sessions;
mod site_settings;
mod socket;
mod turns;
mod webhook_events;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use oriel_shared::id::UnixMs;
use oriel_shared::wire::problem::Code;
use worker::{
    DurableObject, Env, Request, Response, SqlStorage, State, WebSocket, WebSocketIncomingMessage,
    durable_object,
};

use super::streams::Streams;
use super::{note, sql};
use crate::answer::model::Switch;
use crate::calls::{EVENTS_PATH, SOCKET_PATH, Settings, TeamCall, VisitorCall, VisitorReply};
use crate::http::problem::Problem;
use crate::objects;

/// One visitor of one site.
#[durable_object]
pub struct Visitor {
    state: State,
    env: Env,
    /// Taken from the state once: each look would cross the border to JavaScript and back twice.
    sql: SqlStorage,
    /// Questions that are being answered by this instance right now, by the ids that their answers will have.
    answering: RefCell<HashMap<String, Rc<Switch>>>,
    /// Whether this instance knows that the tables are there.
    has_tables: Cell<bool>,
    /// Whether this instance knows that an alarm is set.
    is_alarm_set: Cell<bool>,
    /// What this instance knows without asking.
    cache: cache::Cache,
    /// Frames are heard one after the other.
    turns: turns::Turns,
    /// The socket that the last frame came from, and its session.
    last_speaker: RefCell<Option<(WebSocket, Rc<str>)>>,
    /// Those who listen without a socket, by their session.
    streams: Streams<String>,
    /// What the site said last, as this instance knows it.
    told: RefCell<Option<Rc<Settings>>>,
    /// Frames that this instance has read.
    frames: limits::FrameCount,
    /// Whether the last refused frame was logged; a flood is one line, not thousands.
    is_refusal_logged: Cell<bool>,
    /// When the team was told last that the visitor is writing.
    typed_at: Cell<UnixMs>,
    /// When this instance stored a visitor's message last.
    said_at: Cell<UnixMs>,
    /// When this instance brought something to D1 last.
    kept_at: Cell<UnixMs>,
    /// When a visitor who writes without a pause is not waited for any longer.
    due_at: Cell<UnixMs>,
    /// Whether anybody listened at the team feed when it was told last.
    is_heard: Cell<bool>,
    /// Failed attempts to reach D1 since the last good one.
    n_failed_keeps: Cell<u32>,
    /// One at a time goes to D1, so that what is deleted there is not brought back.
    to_d1: turns::Turns,
}

impl DurableObject for Visitor {
    fn new(state: State, env: Env) -> Self {
        let visitor = Self {
            sql: state.storage().sql(),
            state,
            env,
            answering: RefCell::default(),
            has_tables: Cell::new(false),
            is_alarm_set: Cell::new(false),
            cache: cache::Cache::default(),
            turns: turns::Turns::default(),
            last_speaker: RefCell::default(),
            streams: Streams::default(),
            told: RefCell::default(),
            frames: limits::FrameCount::default(),
            is_refusal_logged: Cell::new(false),
            typed_at: Cell::default(),
            said_at: Cell::default(),
            kept_at: Cell::default(),
            due_at: Cell::default(),
            is_heard: Cell::new(true),
            n_failed_keeps: Cell::new(0),
            to_d1: turns::Turns::default(),
        };
        broadcast::answer_pings(&visitor.state);
        visitor
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let outcome = match &*request.path() {
            SOCKET_PATH => self.open_socket(&request).await,
            EVENTS_PATH => match request.text().await {
                Ok(text) => self.listen(&text).await,
                Err(error) => Err(error.into()),
            },
            _ => {
                let outcome = match request.text().await {
                    Ok(text) => self.call(&text).await,
                    Err(error) => Err(error.into()),
                };
                return objects::answer(outcome);
            }
        };
        outcome.or_else(|problem| objects::answer(Err::<VisitorReply, _>(problem)))
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
            self.refuse(&broadcast::Sender::Socket(&socket), problem, None);
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
        self.last_speaker.take();
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
    fn sql(&self) -> &SqlStorage {
        &self.sql
    }

    /// The tables, before whatever an event does with them. Not in the constructor: a new visitor's tables and first rows
    /// reach the disk in one commit.
    fn prepare(&self) -> Result<(), Problem> {
        if !self.has_tables.get() {
            sql::prepare(self.sql(), schema::TABLES, schema::UPGRADES)?;
            self.has_tables.set(true);
        }
        Ok(())
    }

    async fn listen(&self, text: &str) -> Result<Response, Problem> {
        self.open_stream(serde_json::from_str(text)?).await
    }

    async fn call(&self, text: &str) -> Result<VisitorReply, Problem> {
        self.prepare()?;
        match serde_json::from_str(text)? {
            VisitorCall::OpenSession {
                ticket,
                settings,
                language,
            } => {
                self.told.take();
                self.cache.forget();
                sessions::open(self.sql(), &ticket, &settings, &language).map(VisitorReply::Session)
            }
            VisitorCall::RefreshSession {
                family,
                generation,
                settings,
                language,
            } => {
                self.cache.forget_sessions();
                if let Some(now) = settings
                    && self.cache.status(self.sql())?.is_some()
                {
                    self.learn(&Rc::new(now))?;
                }
                let renewed = sessions::refresh(self.sql(), &family, generation);
                let session = renewed.inspect_err(|problem| {
                    if problem.code == Code::SessionReused {
                        self.close_all(Code::SessionReused.name());
                    }
                })?;
                if let Some(language) = language {
                    messages::set_language(self.sql(), &language)?;
                }
                Ok(VisitorReply::Session(session))
            }
            VisitorCall::EndSession { family } => {
                self.cache.forget_sessions();
                sessions::end(self.sql(), &family)?;
                self.close_session(&family, "session_expired");
                Ok(VisitorReply::Done)
            }
            VisitorCall::Hear { family, frame } => self.on_request(&family, frame).await,
            VisitorCall::AnswerPending => {
                self.answer_leftovers().await?;
                Ok(VisitorReply::Done)
            }
            VisitorCall::InConversation { conversation, call } => {
                self.close_ended().await?;
                self.check_current(&conversation)?;
                self.call_in_conversation(call).await
            }
            VisitorCall::ChangeReview { id, change, by } => {
                self.close_ended().await?;
                self.change_review(&id, change, by).await
            }
            VisitorCall::ReadLog {
                family,
                conversation,
                after,
            } => self.read_log(family.as_deref(), conversation.as_ref(), after),
            VisitorCall::ListConversations { family } => self.list_own(&family),
            VisitorCall::ListSessions => self.list_sessions(),
            VisitorCall::EraseOwn { family } => self.erase_own(&family).await,
            VisitorCall::Erase { owner, by } => self.erase(owner, by).await,
            VisitorCall::Expire {
                owner,
                conversation,
                until,
            } => self.expire(owner, conversation, until).await,
        }
    }

    async fn call_in_conversation(&self, call: TeamCall) -> Result<VisitorReply, Problem> {
        match call {
            TeamCall::Say {
                author,
                text,
                blocks,
            } => self.say_as_agent(author, text, blocks).await,
            TeamCall::Typing => self.show_team_typing(),
            TeamCall::Read { seq } => self.mark_read_by_team(seq),
            TeamCall::ChangeStatus { status } => self.change_status(status).await,
        }
    }
}
