//! The review queue. The team reads it from D1 and changes its items through the visitor's object, which makes them.

use oriel_shared::text::{chat, label::label};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{Review, ReviewChange, ReviewKind, ReviewStatus};

use super::Call;
use crate::calls::{self, VisitorCall, VisitorReply};
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::reviews::{self, ReviewFilter, ReviewRow};

/// A note is a sentence or two.
const NOTE_MAX: usize = 500;

/// Lists the items, the newest first.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = call.page()?;
    let (kind, status) = (call.query("kind"), call.query("status"));
    let kind = query::one_of("kind", kind, &ReviewKind::ALL, ReviewKind::name);
    let status = query::one_of("status", status, &ReviewStatus::ALL, ReviewStatus::name);
    let filter = ReviewFilter {
        site: call.only_site()?,
        kind: kind?.map(ReviewKind::name),
        status: status?.map(ReviewStatus::name),
    };
    let rows = reviews::list(call.db(), call.org(), &filter, &wanted).await?;
    let placed = rows.into_iter().map(|row| {
        let place = query::TimeCursor {
            at: row.created_at.0,
            id: row.id.0.clone(),
        };
        Ok((place, Review::try_from(row)?))
    });
    let placed = placed.collect::<Result<Vec<_>, Problem>>()?;
    let place = |(place, _): &(query::TimeCursor, _)| place.clone();
    HttpReply::ok(&query::page(placed, wanted.limit, place, |(_, review)| {
        review
    }))
}

/// The item that the path names, if the caller may manage it.
async fn find(call: &Call<'_>) -> Result<ReviewRow, Problem> {
    let id = call.param("review");
    let row = reviews::find(call.db(), call.org(), call.caller.site.as_ref(), id).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    call.context.set_site(&row.site_id);
    Ok(row)
}

/// Shows an item with its history.
pub async fn show(call: Call<'_>) -> HandlerResult {
    HttpReply::ok(&Review::try_from(find(&call).await?)?)
}

/// Takes an item on, ends it (which sends a draft), or dismisses it.
pub async fn change(mut call: Call<'_>) -> HandlerResult {
    let row = find(&call).await?;
    let mut change: ReviewChange = call.body().await?;
    change.text = optional("text", change.text, chat::message)?;
    change.note = optional("note", change.note, |text| label(text, NOTE_MAX))?;
    if change.text.is_some() && change.status != ReviewStatus::Done {
        return Err(Problem::field(
            "text",
            &"must be left out unless `status` is done",
        ));
    }
    let asked = VisitorCall::ChangeReview {
        id: row.id,
        change,
        by: call.caller.key.clone(),
    };
    match calls::visitor(call.env(), &row.visitor_id, &asked).await? {
        VisitorReply::Review(mut review) => {
            // The history is in D1. It has this change, too, unless D1 does not answer just now.
            if let Some(kept) =
                reviews::find(call.db(), call.org(), None, review.id.as_str()).await?
            {
                review.history = Review::try_from(kept)?.history;
            }
            HttpReply::ok(&review)
        }
        other => Err(other.unexpected()),
    }
}

fn optional<E: std::fmt::Display>(
    field: &str,
    text: Option<String>,
    check: impl Fn(&str) -> Result<String, E>,
) -> Result<Option<String>, Problem> {
    text.map(|text| check(&text).map_err(|error| Problem::field(field, &error)))
        .transpose()
}
