//! Frames in and out. One append is: check, store under the next sequence number, tell every tab; then the answer
//! ([`super::answering`]).

use oriel_shared::address::Address;
use oriel_shared::event::{Action, Actor, Event, Outcome};
use oriel_shared::id::{MessageId, RequestId, Seq, VisitorId};
use oriel_shared::text::chat;
use oriel_shared::text::frame::{self, FrameError};
use oriel_shared::wire::admin::Limits;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::rich_text::{Block, Inline};
use oriel_shared::wire::visitor::{ClientFrame, Message, PING, PONG, Role, ServerFrame, Status};
use serde::{Deserialize, Serialize};
use worker::{
    Request, Response, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair,
};

use super::log::{self, Appended, Draft, Question};
use super::{Visitor, sessions};
use crate::http::problem::Problem;
use crate::objects::calls::{Refusal, UPGRADING_HEADER, Upgrading};
use crate::store::messages::Body;
use crate::{clock, events};

/// Rows of one read while a client catches up.
const RESUME_PAGE: u32 = 100;
/// RFC 6455: policy violation. The client gets a new session and comes back, or learns that it cannot.
const CLOSE_POLICY: u16 = 1008;

/// Lets the runtime answer pings while the object sleeps.
pub fn answer_pings(state: &State) {
    if let Ok(pair) = WebSocketRequestResponsePair::new(PING, PONG) {
        state.set_websocket_auto_response(&pair);
    }
}

/// What came of asking for a socket.
pub enum Upgrade {
    /// The answer that opens it.
    Accepted(Response),
    /// No, for this reason.
    Refused(Refusal),
}

/// What the log says of a socket's refused frames; kept with the socket while the object sleeps.
#[derive(Serialize, Deserialize)]
struct Opened {
    request_id: RequestId,
    address: Option<Address>,
    visitor: VisitorId,
}

/// A socket that cannot be written to is closing; its client will resume.
fn send(socket: &WebSocket, frame: &ServerFrame) {
    if let Ok(text) = serde_json::to_string(frame) {
        socket.send_with_str(text).ok();
    }
}

impl Visitor {
    /// Accepts a socket of a session that still lives.
    pub(super) async fn open_socket(&self, request: &Request) -> Result<Upgrade, Problem> {
        let header = request.headers().get(UPGRADING_HEADER)?.unwrap_or_default();
        let Upgrading {
            access,
            request_id,
            address,
        } = serde_json::from_str(&header)?;
        self.prepare()?;
        let sql = self.sql();
        let Some(conversation) = log::conversation(&sql)? else {
            return Ok(Upgrade::Refused(Refusal::SessionExpired));
        };
        if let Err(refusal) = self.limits_now(&conversation).await? {
            return Ok(Upgrade::Refused(refusal));
        }
        if !sessions::is_live(&sql, &access.family)? {
            return Ok(Upgrade::Refused(Refusal::SessionExpired));
        }
        let pair = WebSocketPair::new()?;
        // The session is the tag, so that ending it finds its sockets.
        self.state
            .accept_websocket_with_tags(&pair.server, &[&access.family]);
        let welcome = ServerFrame::Welcome {
            conversation: conversation.id,
            seq: conversation.seq,
            status: conversation.status,
            away: self.is_away()?,
            read: conversation.visitor_read,
        };
        pair.server.serialize_attachment(Opened {
            request_id,
            address,
            visitor: access.visitor,
        })?;
        send(&pair.server, &welcome);
        Ok(Upgrade::Accepted(Response::from_websocket(pair.client)?))
    }

    /// Tells a client that something it sent was refused, and the log that it was.
    pub(super) fn refuse(&self, socket: &WebSocket, problem: &Problem, id: Option<String>) {
        send(
            socket,
            &ServerFrame::Error {
                code: problem.code.name().to_owned(),
                detail: problem.detail.clone(),
                id,
                retry_after: problem.retry_after,
            },
        );
        if self.is_refusal_logged.replace(true) {
            return;
        }
        if let Ok(Some(opened)) = socket.deserialize_attachment::<Opened>() {
            events::write(&Event {
                at: clock::now().rfc3339(),
                action: Action::SocketFrame,
                outcome: Outcome::Refused,
                reason: Some(problem.code.into()),
                actor: &Actor::Visitor(opened.visitor),
                address: opened.address,
                request_id: Some(&opened.request_id),
            });
        }
    }

    pub(super) fn close_sockets(&self, reason: &str) {
        for socket in self.state.get_websockets() {
            socket.close(Some(CLOSE_POLICY), Some(reason)).ok();
        }
    }

    pub(super) fn close_sockets_of(&self, family: &str, reason: &str) {
        for socket in self.state.get_websockets_with_tag(family) {
            socket.close(Some(CLOSE_POLICY), Some(reason)).ok();
        }
    }

    pub(super) fn broadcast(&self, frame: &ServerFrame) {
        for socket in self.state.get_websockets() {
            send(&socket, frame);
        }
    }

