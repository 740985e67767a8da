//! Sites: created disabled, with an empty safelist that admits nobody.

use oriel_shared::id::{SiteId, SiteKey};
use oriel_shared::text::settings;
use oriel_shared::token::visitor::DEFAULT_LIFE_SECS;
use oriel_shared::wire::admin::{Limits, Mode, Site, SiteChange};
use oriel_shared::wire::site::{Answers, Hours, Model};
use oriel_shared::wire::theme::Theme;

use super::Call;
use crate::clock;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::knowledge;
use crate::store::sites::{self, OwnedSite};

/// Makes a site.
pub async fn create(mut call: Call<'_>) -> HandlerResult {
    let change: SiteChange = call.body().await?;
    if change.name.is_none() {
        return Err(Problem::field("name", &"is needed"));
    }
    let now = clock::now();
    let mut owned = OwnedSite {
        org: call.org().clone(),
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
            // An empty text stands for the widget's own, in the visitor's language.
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
    sites::insert(call.db(), &owned).await?;
    call.context.set_site(&owned.site.id);
    call.context.set_made(owned.site.id.as_str());
    HttpReply::created(&owned.site)
}

/// Lists the sites, the latest first.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = call.page()?;
    let rows = sites::list(call.db(), call.org(), call.caller.site.as_ref(), &wanted).await?;
    let cursor = |row: &OwnedSite| query::TimeCursor {
        at: row.created_at.0,
        id: row.site.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, |row| row.site))
}

/// Shows a site.
pub async fn show(call: Call<'_>) -> HandlerResult {
    HttpReply::ok(&call.site().await?.site)
}

/// Changes the fields that are named.
pub async fn change(mut call: Call<'_>) -> HandlerResult {
    let mut owned = call.site().await?;
    let old = owned.clone();
    let change: SiteChange = call.body().await?;
    apply(&mut owned.site, change)?;
    sites::update(call.db(), &old, &owned).await?;
    if owned.site.answers.embeddings != old.site.answers.embeddings {
        knowledge::want_vectors(call.env(), &owned).await;
    }
    // The site is read again: others may have changed other fields meanwhile.
    HttpReply::ok(&call.site().await?.site)
}

/// Ends every session of the site: every visitor has to come in anew, with a new ticket.
pub async fn revoke_sessions(call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    sites::revoke_sessions(call.db(), &owned.org, &owned.site.id, clock::now()).await?;
    Ok(HttpReply::empty())
}

/// Applies a change; the first field that is refused refuses all.
fn apply(site: &mut Site, change: SiteChange) -> Result<(), Problem> {
    settings::apply(site, change)
        .map_err(|refused| Problem::field(&refused.field, &refused.why))?;
    // Only the platform has the database of time zones.
    if !site.hours.shifts.is_empty() && clock::local(&site.hours.time_zone).is_none() {
        return Err(Problem::field(
            "hours",
            &"has a `time_zone` that is not in the IANA database",
        ));
    }
    Ok(())
}
