//! Imports of sitemaps: asked for here, made by the site's importer, looked at while they run.

use oriel_shared::id::ImportId;
use oriel_shared::text::link::LINK_MAX;
use oriel_shared::wire::admin::{Import, ImportCreate};
use oriel_shared::wire::problem::Code;
use worker::Request;

use super::Call;
use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::problem::Problem;
use crate::http::{body, query};
use crate::knowledge::page;
use crate::objects::calls;
use crate::outbound;
use crate::store::imports::{self, Errand, Row};

/// `POST /v1/admin/sites/{id}/imports`
pub async fn start(call: Call<'_>, mut request: Request, site: &str) -> Outcome {
    let errand = errand(&call, site).await?;
    let asked: ImportCreate = body::json(&mut request, body::MAX_BYTES).await?;
    if asked.sitemap.len() > LINK_MAX {
        let why = format!("must have at most {LINK_MAX} characters");
        return Err(Problem::field("sitemap", &why));
    }
    let target = outbound::target(&call.actor(), &asked.sitemap)
        .map_err(|failure| Problem::new(Code::EgressBlocked, format!("`sitemap` {failure}.")))?;
    let id = ImportId::from_random(clock::random()?);
    let (sitemap, by) = (page::source(target.as_str()), &call.caller.key);
    if !imports::start(&call.db, &errand, &id, &sitemap, by, clock::now()).await? {
        let detail = "Another import of this site has not ended yet. Wait for it, or cancel it.";
        return Err(Problem::new(Code::ImportRunning, detail));
    }
    call.context.makes(id.as_str());
    // It is written down: should this not wake its importer, the clock will.
    if let Err(problem) = calls::wake_importer(call.env, &errand).await {
        worker::console_error!(
            "{}",
            serde_json::json!({ "event": "importer_not_woken", "cause": problem.cause() })
        );
    }
    Answer::json(202, &Import::from(find(&call, &errand, id.as_str()).await?))
}

/// `GET /v1/admin/sites/{id}/imports`
pub async fn list(call: Call<'_>, site: &str) -> Outcome {
    let errand = errand(&call, site).await?;
    let wanted = query::wanted(call.url)?;
    let rows = imports::list(&call.db, &errand, &wanted).await?;
    let cursor = |row: &Row| query::TimeCursor {
        at: row.created_at.0,
        id: row.id.0.clone(),
    };
    Answer::ok(&query::page(rows, wanted.limit, cursor, Import::from))
}

/// `GET /v1/admin/sites/{id}/imports/{id}`
pub async fn show(call: Call<'_>, site: &str, import: &str) -> Outcome {
    let errand = errand(&call, site).await?;
    let row = find(&call, &errand, import).await?;
    let failures = imports::failures(&call.db, &errand, &row.id).await?;
    Answer::ok(&Import {
        failures: Some(failures),
        ..row.into()
    })
}

/// `DELETE /v1/admin/sites/{id}/imports/{id}`
pub async fn cancel(call: Call<'_>, site: &str, import: &str) -> Outcome {
    let errand = errand(&call, site).await?;
    let row = find(&call, &errand, import).await?;
    imports::cancel(&call.db, &errand, &row.id, clock::now()).await?;
    Ok(Answer::empty())
}

async fn errand(call: &Call<'_>, site: &str) -> Result<Errand, Problem> {
    let owned = call.site(site).await?;
    Ok(Errand {
        org: owned.org,
        site: owned.site.id,
    })
}

async fn find(call: &Call<'_>, errand: &Errand, import: &str) -> Result<Row, Problem> {
    let found = imports::find(&call.db, errand, import).await?;
    found.ok_or_else(|| Problem::refused(Code::NotFound))
}
