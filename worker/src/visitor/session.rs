//! Sessions: a ticket is traded once for an access token in memory and a refresh cookie; the cookie renews both, once
//! each time.
//!
//! Two tabs that refresh at the same moment show the same cookie. The object takes the generation before the live one
//! for a neighbour within a few seconds and hands out the live one again; later it is theft (`objects/visitor/sessions.rs`).

use oriel_shared::id::{SiteKey, VisitorId};
use oriel_shared::token::TokenError;
use oriel_shared::token::session::{
    ACCESS_LIFE_MS, Access, REFRESH_LIFE_MS, Refresh, Ticket, TokenKey,
};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{SessionReply, SessionRequest, SiteScoped};
use worker::{Env, Request};

use super::sites;
use crate::http::answer::{Answer, Outcome};
use crate::http::problem::Problem;
use crate::http::{body, cors};
use crate::objects::calls::{self, LiveSession, VisitorCall, VisitorReply};
use crate::{clock, config};

/// One cookie a site, so that two sites' chats in one browser stay two.
const COOKIE_PREFIX: &str = "__Secure-oriel-";

/// `POST /v1/session`
pub async fn open(mut request: Request, env: &Env) -> Outcome {
    refuse_foreign_pages(&request)?;
    let SessionRequest { ticket } = body::json(&mut request, body::MAX_BYTES).await?;
    let key = config::token_key(env)?;
    let ticket: Ticket = key
        .verify(&ticket, clock::now())
        .map_err(|_| Problem::refused(Code::TicketInvalid))?;
    let (visitor, site_key) = (ticket.visitor.clone(), ticket.key.clone());
    let reply = calls::visitor(env, &visitor, &VisitorCall::OpenSession { ticket }).await?;
    let (reply, cookie) = renewed(&key, visitor, &site_key, reply)?;
    Ok(Answer::created(&reply)?.with_header("set-cookie", cookie))
}

/// `POST /v1/session/refresh`
pub async fn refresh(mut request: Request, env: &Env) -> Outcome {
    refuse_foreign_pages(&request)?;
    let asked: SiteScoped = body::optional_json(&mut request).await?;
    let key = config::token_key(env)?;
    let shown = shown(&request, &key, asked.site.as_deref())?
        .ok_or_else(|| Problem::refused(Code::SessionExpired))?;
    // A suspended site ends here. A database that does not answer is no reason to end a chat.
    match sites::find(env, shown.key.as_str()).await {
        Err(problem) if problem.code == Code::SiteNotFound => return Err(problem),
        _ => {}
    }
    let call = VisitorCall::RefreshSession {
        family: shown.family.clone(),
        generation: shown.generation,
    };
    match calls::visitor(env, &shown.visitor, &call).await? {
        VisitorReply::Refused(code) => {
            // A cookie that cannot be used again is taken away.
            Err(Problem::refused(code.code()).with_header("set-cookie", cookie(&shown.key, "", 0)))
        }
        reply => {
            let (reply, cookie) = renewed(&key, shown.visitor, &shown.key, reply)?;
            Ok(Answer::ok(&reply)?.with_header("set-cookie", cookie))
        }
    }
}

/// `DELETE /v1/session`: log-out. Ends the session whose cookie is shown; says the same when there is none.
pub async fn end(mut request: Request, env: &Env) -> Outcome {
    refuse_foreign_pages(&request)?;
    let asked: SiteScoped = body::optional_json(&mut request).await?;
    let key = config::token_key(env)?;
    let Some(shown) = shown(&request, &key, asked.site.as_deref())? else {
        return Ok(Answer::empty());
    };
    calls::visitor(
        env,
        &shown.visitor,
        &VisitorCall::EndSession {
            family: shown.family,
        },
    )
    .await?;
    Ok(Answer::empty().with_header("set-cookie", cookie(&shown.key, "", 0)))
}

/// Cookies ride along with forged requests; a browser names the page that forged them.
fn refuse_foreign_pages(request: &Request) -> Result<(), Problem> {
    if cors::is_cross_origin(request)? {
        Err(Problem::refused(Code::OriginNotAllowed))
    } else {
        Ok(())
    }
}

fn renewed(
    key: &TokenKey,
    visitor: VisitorId,
    site_key: &SiteKey,
    reply: VisitorReply,
) -> Result<(SessionReply, String), Problem> {
    let session = match reply {
        VisitorReply::Session(session) => session,
        other => return Err(other.unexpected()),
    };
    let LiveSession {
        site,
        family,
        generation,
        conversation,
    } = session;
    let now = clock::now();
    let ours = |error: TokenError| Problem::ours("session", &error);
    let access = Access {
        site,
        visitor: visitor.clone(),
        conversation: conversation.clone(),
        family: family.clone(),
    };
    let access_token = key.mint(access, now).map_err(ours)?;
    let refresh = Refresh {
        key: site_key.clone(),
        visitor: visitor.clone(),
        family,
        generation,
    };
    let refresh_token = key.mint(refresh, now).map_err(ours)?;
    let cookie = cookie(site_key, &refresh_token, REFRESH_LIFE_MS / 1000);
    let expires_in = (ACCESS_LIFE_MS / 1000) as u32;
    Ok((
        SessionReply {
            access_token,
            expires_in,
            visitor,
            conversation,
        },
        cookie,
    ))
}

fn cookie(site_key: &SiteKey, value: &str, max_age_secs: u64) -> String {
    format!(
        "{COOKIE_PREFIX}{site_key}={value}; Path=/v1/session; Max-Age={max_age_secs}; Secure; HttpOnly; \
         SameSite=None; Partitioned"
    )
}

/// The refresh token that the browser shows: the named site's, or the first good one when none is named.
fn shown(
    request: &Request,
    key: &TokenKey,
    site: Option<&str>,
) -> Result<Option<Refresh>, Problem> {
    let header = request.headers().get("cookie")?.unwrap_or_default();
    let now = clock::now();
    let mut tokens = header.split(';').filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let its_site = name.strip_prefix(COOKIE_PREFIX)?;
        site.is_none_or(|site| site == its_site).then_some(value)
    });
    Ok(tokens.find_map(|token| key.verify::<Refresh>(token, now).ok()))
}
