//! Sessions: a ticket is traded once for an access token in memory and a refresh cookie; the cookie renews both, once
//! each time.
//!
//! Two tabs that refresh at the same moment show the same cookie. Within a few seconds, the object takes the generation
//! before the live one as another tab's and hands out the live one again; later it takes it as theft
//! (`objects/visitor/sessions.rs`). Where browsers have locks, the widget lets one tab refresh at a time.

use oriel_shared::event::{Action, Actor, Outcome};
use oriel_shared::id::SiteKey;
use oriel_shared::token::TokenError;
use oriel_shared::token::session::{
    ACCESS_LIFE_MS, Access, REFRESH_LIFE_MS, Refresh, Ticket, TokenKey,
};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{RefreshRequest, SessionReply, SessionRequest, SiteScoped};
use oriel_shared::{i18n, locale};

use crate::calls::{self, LiveSession, VisitorCall, VisitorReply};
use crate::http::call::{Call, Frame};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::{clock, config, sites};

/// Each site has a cookie of its own, so that the chats of two sites in one browser stay apart.
const COOKIE_PREFIX: &str = "__Secure-oriel-";

/// Trades a ticket for a session.
pub async fn open(mut call: Call<'_, Frame>) -> HandlerResult {
    let (env, context) = (call.env(), call.context);
    let SessionRequest { ticket, locale } = call.body().await?;
    let key = config::token_key(env)?;
    let invalid = || Problem::refused(Code::TicketInvalid);
    let ticket: Ticket = key.verify(&ticket, clock::now()).map_err(|_| invalid())?;
    context.set_actor(Actor::Visitor(ticket.visitor.clone()));
    // A site may have been suspended, or its sessions revoked, since the ticket was made.
    let live = sites::find(env, ticket.key.as_str()).await?;
    if ticket.issued_at < live.owned.sessions_since {
        return Err(invalid());
    }
    let visitor = ticket.visitor.clone();
    // The language is chosen as for the frame document: by the page, else by the browser, else by the site.
    let accepted = call.header("accept-language")?;
    let wishes = [locale, accepted, live.owned.site.locale.clone()];
    let wishes = wishes.iter().flatten();
    let language = i18n::negotiate(wishes.flat_map(|wish| locale::preferences(wish)));
    let open = VisitorCall::OpenSession {
        ticket,
        site: Box::new((*live.owned).clone()),
        language: language.to_owned(),
    };
    let reply = calls::visitor(env, &visitor, &open).await?;
    let (reply, cookie) = renewed(&key, reply)?;
    Ok(HttpReply::created(&reply)?.with_header("set-cookie", cookie))
}

/// Renews the session whose cookie or access token is shown.
pub async fn refresh(mut call: Call<'_, Frame>) -> HandlerResult {
    let (env, context) = (call.env(), call.context);
    let asked: RefreshRequest = call.body().await?;
    let key = config::token_key(env)?;
    let shown = match shown(&call, &key, asked.site.as_deref())? {
        Some(refresh) => refresh,
        None => bearer(&call, &key)?.ok_or_else(|| Problem::refused(Code::SessionExpired))?,
    };
    context.set_actor(Actor::Visitor(shown.visitor.clone()));
    // A suspended site ends the session. A database that does not answer does not.
    let site = match sites::find(env, shown.key.as_str()).await {
        Ok(live) => Some(Box::new((*live.owned).clone())),
        Err(problem) if problem.code == Code::SiteNotFound => return Err(problem),
        Err(_) => None,
    };
    let language = asked.locale.map(|locale| {
        let wishes = locale::preferences(&locale).into_iter();
        i18n::negotiate(wishes).to_owned()
    });
    let refresh = VisitorCall::RefreshSession {
        family: shown.family,
        generation: shown.generation,
        site,
        language,
    };
    match calls::visitor(env, &shown.visitor, &refresh).await {
        Err(problem) if problem.code.status() >= 500 => Err(problem),
        Err(problem) => {
            if problem.code == Code::SessionReused {
                let reason = Some(problem.code.into());
                context.record(Action::SESSION_THEFT, Outcome::Refused, reason);
            }
            // The browser deletes a cookie that cannot be used again.
            Err(problem.with_header("set-cookie", cookie(&shown.key, "", 0)))
        }
        Ok(reply) => {
            let (reply, cookie) = renewed(&key, reply)?;
            Ok(HttpReply::ok(&reply)?.with_header("set-cookie", cookie))
        }
    }
}

