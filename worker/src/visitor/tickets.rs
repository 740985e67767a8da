//! Tickets: the host page asks, so that `Origin` is the customer's. Safelist sites check it exactly; signed sites
//! verify the visitor token, and the safelist too if there is one.
//!
//! A ticket is a signed statement of 30 seconds, spent in the visitor's object by whoever trades it. Only the count of
//! them is kept, at the site's admission object.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oriel_shared::event::Actor;
use oriel_shared::headers::Header;
use oriel_shared::id::{SiteKey, VisitorId};
use oriel_shared::origin;
use oriel_shared::rate::Limited;
use oriel_shared::secret::Secret;
use oriel_shared::token::TokenError;
use oriel_shared::token::session::{TICKET_LIFE_MS, Ticket, TokenKey};
use oriel_shared::token::visitor::{self, SigningKey, VisitorClaims};
use oriel_shared::wire::admin::Mode;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{TicketReply, TicketRequest};
use worker::{Env, Request};

use super::ip_rate_limit;
use crate::calls::{self, AdmissionCall, AdmissionReply};
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::http::{body, cors};
use crate::objects::admission;
use crate::sites::{self, LiveSite};
use crate::{clock, config};

/// `OPTIONS /v1/sites/{key}/tickets`
pub async fn preflight(request: &Request, context: &Context, key: &str) -> HandlerResult {
    let live = sites::find(&context.env, key).await.map_err(varied)?;
    let (_, headers) = admit(request, &live, cors::preflight).map_err(varied)?;
    Ok(with_headers(HttpReply::empty(), headers))
}

/// `POST /v1/sites/{key}/tickets`
pub async fn issue(mut request: Request, context: &Context, key: &str) -> HandlerResult {
    let token_key = config::token_key(&context.env)?;
    let address = context.address_hash(&token_key);
    ip_rate_limit::pass(context, &address, "tickets")
        .await
        .map_err(varied)?;
    let live = sites::find(&context.env, key).await.map_err(varied)?;
    context.is_by(Actor::Site(live.owned.site.id.clone()));
    let (_, headers) = admit(&request, &live, cors::allow).map_err(varied)?;
    // From here on the page may read why it was refused.
    match trade(&mut request, context, &token_key, address, &live).await {
        Ok(reply) => Ok(with_headers(HttpReply::created(&reply)?, headers)),
        Err(problem) => Err(headers.into_iter().fold(problem, |problem, (name, value)| {
            problem.with_header(name, value)
        })),
    }
}

async fn trade(
    request: &mut Request,
    context: &Context,
    key: &TokenKey,
    address: String,
    live: &LiveSite,
) -> Result<TicketReply, Problem> {
    let asked: TicketRequest = body::optional_json(request).await?;
    let (visitor, jti) = match live.owned.site.mode {
        Mode::Safelist => (VisitorId::from_random(clock::random()?), None),
        Mode::Signed => {
            let token = asked
                .token
                .ok_or_else(|| Problem::refused(Code::TokenMissing))?;
            let claims = verify(&context.env, live, &token)?;
            (
                key.verified_visitor(&live.owned.site.id, &claims.sub),
                claims.jti.map(|jti| key.jti_hash(&jti)),
            )
        }
    };
    let now = clock::now();
    let passage = AdmissionCall {
        address,
        limits: live.owned.site.limits,
        jti,
    };
    pass(&context.env, live, &passage).await?;
    let ticket = Ticket {
        org: live.owned.org.clone(),
        site: live.owned.site.id.clone(),
        key: SiteKey(live.owned.site.key.clone()),
        visitor,
        verified: live.owned.site.mode == Mode::Signed,
        issued_at: now,
        jti: BASE64_URL_SAFE_NO_PAD.encode(clock::random::<16>()?),
    };
    let verified = ticket.verified;
    let ticket = key
        .mint(ticket, now)
        .map_err(|error| Problem::ours("ticket", &error))?;
    Ok(TicketReply {
        ticket,
        expires_in: (TICKET_LIFE_MS / 1000) as u32,
        verified,
    })
}

/// Passes the site's admission: within the limits, and with a token that was not spent.
async fn pass(env: &Env, live: &LiveSite, passage: &AdmissionCall) -> Result<(), Problem> {
    match calls::admission(env, &live.owned.site.id, passage).await? {
        AdmissionReply::Open => Ok(()),
        AdmissionReply::Limited { is_site, wait_us } => {
            let quota = if is_site {
                admission::per_site(&passage.limits)
            } else {
                admission::per_address(&passage.limits)
            };
            Err(Problem::limited(&Limited { quota, wait_us }))
        }
        AdmissionReply::Spent => Err(Problem::new(
            Code::TokenInvalid,
            "The claim `jti` is refused: the token was used before.",
        )),
    }
}

/// Whether the page that asks may embed, and the headers that let it read the answer.
fn admit(
    request: &Request,
    live: &LiveSite,
    headers: fn(&str) -> Vec<Header>,
) -> Result<(Option<String>, Vec<Header>), Problem> {
    let sent = cors::origin(request)?;
    let embedders = live.embedders();
    if embedders == ["*"] {
        // A signed site that may be embedded anywhere: native apps send no origin, or `null`.
        let headers = sent.as_deref().map(headers).unwrap_or_default();
        return Ok((sent, headers));
    }
    let refused = || Problem::refused(Code::OriginNotAllowed);
    let sent = sent.ok_or_else(refused)?;
    let normal = origin::parse_origin(&sent).ok_or_else(refused)?;
    if !origin::admits(&embedders, &normal) {
        return Err(refused());
    }
    let headers = headers(&sent);
    Ok((Some(sent), headers))
}

fn verify(env: &Env, live: &LiveSite, token: &str) -> Result<VisitorClaims, Problem> {
    let invalid = || Problem::refused(Code::TokenInvalid);
    let kid = visitor::key_id(token).map_err(|_| invalid())?;
    let sealed = live
        .keys
        .iter()
        .find(|key| key.id.as_str() == kid)
        .ok_or_else(invalid)?;
    let secret = config::vault(env)?.open(sealed.id.as_str(), &sealed.sealed);
    let key = SigningKey {
        kid,
        secret: Secret::new(secret.map_err(|error| Problem::ours("signing key", &error))?),
    };
    let site = &live.owned.site;
    visitor::verify(token, &key, &site.key, site.token_ttl_max, clock::now()).map_err(|error| {
        match error {
            TokenError::Expired { .. } => Problem::refused(Code::TokenExpired),
            TokenError::Claim { claim } => Problem::new(
                Code::TokenInvalid,
                format!("The claim `{claim}` is refused."),
            ),
            TokenError::Form | TokenError::Signature => invalid(),
        }
    })
}

fn with_headers(answer: HttpReply, headers: Vec<Header>) -> HttpReply {
    headers.into_iter().fold(answer, |answer, (name, value)| {
        answer.with_header(name, value)
    })
}

/// A refusal depends on the origin too.
fn varied(problem: Problem) -> Problem {
    let (name, value) = cors::vary();
    problem.with_header(name, value)
}
