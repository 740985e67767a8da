//! The assistant in the conversation: each question is answered once, whoever asks for it and however often, and not at
//! all once a person has taken over.
//!
//! Keeps true: an answer is stored under the id that its question reserved, so that it is given once, whoever finishes
//! it. While one is being made an alarm keeps coming, so that an instance that dies leaves nobody waiting; the model is
//! called [`CALLS_MAX`] times for one answer at the most, then the documents answer. One answer is made by one snapshot of
//! the site's settings.

use std::rc::Rc;

use oriel_shared::i18n;
use oriel_shared::id::OrgId;
use oriel_shared::model::prompt::Turn;
use oriel_shared::wire::review::{EscalationReason, ReviewSubject};
use oriel_shared::wire::site::Provider;
use oriel_shared::wire::visitor::{Offer, Role, ServerFrame};
use worker::{Env, State};

use super::alarm::Alarm;
use super::conversation::{NewMessage, Question};
use super::drafts::Draft;
use super::handover::Handover;
use super::site::Snapshot;
use super::timeline::{Timeline, system_message};
use crate::answer::stop::{StopReason, StopSignal};
use crate::answer::{self, AnswerRequest, AssistantAnswer, Listener};
use crate::calls::{self, ModelBudgetCall, Settlement};
use crate::http::problem::Problem;
use crate::objects::log_failure;

/// Calls of a model for one answer: one that a dying instance cut short is made again, once.
const CALLS_MAX: u32 = 2;
/// Messages before a question that may be sent along; how much of them is, the site's token budget says.
const HISTORY_MAX: u32 = 40;
/// Between two looks after an answer that is being made.
const WATCH_MS: u64 = 1_000;

/// Answers the visitor.
pub struct Assistant {
    /// For the index, models and the model budget.
    pub env: Env,
    /// Keeps the instance until a call is settled.
    pub state: Rc<State>,
    /// Comes again while an answer is being made.
    pub alarm: Rc<Alarm>,
    /// Where questions are asked and answered.
    pub timeline: Rc<Timeline>,
    /// Who is asked for when the assistant does not know.
    pub handover: Rc<Handover>,
}

/// One answer that this instance is making.
struct Answering<'a> {
    assistant: &'a Assistant,
    answer_id: &'a str,
    /// Whether words are shown before all of them are there.
    is_shown: bool,
    stop_signal: Rc<StopSignal>,
}

impl Listener for Answering<'_> {
    fn on_words(&self, text: String) {
        if self.is_shown && self.stop_signal.reason().is_none() {
            let id = self.answer_id.to_owned();
            let delta = ServerFrame::Delta { id, text };
            self.assistant.timeline.broadcast.send_all(&delta);
        }
    }

    fn count_call(&self) -> Result<bool, Problem> {
        let questions = &self.assistant.timeline.conversation.questions;
        Ok(questions.count_model_call(self.answer_id)? <= CALLS_MAX)
    }

    fn settle(&self, org: OrgId, settlement: Settlement) {
        let env = self.assistant.env.clone();
        self.assistant.state.wait_until(async move {
            let settle = ModelBudgetCall::Settle(settlement);
            if let Err(problem) = calls::model_budget(&env, &org, &settle).await {
                log_failure("settle", &problem);
            }
        });
    }

    fn stop_signal(&self) -> &StopSignal {
        &self.stop_signal
    }
}

impl Assistant {
    /// Answers a question once, whoever asks for it and however often.
    pub async fn answer(&self, question: &Question, site: &Snapshot) -> Result<(), Problem> {
        let running = &self.timeline.running;
        let Some(stop_signal) = running.begin(&question.answer_id) else {
            return Ok(());
        };
        let outcome = self.make_answer(question, site, stop_signal).await;
        running.finish(&question.answer_id);
        outcome
    }

