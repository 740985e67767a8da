//! Imports of sitemaps: they are started and watched here, and run in the site's importer.

use oriel_shared::id::ImportId;
use oriel_shared::text::link::LINK_MAX;
use oriel_shared::wire::admin::{Import, ImportCreate};
use oriel_shared::wire::problem::Code;

use super::Call;
use crate::calls;
use crate::clock;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::knowledge::page;
use crate::outbound;
use crate::store::import_steps::ImportSteps;
use crate::store::imports::{self, ImportJob, ImportRow};

/// Starts the import of a sitemap.
pub async fn start(mut call: Call<'_>) -> HandlerResult {
    let job = job(&call).await?;
    let asked: ImportCreate = call.body().await?;
    if asked.sitemap.len() > LINK_MAX {
        let why = format!("must have at most {LINK_MAX} characters");
        return Err(Problem::field("sitemap", &why));
    }
    let target = outbound::target(&call.actor(), &asked.sitemap)
        .map_err(|failure| Problem::new(Code::EgressBlocked, format!("`sitemap` {failure}.")))?;
    let id = ImportId::from_random(clock::random()?);
    let (sitemap, by) = (page::source(target.as_str()), &call.caller.key);
    if !imports::start(call.db(), &job, &id, &sitemap, by, clock::now()).await? {
        let detail = "Another import of this site has not ended yet. Wait for it, or cancel it.";
        return Err(Problem::new(Code::ImportRunning, detail));
    }
    call.context.set_made(id.as_str());
    // The row is written: if the importer is not woken now, the cron job wakes it.
    if let Err(problem) = calls::wake_importer(call.env(), &job).await {
        worker::console_error!(
            "{}",
            serde_json::json!({ "event": "importer_not_woken", "cause": problem.cause() })
        );
    }
    HttpReply::json(202, &Import::from(find(&call, &job, id.as_str()).await?))
}

/// Lists the imports of a site, the latest first.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let job = job(&call).await?;
    let wanted = call.page()?;
    let rows = imports::list(call.db(), &job, &wanted).await?;
    let cursor = |stored: &ImportRow| query::TimeCursor {
        at: stored.created_at.0,
        id: stored.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Import::from))
}

/// Shows an import, and the pages that failed.
pub async fn show(call: Call<'_>) -> HandlerResult {
    let job = job(&call).await?;
    let stored = find(&call, &job, call.param("import")).await?;
    let steps = ImportSteps {
        db: call.db(),
        org: &job.org,
        import: &stored.id,
    };
    let failures = steps.failures().await?;
    HttpReply::ok(&Import {
        failures: Some(failures),
        ..stored.into()
    })
}

/// Ends an import that runs. What was imported is kept.
pub async fn cancel(call: Call<'_>) -> HandlerResult {
    let job = job(&call).await?;
    let stored = find(&call, &job, call.param("import")).await?;
    imports::cancel(call.db(), &job, &stored.id, clock::now()).await?;
    Ok(HttpReply::empty())
}

/// The importer of the site that the path names.
async fn job(call: &Call<'_>) -> Result<ImportJob, Problem> {
    let owned = call.site().await?;
    Ok(ImportJob {
        org: owned.org,
        site: owned.site.id,
    })
}

async fn find(call: &Call<'_>, job: &ImportJob, import: &str) -> Result<ImportRow, Problem> {
    let found = imports::find(call.db(), job, import).await?;
    found.ok_or_else(|| Problem::refused(Code::NotFound))
}
