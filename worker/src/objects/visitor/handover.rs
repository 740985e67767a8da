//! People in the conversation: one is asked for, by the visitor, by a rule of the site or because the assistant does not
//! know; a person of the team answers, takes over, hands back, closes; answers wait for approval; visitors leave word.

use oriel_shared::i18n::filled;
use oriel_shared::id::{ApiKeyId, MessageId, ReviewId, Seq};
use oriel_shared::text::{chat, email, markdown, name, phone};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{EscalationReason, ReviewChange, ReviewStatus, ReviewSubject};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::visitor::{Lead, Offer, Role, ServerFrame, Status};

use super::Visitor;
use super::archive;
use super::broadcast::Sender;
use super::limits::Arrivals;
use super::messages::{self, Draft, Question};
use super::reviews::{self, By};
use crate::answer::Said;
use crate::calls::{Settings, VisitorReply};
use crate::clock;
use crate::http::problem::Problem;
use crate::store::messages::Body;

impl Visitor {
    /// A person is asked for. Asking twice changes nothing.
    pub(super) async fn escalate(
        &self,
        because: EscalationReason,
        arrivals: Option<Arrivals>,
    ) -> Result<(), Problem> {
        let sql = self.sql();
        let Some(conversation) = messages::conversation(sql)? else {
            return Ok(());
        };
        if matches!(conversation.status, Status::Waiting | Status::Agent) {
            return Ok(());
        }
        reviews::raise(
            sql,
            &ReviewSubject::Escalation { because },
            conversation.seq,
        )?;
        self.move_to(Status::Waiting)?;
        let sentences = messages::sentences(sql)?;
        let draft = if self.is_away()? {
            system(sentences.nobody, Some(Offer::Message))?
        } else {
            system(sentences.called, None)?
        };
        self.say(Draft { arrivals, ..draft }).await.map(drop)
    }

    /// The assistant has made up its mind. It says so, or lets it wait for approval; after too many answers that were
    /// none it asks for a person.
    pub(super) async fn deliver(&self, question: &Question, mut said: Said) -> Result<(), Problem> {
        let sql = self.sql();
        let asked_in = self.cache.tail(sql)?.map(|tail| tail.conversation);
        let answers = &self.told()?.answers;
        let is_doubt = said.body.offer.is_some();
        if answers.needs_review && !is_doubt {
            return self.hold(question, said).await;
        }
        if said.body.offer == Some(Offer::Person) && self.is_away()? {
            said.body.offer = Some(Offer::Message);
        }
        self.say(Draft {
            id: question.answer_id.clone(),
            role: Role::Assistant,
            text: said.text,
            body: said.body,
            answer_id: None,
            arrivals: None,
        })
        .await?;
        let limit = u32::from(answers.escalate_after);
        // Who has left the conversation meanwhile does not wait in the next one.
        let is_there = self.cache.tail(sql)?.map(|tail| tail.conversation) == asked_in;
        if is_doubt && is_there && limit > 0 && messages::doubts_in_a_row(sql, limit)? >= limit {
            self.escalate(EscalationReason::Doubt, None).await?;
        }
        Ok(())
    }

    /// Lets an answer wait for approval, and says so to the visitor once.
    async fn hold(&self, question: &Question, said: Said) -> Result<(), Problem> {
        let sql = self.sql();
        let matter = ReviewSubject::Draft {
            question: question.text.clone(),
            text: said.text.clone(),
            sources: said.body.sources.clone(),
        };
        let review = reviews::raise(sql, &matter, question.seq)?;
        if reviews::hold(sql, &review, &question.answer_id, &said.text, &said.body)? {
            let checked = messages::sentences(sql)?.checked;
            self.say(system(checked, None)?).await?;
        }
        self.wake_soon().await
    }

    /// The visitor leaves word how to be reached.
    pub(super) async fn take_lead(
        &self,
        sender: &Sender<'_>,
        site: &Settings,
        lead: Lead,
    ) -> Result<(), Problem> {
        let lead = match checked(lead) {
            Ok(lead) => lead,
            Err(problem) => {
                self.refuse(sender, problem, None);
                return Ok(());
            }
        };
        let sql = self.sql();
        let Some(conversation) = messages::conversation(sql)? else {
            return Ok(());
        };
        let Some(arrivals) = self.let_in(sender, site, None)? else {
            return Ok(());
        };
        let whom = lead.email.clone().or_else(|| lead.phone.clone());
        if !reviews::raise_lead(sql, lead, conversation.seq)? {
            return Ok(());
        }
        let sentences = messages::sentences(sql)?;
        let thanks = whom.map_or_else(
            || sentences.left.to_owned(),
            |whom| filled(sentences.left_for, &[("whom", &whom)]),
        );
        self.say(Draft {
            arrivals: Some(arrivals),
            ..system(&thanks, None)?
        })
        .await
        .map(drop)
    }

    /// The visitor judges an answer.
    pub(super) async fn on_feedback(
        &self,
        sender: &Sender<'_>,
        seq: Seq,
        good: bool,
    ) -> Result<(), Problem> {
        match self.cache.judge(self.sql(), seq, good)? {
            None => {
                let why = "is not the number of an answer of the assistant";
                self.refuse(sender, Problem::field("seq", &why), None);
            }
            Some(false) => {}
            Some(true) => {
                self.broadcast(&ServerFrame::Feedback { seq, good });
                self.wake_soon().await?;
            }
        }
        Ok(())
    }

    /// The visitor ends the chat.
    pub(super) async fn end(&self) -> Result<(), Problem> {
        if !self.move_to(Status::Closed)? {
            return Ok(());
        }
        self.silence()?;
        let ended = messages::sentences(self.sql())?.ended;
        self.say(system(ended, None)?).await.map(drop)
    }

