//! The assistant in the conversation: each question is answered once, whoever asks for it and however often, and not at
//! all once a person has taken over.
//!
//! Keeps true: an answer is stored under the id that its question reserved, so that it is said once, whoever finishes
//! it. While one is being made an alarm keeps coming, so that an instance that dies leaves nobody waiting; the model is
//! asked [`CALLS_MAX`] times for one answer at the most, then the documents answer.

use std::rc::Rc;

use oriel_shared::i18n;
use oriel_shared::id::OrgId;
use oriel_shared::model::prompt::Turn;
use oriel_shared::wire::site::Provider;
use oriel_shared::wire::visitor::{Role, ServerFrame};

use super::Visitor;
use super::messages::{self, Question};
use crate::answer::model::{End, Switch};
use crate::answer::{self, Asked, Listener};
use crate::calls::{self, ModelBudgetCall, Settlement};
use crate::http::problem::Problem;
use crate::objects::note;
use crate::sites;

/// Calls of a model for one answer: one that a dying instance cut short is made again, once.
const CALLS_MAX: u32 = 2;
/// Messages before a question that may be sent along; how much of them is, the site's token budget says.
const HISTORY_MAX: u32 = 40;
/// Between two looks after an answer that is being made.
const WATCH_MS: u64 = 1_000;

/// One answer that this instance is making.
struct Answering<'v> {
    visitor: &'v Visitor,
    answer_id: &'v str,
    /// Whether words are shown before all of them are there.
    is_shown: bool,
    switch: Rc<Switch>,
}

impl Listener for Answering<'_> {
    fn hear(&self, text: String) {
        if self.is_shown && self.switch.ended().is_none() {
            let id = self.answer_id.to_owned();
            self.visitor.broadcast(&ServerFrame::Delta { id, text });
        }
    }

    fn count_call(&self) -> Result<bool, Problem> {
        let n = messages::count_call(self.visitor.sql(), self.answer_id)?;
        Ok(n <= CALLS_MAX)
    }

    fn settle(&self, org: OrgId, settled: Settlement) {
        let env = self.visitor.env.clone();
        self.visitor.state.wait_until(async move {
            let settle = ModelBudgetCall::Settle(settled);
            if let Err(problem) = calls::model_budget(&env, &org, &settle).await {
                note("settle", &problem);
            }
        });
    }

    fn switch(&self) -> &Switch {
        &self.switch
    }
}

impl Visitor {
    /// Answers a question once, whoever asks for it and however often.
    pub(super) async fn answer(&self, question: Question) -> Result<(), Problem> {
        let switch = Rc::new(Switch::default());
        {
            let mut answering = self.answering.borrow_mut();
            if answering.contains_key(&question.answer_id) {
                return Ok(());
            }
            answering.insert(question.answer_id.clone(), Rc::clone(&switch));
        }
        let outcome = self.answer_now(&question, switch).await;
        self.answering.borrow_mut().remove(&question.answer_id);
        outcome
    }

    async fn answer_now(&self, question: &Question, switch: Rc<Switch>) -> Result<(), Problem> {
        let sql = self.sql();
        let Some(conversation) = messages::conversation(sql)? else {
            return Ok(());
        };
        let told = self.told()?;
        self.broadcast(&ServerFrame::Typing {
            role: Role::Assistant,
        });
        // While the database is away the documents answer, if they can.
        let live = sites::find(&self.env, told.key.as_str()).await.ok();
        let owned = live.as_ref().map(|live| &live.owned);
        let mut history: Vec<Turn> = Vec::new();
        if owned.is_some_and(|owned| owned.site.model.provider != Provider::None) {
            history = messages::turns_before(sql, question.seq, HISTORY_MAX)?;
            history.reverse();
        }
        let asked = Asked {
            site: &conversation.site_id,
            text: &question.text,
            answers: &told.answers,
            owned,
            history: &history,
            sentences: i18n::of(&conversation.language),
        };
        let answering = Answering {
            visitor: self,
            answer_id: &question.answer_id,
            is_shown: !told.answers.needs_review,
            switch: Rc::clone(&switch),
        };
        let said = answer::reply(&self.env, &asked, &answering).await;
        // Meanwhile a person may have taken over, the visitor have left the conversation, or all of it been erased; then the
        // assistant is quiet.
        if switch.ended() == Some(End::Dropped) {
            return Ok(());
        }
        let is_open = messages::is_unanswered(sql, question)?;
        let said = match said {
            Some(said) if is_open => said,
            // Stopped before it had said a word.
            _ if is_open => return messages::drop_question(sql, question.seq),
            _ => return Ok(()),
        };
        self.deliver(question, said).await
    }

    /// Questions that an instance before this one took and did not answer.
    pub(super) async fn answer_leftovers(&self) -> Result<(), Problem> {
        let sql = self.sql();
        let asked_in = self.cache.tail(sql)?.map(|tail| tail.conversation);
        for question in self.cache.unanswered(sql)? {
            if self.cache.tail(sql)?.map(|tail| tail.conversation) != asked_in {
                break;
            }
            self.answer(question).await?;
        }
        if self.answering.borrow().is_empty() {
            return Ok(());
        }
        self.set_alarm(WATCH_MS).await
    }

    /// The assistant goes quiet: what it was asked is not answered any more, and what it was saying is taken back.
    pub(super) fn silence(&self) -> Result<(), Problem> {
        self.end_answers(End::Dropped);
        messages::drop_questions(self.sql())
    }

    /// The visitor has read enough: what was said so far is kept, what was not begun is not answered.
    pub(super) fn stop(&self) -> Result<(), Problem> {
        if self.answering.borrow().is_empty() {
            return self.silence();
        }
        self.end_answers(End::Stopped);
        Ok(())
    }

    /// Ends whatever is being answered by this instance.
    pub(super) fn end_answers(&self, end: End) {
        for switch in self.answering.borrow().values() {
            switch.end(end);
        }
    }
}
