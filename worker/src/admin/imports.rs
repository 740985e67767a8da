//! Imports of sitemaps: asked for here, made by the site's importer, looked at while they run.

use oriel_shared::id::ImportId;
use oriel_shared::text::link::LINK_MAX;
use oriel_shared::wire::admin::{Import, ImportCreate};
use oriel_shared::wire::problem::Code;
use worker::Request;

use super::Call;
use crate::calls;
use crate::clock;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::http::{body, query};
use crate::knowledge::page;
use crate::outbound;
use crate::store::import_steps;
use crate::store::imports::{self, ImportJob, StoredImport};

/// `POST /v1/admin/sites/{id}/imports`
pub async fn start(call: Call<'_>, mut request: Request, site: &str) -> HandlerResult {
    let job = job(&call, site).await?;
    let asked: ImportCreate = body::json(&mut request, body::MAX_BYTES).await?;
    if asked.sitemap.len() > LINK_MAX {
        let why = format!("must have at most {LINK_MAX} characters");
        return Err(Problem::field("sitemap", &why));
    }
    let target = outbound::target(&call.actor(), &asked.sitemap)
        .map_err(|failure| Problem::new(Code::EgressBlocked, format!("`sitemap` {failure}.")))?;
    let id = ImportId::from_random(clock::random()?);
    let (sitemap, by) = (page::source(target.as_str()), &call.caller.key);
    if !imports::start(&call.db, &job, &id, &sitemap, by, clock::now()).await? {
        let detail = "Another import of this site has not ended yet. Wait for it, or cancel it.";
        return Err(Problem::new(Code::ImportRunning, detail));
    }
    call.context.makes(id.as_str());
    // It is written down: should this not wake its importer, the clock will.
    if let Err(problem) = calls::wake_importer(call.env, &job).await {
        worker::console_error!(
            "{}",
            serde_json::json!({ "event": "importer_not_woken", "cause": problem.cause() })
        );
    }
    HttpReply::json(202, &Import::from(find(&call, &job, id.as_str()).await?))
}

/// `GET /v1/admin/sites/{id}/imports`
pub async fn list(call: Call<'_>, site: &str) -> HandlerResult {
    let job = job(&call, site).await?;
    let wanted = query::wanted(call.url)?;
    let rows = imports::list(&call.db, &job, &wanted).await?;
    let cursor = |stored: &StoredImport| query::TimeCursor {
        at: stored.row.created_at.0,
        id: stored.row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Import::from))
}

/// `GET /v1/admin/sites/{id}/imports/{id}`
pub async fn show(call: Call<'_>, site: &str, import: &str) -> HandlerResult {
    let job = job(&call, site).await?;
    let stored = find(&call, &job, import).await?;
    let failures = import_steps::failures(&call.db, &job, &stored.row.id).await?;
    HttpReply::ok(&Import {
        failures: Some(failures),
        ..stored.into()
    })
}

/// `DELETE /v1/admin/sites/{id}/imports/{id}`
pub async fn cancel(call: Call<'_>, site: &str, import: &str) -> HandlerResult {
    let job = job(&call, site).await?;
    let stored = find(&call, &job, import).await?;
    imports::cancel(&call.db, &job, &stored.row.id, clock::now()).await?;
    Ok(HttpReply::empty())
}

async fn job(call: &Call<'_>, site: &str) -> Result<ImportJob, Problem> {
    let owned = call.site(site).await?;
    Ok(ImportJob {
        org: owned.org,
        site: owned.site.id,
    })
}

async fn find(call: &Call<'_>, job: &ImportJob, import: &str) -> Result<StoredImport, Problem> {
    let found = imports::find(&call.db, job, import).await?;
    found.ok_or_else(|| Problem::refused(Code::NotFound))
}
