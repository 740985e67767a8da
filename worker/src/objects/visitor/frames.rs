//! Frames of a visitor, whichever way they came: each is limited, its session checked, and handed to the part that it is
//! for. They are handled one after the other, in the order in which they came, also while one of them waits for D1.

use std::rc::Rc;

use oriel_shared::text::frame::{self, FrameError};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, ServerFrame};
use tokio::sync::Mutex;
use worker::{WebSocket, WebSocketIncomingMessage};

use super::conversation::Question;
use super::conversation_switch::ConversationSwitch;
use super::handover::Handover;
use super::leads::Leads;
use super::limits::FrameLimits;
use super::sender::{Replies, Sender};
use super::sessions::Sessions;
use super::signals::Signals;
use super::site::Snapshot;
use super::timeline::Timeline;
use super::visitor_messages::{SentMessage, VisitorMessages};
use crate::clock;
use crate::http::problem::Problem;

/// A question that a frame asked, and the site's settings by which it was admitted.
pub type Asked = (Question, Snapshot);

/// What a request brought about.
pub struct RequestOutcome {
    /// Frames for its sender alone.
    pub replies: Vec<ServerFrame>,
    /// Whether it asked something that waits for an answer.
    pub has_question: bool,
}

/// What frames are checked by, and the parts that they are for.
pub struct FrameParts {
    /// Everything that was missed is asked for with a frame.
    pub timeline: Rc<Timeline>,
    /// Who may send any.
    pub sessions: Rc<Sessions>,
    /// How many.
    pub limits: Rc<FrameLimits>,
    /// Messages.
    pub messages: VisitorMessages,
    /// Typing, read marks, context.
    pub signals: Signals,
    /// Leads.
    pub leads: Leads,
    /// The wish for a person, and the end of the chat.
    pub handover: Rc<Handover>,
    /// Other conversations.
    pub switch: ConversationSwitch,
}

/// Takes frames.
pub struct Frames {
    parts: FrameParts,
    /// Fair: whoever waits first is first.
    order: Mutex<()>,
}

impl Frames {
    /// Takes frames of the sessions of one visitor.
    pub fn new(parts: FrameParts) -> Self {
        Self {
            parts,
            order: Mutex::default(),
        }
    }

