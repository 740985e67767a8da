//! What a frame brings about, whichever way it came. A message is: check, store under the next sequence number, tell
//! every tab; then the answer ([`super::answering`]).

use oriel_shared::id::{MessageId, Seq};
use oriel_shared::text::{chat, context, phrase};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{EscalationReason, ReviewStatus};
use oriel_shared::wire::rich_text::{Block, Inline};
use oriel_shared::wire::visitor::{ClientFrame, Message, PageContext, Role, ServerFrame, Status};

use super::broadcast::Sender;
use super::limits::Arrivals;
use super::messages::{self, Appended, Draft, Question};
use super::{Visitor, reviews};
use crate::calls::Settings;
use crate::clock;
use crate::http::problem::Problem;
use crate::store::messages::Body;

/// What came of a frame.
pub enum Heard {
    /// It was done, or refused to its sender.
    Done,
    /// The assistant is asked something.
    Question(Question),
}

/// How often the team is told that the visitor is writing.
const TYPING_EVERY_MS: u64 = 2_000;
const TYPING: ServerFrame = ServerFrame::Typing {
    role: Role::Visitor,
};

impl Visitor {
    /// Hears a frame of a session.
    ///
    /// # Errors
    /// `session_expired` or `site_not_found`: the session has ended, and its sockets with it.
    pub(super) async fn hear(
        &self,
        sender: &Sender<'_>,
        family: &str,
        frame: ClientFrame,
    ) -> Result<Heard, Problem> {
        if let Err(limited) = self.frames.admit(clock::now()) {
            let id = match frame {
                ClientFrame::Send { id, .. } => Some(id),
                _ => None,
            };
            self.refuse(sender, Problem::limited(&limited), id);
            return Ok(Heard::Done);
        }
        // While the site is read anew others may come in; whoever came later is heard later.
        let _turn = self.turns.take().await;
        if self.cache.tail(self.sql())?.is_none() {
            // Erased meanwhile.
            return Err(Problem::refused(Code::SessionExpired));
        }
        // Both may have ended since the session began.
        let site = self.site_now().await?;
        if !self.cache.is_live(self.sql(), family)? {
            return Err(Problem::refused(Code::SessionExpired));
        }
        match frame {
            ClientFrame::Resume { after } => self.missed(after, |frame| sender.tell(frame))?,
            ClientFrame::Escalate {} => self.on_escalate(sender, &site).await?,
            ClientFrame::Stop {} => self.stop()?,
            ClientFrame::End {} => self.end().await?,
            ClientFrame::Typing {} => self.on_typing(sender)?,
            ClientFrame::Read { seq } => self.on_read(sender, seq)?,
            ClientFrame::Feedback { seq, good } => self.on_feedback(sender, seq, good).await?,
            ClientFrame::Lead(lead) => self.take_lead(sender, &site, lead).await?,
            ClientFrame::Context(context) => self.on_context(sender, context).await?,
            ClientFrame::Begin {} => self.change_conversation(sender, None).await?,
            ClientFrame::Switch { conversation } => {
                self.change_conversation(sender, Some(conversation)).await?;
            }
            ClientFrame::Send {
                id,
                text,
                conversation,
            } => match check(&id, &text) {
                Ok(_) if self.is_for_another(conversation.as_ref(), &id)? => {
                    let problem = Problem::refused(Code::ConversationNotCurrent);
                    self.refuse(sender, problem, Some(id));
                }
                Ok(text) => return self.take(sender, &site, id, text).await,
                Err(problem) => self.refuse(sender, problem, Some(id)),
            },
        }
        Ok(Heard::Done)
    }

    /// A visitor's message: stored, told to every tab.
    async fn take(
        &self,
        sender: &Sender<'_>,
        site: &Settings,
        id: String,
        text: String,
    ) -> Result<Heard, Problem> {
        let sql = self.sql();
        let Some(arrivals) = self.let_in(sender, site, Some(&id))? else {
            return Ok(Heard::Done);
        };
        let status = self.cache.status(sql)?.unwrap_or_default();
        let wants_person = phrase::any_in(&site.answers.escalate_on, &text);
        // With a person in the conversation, or on the way, nobody waits for the assistant.
        let answer_id = if status == Status::Agent || wants_person {
            None
        } else {
            Some(MessageId::from_random(clock::random()?))
        };
        let draft = Draft {
            id,
            role: Role::Visitor,
            text: text.clone(),
            body: Body {
                blocks: plain_blocks(&text),
                ..Body::default()
            },
            answer_id: answer_id.clone(),
            arrivals: Some(arrivals),
        };
        let message = match self.cache.append(sql, draft)? {
            Appended::New(message) => message,
            Appended::Known(message) => {
                // Sent again after a lost connection: only the sender needs to hear it.
                sender.tell(ServerFrame::Message(message));
                return Ok(Heard::Done);
            }
        };
        let seq = message.seq;
        self.said_at.set(clock::now());
        self.acknowledge(sender, message);
        if status == Status::Closed {
            self.move_to(Status::Open)?;
        }
        self.wake_soon().await?;
        if wants_person {
            self.escalate(EscalationReason::Rule, None).await?;
        }
        Ok(match answer_id {
            None => Heard::Done,
            Some(MessageId(answer_id)) => Heard::Question(Question {
                seq,
                text,
                answer_id,
            }),
        })
    }

