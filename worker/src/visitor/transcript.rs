//! The whole conversation, to take along: as text for people, as JSON for programs. Read from the visitor's object page by
//! page and sent as it is read, so that no conversation is too long for it.

use futures_util::{TryStreamExt, stream};
use oriel_shared::id::{Seq, VisitorId};
use oriel_shared::text::transcript;
use oriel_shared::wire::visitor::Message;
use worker::{Env, Request};

use super::access;
use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::objects::calls::{self, LogPage, VisitorCall, VisitorReply};

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: `wire::rights::Transcript`.
    Json,
}

/// `GET /v1/transcript`
pub async fn show(request: &Request, context: &Context) -> Outcome {
    let access = access::check(request, context)?;
    let accepted = request.headers().get("accept")?.unwrap_or_default();
    let format = if accepted.contains("text/plain") {
        Format::Text
    } else {
        Format::Json
    };
    send(&context.env, access.visitor, Some(access.family), format).await
}

/// Answers with a visitor's whole conversation. What is wrong at the beginning is a refusal; what goes wrong later breaks
/// the answer off, so that half a transcript is not taken for a whole one.
///
/// # Errors
/// 401 `session_expired` for a session that has ended, 404 `not_found` where nothing is.
pub async fn send(
    env: &Env,
    visitor: VisitorId,
    family: Option<String>,
    format: Format,
) -> Outcome {
    let reader = Reader {
        env: env.clone(),
        visitor,
        family,
    };
    let page = reader.page(Seq(0)).await?;
    let head = match format {
        Format::Text => {
            let now = clock::now().rfc3339();
            transcript::opening(&page.conversation, &reader.visitor, page.status, &now)
        }
        // The members of `Transcript` in their order, the last one open.
        Format::Json => format!(
            "{{\"conversation\":{},\"visitor\":{},\"status\":{},\"messages\":[",
            serde_json::to_string(&page.conversation)?,
            serde_json::to_string(&reader.visitor)?,
            serde_json::to_string(&page.status)?,
        ),
    };
    let chunks = stream::try_unfold(Some((page, head)), move |state| {
        let reader = reader.clone();
        async move {
            let Some((page, mut chunk)) = state else {
                return Ok::<_, Problem>(None);
            };
            let last = page.messages.last().map(|message| message.seq);
            write(&mut chunk, page.messages, format)?;
            let next = match last.filter(|_| page.has_more) {
                Some(last) => Some((reader.page(last).await?, String::new())),
                None => None,
            };
            if next.is_none() && format == Format::Json {
                chunk.push_str("]}");
            }
            Ok(Some((chunk.into_bytes(), next)))
        }
    });
    let (media_type, ending) = match format {
        Format::Text => ("text/plain; charset=utf-8", "txt"),
        Format::Json => ("application/json", "json"),
    };
    let name = format!("attachment; filename=\"transcript.{ending}\"");
    Ok(
        Answer::stream(media_type, chunks.map_err(|problem| broken(&problem)))
            .with_header("content-disposition", name),
    )
}

fn write(chunk: &mut String, messages: Vec<Message>, format: Format) -> Result<(), Problem> {
    for message in messages {
        match format {
            Format::Text => chunk.push_str(&transcript::entry(&message)),
            Format::Json => {
                if message.seq > Seq(1) {
                    chunk.push(',');
                }
                chunk.push_str(&serde_json::to_string(&message)?);
            }
        }
    }
    Ok(())
}

/// The answer is on its way already: it ends here, unfinished.
fn broken(problem: &Problem) -> worker::Error {
    worker::Error::RustError(problem.cause().to_owned())
}

#[derive(Clone)]
struct Reader {
    env: Env,
    visitor: VisitorId,
    family: Option<String>,
}

impl Reader {
    async fn page(&self, after: Seq) -> Result<LogPage, Problem> {
        let call = VisitorCall::ReadLog {
            family: self.family.clone(),
            after,
        };
        match calls::visitor(&self.env, &self.visitor, &call).await? {
            VisitorReply::Log(page) => Ok(page),
            other => Err(other.unexpected()),
        }
    }
}
