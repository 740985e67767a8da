//! A visitor's message: checked, limited, stored under the next sequence number, sent to every tab; then the assistant
//! answers, or a person does.

use std::rc::Rc;

use oriel_shared::id::{ConversationId, MessageId};
use oriel_shared::text::{chat, phrase};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::EscalationReason;
use oriel_shared::wire::rich_text::{Block, Inline};
use oriel_shared::wire::visitor::{Role, ServerFrame, Status};

use super::archive::Archive;
use super::conversation::{Appended, NewMessage, Question};
use super::handover::Handover;
use super::limits::MessageLimits;
use super::sender::Sender;
use super::site::Snapshot;
use super::timeline::Timeline;
use crate::clock;
use crate::http::problem::Problem;
use crate::store::messages::Body;

/// A message as its sender gives it.
pub struct SentMessage {
    /// Made by the client.
    pub id: String,
    /// Plain text.
    pub text: String,
    /// The conversation that it is meant for, where the client says.
    pub conversation: Option<ConversationId>,
}

/// Takes messages.
pub struct VisitorMessages {
    /// Where they go.
    pub timeline: Rc<Timeline>,
    /// Where they may be already.
    pub archive: Rc<Archive>,
    /// How many there may be.
    pub limits: Rc<MessageLimits>,
    /// Some of them ask for a person.
    pub handover: Rc<Handover>,
}

impl VisitorMessages {
    /// Takes a message. Returns what it asks the assistant, if it does.
    pub async fn on_send(
        &self,
        sender: &Sender<'_>,
        site: &Snapshot,
        sent: SentMessage,
    ) -> Result<Option<Question>, Problem> {
        let SentMessage {
            id,
            text,
            conversation,
        } = sent;
        let refusal = match check(&id, &text) {
            Ok(_) if self.is_for_another(conversation.as_ref(), &id)? => {
                Problem::refused(Code::ConversationNotCurrent)
            }
            Ok(text) => return self.store(sender, site, id, text).await,
            Err(problem) => problem,
        };
        self.timeline.broadcast.refuse(sender, refusal, Some(id));
        Ok(None)
    }

    /// Whether a message is meant for another conversation than the current one, by what its sender names, or because it
    /// was sent before and is there.
    fn is_for_another(&self, named: Option<&ConversationId>, id: &str) -> Result<bool, Problem> {
        match (self.timeline.conversation.id()?, named) {
            (None, _) => Ok(false),
            (Some(current), Some(named)) => Ok(*named != *current),
            (Some(_), None) => self.archive.has_message(id),
        }
    }

    async fn store(
        &self,
        sender: &Sender<'_>,
        site: &Snapshot,
        id: String,
        text: String,
    ) -> Result<Option<Question>, Problem> {
        let timeline = &self.timeline;
        let settings = &site.owned.site;
        let Some(arrivals) = self.limits.admit(sender, &settings.limits, Some(&id))? else {
            return Ok(None);
        };
        let status = timeline.conversation.status()?.unwrap_or_default();
        let wants_person = phrase::any_in(&settings.answers.escalate_on, &text);
        // With a person in the conversation, or on the way, nobody waits for the assistant.
        let answer_id = if status == Status::Agent || wants_person {
            None
        } else {
            Some(MessageId::from_random(clock::random()?))
        };
        let message = match timeline.conversation.append(NewMessage {
            id,
            role: Role::Visitor,
            text: text.clone(),
            body: Body {
                blocks: plain_blocks(&text),
                ..Body::default()
            },
            answer_id: answer_id.clone(),
            arrivals: Some(arrivals),
        })? {
            Appended::New(message) => message,
            Appended::Known(message) => {
                // Sent again after a lost connection: only the sender has to see it.
                sender.reply(ServerFrame::Message(message));
                return Ok(None);
            }
        };
        let seq = message.seq;
        timeline.sync.on_message();
        let frame = ServerFrame::Message(message);
        timeline.broadcast.send_all(&frame);
        // A socket got it with all others; a request's answer is its own.
        if let Sender::Request(_) = sender {
            sender.reply(frame);
        }
        if status == Status::Closed {
            timeline.change_status(Status::Open)?;
        }
        timeline.sync.wake_soon().await?;
        if wants_person {
            self.handover.escalate(EscalationReason::Rule, None).await?;
        }
        Ok(answer_id.map(|MessageId(answer_id)| Question {
            seq,
            text,
            answer_id,
        }))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_visitor_types_is_paragraphs_and_never_markup() {
        let blocks = plain_blocks("**a**\nb\n\n \n\n<c>");
        let texts: Vec<&str> = blocks
            .iter()
            .filter_map(|block| match block {
                Block::Paragraph { content } => match content.as_slice() {
                    [Inline::Text { text }] => Some(text.as_str()),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["**a**\nb", "<c>"]);
        assert_eq!(blocks.len(), 2);
    }
}