    /// The visitor wants a person. It counts as something that they say: it makes work for others.
    async fn on_escalate(&self, sender: &Sender<'_>, site: &Settings) -> Result<(), Problem> {
        let status = self.cache.status(self.sql())?;
        if matches!(status, Some(Status::Waiting | Status::Agent)) {
            return Ok(());
        }
        match self.let_in(sender, site, None)? {
            None => Ok(()),
            arrivals => self.escalate(EscalationReason::Visitor, arrivals).await,
        }
    }

    fn acknowledge(&self, sender: &Sender<'_>, message: Message) {
        let frame = ServerFrame::Message(message);
        self.broadcast(&frame);
        // A socket heard it with all others; a request's answer is its own.
        if let Sender::Request(_) = sender {
            sender.tell(frame);
        }
    }

    /// Lets the visitor say one more thing, or tells them to wait.
    pub(super) fn let_in(
        &self,
        sender: &Sender<'_>,
        site: &Settings,
        id: Option<&str>,
    ) -> Result<Option<Arrivals>, Problem> {
        let sql = self.sql();
        let arrivals = self.cache.tail(sql)?.map(|tail| tail.arrivals);
        match arrivals
            .unwrap_or_default()
            .admit(&site.limits, clock::now())
        {
            Ok(arrivals) => {
                self.is_refusal_logged.set(false);
                Ok(Some(arrivals))
            }
            Err(limited) => {
                // Sent again after a lost connection, it was let in before.
                match id.map(|id| messages::find(sql, id)).transpose()?.flatten() {
                    Some(message) => sender.tell(ServerFrame::Message(message)),
                    None => self.refuse(sender, Problem::limited(&limited), id.map(str::to_owned)),
                }
                Ok(None)
            }
        }
    }

    /// Stores a message and tells every tab.
    pub(super) async fn say(&self, draft: Draft) -> Result<Message, Problem> {
        let (Appended::New(message) | Appended::Known(message)) =
            self.cache.append(self.sql(), draft)?;
        self.broadcast(&ServerFrame::Message(message.clone()));
        self.wake_soon().await?;
        Ok(message)
    }

    /// Moves the conversation and tells every tab. Tells whether it stood elsewhere.
    pub(super) fn move_to(&self, status: Status) -> Result<bool, Problem> {
        let sql = self.sql();
        let has_moved = self.cache.set_status(sql, status)?;
        if has_moved {
            match status {
                Status::Waiting => {}
                Status::Agent => reviews::advance_escalations(sql, ReviewStatus::InProgress)?,
                Status::Open | Status::Closed => {
                    reviews::advance_escalations(sql, ReviewStatus::Done)?;
                }
            }
            let away = self.is_away()?;
            self.broadcast(&ServerFrame::Status { status, away });
        }
        Ok(has_moved)
    }

    /// The visitor has seen the messages up to this one.
    fn on_read(&self, sender: &Sender<'_>, seq: Seq) -> Result<(), Problem> {
        if let Some(seq) = messages::set_read(self.sql(), Role::Visitor, seq)? {
            let frame = ServerFrame::Read {
                role: Role::Visitor,
                seq,
            };
            self.tell_others(&frame, sender);
            self.tell_team_now(&frame)?;
        }
        Ok(())
    }

    /// The page has told where the visitor is.
    async fn on_context(&self, sender: &Sender<'_>, said: PageContext) -> Result<(), Problem> {
        match context::context(said) {
            Ok(context) => {
                if messages::set_context(self.sql(), &context)? {
                    self.wake_soon().await?;
                }
            }
            Err((field, error)) => self.refuse(sender, Problem::field(field, &error), None),
        }
        Ok(())
    }

    /// The visitor is writing.
    fn on_typing(&self, sender: &Sender<'_>) -> Result<(), Problem> {
        self.tell_others(&TYPING, sender);
        // A machine does not wait for the end of a sentence; a person likes to know, and not more often than this.
        let now = clock::now();
        let is_news = now.0 >= self.typed_at.get().0 + TYPING_EVERY_MS;
        let status = self.cache.status(self.sql())?;
        if is_news && matches!(status, Some(Status::Waiting | Status::Agent)) {
            self.typed_at.set(now);
            self.tell_team_now(&TYPING)?;
        }
        Ok(())
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
