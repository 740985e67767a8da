//! People in the conversation: the visitor asks for one, a person of the team answers, takes over, hands back, closes.

use oriel_shared::id::MessageId;
use oriel_shared::text::markdown;
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::visitor::{Role, Status};

use super::Visitor;
use super::log::{self, Draft};
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::calls::{Refusal, VisitorReply};
use crate::store::messages::Body;

impl Visitor {
    /// The visitor asks for a person. Asking twice changes nothing.
    pub(super) async fn escalate(&self) -> Result<(), Problem> {
        let Some(conversation) = log::conversation(&self.sql())? else {
            return Ok(());
        };
        if matches!(conversation.status, Status::Waiting | Status::Agent) {
            return Ok(());
        }
        self.move_to(Status::Waiting)?;
        let text = "A person from the team will read this conversation and answer here.";
        self.say(system(text)?).await.map(drop)
    }

    /// A person of the team answers, and has the conversation from now on.
    pub(super) async fn say_as_agent(
        &self,
        text: String,
        blocks: Vec<Block>,
    ) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        if log::conversation(&sql)?.is_none() {
            return Ok(VisitorReply::Refused(Refusal::NotFound));
        }
        self.move_to(Status::Agent)?;
        self.silence()?;
        let body = Body {
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

    /// The team takes over, hands back or closes.
    pub(super) async fn change_status(&self, status: Status) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        if self.move_to(status)? {
            if status != Status::Open {
                self.silence()?;
            }
            self.wake_soon().await?;
        }
        let Some(conversation) = log::conversation(&sql)? else {
            return Ok(VisitorReply::Refused(Refusal::NotFound));
        };
        Ok(VisitorReply::Status {
            status: conversation.status,
            seq: conversation.seq,
        })
    }
}

fn system(text: &str) -> Result<Draft, Problem> {
    Ok(Draft {
        id: MessageId::from_random(clock::random()?).0,
        role: Role::System,
        text: text.to_owned(),
        body: Body {
            blocks: vec![markdown::paragraph(text)],
            ..Body::default()
        },
        answer_id: None,
        arrivals: None,
    })
}