/// Logs out: ends the session whose cookie is shown, or whose access token where the browser keeps no cookie. Answers
/// 204 when there is none, too.
pub async fn end(mut call: Call<'_, Frame>) -> HandlerResult {
    let asked: SiteScoped = call.body().await?;
    let key = config::token_key(call.env())?;
    let shown = match shown(&call, &key, asked.site.as_deref())? {
        Some(refresh) => Some(refresh),
        None => bearer(&call, &key)?,
    };
    let Some(shown) = shown else {
        return Ok(HttpReply::empty());
    };
    let actor = Actor::Visitor(shown.visitor.clone());
    call.context.set_actor(actor);
    let end = VisitorCall::EndSession {
        family: shown.family,
    };
    calls::visitor(call.env(), &shown.visitor, &end).await?;
    Ok(HttpReply::empty().with_header("set-cookie", cookie(&shown.key, "", 0)))
}

fn renewed(key: &TokenKey, reply: VisitorReply) -> Result<(SessionReply, String), Problem> {
    let LiveSession {
        site,
        key: site_key,
        visitor,
        family,
        generation,
        conversation,
    } = match reply {
        VisitorReply::Session(session) => session,
        other => return Err(other.unexpected()),
    };
    let now = clock::now();
    let ours = |error: TokenError| Problem::ours("session", &error);
    let access = Access {
        site,
        key: site_key.clone(),
        visitor: visitor.clone(),
        conversation: conversation.clone(),
        family: family.clone(),
        generation,
    };
    let access_token = key.mint(access, now).map_err(ours)?;
    let refresh = Refresh {
        key: site_key.clone(),
        visitor: visitor.clone(),
        family,
        generation,
    };
    let refresh_token = key.mint(refresh, now).map_err(ours)?;
    let cookie = cookie(&site_key, &refresh_token, REFRESH_LIFE_MS / 1000);
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

pub fn cookie(site_key: &SiteKey, value: &str, max_age_secs: u64) -> String {
    format!(
        "{COOKIE_PREFIX}{site_key}={value}; Path=/v1/session; Max-Age={max_age_secs}; Secure; HttpOnly; \
         SameSite=None; Partitioned"
    )
}

/// The refresh token that the browser shows: the named site's, or the first good one when none is named.
fn shown(
    call: &Call<'_, Frame>,
    key: &TokenKey,
    site: Option<&str>,
) -> Result<Option<Refresh>, Problem> {
    let header = call.header("cookie")?.unwrap_or_default();
    let now = clock::now();
    let mut tokens = header.split(';').filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let its_site = name.strip_prefix(COOKIE_PREFIX)?;
        site.is_none_or(|site| site == its_site)
            .then_some((its_site, value))
    });
    // A token under the name of another site was put there by hand, and is no session of that site.
    Ok(tokens.find_map(|(its_site, token)| {
        let refresh: Refresh = key.verify(token, now).ok()?;
        (refresh.key.as_str() == its_site).then_some(refresh)
    }))
}

/// The session that a live access token speaks for. Browsers that keep no cookie in frames renew with it, as long as
/// the page is open; it counts generations like the cookie does.
fn bearer(call: &Call<'_, Frame>, key: &TokenKey) -> Result<Option<Refresh>, Problem> {
    let header = call.header("authorization")?.unwrap_or_default();
    let Some(token) = header.strip_prefix("Bearer ") else {
        return Ok(None);
    };
    let access = key.verify::<Access>(token, clock::now()).ok();
    Ok(access.map(|access| Refresh {
        key: access.key,
        visitor: access.visitor,
        family: access.family,
        generation: access.generation,
    }))
}
