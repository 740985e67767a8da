//! A site's knowledge. A document is answerable when its creation is answered, and no more when its deletion is.

use oriel_shared::answer::passages;
use oriel_shared::id::DocumentId;
use oriel_shared::text::document;
use oriel_shared::text::label::{TITLE_MAX, label};
use oriel_shared::text::link::web_address;
use oriel_shared::wire::admin::{Document, DocumentCreate};
use oriel_shared::wire::problem::Code;
use worker::Request;

use super::Call;
use super::import::{self, Read};
use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::problem::Problem;
use crate::http::{body, query};
use crate::store::documents::{self, Row};
use crate::store::passages::Indexed;
use crate::store::{self, Search};

/// `POST /v1/admin/sites/{id}/documents`
pub async fn create(call: Call<'_>, mut request: Request, site: &str) -> Outcome {
    let owned = call.site(site).await?;
    let asked: DocumentCreate = body::json(&mut request, body::DOCUMENT_MAX_BYTES).await?;
    let title = asked
        .title
        .map(|title| label(&title, TITLE_MAX))
        .transpose()
        .map_err(|error| Problem::field("title", &error))?;
    let url = asked
        .url
        .as_deref()
        .map(web_address)
        .transpose()
        .map_err(|error| Problem::field("url", &error))?;
    let read = match (asked.content, &url) {
        (Some(content), _) => Read {
            title: None,
            format: asked.format.unwrap_or_default(),
            content,
        },
        (None, None) => return Err(Problem::field("content", &"or `url` is needed")),
        (None, Some(_)) if asked.format.is_some() => {
            return Err(Problem::field(
                "format",
                &"is for `content`; a page says what it is",
            ));
        }
        (None, Some(url)) => import::page(call.env, &call.actor(), url).await?,
    };
    let title = title
        .or(read.title)
        .ok_or_else(|| Problem::field("title", &"is needed"))?;
    document::check(&read.content).map_err(|error| Problem::field("content", &error))?;
    let passages = passages(read.format, &title, &read.content);
    if passages.is_empty() {
        return Err(Problem::field("content", &"holds no text"));
    }
    let row = Row {
        id: DocumentId::from_random(clock::random()?),
        title,
        format: read.format,
        url,
        content: Some(read.content),
        passages: u32::try_from(passages.len()).unwrap_or(u32::MAX),
        created_at: clock::now(),
    };
    // The row first: an index without its document could not be rebuilt or deleted.
    documents::insert(&call.db, &owned.org, &owned.site.id, &row).await?;
    let indexed = Indexed {
        id: &row.id,
        title: &row.title,
        url: row.url.as_deref(),
    };
    let search = Search::open(call.env)?;
    if let Err(problem) =
        store::passages::insert(&search, &owned.site.id, &indexed, &passages).await
    {
        documents::delete(&call.db, &owned.org, &owned.site.id, row.id.as_str()).await?;
        return Err(problem);
    }
    Answer::created(&Document {
        content: None,
        ..row.into()
    })
}

/// `GET /v1/admin/sites/{id}/documents`
pub async fn list(call: Call<'_>, site: &str) -> Outcome {
    let owned = call.site(site).await?;
    let wanted = query::wanted(call.url)?;
    let rows = documents::list(&call.db, &owned.org, &owned.site.id, &wanted).await?;
    let cursor = |row: &Row| query::TimeCursor {
        at: row.created_at.0,
        id: row.id.0.clone(),
    };
    Answer::ok(&query::page(rows, wanted.limit, cursor, Document::from))
}

/// `GET /v1/admin/sites/{id}/documents/{id}`
pub async fn show(call: Call<'_>, site: &str, document: &str) -> Outcome {
    let owned = call.site(site).await?;
    let row = documents::find(&call.db, &owned.org, &owned.site.id, document).await?;
    Answer::ok(&Document::from(
        row.ok_or_else(|| Problem::refused(Code::NotFound))?,
    ))
}

/// `DELETE /v1/admin/sites/{id}/documents/{id}`
pub async fn delete(call: Call<'_>, site: &str, document: &str) -> Outcome {
    let owned = call.site(site).await?;
    // Out of the index first: should the second step fail, nobody is answered from it, and the call can be repeated.
    store::passages::delete(&Search::open(call.env)?, &owned.site.id, document).await?;
    if documents::delete(&call.db, &owned.org, &owned.site.id, document).await? {
        Ok(Answer::empty())
    } else {
        Err(Problem::refused(Code::NotFound))
    }
}
