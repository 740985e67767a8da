//! Who replies, and how. Today one answerer: the site's own documents, by their best passages.
//!
//! The rules (terms, ranking, the bar below which it does not know) are `oriel_shared::answer`; this fetches what they
//! need and words what happens when the index does not answer.

use oriel_shared::answer::{self, Question, Reply};
use oriel_shared::id::SiteId;
use oriel_shared::text::markdown;
use oriel_shared::wire::visitor::Offer;
use worker::Env;

use crate::http::problem::Problem;
use crate::store::messages::Body;
use crate::store::{Search, passages};

/// What the assistant says.
pub struct Said {
    /// Plain text.
    pub text: String,
    /// Rich text, sources, offer.
    pub body: Body,
}

/// Answers a visitor's message from the site's documents. Always says something: an index that does not answer makes
/// an honest sentence, not an error, and is logged.
pub async fn reply(env: &Env, site: &SiteId, text: &str) -> Said {
    match look_up(env, site, text).await {
        Ok(said) => said,
        Err(problem) => {
            worker::console_error!(
                "{}",
                serde_json::json!({"event": "answer_failed", "cause": problem.cause()})
            );
            offer_person("I cannot look that up right now. Shall I get a person from the team?")
        }
    }
}

async fn look_up(env: &Env, site: &SiteId, text: &str) -> Result<Said, Problem> {
    let question = Question::parse(text);
    let (corpus, candidates) = if question.is_empty() {
        Default::default()
    } else {
        passages::find(&Search::open(env)?, site, &question).await?
    };
    let Reply {
        text,
        blocks,
        sources,
        offer,
        ..
    } = answer::reply(&question, &corpus, candidates);
    Ok(Said {
        text,
        body: Body {
            blocks,
            sources,
            offer,
            ..Body::default()
        },
    })
}

fn offer_person(sentence: &str) -> Said {
    let blocks = vec![markdown::paragraph(sentence)];
    Said {
        text: sentence.to_owned(),
        body: Body {
            blocks,
            offer: Some(Offer::Person),
            ..Body::default()
        },
    }
}
