//! A visitor's data, for which the team is responsible: the export of all of it, and its erasure.
//!
//! D1 says whose visitor somebody is. The team can reach a visitor from their first message on, as soon as the alarm
//! has copied it to D1 (well under a second). The export is read from the visitor's object, where nothing is missing.

use std::rc::Rc;

use futures_util::{StreamExt, stream};
use oriel_shared::id::{Seq, VisitorId};
use oriel_shared::wire::admin::{Conversation, ExportedConversation, VisitorExport};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::Review;

use super::Call;
use crate::calls::{self, VisitorCall, VisitorReply};
use crate::clock;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::audit::DoneBy;
use crate::store::conversations::{self, ConversationRow};
use crate::store::reviews;
use crate::store::visitors::Owner;
use crate::visitor::transcript::{self, Form, Source};

/// The visitor that the path names, with their conversations, of which there is at least one.
async fn find(call: &Call<'_>) -> Result<(Owner, Vec<ConversationRow>), Problem> {
    let id = call.param("visitor");
    let (org, only) = (call.org(), call.caller.site.as_ref());
    let rows = conversations::of_visitor(call.db(), org, only, id).await?;
    let first = rows
        .first()
        .ok_or_else(|| Problem::refused(Code::NotFound))?;
    let owner = Owner {
        org: org.clone(),
        site: first.site_id.clone(),
        visitor: VisitorId(id.to_owned()),
    };
    call.context.set_site(&owner.site);
    Ok((owner, rows))
}

/// Erases a visitor, as when the visitor asks for it.
pub async fn erase(call: Call<'_>) -> HandlerResult {
    let (owner, _) = find(&call).await?;
    let visitor = owner.visitor.clone();
    let by = DoneBy::ApiKey(call.caller.key.clone());
    let erase = VisitorCall::Erase { owner, by };
    match calls::visitor(call.env(), &visitor, &erase).await? {
        VisitorReply::Done => Ok(HttpReply::empty()),
        other => Err(other.unexpected()),
    }
}

/// Hands over all that is kept of a visitor.
pub async fn export(call: Call<'_>) -> HandlerResult {
    let (owner, rows) = find(&call).await?;
    let sessions =
        match calls::visitor(call.env(), &owner.visitor, &VisitorCall::ListSessions).await? {
            VisitorReply::Sessions(sessions) => sessions,
            other => return Err(other.unexpected()),
        };
    let reviews = reviews::of_visitor(call.db(), &owner.org, owner.visitor.as_str()).await?;
    let whole = VisitorExport {
        visitor: owner.visitor.clone(),
        site: owner.site,
        verified: rows.iter().any(|row| row.verified),
        exported_at: clock::now().rfc3339(),
        sessions,
        reviews: reviews
            .into_iter()
            .map(Review::try_from)
            .collect::<Result<_, _>>()?,
        conversations: Vec::new(),
    };
    let mut parts = vec![transcript::chunk(transcript::open_list(&whole)?).boxed_local()];
    let env = call.env();
    let db = Rc::new(call.caller.db);
    for (at, row) in rows.into_iter().enumerate() {
        let object = Source::Object {
            env: env.clone(),
            visitor: owner.visitor.clone(),
            family: None,
            conversation: Some(row.id.clone()),
        };
        let (source, first) = match object.page(Seq(0)).await {
            Ok(first) => (object, first),
            Err(problem) if problem.code == Code::NotFound => {
                let database = Source::Database {
                    db: db.clone(),
                    org: owner.org.clone(),
                    row: row.clone(),
                };
                let first = database.page(Seq(0)).await?;
                (database, first)
            }
            Err(problem) => return Err(problem),
        };
        let conversation = ExportedConversation {
            conversation: Conversation::from(row),
            locale: first.language.clone(),
            messages: Vec::new(),
        };
        let comma = if at > 0 { "," } else { "" };
        let head = format!("{comma}{}", transcript::open_list(&conversation)?);
        let messages = transcript::entries(source, first, Form::Json);
        let part = transcript::chunk(head)
            .chain(messages)
            .chain(transcript::chunk("]}".to_owned()));
        parts.push(part.boxed_local());
    }
    parts.push(transcript::chunk("]}".to_owned()).boxed_local());
    let chunks = stream::iter(parts).flatten();
    Ok(HttpReply::stream("application/json", chunks).with_header(
        "content-disposition",
        "attachment; filename=\"visitor.json\"",
    ))
}
