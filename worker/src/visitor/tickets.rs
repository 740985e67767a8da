//! Tickets. The host page asks for them, so that `Origin` is the customer's: `host_page` checks it against the site's
//! safelist. Signed sites want a visitor token, too.
//!
//! A ticket is a signed statement that is valid for 30 seconds and can be traded once; the visitor's object sees to
//! that. Only their number is stored, in the site's admission object.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oriel_shared::id::{SiteId, SiteKey, VisitorId};
use oriel_shared::rate::Limited;
use oriel_shared::secret::Secret;
use oriel_shared::token::TokenError;
use oriel_shared::token::session::{TICKET_LIFE_MS, Ticket};
use oriel_shared::token::visitor::{self, SigningKey, VisitorClaims};
use oriel_shared::wire::admin::Mode;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{TicketReply, TicketRequest};
use worker::Env;

use super::host_page::HostPage;
use crate::calls::{self, AdmissionCall, AdmissionReply};
use crate::http::call::Call;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::objects::admission;
use crate::sites::LiveSite;
use crate::{clock, config};

/// Issues a ticket to a page that may embed the site.
pub async fn issue(mut call: Call<'_, HostPage>) -> HandlerResult {
    let (env, site) = (call.env(), call.caller.site.clone());
    let key = config::token_key(env)?;
    let asked: TicketRequest = call.body().await?;
    let (visitor, jti) = match site.owned.site.mode {
        Mode::Safelist => (VisitorId::from_random(clock::random()?), None),
        Mode::Signed => {
            let token = asked
                .token
                .ok_or_else(|| Problem::refused(Code::TokenMissing))?;
            let claims = verify(env, &site, &token)?;
            (
                key.verified_visitor(&site.owned.site.id, &claims.sub),
                claims.jti.map(|jti| key.jti_hash(&jti)),
            )
        }
    };
    let now = clock::now();
    let passage = AdmissionCall {
        address: call.context.address_hash(&key).to_owned(),
        limits: site.owned.site.limits,
        jti,
    };
    pass(env, &site.owned.site.id, &passage).await?;
    let ticket = Ticket {
        org: site.owned.org.clone(),
        site: site.owned.site.id.clone(),
        key: SiteKey(site.owned.site.key.clone()),
        visitor,
        verified: site.owned.site.mode == Mode::Signed,
        issued_at: now,
        jti: BASE64_URL_SAFE_NO_PAD.encode(clock::random::<16>()?),
    };
    let verified = ticket.verified;
    let ticket = key
        .mint(ticket, now)
        .map_err(|error| Problem::ours("ticket", &error))?;
    HttpReply::created(&TicketReply {
        ticket,
        expires_in: (TICKET_LIFE_MS / 1000) as u32,
        verified,
    })
}

/// Asks the site's admission object whether the limits are kept and the visitor token is new.
async fn pass(env: &Env, site: &SiteId, passage: &AdmissionCall) -> Result<(), Problem> {
    match calls::admission(env, site, passage).await? {
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
