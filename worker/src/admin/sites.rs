//! Sites: created disabled, with an empty safelist that admits nobody.

use oriel_shared::id::{SiteId, SiteKey};
use oriel_shared::origin;
use oriel_shared::text::label::{NAME_MAX, SENTENCE_MAX, label};
use oriel_shared::token::visitor::{DEFAULT_LIFE_SECS, LONGEST_LIFE_SECS};
use oriel_shared::wire::admin::{Limits, Mode, Site, SiteChange};
use oriel_shared::wire::problem::Code;
use worker::Request;

use super::Call;
use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::problem::Problem;
use crate::http::{body, query};
use crate::store::sites::{self, OwnedSite};

/// Entries of a safelist at the most: the list travels in a header with every frame.
const SAFELIST_MAX: usize = 50;

const GREETING: &str = "Hello! Ask me anything about this site.";
const DISCLOSURE: &str =
    "You are talking to an automated assistant. It answers from this site's documents.";

/// `POST /v1/admin/sites`
pub async fn create(call: Call<'_>, mut request: Request) -> Outcome {
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
            greeting: GREETING.to_owned(),
            disclosure: DISCLOSURE.to_owned(),
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
    Answer::created(&owned.site)
}

/// `GET /v1/admin/sites`
pub async fn list(call: Call<'_>) -> Outcome {
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
    Answer::ok(&query::page(rows, wanted.limit, cursor, |row| row.site))
}

/// `GET /v1/admin/sites/{id}`
pub async fn show(call: Call<'_>, site: &str) -> Outcome {
    Answer::ok(&call.site(site).await?.site)
}

/// `PATCH /v1/admin/sites/{id}`
pub async fn change(call: Call<'_>, mut request: Request, site: &str) -> Outcome {
    let mut owned = call.site(site).await?;
    let change: SiteChange = body::json(&mut request, body::MAX_BYTES).await?;
    apply(&mut owned.site, change)?;
    sites::update(&call.db, &owned).await?;
    Answer::ok(&owned.site)
}

/// `DELETE /v1/admin/sites/{id}/sessions`: every visitor of the site has to come in anew, with a new ticket.
pub async fn revoke_sessions(call: Call<'_>, site: &str) -> Outcome {
    let owned = call.site(site).await?;
    sites::revoke_sessions(&call.db, &owned.org, &owned.site.id, clock::now()).await?;
    Ok(Answer::empty())
}

/// Applies a change, field by field; the first field that is refused refuses all.
fn apply(site: &mut Site, change: SiteChange) -> Result<(), Problem> {
    if let Some(name) = change.name {
        site.name = label(&name, NAME_MAX).map_err(|error| Problem::field("name", &error))?;
    }
    if let Some(mode) = change.mode {
        site.mode = mode;
    }
    if let Some(entries) = change.safelist {
        site.safelist = safelist(&entries)?;
    }
    if let Some(seconds) = change.token_ttl_max {
        if !(1..=LONGEST_LIFE_SECS).contains(&seconds) {
            return Err(Problem::field(
                "token_ttl_max",
                &format!("must be 1 to {LONGEST_LIFE_SECS} seconds"),
            ));
        }
        site.token_ttl_max = seconds;
    }
    if let Some(limits) = change.limits {
        site.limits.apply(&limits);
        if let Some((name, ceiling)) = site.limits.first_fault() {
            return Err(Problem::field(
                &format!("limits.{name}"),
                &format!("must be 1 to {ceiling}"),
            ));
        }
    }
    if let Some(greeting) = change.greeting {
        site.greeting =
            label(&greeting, SENTENCE_MAX).map_err(|error| Problem::field("greeting", &error))?;
    }
    if let Some(disclosure) = change.disclosure {
        site.disclosure = label(&disclosure, SENTENCE_MAX)
            .map_err(|error| Problem::field("disclosure", &error))?;
    }
    if let Some(enabled) = change.enabled {
        site.enabled = enabled;
    }
    Ok(())
}

/// A safelist in its normal form, without repetitions.
fn safelist(entries: &[String]) -> Result<Vec<String>, Problem> {
    if entries.len() > SAFELIST_MAX {
        return Err(Problem::field(
            "safelist",
            &format!("must have at most {SAFELIST_MAX} entries"),
        ));
    }
    let mut patterns: Vec<String> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let pattern = origin::parse_entry(entry).map_err(|error| {
            Problem::field(&format!("safelist[{at}]"), &format!("is refused: {error}"))
        })?;
        if !patterns.iter().any(|known| known == pattern.as_str()) {
            patterns.push(pattern.as_str().to_owned());
        }
    }
    Ok(patterns)
}
