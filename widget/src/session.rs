//! The session: from a cookie that an earlier visit left, or from a ticket.
//!
//! Keeps true: the access token lives in memory alone, and the session's own cookie is out of reach of any script. What
//! this program remembers is a hint of one bit, "there was a session here", which spares a first visit the request that
//! could only fail. The hint is a cookie too, bound to the page around us and readable in this iframe alone: where
//! browsers deny storage to iframes they mostly allow that, and it is there exactly where the session's own cookie can
//! be.
//!
//! Where the browser keeps no cookie at all, the hint cannot be read back: then the session is renewed with its own
//! access token, in time, for as long as the page is open, and the chat says that it will be gone afterwards.

use std::cell::{Cell, RefCell};

use oriel_shared::{ascii_split::split, id::UnixMs};

use crate::{
    browser::{self, BoxFuture, Response},
    dom::PAGE,
    loader_channel::LoaderChannel,
    state::UnavailableReason,
    wire_codec::{Json, json::object},
};

/// A token with less than this left to live is renewed before use.
const MIN_TOKEN_LIFE_MS: u64 = 10_000;

/// Where no cookie is kept the token is renewed when this much of its life is left: timers of hidden pages run once a
/// minute.
const RENEW_AHEAD_MS: u64 = 90_000;

/// 400 days, the longest that browsers allow. Whether a session is still good is for the edge to say.
const HINT_LIFE_SECS: &str = "34560000";

/// How long to wait when the edge refuses too many requests and does not say until when.
const DEFAULT_WAIT_S: u32 = 30;

/// Why there is no session now.
#[derive(Clone, Copy, Debug)]
pub enum SessionError {
    /// No response came, or one that blames the edge: another attempt may help.
    Temporary,
    /// There were too many requests.
    RateLimited {
        /// Seconds to wait.
        wait_s: u32,
    },
    /// There is no chat on this page.
    Unavailable(UnavailableReason),
}

