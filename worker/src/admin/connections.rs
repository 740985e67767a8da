//! Connections: where the edge sends requests on the team's behalf. A live call verifies each before it is saved. A
//! secret that the team sends is never shown again; one that is made here is shown once.

use oriel_shared::egress::Target;
use oriel_shared::id::ConnectionId;
use oriel_shared::text::link::LINK_MAX;
use oriel_shared::webhook::SigningSecret;
use oriel_shared::wire::admin::{
    Connection, ConnectionChange, ConnectionCreate, ConnectionCreated, ConnectionKind,
};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::webhook::EventKind;

use super::{Call, live_check};
use crate::calls;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::outbound;
use crate::store::connections::{self, CONNECTIONS_MAX, ConnectionRow};
use crate::store::deliveries::DeliveryJob;
use crate::{clock, config};

/// Longer than the keys of any API.
const MODEL_SECRET_MAX: usize = 512;
/// How often a change is tried when somebody else changed the connection meanwhile. Each try may take as long as a
/// receiver may.
const ATTEMPTS_MAX: usize = 3;

/// Makes a connection, once a live call to it went well.
pub async fn create(mut call: Call<'_>) -> HandlerResult {
    let asked: ConnectionCreate = call.body().await?;
    let site = match (asked.site_id, &call.caller.site) {
        // A key that is held to one site makes connections of that site.
        (None, only) => only.clone(),
        (Some(site), _) => Some(call.find_site(site.as_str()).await?.site.id),
    };
    let is_webhook = asked.kind == ConnectionKind::Webhook;
    let made_here = if is_webhook && asked.secret.is_none() {
        Some(SigningSecret::make(clock::random()?))
    } else {
        None
    };
    let secret = asked.secret.or_else(|| made_here.clone());
    let target = target(&call, &asked.url)?;
    let now = clock::now();
    let mut row = ConnectionRow {
        id: ConnectionId::from_random(clock::random()?),
        site_id: site,
        kind: asked.kind,
        url: target.as_str().to_owned(),
        events: events(asked.kind, asked.events)?,
        sealed: None,
        enabled: true,
        verified_at: now,
        created_at: now,
    };
    seal(&call, &mut row, secret.as_deref())?;
    live_check::pass(&call, &row, &target, secret.as_deref()).await?;
    if !connections::insert(call.db(), call.org(), &row).await? {
        let detail = format!("There are {CONNECTIONS_MAX} connections already: delete one first.");
        return Err(Problem::new(Code::TooManyConnections, detail));
    }
    if let Some(site) = &row.site_id {
        call.context.set_site(site);
    }
    call.context.set_made(row.id.as_str());
    HttpReply::created(&ConnectionCreated {
        connection: row.into(),
        secret: made_here,
    })
}

/// Lists the connections, the latest first.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = call.page()?;
    let (org, only) = (call.org(), call.caller.site.as_ref());
    let rows = connections::list(call.db(), org, only, &wanted).await?;
    let cursor = |row: &ConnectionRow| query::TimeCursor {
        at: row.created_at.0,
        id: row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Connection::from))
}

/// The connection that the path names.
///
/// # Errors
/// 404 `not_found` for one that is not there and for one that is not theirs.
pub(super) async fn find(call: &Call<'_>) -> Result<ConnectionRow, Problem> {
    let id = call.param("connection");
    let row = connections::find(call.db(), call.org(), call.caller.site.as_ref(), id).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    if let Some(site) = &row.site_id {
        call.context.set_site(site);
    }
    Ok(row)
}

/// Shows a connection, without its secret.
pub async fn show(call: Call<'_>) -> HandlerResult {
    HttpReply::ok(&Connection::from(find(&call).await?))
}

/// Changes the fields that are named. The rest is as it is when the live check is done, so that nothing that somebody
/// changed meanwhile comes back, neither an earlier secret nor a connection that was disabled.
pub async fn change(mut call: Call<'_>) -> HandlerResult {
    let mut old = find(&call).await?;
    let asked: ConnectionChange = call.body().await?;
    for _ in 0..ATTEMPTS_MAX {
        let row = changed(&call, &old, &asked).await?;
        if connections::replace(call.db(), call.org(), &old, &row).await? {
            if row.enabled && !old.enabled {
                calls::wake_webhook_sender(call.env(), &job(&call, &row)).await?;
            }
            return HttpReply::ok(&Connection::from(row));
        }
        old = find(&call).await?;
    }
    Err(Problem::unavailable(
        "connection",
        &"others changed it at the same time",
    ))
}

