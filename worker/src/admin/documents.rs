//! A site's knowledge. A document is answerable when its creation or change is answered, and no more when its deletion
//! is.

use oriel_shared::text::label::{TITLE_MAX, label};
use oriel_shared::text::link::web_address;
use oriel_shared::wire::admin::{
    Document, DocumentChange, DocumentCreate, DocumentOutcome, DocumentSaved,
};
use oriel_shared::wire::problem::Code;

use super::Call;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::knowledge::{self, DocumentEdit, Draft, FetchedPage, Saved, SiteDocuments, page};
use crate::store::documents::{self, DocumentRow};
use crate::store::sites::OwnedSite;

/// Adds a document, from its content or from the page at its address.
pub async fn create(mut call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    let asked: DocumentCreate = call.body().await?;
    let title = asked.title.as_deref().map(title).transpose()?;
    let url = asked.url.as_deref().map(address).transpose()?;
    let documents = SiteDocuments::of(call.env(), call.db(), &owned.org, &owned.site.id)?;
    match (asked.content, url) {
        (Some(content), url) => {
            let draft = Draft {
                title: title.ok_or_else(|| Problem::field("title", &"is needed"))?,
                format: asked.format.unwrap_or_default(),
                url,
                content,
            };
            let row = documents.add(draft).await?;
            saved(&call, &owned, (row, DocumentOutcome::Added)).await
        }
        (None, None) => Err(Problem::field("content", &"or `url` is needed")),
        (None, Some(_)) if asked.format.is_some() => Err(Problem::field(
            "format",
            &"must be left out with `url`: a page says what it is",
        )),
        (None, Some(url)) => {
            let read = page::read(call.env(), &call.actor(), &url).await?;
            let fetched = FetchedPage {
                url,
                sitemap: None,
                title,
                read,
            };
            let taken = documents.import(&fetched, |_| Ok(None)).await?;
            saved(&call, &owned, taken).await
        }
    }
}

/// Lists the documents of a site, the latest first.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    let wanted = call.page()?;
    let rows = documents::list(call.db(), &owned.org, &owned.site.id, &wanted).await?;
    let cursor = |row: &DocumentRow| query::TimeCursor {
        at: row.created_at.0,
        id: row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Document::from))
}

/// Shows a document with its content.
pub async fn show(call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    let row = documents::find(
        call.db(),
        &owned.org,
        &owned.site.id,
        call.param("document"),
    )
    .await?;
    HttpReply::ok(&Document::from(
        row.ok_or_else(|| Problem::refused(Code::NotFound))?,
    ))
}

/// Makes a new version with the fields that are named.
pub async fn change(mut call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    let asked: DocumentChange = call.body().await?;
    let edit = DocumentEdit {
        title: asked.title.as_deref().map(title).transpose()?,
        format: asked.format,
        url: asked.url.as_deref().map(address).transpose()?,
        content: asked.content,
    };
    let documents = SiteDocuments::of(call.env(), call.db(), &owned.org, &owned.site.id)?;
    let edited = documents.edit(call.param("document"), &edit).await?;
    saved(&call, &owned, edited).await
}

/// Deletes a document.
pub async fn delete(call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    let documents = SiteDocuments::of(call.env(), call.db(), &owned.org, &owned.site.id)?;
    documents.remove(call.param("document")).await?;
    Ok(HttpReply::empty())
}

fn title(text: &str) -> Result<String, Problem> {
    label(text, TITLE_MAX).map_err(|error| Problem::field("title", &error))
}

fn address(text: &str) -> Result<String, Problem> {
    web_address(text).map_err(|error| Problem::field("url", &error))
}

/// Answers with what became of a document.
async fn saved(call: &Call<'_>, owned: &OwnedSite, (row, outcome): Saved) -> HandlerResult {
    call.context.set_made(row.id.as_str());
    if !owned.site.answers.embeddings.is_off() {
        knowledge::want_vectors(call.env(), owned).await;
    }
    let status = match outcome {
        DocumentOutcome::Added => 201,
        DocumentOutcome::Changed | DocumentOutcome::Unchanged => 200,
    };
    let document = row.into();
    HttpReply::json(status, &DocumentSaved { document, outcome })
}