    /// One frame from a client.
    pub(super) async fn on_frame(
        &self,
        socket: &WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<(), Problem> {
        let frame = match read(message) {
            Ok(frame) => frame,
            Err(problem) => {
                // A flood of nonsense is not answered word for word.
                if self.frames.admit(clock::now()).is_ok() {
                    self.refuse(socket, &problem, None);
                }
                return Ok(());
            }
        };
        if let Err(limited) = self.frames.admit(clock::now()) {
            let id = match frame {
                ClientFrame::Send { id, .. } => Some(id),
                _ => None,
            };
            self.refuse(socket, &Problem::limited(&limited), id);
            return Ok(());
        }
        let Some(conversation) = log::conversation(&self.sql())? else {
            return Err(Problem::ours("log", &"a frame without a conversation"));
        };
        // Both may have ended since the socket was opened.
        let limits = self.limits_now(&conversation).await?;
        let (Ok(limits), true) = (limits, self.is_live(socket)?) else {
            return Ok(());
        };
        match frame {
            ClientFrame::Resume { after } => self.resume(socket, after),
            ClientFrame::Escalate {} => self.escalate().await,
            ClientFrame::Stop {} => self.silence(),
            ClientFrame::Typing {}
            | ClientFrame::Read { .. }
            | ClientFrame::Lead(_)
            | ClientFrame::Feedback { .. }
            | ClientFrame::End {} => Ok(()),
            ClientFrame::Send { id, text } => match check(&id, &text) {
                Ok(text) => self.take(socket, &limits, id, text).await,
                Err(problem) => {
                    self.refuse(socket, &problem, Some(id));
                    Ok(())
                }
            },
        }
    }

    /// Everything after a sequence number, in order.
    fn resume(&self, socket: &WebSocket, mut after: Seq) -> Result<(), Problem> {
        let sql = self.sql();
        loop {
            let rows = log::rows_after(&sql, after, RESUME_PAGE)?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.seq;
            for row in rows {
                send(socket, &ServerFrame::Message(row.try_into()?));
            }
        }
        if let Some(conversation) = log::conversation(&sql)?
            && conversation.agent_read > Seq(0)
        {
            let (role, seq) = (Role::Agent, conversation.agent_read);
            send(socket, &ServerFrame::Read { role, seq });
        }
        Ok(())
    }

    /// A visitor's message: stored, told to every tab, then answered.
    async fn take(
        &self,
        socket: &WebSocket,
        limits: &Limits,
        id: String,
        text: String,
    ) -> Result<(), Problem> {
        let sql = self.sql();
        let arrivals = match log::arrivals(&sql)?.admit(limits, clock::now()) {
            Ok(arrivals) => arrivals,
            Err(limited) => {
                // Sent again after a lost connection, it was let in before.
                match log::find(&sql, &id)? {
                    Some(message) => send(socket, &ServerFrame::Message(message)),
                    None => self.refuse(socket, &Problem::limited(&limited), Some(id)),
                }
                return Ok(());
            }
        };
        self.is_refusal_logged.set(false);
        // Read again: while the site was asked, a person may have taken over.
        let Some(conversation) = log::conversation(&sql)? else {
            return Err(Problem::ours("log", &"a message without a conversation"));
        };
        // With a person in the conversation nobody waits for the assistant.
        let wants_answer = conversation.status != Status::Agent;
        let answer_id = if wants_answer {
            Some(MessageId::from_random(clock::random()?))
        } else {
            None
        };
        let body = Body {
            blocks: plain_blocks(&text),
            ..Body::default()
        };
        let draft = Draft {
            id,
            role: Role::Visitor,
            text: text.clone(),
            body,
            answer_id: answer_id.clone(),
            arrivals: Some(arrivals),
        };
        let message = match log::append(&sql, draft)? {
            Appended::New(message) => message,
            Appended::Known(message) => {
                // Sent again after a lost connection: only the sender needs to hear it.
                send(socket, &ServerFrame::Message(message));
                return Ok(());
            }
        };
        let seq = message.seq;
        self.broadcast(&ServerFrame::Message(message));
        if conversation.status == Status::Closed {
            self.move_to(Status::Open)?;
        }
        self.wake_soon().await?;
        if let Some(answer_id) = answer_id {
            self.answer(Question {
                seq,
                text,
                answer_id: answer_id.0,
            })
            .await?;
        }
        Ok(())
    }

    /// Stores a message and tells every tab.
    pub(super) async fn say(&self, draft: Draft) -> Result<Message, Problem> {
        let (Appended::New(message) | Appended::Known(message)) = log::append(&self.sql(), draft)?;
        self.broadcast(&ServerFrame::Message(message.clone()));
        self.wake_soon().await?;
        Ok(message)
    }

    pub(super) fn move_to(&self, status: Status) -> Result<bool, Problem> {
        let has_moved = log::set_status(&self.sql(), status)?;
        if has_moved {
            let away = self.is_away()?;
            self.broadcast(&ServerFrame::Status { status, away });
        }
        Ok(has_moved)
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

fn check(id: &str, text: &str) -> Result<String, Problem> {
    chat::check_client_id(id).map_err(|error| Problem::field("id", &error))?;
    chat::message(text).map_err(|error| Problem::field("text", &error))
}

/// What a visitor typed, shown as they typed it: paragraphs and line breaks, no markup.
fn plain_blocks(text: &str) -> Vec<Block> {
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| Block::Paragraph {
            content: vec![Inline::Text {
                text: paragraph.to_owned(),
            }],
        })
        .collect()
}
