//! Sites: created disabled, with an empty safelist that admits nobody.

use oriel_shared::id::{SiteId, SiteKey};
use oriel_shared::text::settings;
use oriel_shared::token::visitor::DEFAULT_LIFE_SECS;
use oriel_shared::wire::admin::{Limits, Mode, Site, SiteChange};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::site::{Answers, Hours, Model};
use oriel_shared::wire::theme::Theme;
use worker::Request;

use super::Call;
use crate::clock;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::http::{body, query};
use crate::knowledge;
use crate::store::sites::{self, OwnedSite};

/// `POST /v1/admin/sites`
pub async fn create(call: Call<'_>, mut request: Request) -> HandlerResult {
    if call.caller.site.is_some() {
        return Err(Problem::new(
            Code::Forbidden,
            "This key is held to one site and cannot make another.",
        ));
    }
    let change: SiteChange = body::json(&mut request, body::MAX_BYTES).await?;
    if change.name.is_none() {
        return Err(Problem::field("name", &"is needed"));
    }
    let now = clock::now();
    let mut owned = OwnedSite {
        org: call.caller.org,
        created_at: now,
        sessions_since: now,
        site: Site {
            id: SiteId::from_random(clock::random()?),
            key: SiteKey::from_random(clock::random()?).0,
            name: String::new(),
            mode: Mode::Safelist,
            safelist: Vec::new(),
            enabled: false,
            token_ttl_max: DEFAULT_LIFE_SECS,
            limits: Limits::DEFAULT,
            // The widget's own, in the visitor's language.
            greeting: String::new(),
            disclosure: String::new(),
            answers: Answers::default(),
            model: Model::default(),
            hours: Hours::default(),
            theme: Theme::default(),
            locale: None,
            suggestions: Vec::new(),
            prechat: None,
            retention_days: 0,
            created_at: now.rfc3339(),
        },
    };
    if change.enabled == Some(true) {
        return Err(Problem::field(
            "enabled",
            &"must not be set on creation: enable the site when it is ready",
        ));
    }
    apply(&mut owned.site, change)?;
    sites::insert(&call.db, &owned).await?;
    call.context.is_about(&owned.site.id);
    call.context.makes(owned.site.id.as_str());
    HttpReply::created(&owned.site)
}

/// `GET /v1/admin/sites`
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = query::wanted(call.url)?;
    let rows = sites::list(
        &call.db,
        &call.caller.org,
        call.caller.site.as_ref(),
        &wanted,
    )
    .await?;
    let cursor = |row: &OwnedSite| query::TimeCursor {
        at: row.created_at.0,
        id: row.site.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, |row| row.site))
}

/// `GET /v1/admin/sites/{id}`
pub async fn show(call: Call<'_>, site: &str) -> HandlerResult {
    HttpReply::ok(&call.site(site).await?.site)
}

/// `PATCH /v1/admin/sites/{id}`
pub async fn change(call: Call<'_>, mut request: Request, site: &str) -> HandlerResult {
    let mut owned = call.site(site).await?;
    let old = owned.clone();
    let change: SiteChange = body::json(&mut request, body::MAX_BYTES).await?;
    apply(&mut owned.site, change)?;
    sites::update(&call.db, &old, &owned).await?;
    if owned.site.answers.embeddings != old.site.answers.embeddings {
        knowledge::want_vectors(call.env, &owned).await;
    }
    // Others may have changed something else of it meanwhile.
    HttpReply::ok(&call.site(site).await?.site)
}

/// `DELETE /v1/admin/sites/{id}/sessions`: every visitor of the site has to come in anew, with a new ticket.
pub async fn revoke_sessions(call: Call<'_>, site: &str) -> HandlerResult {
    let owned = call.site(site).await?;
    sites::revoke_sessions(&call.db, &owned.org, &owned.site.id, clock::now()).await?;
    Ok(HttpReply::empty())
}

/// Applies a change; the first field that is refused refuses all.
fn apply(site: &mut Site, change: SiteChange) -> Result<(), Problem> {
    settings::apply(site, change)
        .map_err(|refused| Problem::field(&refused.field, &refused.why))?;
    // Only the platform's clock knows the zones.
    if !site.hours.shifts.is_empty() && clock::local(&site.hours.time_zone).is_none() {
        return Err(Problem::field(
            "hours",
            &"has a `time_zone` that is not in the IANA database",
        ));
    }
    Ok(())
}
