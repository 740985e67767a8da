//! The transcript: a whole conversation, as text for people or as JSON for programs. It is read from the visitor's
//! object page by page and sent while it is read, so that no conversation is too long for it.

use std::future::ready;
use std::rc::Rc;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use oriel_shared::i18n::{self, ENGLISH, Transcript as Words};
use oriel_shared::id::{ConversationId, OrgId, Seq, VisitorId};
use oriel_shared::text::transcript;
use oriel_shared::token::session::Access;
use oriel_shared::wire::admin::PAGE_ITEMS_MAX;
use oriel_shared::wire::transcript::{Transcript, TranscriptFormat};
use oriel_shared::wire::visitor::Message;
use serde::Serialize;
use worker::Env;

use crate::calls::{self, MessagePage, VisitorCall, VisitorReply};
use crate::clock;
use crate::http::call::Call;
use crate::http::problem::Problem;
use crate::http::query::PageRequest;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::{Db, conversations, messages};

/// Sends the current conversation, or another one of the visitor's own.
pub async fn show(call: Call<'_, Access>) -> HandlerResult {
    let accepted = call.header("accept")?.unwrap_or_default();
    let format = if accepted.contains("text/plain") {
        TranscriptFormat::Text
    } else {
        TranscriptFormat::Json
    };
    let object = Source::Object {
        env: call.env().clone(),
        visitor: call.caller.visitor.clone(),
        family: Some(call.caller.family.clone()),
        conversation: call.query("conversation").map(ConversationId),
    };
    send(object, &call.caller.visitor, format).await
}

/// Answers with a whole conversation. What goes wrong before the first byte is a refusal; what goes wrong later breaks
/// the answer off, so that nobody takes half a transcript for a whole one.
///
/// # Errors
/// 401 `session_expired` for a session that has ended, 404 `not_found` where nothing is.
pub async fn send(source: Source, visitor: &VisitorId, format: TranscriptFormat) -> HandlerResult {
    let first = source.page(Seq(0)).await?;
    let source = source.fixed_to(&first.conversation);
    let form = match format {
        TranscriptFormat::Text => Form::Text(source.words(&first)),
        TranscriptFormat::Json => Form::Json,
    };
    let (head, tail) = match form {
        Form::Text(words) => {
            let (now, status) = (clock::now().rfc3339(), first.status);
            let head = transcript::opening(&first.conversation, visitor, status, &now, words);
            (head, "")
        }
        Form::Json => {
            let whole = Transcript {
                conversation: first.conversation.clone(),
                visitor: visitor.clone(),
                status: first.status,
                messages: Vec::new(),
            };
            (open_list(&whole)?, "]}")
        }
    };
    let (media_type, ending) = match format {
        TranscriptFormat::Text => ("text/plain; charset=utf-8", "txt"),
        TranscriptFormat::Json => ("application/json", "json"),
    };
    let chunks = chunk(head)
        .chain(entries(source, first, form))
        .chain(chunk(tail.to_owned()));
    let name = format!("attachment; filename=\"transcript.{ending}\"");
    Ok(HttpReply::stream(media_type, chunks).with_header("content-disposition", name))
}

/// How messages are written.
#[derive(Clone, Copy)]
pub enum Form {
    /// As text for people, with these words around the messages.
    Text(&'static Words),
    /// As JSON for programs.
    Json,
}

/// A piece of the answer.
pub type Chunk = worker::Result<Vec<u8>>;

/// A chunk that is known already.
pub fn chunk(text: String) -> impl Stream<Item = Chunk> {
    stream::once(ready(Ok(text.into_bytes())))
}

/// JSON whose last member is an empty list, up to where the list's items go.
pub fn open_list(value: &impl Serialize) -> Result<String, Problem> {
    let mut json = serde_json::to_string(value)?;
    // `]}`
    json.truncate(json.len().saturating_sub(2));
    Ok(json)
}

/// Every message, page by page; the first page is known.
pub fn entries(source: Source, first: MessagePage, form: Form) -> impl Stream<Item = Chunk> {
    let pages = stream::try_unfold(Some(first), move |page| {
        let source = source.clone();
        async move {
            let Some(page) = page else {
                return Ok::<_, Problem>(None);
            };
            let last = page.messages.last().map(|message| message.seq);
            let next = match last.filter(|_| page.has_more) {
                Some(last) => Some(source.page(last).await?),
                None => None,
            };
            Ok(Some((write(page.messages, form)?, next)))
        }
    });
    // The answer has begun already, so it ends here, unfinished.
    pages.map_err(|problem| worker::Error::RustError(problem.cause().to_owned()))
}

fn write(messages: Vec<Message>, form: Form) -> Result<Vec<u8>, Problem> {
    let mut chunk = String::new();
    for message in messages {
        match form {
            Form::Text(words) => chunk.push_str(&transcript::entry(&message, words)),
            Form::Json => {
                if message.seq > Seq(1) {
                    chunk.push(',');
                }
                chunk.push_str(&serde_json::to_string(&message)?);
            }
        }
    }
    Ok(chunk.into_bytes())
}

/// Where a conversation is read.
#[derive(Clone)]
pub enum Source {
    /// In the visitor's object, where nothing is missing.
    Object {
        /// Has the binding of the objects.
        env: Env,
        /// The visitor.
        visitor: VisitorId,
        /// The session, if the visitor asks.
        family: Option<String>,
        /// The conversation; `None` for the current one.
        conversation: Option<ConversationId>,
    },
    /// In D1, if the object does not have it any more.
    Database {
        /// The database.
        db: Rc<Db>,
        /// The tenant.
        org: OrgId,
        /// The conversation.
        row: conversations::ConversationRow,
    },
}

impl Source {
    /// Fixes the conversation that is read: meanwhile the visitor may switch to another one.
    fn fixed_to(self, conversation: &ConversationId) -> Self {
        match self {
            Self::Object {
                env,
                visitor,
                family,
                ..
            } => Self::Object {
                env,
                visitor,
                family,
                conversation: Some(conversation.clone()),
            },
            database => database,
        }
    }

    /// The words around the messages: in their own language for visitors, in English for the team.
    fn words(&self, page: &MessagePage) -> &'static Words {
        let sentences = match (self, &page.language) {
            (
                Self::Object {
                    family: Some(_), ..
                },
                Some(language),
            ) => i18n::of(language),
            _ => ENGLISH,
        };
        &sentences.transcript
    }

    /// The messages after a place, in order.
    pub async fn page(&self, after: Seq) -> Result<MessagePage, Problem> {
        match self {
            Self::Object {
                env,
                visitor,
                family,
                conversation,
            } => {
                let call = VisitorCall::ReadMessages {
                    family: family.clone(),
                    conversation: conversation.clone(),
                    after,
                };
                match calls::visitor(env, visitor, &call).await? {
                    VisitorReply::Messages(page) => Ok(page),
                    other => Err(other.unexpected()),
                }
            }
            Self::Database { db, org, row } => {
                let (limit, after) = (PAGE_ITEMS_MAX, Some(after.0));
                let wanted = PageRequest { limit, after };
                let mut rows = messages::list(db, org, &row.id, &wanted).await?;
                let has_more = rows.len() > limit as usize;
                rows.truncate(limit as usize);
                let messages = rows.into_iter().map(TryInto::try_into);
                Ok(MessagePage {
                    conversation: row.id.clone(),
                    status: row.status,
                    language: None,
                    messages: messages.collect::<Result<_, _>>()?,
                    has_more,
                })
            }
        }
    }
}