    async fn make_answer(
        &self,
        question: &Question,
        site: &Snapshot,
        stop_signal: Rc<StopSignal>,
    ) -> Result<(), Problem> {
        let conversation = &self.timeline.conversation;
        let Some(record) = conversation.record()? else {
            return Ok(());
        };
        self.timeline.broadcast.send_all(&ServerFrame::Typing {
            role: Role::Assistant,
        });
        let settings = &site.owned.site;
        let mut history: Vec<Turn> = Vec::new();
        if site.is_live && settings.model.provider != Provider::None {
            history = conversation.turns_before(question.seq, HISTORY_MAX)?;
            history.reverse();
        }
        let request = AnswerRequest {
            owned: &site.owned,
            // While D1 does not answer the documents do, if they can.
            has_models: site.is_live,
            text: &question.text,
            history: &history,
            sentences: i18n::of(&record.language),
        };
        let answering = Answering {
            assistant: self,
            answer_id: &question.answer_id,
            is_shown: !settings.answers.needs_review,
            stop_signal: Rc::clone(&stop_signal),
        };
        let answer = answer::reply(&self.env, &request, &answering).await;
        // Meanwhile a person may have taken over, the visitor have left the conversation, or all of it been erased; then the
        // assistant is quiet.
        if stop_signal.reason() == Some(StopReason::Dropped) {
            return Ok(());
        }
        let is_open = conversation.questions.is_unanswered(question)?;
        match answer {
            Some(answer) if is_open => self.deliver(question, answer, site).await,
            // Stopped before its first word.
            _ if is_open => conversation.questions.drop_one(question.seq),
            _ => Ok(()),
        }
    }

    /// Posts an answer, or lets it wait for approval; after too many answers that were none it asks for a person.
    async fn deliver(
        &self,
        question: &Question,
        mut answer: AssistantAnswer,
        site: &Snapshot,
    ) -> Result<(), Problem> {
        let conversation = &self.timeline.conversation;
        let asked_in = conversation.id()?;
        let answers = &site.owned.site.answers;
        let is_doubt = answer.body.offer.is_some();
        if answers.needs_review && !is_doubt {
            return self.submit_for_approval(question, answer).await;
        }
        if answer.body.offer == Some(Offer::Person) && self.timeline.site.is_team_away()? {
            answer.body.offer = Some(Offer::Message);
        }
        self.timeline
            .post(NewMessage {
                id: question.answer_id.clone(),
                role: Role::Assistant,
                text: answer.text,
                body: answer.body,
                answer_id: None,
                arrivals: None,
            })
            .await?;
        let limit = u32::from(answers.escalate_after);
        // Who has left the conversation meanwhile does not wait in the next one.
        let is_there = conversation.id()? == asked_in;
        if is_doubt && is_there && limit > 0 && conversation.n_doubts_in_a_row(limit)? >= limit {
            self.handover
                .escalate(EscalationReason::Doubt, None)
                .await?;
        }
        Ok(())
    }

    /// Lets an answer wait for approval, and says so to the visitor once.
    async fn submit_for_approval(
        &self,
        question: &Question,
        answer: AssistantAnswer,
    ) -> Result<(), Problem> {
        let timeline = &self.timeline;
        let matter = ReviewSubject::Draft {
            question: question.text.clone(),
            text: answer.text.clone(),
            sources: answer.body.sources.clone(),
        };
        let review = timeline.reviews.raise(&matter, question.seq)?;
        let draft = Draft::new(question.answer_id.clone(), answer.text, &answer.body)?;
        if timeline.reviews.drafts.store(&review, draft)? {
            let checked = timeline.conversation.sentences()?.answer_in_review;
            timeline.post(system_message(checked, None)?).await?;
        }
        timeline.sync.wake_soon().await
    }

    /// Answers what waits for an answer: what a request asked, or what an instance before this one left.
    pub async fn answer_pending(&self) -> Result<(), Problem> {
        let timeline = &self.timeline;
        let asked_in = timeline.conversation.id()?;
        let pending = timeline.conversation.questions.unanswered()?;
        if !pending.is_empty() {
            let site = timeline.site.for_pending_answer().await?;
            for question in &pending {
                if timeline.conversation.id()? != asked_in {
                    break;
                }
                self.answer(question, &site).await?;
            }
        }
        if timeline.running.is_empty() {
            return Ok(());
        }
        self.alarm.set(WATCH_MS).await
    }
}
