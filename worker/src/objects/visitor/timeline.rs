//! What every tab sees of the conversation, in order: a message or a change of the status is stored, sent to all of them,
//! and on its way to D1.

use std::rc::Rc;

use oriel_shared::id::{MessageId, Seq};
use oriel_shared::text::markdown;
use oriel_shared::wire::review::ReviewStatus;
use oriel_shared::wire::visitor::{Message, Offer, Role, ServerFrame, Status};

use super::broadcast::Broadcast;
use super::conversation::{Appended, Conversation, NewMessage, Record};
use super::d1_sync::D1Sync;
use super::reviews::Reviews;
use super::running_answers::RunningAnswers;
use super::sender;
use super::site::SiteSettings;
use crate::answer::stop::StopReason;
use crate::clock;
use crate::http::problem::Problem;
use crate::store::messages::Body;

/// The conversation, as every tab sees it.
pub struct Timeline {
    /// Where it is stored.
    pub conversation: Rc<Conversation>,
    /// What moves in the team's queue with it.
    pub reviews: Rc<Reviews>,
    /// Who sees it.
    pub broadcast: Rc<Broadcast>,
    /// Takes it to D1.
    pub sync: Rc<D1Sync>,
    /// Whether the team is there.
    pub site: Rc<SiteSettings>,
    /// What the assistant is about to say.
    pub running: Rc<RunningAnswers>,
}

impl Timeline {
    /// Stores a message and sends it to every tab.
    pub async fn post(&self, message: NewMessage) -> Result<Message, Problem> {
        let (Appended::New(message) | Appended::Known(message)) =
            self.conversation.append(message)?;
        self.broadcast
            .send_all(&ServerFrame::Message(message.clone()));
        self.sync.wake_soon().await?;
        Ok(message)
    }

    /// Changes the status and shows it to every tab. Returns whether it was another one.
    pub fn change_status(&self, status: Status) -> Result<bool, Problem> {
        let is_changed = self.conversation.set_status(status)?;
        if is_changed {
            match status {
                Status::Waiting => {}
                Status::Agent => self.reviews.advance_escalations(ReviewStatus::InProgress)?,
                Status::Open | Status::Closed => {
                    self.reviews.advance_escalations(ReviewStatus::Done)?;
                }
            }
            let away = self.site.is_team_away()?;
            self.broadcast
                .send_all(&ServerFrame::Status { status, away });
        }
        Ok(is_changed)
    }

    /// The assistant goes quiet: its questions are not answered any more, and the answer that it was giving is taken back.
    pub fn silence_assistant(&self) -> Result<(), Problem> {
        self.running.stop_all(StopReason::Dropped);
        self.conversation.questions.drop_all()
    }

    /// The visitor has read enough: what was said so far stays, what was not begun is not answered.
    pub fn stop_answer(&self) -> Result<(), Problem> {
        if self.running.is_empty() {
            return self.silence_assistant();
        }
        self.running.stop_all(StopReason::Stopped);
        Ok(())
    }

    /// The frame with which whoever listens begins.
    pub fn welcome(&self, record: Record) -> Result<ServerFrame, Problem> {
        Ok(ServerFrame::Welcome {
            conversation: record.id,
            seq: record.seq,
            status: record.status,
            away: self.site.is_team_away()?,
            read: record.visitor_read,
            several: record.verified == 1,
        })
    }

    /// Shows every tab that another conversation is the current one. A stream has its messages right behind, as when it is
    /// opened; a socket asks for them.
    pub fn welcome_all(&self) -> Result<(), Problem> {
        let Some(record) = self.conversation.record()? else {
            return Ok(());
        };
        self.broadcast.send_all(&self.welcome(record)?);
        if self.broadcast.has_streams() {
            let mut events = Vec::new();
            self.replay(Seq(0), |frame| events.push(sender::event(&frame)))?;
            self.broadcast.send_streams(|| events);
        }
        Ok(())
    }

    /// Everything after a sequence number, in order, and how far the team has read.
    pub fn replay(&self, mut after: Seq, mut send: impl FnMut(ServerFrame)) -> Result<(), Problem> {
        /// Rows of one read while a client catches up.
        const PAGE: u32 = 100;
        loop {
            let rows = self.conversation.messages_after(after, PAGE)?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.seq;
            for row in rows {
                send(ServerFrame::Message(row.try_into()?));
            }
        }
        if let Some(record) = self.conversation.record()?
            && record.agent_read > Seq(0)
        {
            send(ServerFrame::Read {
                role: Role::Agent,
                seq: record.agent_read,
            });
        }
        Ok(())
    }
}

/// Something that the chat itself says.
pub fn system_message(text: &str, offer: Option<Offer>) -> Result<NewMessage, Problem> {
    Ok(NewMessage {
        id: MessageId::from_random(clock::random()?).0,
        role: Role::System,
        text: text.to_owned(),
        body: Body {
            blocks: vec![markdown::paragraph(text)],
            offer,
            ..Body::default()
        },
        answer_id: None,
        arrivals: None,
    })
}