/// The visitor's session on this site. There is one, for as long as the iframe lives.
#[derive(Clone, Copy)]
pub struct Session(&'static Inner);

struct Inner {
    site_key: String,
    loader: LoaderChannel,
    token: RefCell<Option<(String, UnixMs)>>,
    /// Whether a socket did not open with the token: the edge may have refused it, or the network is bad.
    is_doubted: Cell<bool>,
    /// Whether this iframe has had a session, so that a cookie may be there.
    was_open: Cell<bool>,
    /// Whether the browser keeps no cookie for the session.
    is_ephemeral: Cell<bool>,
}

impl Session {
    /// For a site, with tickets from the loader.
    pub fn new(site_key: String, loader: LoaderChannel) -> Self {
        Self(Box::leak(Box::new(Inner {
            site_key,
            loader,
            token: RefCell::default(),
            is_doubted: Cell::default(),
            was_open: Cell::default(),
            is_ephemeral: Cell::default(),
        })))
    }

    /// An access token: the one at hand, a renewed one, or that of a new session.
    ///
    /// # Errors
    /// [`SessionError`] when there is none to be had now.
    pub fn access(self) -> BoxFuture<Result<String, SessionError>> {
        Box::pin(async move {
            let at_hand = self.token_for(MIN_TOKEN_LIFE_MS);
            let is_doubted = self.0.is_doubted.take();
            if !is_doubted && let Some(token) = at_hand {
                return Ok(token);
            }
            if self.may_have_cookie() {
                let response = self.refresh().await;
                if status(&response) != 401 {
                    return self.take_in(response, 200);
                }
                // The cookie is gone, spent or blocked.
                self.set_hint(false);
            }
            self.0.token.take();
            // Without a cookie a doubted token is worth one more try: a new session is a new conversation.
            if let Some(token) = at_hand {
                return Ok(token);
            }
            self.start().await
        })
    }

    /// Whether the session ends with this page, because the browser keeps no cookie for it.
    pub fn is_ephemeral(self) -> bool {
        self.0.is_ephemeral.get()
    }

    /// Ends the session at the edge: the next visitor is somebody else. A session that the edge is not told of expires;
    /// nothing here leads back to it.
    pub fn end(self) -> BoxFuture<Option<Response>> {
        let token = self.token_for(0).unwrap_or_default();
        let body = object(&[("site", &self.0.site_key)]);
        browser::request("DELETE", "/v1/session", token, body)
    }

    /// Forgets the session: the next one begins with a ticket.
    pub fn forget(self) {
        self.0.token.take();
        self.0.loader.forget();
        self.set_hint(false);
    }

    /// Ignores a cookie that may be here, for it may be another visitor's: the session begins with the ticket.
    pub fn distrust_cookie(self) {
        self.set_hint(false);
    }

    /// Has the token checked before it is used again: no socket opened with it, and a browser does not tell why.
    pub fn doubt_token(self) {
        self.0.is_doubted.set(true);
    }

    async fn start(self) -> Result<String, SessionError> {
        let mut is_second = false;
        loop {
            let ticket = match self.0.loader.ticket().await {
                Ok(ticket) => ticket,
                Err(error) => {
                    return Err(session_error(error.status, &error.code, error.retry_after));
                }
            };
            let body = object(&[("ticket", &ticket), ("locale", &PAGE.attribute("lang"))]);
            let response = browser::request("POST", "/v1/session", String::new(), body).await;
            // The ticket was too old, or another tab has used it: once more with a fresh one.
            if is_second || !matches!(status(&response), 401 | 409) {
                return self.take_in(response, 201);
            }
            is_second = true;
        }
    }

    /// Trades the cookie for a token. One tab at a time: two that showed the same cookie at once would look like a
    /// thief and a victim, and the edge would end the session of both.
    fn refresh(self) -> BoxFuture<Option<Response>> {
        Box::pin(async move {
            let release = browser::lock(&self.hint()).await;
            let token = self.token_for(0).filter(|_| self.is_ephemeral());
            let body = object(&[
                ("site", &self.0.site_key),
                ("locale", &PAGE.attribute("lang")),
            ]);
            let path = "/v1/session/refresh";
            let response = browser::request("POST", path, token.unwrap_or_default(), body).await;
            browser::call(&release, "call");
            response
        })
    }

    fn take_in(self, response: Option<Response>, expected: u16) -> Result<String, SessionError> {
        match response {
            Some(response) if response.status == expected => self.keep(&response),
            other => Err(other.into()),
        }
    }

    fn keep(self, response: &Response) -> Result<String, SessionError> {
        let (Some(token), Some(expires_in)) = (
            response.body.text("access_token"),
            response.body.number("expires_in"),
        ) else {
            return Err(SessionError::Temporary);
        };
        let until = browser::now().plus(expires_in as u64 * 1000);
        self.0.token.replace(Some((token.clone(), until)));
        self.set_hint(true);
        self.0.is_ephemeral.set(!self.has_hint());
        if self.is_ephemeral() {
            let wait_ms = (expires_in as u64 * 1000).saturating_sub(RENEW_AHEAD_MS);
            browser::after(wait_ms as u32, move || self.renew_in_time(until));
        }
        Ok(token)
    }

    /// Renews a session that no cookie could bring back later. What fails here is tried again when a socket is needed.
    fn renew_in_time(self, until: UnixMs) {
        // A reconnection may have renewed it since; that one has a timer of its own.
        if self
            .0
            .token
            .borrow()
            .as_ref()
            .is_none_or(|(_, now)| *now != until)
        {
            return;
        }
        browser::spawn(async move {
            let response = self.refresh().await;
            let _kept = self.take_in(response, 200);
        });
    }

    /// The access token, if it counts for that long.
    fn token_for(self, ms: u64) -> Option<String> {
        let token = self.0.token.borrow();
        let (token, until) = token.as_ref()?;
        (browser::now().plus(ms) < *until).then(|| token.clone())
    }

    fn hint(self) -> String {
        ["oriel.session.", &self.0.site_key].concat()
    }

    fn may_have_cookie(self) -> bool {
        self.0.was_open.get() || self.has_hint()
    }

    fn has_hint(self) -> bool {
        let hint = [&*self.hint(), "=1"].concat();
        let cookies = browser::cookies();
        // Written by the browser itself, with a space before all but the first.
        split(&cookies, b';').any(|cookie| cookie.strip_prefix(" ").unwrap_or(cookie) == hint)
    }

    fn set_hint(self, is_open: bool) {
        self.0.was_open.set(is_open);
        let max_age_secs = if is_open { HINT_LIFE_SECS } else { "0" };
        let attributes = "; Path=/frame; Secure; SameSite=None; Partitioned";
        browser::set_cookie(&[&self.hint(), "=1; Max-Age=", max_age_secs, attributes].concat());
    }
}

/// What a response that is none of the expected ones means.
impl From<Option<Response>> for SessionError {
    fn from(response: Option<Response>) -> Self {
        response.map_or(Self::Temporary, |response| {
            session_error(response.status, &response.code(), response.retry_after)
        })
    }
}

fn session_error(status: u16, code: &str, retry_after: Option<u32>) -> SessionError {
    match UnavailableReason::from_code(code) {
        _ if status == 429 => SessionError::RateLimited {
            wait_s: retry_after.unwrap_or(DEFAULT_WAIT_S),
        },
        Some(reason) => SessionError::Unavailable(reason),
        None => SessionError::Temporary,
    }
}

/// 0 without a response.
fn status(response: &Option<Response>) -> u16 {
    response.as_ref().map_or(0, |response| response.status)
}
