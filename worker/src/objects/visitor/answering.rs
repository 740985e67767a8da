//! The assistant in the conversation: each question is answered once, whoever asks for it and however often, and not at
//! all once a person has taken over.

use oriel_shared::wire::visitor::{Role, ServerFrame};

use super::Visitor;
use super::log::{self, Question};
use crate::answer;
use crate::http::problem::Problem;

impl Visitor {
    /// Answers a question once, whoever asks for it and however often.
    pub(super) async fn answer(&self, question: Question) -> Result<(), Problem> {
        if !self.answering.borrow_mut().insert(question.seq) {
            return Ok(());
        }
        let outcome = self.answer_now(&question).await;
        self.answering.borrow_mut().remove(&question.seq);
        outcome
    }

    async fn answer_now(&self, question: &Question) -> Result<(), Problem> {
        let sql = self.sql();
        let Some(conversation) = log::conversation(&sql)? else {
            return Ok(());
        };
        self.broadcast(&ServerFrame::Typing {
            role: Role::Assistant,
        });
        let said = answer::reply(&self.env, &conversation.site_id, &question.text).await;
        // Meanwhile a person may have taken over; then the assistant is quiet.
        if !log::unanswered(&sql)?
            .iter()
            .any(|open| open.answer_id == question.answer_id)
        {
            return Ok(());
        }
        self.deliver(question, said).await
    }

    /// Questions that an instance before this one took and did not answer.
    pub(super) async fn answer_leftovers(&self) -> Result<(), Problem> {
        for question in log::unanswered(&self.sql())? {
            self.answer(question).await?;
        }
        Ok(())
    }

    /// The assistant goes quiet: what it was asked is not answered any more.
    pub(super) fn silence(&self) -> Result<(), Problem> {
        log::drop_questions(&self.sql())
    }
}