    /// A person of the team answers, and has the conversation from now on.
    pub(super) async fn say_as_agent(
        &self,
        author: Option<String>,
        text: String,
        blocks: Vec<Block>,
    ) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        let Some(conversation) = messages::conversation(sql)? else {
            return Err(Problem::refused(Code::NotFound));
        };
        self.move_to(Status::Agent)?;
        self.silence()?;
        // Whoever answers has read.
        self.mark_read_by_team(conversation.seq)?;
        let body = Body {
            author,
            blocks,
            ..Body::default()
        };
        let id = MessageId::from_random(clock::random()?).0;
        let message = self
            .say(Draft {
                id,
                role: Role::Agent,
                text,
                body,
                answer_id: None,
                arrivals: None,
            })
            .await?;
        Ok(VisitorReply::Said(message))
    }

    /// A person of the team is writing.
    pub(super) fn show_team_typing(&self) -> Result<VisitorReply, Problem> {
        if self.cache.status(self.sql())?.is_none() {
            return Err(Problem::refused(Code::NotFound));
        }
        self.broadcast(&ServerFrame::Typing { role: Role::Agent });
        Ok(VisitorReply::Done)
    }

    /// The team has seen the messages up to this one.
    pub(super) fn mark_read_by_team(&self, seq: Seq) -> Result<VisitorReply, Problem> {
        if self.cache.status(self.sql())?.is_none() {
            return Err(Problem::refused(Code::NotFound));
        }
        if let Some(seq) = messages::set_read(self.sql(), Role::Agent, seq)? {
            let role = Role::Agent;
            self.broadcast(&ServerFrame::Read { role, seq });
        }
        Ok(VisitorReply::Done)
    }

    /// The team takes over, hands back or closes.
    pub(super) async fn change_status(&self, status: Status) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        let has_moved = self.move_to(status)?;
        if has_moved && status != Status::Open {
            self.silence()?;
        }
        let Some(conversation) = messages::conversation(sql)? else {
            return Err(Problem::refused(Code::NotFound));
        };
        if has_moved {
            self.wake_soon().await?;
        }
        Ok(VisitorReply::Status {
            status: conversation.status,
            seq: conversation.seq,
        })
    }

    /// The team moves an item of its queue; a draft that is done is said, once.
    pub(super) async fn change_review(
        &self,
        id: &ReviewId,
        change: ReviewChange,
        key: ApiKeyId,
    ) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        let Some(item) = reviews::find(sql, id)? else {
            return Err(Problem::refused(Code::NotFound));
        };
        let resting = archive::find(sql, &item.conversation_id)?;
        let is_resting = resting.is_some();
        let Some(conversation) =
            resting.map_or_else(|| messages::conversation(sql), |its| Ok(Some(its)))?
        else {
            return Err(Problem::refused(Code::NotFound));
        };
        let ReviewChange { status, text, note } = change;
        let by = By {
            key: Some(key),
            note,
        };
        match serde_json::from_str(&item.matter)? {
            ReviewSubject::Draft { .. } => match (reviews::held(sql, id)?, status) {
                // It would be said in the conversation that the visitor is in now.
                (Some(_), ReviewStatus::Done) if is_resting => {
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
                let why = "is for drafts that are sent";
                return Err(Problem::field("text", &why));
            }
            _ => {}
        }
        reviews::advance(sql, id, status, by)?;
        if matches!(status, ReviewStatus::Done | ReviewStatus::Dismissed) {
            reviews::release(sql, id)?;
        }
        // Whoever changed it will look at the list; should D1 be away, the alarm is set.
        self.wake_soon().await?;
        if let Err(problem) = self.keep().await {
            crate::objects::note("keep", &problem);
        }
        let item = reviews::find(sql, id)?.ok_or_else(|| Problem::ours("review", &"it is gone"))?;
        Ok(VisitorReply::Review(Box::new(item.review(&conversation)?)))
    }

    async fn send_draft(
        &self,
        draft: &reviews::Draft,
        text: Option<String>,
    ) -> Result<(), Problem> {
        let mut body = draft.body()?;
        if let Some(text) = &text {
            body.blocks = markdown::blocks(text);
        }
        self.say(Draft {
            id: draft.id.clone(),
            role: Role::Assistant,
            text: text.unwrap_or_else(|| draft.text.clone()),
            body,
            answer_id: None,
            arrivals: None,
        })
        .await
        .map(drop)
    }
}

/// What a visitor left behind, in its normal form.
fn checked(lead: Lead) -> Result<Lead, Problem> {
    if lead == Lead::default() {
        return Err(Problem::field("email", &"or something else is needed"));
    }
    Ok(Lead {
        name: optional("name", lead.name, name::name)?,
        email: optional("email", lead.email, email::email)?,
        phone: optional("phone", lead.phone, phone::phone)?,
        message: optional("message", lead.message, chat::message)?,
    })
}

fn optional<E: std::fmt::Display>(
    field: &str,
    text: Option<String>,
    check: fn(&str) -> Result<String, E>,
) -> Result<Option<String>, Problem> {
    text.map(|text| check(&text).map_err(|error| Problem::field(field, &error)))
        .transpose()
}

fn system(text: &str, offer: Option<Offer>) -> Result<Draft, Problem> {
    Ok(Draft {
        id: MessageId::from_random(clock::random()?).0,
        role: Role::System,
        text: text.to_owned(),
        body: Body {
            blocks: vec![markdown::paragraph(text)],
            offer,
            ..Body::default()
        },
        answer_id: None,
        arrivals: None::<Arrivals>,
    })
}