    /// One frame from a socket. Returns what it asks.
    pub async fn on_socket(
        &self,
        socket: &WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<Option<Asked>, Problem> {
        let broadcast = &self.parts.timeline.broadcast;
        let sender = Sender::Socket(socket);
        let frame = match parse(message) {
            Ok(frame) => frame,
            Err(problem) => {
                // A flood of nonsense is not answered word for word.
                if self.parts.limits.admit(clock::now()).is_ok() {
                    broadcast.refuse(&sender, problem, None);
                }
                return Ok(None);
            }
        };
        let Some(family) = broadcast.session_of(socket) else {
            return Ok(None);
        };
        let received = self.receive(&sender, &family, frame).await;
        received.or_else(|problem| match problem.code {
            // The session has ended, and its sockets with it.
            Code::SessionExpired | Code::SiteNotFound => Ok(None),
            _ => Err(problem),
        })
    }

    /// One frame from a request. What it asks is not answered here: the request does not wait for that.
    ///
    /// # Errors
    /// `session_expired` or `site_not_found`, or whatever the frame was refused with.
    pub async fn on_request(
        &self,
        family: &str,
        frame: ClientFrame,
    ) -> Result<RequestOutcome, Problem> {
        let sender = Sender::Request(Replies::default());
        let asked = self.receive(&sender, family, frame).await?;
        let replies = match sender {
            Sender::Request(replies) => replies,
            Sender::Socket(_) => Replies::default(),
        };
        match replies.refusal.into_inner() {
            Some(problem) => Err(problem.after_logging()),
            None => Ok(RequestOutcome {
                replies: replies.frames.into_inner(),
                has_question: asked.is_some(),
            }),
        }
    }

    async fn receive(
        &self,
        sender: &Sender<'_>,
        family: &str,
        frame: ClientFrame,
    ) -> Result<Option<Asked>, Problem> {
        if let Err(limited) = self.parts.limits.admit(clock::now()) {
            let id = match frame {
                ClientFrame::Send { id, .. } => Some(id),
                _ => None,
            };
            let problem = Problem::limited(&limited);
            self.parts.timeline.broadcast.refuse(sender, problem, id);
            return Ok(None);
        }
        // While the site is read anew others may come in; whoever came later is handled later.
        let _order = self.order.lock().await;
        if self.parts.timeline.conversation.tail()?.is_none() {
            // Erased meanwhile.
            return Err(Problem::refused(Code::SessionExpired));
        }
        // Both may have ended since the session began.
        let site = self.parts.timeline.site.current().await?;
        self.parts.sessions.check_live(family)?;
        let question = self.handle(sender, &site, frame).await?;
        Ok(question.map(|question| (question, site)))
    }

    async fn handle(
        &self,
        sender: &Sender<'_>,
        site: &Snapshot,
        frame: ClientFrame,
    ) -> Result<Option<Question>, Problem> {
        let FrameParts {
            timeline,
            sessions: _,
            limits: _,
            messages,
            signals,
            leads,
            handover,
            switch,
        } = &self.parts;
        match frame {
            ClientFrame::Send {
                id,
                text,
                conversation,
            } => {
                let sent = SentMessage {
                    id,
                    text,
                    conversation,
                };
                return messages.on_send(sender, site, sent).await;
            }
            ClientFrame::Resume { after } => {
                timeline.replay(after, |frame| sender.reply(frame))?;
            }
            ClientFrame::Typing {} => signals.on_typing(sender)?,
            ClientFrame::Read { seq } => signals.on_read(sender, seq)?,
            ClientFrame::Context(context) => signals.on_context(sender, context).await?,
            ClientFrame::Feedback { seq, good } => {
                let feedback = &timeline.conversation.feedback;
                if feedback.on_feedback(&timeline.broadcast, sender, seq, good)? {
                    timeline.sync.wake_soon().await?;
                }
            }
            ClientFrame::Lead(lead) => leads.on_lead(sender, site, lead).await?,
            ClientFrame::Escalate {} => handover.on_escalate(sender, site).await?,
            ClientFrame::Stop {} => timeline.stop_answer()?,
            ClientFrame::End {} => handover.on_end().await?,
            ClientFrame::Begin {} => switch.on_switch(sender, None).await?,
            ClientFrame::Switch { conversation } => {
                switch.on_switch(sender, Some(conversation)).await?;
            }
        }
        Ok(None)
    }
}

/// Reads a frame.
fn parse(message: WebSocketIncomingMessage) -> Result<ClientFrame, Problem> {
    let WebSocketIncomingMessage::String(text) = message else {
        return Err(Problem::refused(Code::InvalidFrame));
    };
    frame::parse(&text).map_err(|error| match error {
        FrameError::TooLarge => Problem::new(Code::BodyTooLarge, format!("{error}.")),
        FrameError::Unknown => Problem::refused(Code::InvalidFrame),
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// What [`Frames`] relies on in the mutex.
    #[test]
    fn whoever_waits_first_is_first_and_whoever_gives_up_holds_up_nobody() {
        let order = Mutex::new(());
        let first = order.try_lock().expect("nobody else");
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(order.lock())).collect();
        for one in &mut waiting {
            assert!(one.now_or_never().is_none());
        }
        // A request that is cancelled while it waits.
        drop(waiting.remove(0));
        drop(first);
        assert!(order.try_lock().is_err(), "nobody overtakes who waits");
        let last = waiting.pop();
        let mut last = last.expect("the last one");
        assert!(last.as_mut().now_or_never().is_none());
        let second = waiting.pop().and_then(FutureExt::now_or_never);
        assert!(second.is_some());
        drop(second);
        assert!(last.now_or_never().is_some());
        assert!(order.try_lock().is_ok());
    }
}
