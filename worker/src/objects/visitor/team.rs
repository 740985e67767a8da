//! What the team does in a visitor's conversations: a person answers, takes over, hands back, closes; an item of the queue
//! moves, and an answer that waited for approval is sent.

use std::rc::Rc;

use oriel_shared::id::{ApiKeyId, ConversationId, MessageId, ReviewId, Seq};
use oriel_shared::text::markdown;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{Review, ReviewChange, ReviewStatus, ReviewSubject};
use oriel_shared::wire::visitor::{Message, Role, ServerFrame, Status};

use super::archive::Archive;
use super::conversation::{NewMessage, Record};
use super::drafts::Draft;
use super::reviews::{MovedBy, shown};
use super::timeline::Timeline;
use crate::calls::{TeamCall, TeamMessage, VisitorReply};
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::log_failure;
use crate::store::messages::Body;

/// Takes the team's calls.
pub struct Team {
    /// The current conversation.
    pub timeline: Rc<Timeline>,
    /// The others.
    pub archive: Rc<Archive>,
}

impl Team {
    /// The team does something in a conversation.
    ///
    /// # Errors
    /// `conversation_not_current` when the visitor is in another one; `not_found`.
    pub async fn in_conversation(
        &self,
        conversation: &ConversationId,
        call: TeamCall,
    ) -> Result<VisitorReply, Problem> {
        self.timeline.site.close_ended().await?;
        self.check_current(conversation)?;
        match call {
            TeamCall::Post(message) => self.post(message).await.map(VisitorReply::Posted),
            TeamCall::Typing => {
                let typing = ServerFrame::Typing { role: Role::Agent };
                self.timeline.broadcast.send_all(&typing);
                Ok(VisitorReply::Done)
            }
            TeamCall::Read { seq } => self.mark_read(seq).map(|()| VisitorReply::Done),
            TeamCall::ChangeStatus { status } => self.change_status(status).await,
        }
    }

    fn check_current(&self, meant: &ConversationId) -> Result<(), Problem> {
        let current = self.timeline.conversation.id()?;
        if current.is_some_and(|current| *current == *meant) {
            return Ok(());
        }
        Err(Problem::refused(match self.archive.find(meant)? {
            Some(_) => Code::ConversationNotCurrent,
            None => Code::NotFound,
        }))
    }

    fn record(&self) -> Result<Record, Problem> {
        let record = self.timeline.conversation.record()?;
        record.ok_or_else(|| Problem::refused(Code::NotFound))
    }

    /// A person of the team answers, and has the conversation from now on.
    async fn post(&self, message: TeamMessage) -> Result<Message, Problem> {
        let record = self.record()?;
        self.timeline.change_status(Status::Agent)?;
        self.timeline.silence_assistant()?;
        // Whoever answers has read.
        self.mark_read(record.seq)?;
        let TeamMessage {
            author,
            text,
            blocks,
        } = message;
        let message = NewMessage {
            id: MessageId::from_random(clock::random()?).0,
            role: Role::Agent,
            text,
            body: Body {
                author,
                blocks,
                ..Body::default()
            },
            answer_id: None,
            arrivals: None,
        };
        self.timeline.post(message).await
    }

    /// The team has seen the messages up to this one.
    fn mark_read(&self, seq: Seq) -> Result<(), Problem> {
        let role = Role::Agent;
        if let Some(seq) = self.timeline.conversation.set_read(role, seq)? {
            let frame = ServerFrame::Read { role, seq };
            self.timeline.broadcast.send_all(&frame);
        }
        Ok(())
    }

    /// The team takes over, hands back or closes.
    async fn change_status(&self, status: Status) -> Result<VisitorReply, Problem> {
        let is_changed = self.timeline.change_status(status)?;
        if is_changed && status != Status::Open {
            self.timeline.silence_assistant()?;
        }
        let record = self.record()?;
        if is_changed {
            self.timeline.sync.wake_soon().await?;
        }
        Ok(VisitorReply::Status {
            status: record.status,
            seq: record.seq,
        })
    }

    /// The team moves an item of its queue; a draft that is done is sent, once.
    ///
    /// # Errors
    /// `not_found`; `invalid_field` for a change that comes too late or is for another kind of item;
    /// `conversation_not_current` for a draft of a conversation that the visitor has left.
    pub async fn change_review(
        &self,
        id: &ReviewId,
        change: ReviewChange,
        key: ApiKeyId,
    ) -> Result<Review, Problem> {
        self.timeline.site.close_ended().await?;
        let reviews = &self.timeline.reviews;
        let not_found = || Problem::refused(Code::NotFound);
        let item = reviews.find(id)?.ok_or_else(not_found)?;
        let archived = self.archive.find(&item.conversation_id)?;
        let is_archived = archived.is_some();
        let record = match archived {
            Some(record) => record,
            None => self.record()?,
        };
        let ReviewChange { status, text, note } = change;
        match serde_json::from_str(&item.matter)? {
            ReviewSubject::Draft { .. } => match (reviews.drafts.find(id)?, status) {
                // It would be posted in the conversation that the visitor is in now.
                (Some(_), ReviewStatus::Done) if is_archived => {
                    return Err(Problem::refused(Code::ConversationNotCurrent));
                }
                (Some(draft), ReviewStatus::Done) => self.send_draft(&draft, text).await?,
                // Asked for again, it is done already; anything else comes too late.
                (None, _) if status != item.status => {
                    let why = "cannot be changed any more: the draft was decided on";
                    return Err(Problem::field("status", &why));
                }
                _ => {}
            },
            _ if text.is_some() => {
                return Err(Problem::field("text", &"is for drafts that are sent"));
            }
            _ => {}
        }
        let key = Some(key);
        reviews.advance(id, status, MovedBy { key, note })?;
        if matches!(status, ReviewStatus::Done | ReviewStatus::Dismissed) {
            reviews.drafts.remove(id)?;
        }
        // Whoever changed it will look at the list; should D1 be away, the alarm is set.
        self.timeline.sync.wake_soon().await?;
        if let Err(problem) = self.timeline.sync.run().await {
            log_failure("sync", &problem);
        }
        let gone = || Problem::ours("review", &"it is gone");
        let item = reviews.find(id)?.ok_or_else(gone)?;
        shown(item, &record)
    }

    async fn send_draft(&self, draft: &Draft, text: Option<String>) -> Result<(), Problem> {
        let mut body = draft.body()?;
        if let Some(text) = &text {
            body.blocks = markdown::blocks(text);
        }
        let message = NewMessage {
            id: draft.id.clone(),
            role: Role::Assistant,
            text: text.unwrap_or_else(|| draft.text.clone()),
            body,
            answer_id: None,
            arrivals: None,
        };
        self.timeline.post(message).await.map(drop)
    }
}
