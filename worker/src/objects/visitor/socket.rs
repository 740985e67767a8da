//! The ways to listen: a socket, which sleeps with the object, or a stream of events where there is none. Both begin with
//! a welcome.

use std::rc::Rc;

use oriel_shared::address::Address;
use oriel_shared::id::{RequestId, Seq, UnixMs, VisitorId};
use oriel_shared::text::frame::{self, FrameError};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, ServerFrame};
use serde::{Deserialize, Serialize};
use worker::{Request, Response, WebSocket, WebSocketIncomingMessage, WebSocketPair};

use super::Visitor;
use super::broadcast::{self, Sender};
use super::frames::Heard;
use super::messages::{self, Conversation};
use crate::calls::{Listening, UPGRADING_HEADER, Upgrading, VisitorReply};
use crate::clock;
use crate::http::problem::Problem;

/// What the log says of a socket's refused frames; kept with the socket while the object sleeps.
#[derive(Serialize, Deserialize)]
pub struct Opened {
    pub request_id: RequestId,
    pub address: Option<Address>,
    pub visitor: VisitorId,
    /// When; the oldest makes room.
    #[serde(default)]
    pub at: UnixMs,
}

/// Sockets of one visitor at the most. Each hears everything: more than anybody has tabs, and few enough that nobody makes
/// work without end out of a few words.
const SOCKETS_MAX: usize = 100;

impl Visitor {
    /// Accepts a socket of a session that still lives.
    pub(super) async fn open_socket(&self, request: &Request) -> Result<Response, Problem> {
        let header = request.headers().get(UPGRADING_HEADER)?.unwrap_or_default();
        let Upgrading {
            access,
            request_id,
            address,
        } = serde_json::from_str(&header)?;
        let conversation = self.admit(&access.family).await?;
        self.make_room();
        let pair = WebSocketPair::new()?;
        // The session is the tag, so that ending it finds its sockets.
        self.state
            .accept_websocket_with_tags(&pair.server, &[&access.family]);
        pair.server.serialize_attachment(Opened {
            request_id,
            address,
            visitor: access.visitor,
            at: clock::now(),
        })?;
        broadcast::send(&pair.server, &self.welcome(conversation)?);
        Ok(Response::from_websocket(pair.client)?)
    }

    /// Closes the oldest socket where there are as many as there may be.
    fn make_room(&self) {
        let mut sockets = self.state.get_websockets();
        // Whoever does not answer that they are closed has no place any more.
        sockets.retain(broadcast::is_open);
        if sockets.len() < SOCKETS_MAX {
            return;
        }
        let opened_at = |socket: &WebSocket| {
            let opened = socket.deserialize_attachment::<Opened>().ok().flatten();
            opened.map(|opened| opened.at)
        };
        if let Some(oldest) = sockets.iter().min_by_key(|socket| opened_at(socket)) {
            broadcast::close(oldest, "too_many_sockets");
        }
    }

    /// Opens a stream of a session that still lives: a welcome, what was missed, what happens.
    pub(super) async fn open_stream(&self, listening: Listening) -> Result<Response, Problem> {
        let conversation = self.admit(&listening.access.family).await?;
        let mut first = vec![broadcast::event(&self.welcome(conversation)?)];
        self.missed(listening.after, |frame| {
            first.push(broadcast::event(&frame))
        })?;
        Ok(self.streams.open(listening.access.family, first)?)
    }

    async fn admit(&self, family: &str) -> Result<Conversation, Problem> {
        self.prepare()?;
        if self.cache.status(self.sql())?.is_none() {
            return Err(Problem::refused(Code::SessionExpired));
        }
        self.site_now().await?;
        if !self.cache.is_live(self.sql(), family)? {
            return Err(Problem::refused(Code::SessionExpired));
        }
        messages::conversation(self.sql())?.ok_or_else(|| Problem::refused(Code::SessionExpired))
    }

    pub(super) fn welcome(&self, conversation: Conversation) -> Result<ServerFrame, Problem> {
        Ok(ServerFrame::Welcome {
            conversation: conversation.id,
            seq: conversation.seq,
            status: conversation.status,
            away: self.is_away()?,
            read: conversation.visitor_read,
            several: conversation.verified == 1,
        })
    }

    /// One frame from a socket.
    pub(super) async fn on_frame(
        &self,
        socket: &WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<(), Problem> {
        let sender = Sender::Socket(socket);
        let frame = match read(message) {
            Ok(frame) => frame,
            Err(problem) => {
                // A flood of nonsense is not answered word for word.
                if self.frames.admit(clock::now()).is_ok() {
                    self.refuse(&sender, problem, None);
                }
                return Ok(());
            }
        };
        let Some(family) = self.session_of(socket) else {
            return Ok(());
        };
        match self.hear(&sender, &family, frame).await {
            Ok(Heard::Question(question)) => self.answer(question).await,
            Ok(Heard::Done) => Ok(()),
            // Its session has ended, and its socket with it.
            Err(Problem {
                code: Code::SessionExpired | Code::SiteNotFound,
                ..
            }) => Ok(()),
            Err(problem) => Err(problem),
        }
    }

    /// The session of a socket. Visitors mostly have one, so that of the last one that spoke is remembered.
    fn session_of(&self, socket: &WebSocket) -> Option<Rc<str>> {
        if let Some((last, family)) = &*self.last_speaker.borrow()
            && last.as_ref() == socket.as_ref()
        {
            return Some(Rc::clone(family));
        }
        let family: Rc<str> = self.state.get_tags(socket).into_iter().next()?.into();
        self.last_speaker
            .replace(Some((socket.clone(), Rc::clone(&family))));
        Some(family)
    }

    /// One frame from a request. What it asks is not answered here: the request does not wait for that.
    pub(super) async fn on_request(
        &self,
        family: &str,
        frame: ClientFrame,
    ) -> Result<VisitorReply, Problem> {
        let sender = Sender::Request(broadcast::Replies::default());
        let heard = self.hear(&sender, family, frame).await?;
        let Sender::Request(replies) = sender else {
            return Ok(VisitorReply::Done);
        };
        match replies.refused.into_inner() {
            Some(problem) => Err(problem.after_logging()),
            None => Ok(VisitorReply::Heard {
                told: replies.told.into_inner(),
                has_question: matches!(heard, Heard::Question(_)),
            }),
        }
    }

    /// Everything after a sequence number, in order, and how far the team has read.
    pub(super) fn missed(
        &self,
        mut after: Seq,
        mut tell: impl FnMut(ServerFrame),
    ) -> Result<(), Problem> {
        /// Rows of one read while a client catches up.
        const PAGE: u32 = 100;
        let sql = self.sql();
        loop {
            let rows = messages::rows_after(sql, after, PAGE)?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.seq;
            for row in rows {
                tell(ServerFrame::Message(row.try_into()?));
            }
        }
        if let Some(conversation) = messages::conversation(sql)?
            && conversation.agent_read > Seq(0)
        {
            let role = oriel_shared::wire::visitor::Role::Agent;
            let seq = conversation.agent_read;
            tell(ServerFrame::Read { role, seq });
        }
        Ok(())
    }
}

/// Reads a frame.
fn read(message: WebSocketIncomingMessage) -> Result<ClientFrame, Problem> {
    let WebSocketIncomingMessage::String(text) = message else {
        return Err(Problem::refused(Code::InvalidFrame));
    };
    frame::parse(&text).map_err(|error| match error {
        FrameError::TooLarge => Problem::new(Code::BodyTooLarge, format!("{error}.")),
        FrameError::Unknown => Problem::refused(Code::InvalidFrame),
    })
}
