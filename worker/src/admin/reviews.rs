//! The team's queue: read from D1, moved through the visitor's object, where its items come up.

use oriel_shared::text::{chat, label::label};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{Review, ReviewChange, ReviewKind, ReviewStatus};
use worker::Request;

use super::Call;
use crate::calls::{self, VisitorCall, VisitorReply};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::http::{body, query};
use crate::store::reviews::{self, ReviewFilter, StoredReview};

/// A note is a sentence or two.
const NOTE_MAX: usize = 500;

/// `GET /v1/admin/reviews[?site=&kind=&status=]`
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = query::wanted(call.url)?;
    let filter = ReviewFilter {
        site: call.only_site(query::param(call.url, "site"))?,
        kind: named::<ReviewKind>(&call, "kind")?.map(ReviewKind::name),
        status: named::<ReviewStatus>(&call, "status")?.map(ReviewStatus::name),
    };
    let rows = reviews::list(&call.db, &call.caller.org, &filter, &wanted).await?;
    let placed = rows.into_iter().map(|row| {
        let place = query::TimeCursor {
            at: row.item.created_at.0,
            id: row.item.id.0.clone(),
        };
        Ok((place, Review::try_from(row)?))
    });
    let placed = placed.collect::<Result<Vec<_>, Problem>>()?;
    let place = |(place, _): &(query::TimeCursor, _)| place.clone();
    HttpReply::ok(&query::page(placed, wanted.limit, place, |(_, review)| {
        review
    }))
}

/// A query parameter that is one of a few names.
fn named<T: serde::de::DeserializeOwned>(
    call: &Call<'_>,
    parameter: &str,
) -> Result<Option<T>, Problem> {
    let Some(name) = query::param(call.url, parameter) else {
        return Ok(None);
    };
    let name = serde_json::to_string(&name)?;
    serde_json::from_str(&name).map(Some).map_err(|_| {
        Problem::new(
            Code::InvalidQuery,
            format!("`{parameter}` is none that there is."),
        )
    })
}

async fn find(call: &Call<'_>, id: &str) -> Result<StoredReview, Problem> {
    let row = reviews::find(&call.db, &call.caller.org, call.caller.site.as_ref(), id).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    call.context.is_about(&row.item.site_id);
    Ok(row)
}

/// `GET /v1/admin/reviews/{id}`
pub async fn show(call: Call<'_>, id: &str) -> HandlerResult {
    HttpReply::ok(&Review::try_from(find(&call, id).await?)?)
}

/// `POST /v1/admin/reviews/{id}/status`: takes on, sends, dismisses.
pub async fn change(call: Call<'_>, mut request: Request, id: &str) -> HandlerResult {
    let row = find(&call, id).await?;
    let mut change: ReviewChange = body::json(&mut request, body::MAX_BYTES).await?;
    change.text = optional("text", change.text, chat::message)?;
    change.note = optional("note", change.note, |text| label(text, NOTE_MAX))?;
    if change.text.is_some() && change.status != ReviewStatus::Done {
        return Err(Problem::field("text", &"goes with the status `done`"));
    }
    let asked = VisitorCall::ChangeReview {
        id: row.item.id,
        change,
        by: call.caller.key.clone(),
    };
    match calls::visitor(call.env, &row.item.visitor_id, &asked).await? {
        VisitorReply::Review(mut review) => {
            // The history is in D1, this change included unless D1 is just away.
            if let Some(kept) =
                reviews::find(&call.db, &call.caller.org, None, review.id.as_str()).await?
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