/// The changed connection. It is verified again if the edge will call something else than before.
async fn changed(
    call: &Call<'_>,
    old: &ConnectionRow,
    asked: &ConnectionChange,
) -> Result<ConnectionRow, Problem> {
    let mut row = old.clone();
    let is_enabled = asked.enabled.unwrap_or(old.enabled);
    let comes_back = is_enabled && !old.enabled;
    if asked.url.is_some() || asked.secret.is_some() || comes_back {
        let target = target(call, asked.url.as_deref().unwrap_or(&old.url))?;
        target.as_str().clone_into(&mut row.url);
        let secret = match &asked.secret {
            Some(secret) => {
                seal(call, &mut row, Some(secret))?;
                Some(secret.clone())
            }
            // A model is sent its key in the clear: whoever may change the address could read it at one of their own.
            None if row.kind == ConnectionKind::Model
                && row.url != old.url
                && old.sealed.is_some() =>
            {
                let why =
                    "is needed again with another `url`: the stored secret is sent nowhere else";
                return Err(Problem::field("secret", &why));
            }
            None => open(call, &row)?,
        };
        live_check::pass(call, &row, &target, secret.as_deref()).await?;
        row.verified_at = clock::now();
    }
    if let Some(names) = &asked.events {
        row.events = events(row.kind, Some(names.clone()))?;
    }
    row.enabled = is_enabled;
    Ok(row)
}

/// Deletes a connection and its deliveries.
pub async fn delete(call: Call<'_>) -> HandlerResult {
    let row = find(&call).await?;
    connections::delete(call.db(), call.org(), &row.id).await?;
    Ok(HttpReply::empty())
}

pub(super) fn job(call: &Call<'_>, row: &ConnectionRow) -> DeliveryJob {
    DeliveryJob {
        org: call.caller.org.clone(),
        connection: row.id.clone(),
    }
}

fn target(call: &Call<'_>, url: &str) -> Result<Target, Problem> {
    if url.len() > LINK_MAX {
        let why = format!("must have at most {LINK_MAX} characters");
        return Err(Problem::field("url", &why));
    }
    outbound::target(&call.actor(), url).map_err(|error| live_check::blocked(&error))
}

/// The events that a connection is sent.
fn events(kind: ConnectionKind, names: Option<Vec<String>>) -> Result<Vec<EventKind>, Problem> {
    let mut kinds = match (kind, names) {
        (ConnectionKind::Webhook, None) => EventKind::ALL.to_vec(),
        (ConnectionKind::Model, None) => Vec::new(),
        (ConnectionKind::Model, Some(_)) => {
            return Err(Problem::field(
                "events",
                &"must be left out: only webhooks have events",
            ));
        }
        (ConnectionKind::Webhook, Some(names)) => {
            let kinds: Option<Vec<_>> = names.iter().map(|name| EventKind::parse(name)).collect();
            kinds.filter(|kinds| !kinds.is_empty()).ok_or_else(|| {
                let known: Vec<_> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
                Problem::field("events", &format!("must be some of {}", known.join(", ")))
            })?
        }
    };
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}

/// Checks a secret's form and seals it into the row.
fn seal(call: &Call<'_>, row: &mut ConnectionRow, secret: Option<&str>) -> Result<(), Problem> {
    let Some(secret) = secret else {
        return Ok(());
    };
    match row.kind {
        ConnectionKind::Webhook => {
            SigningSecret::parse(secret).map_err(|error| Problem::field("secret", &error))?;
        }
        ConnectionKind::Model => {
            let is_token = (1..=MODEL_SECRET_MAX).contains(&secret.len())
                && secret.bytes().all(|byte| byte.is_ascii_graphic());
            if !is_token {
                let why = format!("must be 1 to {MODEL_SECRET_MAX} visible ASCII characters");
                return Err(Problem::field("secret", &why));
            }
        }
    }
    let sealed = config::vault(call.env())?
        .seal(row.id.as_str(), secret.as_bytes(), clock::random()?)
        .map_err(|error| Problem::ours("vault", &error))?;
    row.sealed = Some(sealed);
    Ok(())
}

fn open(call: &Call<'_>, row: &ConnectionRow) -> Result<Option<String>, Problem> {
    let Some(sealed) = &row.sealed else {
        return Ok(None);
    };
    let bytes = config::vault(call.env())?
        .open(row.id.as_str(), sealed)
        .map_err(|error| Problem::ours("vault", &error))?;
    let text = String::from_utf8(bytes).map_err(|error| Problem::ours("vault", &error))?;
    Ok(Some(text))
}
