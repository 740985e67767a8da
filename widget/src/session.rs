//! The session: from a cookie that an earlier visit left, or from a ticket.
//!
//! Keeps true: the access token lives in memory alone, and the session's own cookie is out of reach of any script. What
//! this program remembers is one bit, "there was a session here", which spares a first visit the request that could
//! only fail. The bit is a cookie too, bound to the page around us and readable in this frame alone: where browsers deny
//! storage to frames they mostly allow that, and it is there exactly where the session's own cookie can be.
//!
//! Where the browser keeps no cookie at all, the bit cannot be read back: then the session is renewed with its own
//! access token, in time, for as long as the page is open, and the chat says that it will be gone afterwards.

use std::cell::{Cell, RefCell};

use oriel_shared::{ascii_split::split, id::UnixMs};

use crate::{
    browser::{self, Answer, Soon},
    dom::PAGE,
    link::Link,
    state::Refusal,
    wire_codec::{Json, object},
};

/// A token with less than this left to live is renewed before use.
const MIN_TOKEN_LIFE_MS: u64 = 10_000;

/// Where no cookie is kept the token is renewed when this much of its life is left: timers of hidden pages run once a
/// minute.
const RENEW_AHEAD_MS: u64 = 90_000;

/// 400 days, the longest that browsers allow. Whether a session is still good is for the edge to say.
const HINT_LIFE_SECS: &str = "34560000";

/// How long to wait when the edge says "too many" and not how long.
const DEFAULT_WAIT_S: u32 = 30;

/// Why there is no session now.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// No answer, or one that blames the edge: worth another try.
    Passing,
    /// Too many requests; wait for that many seconds.
    Limited(u32),
    /// Not here, not now.
    Refused(Refusal),
}

/// The visitor's session on this site. There is one, for as long as the frame lives.
#[derive(Clone, Copy)]
pub struct Session(&'static Inner);

struct Inner {
    site_key: String,
    link: Link,
    token: RefCell<Option<(String, UnixMs)>>,
    /// Whether a socket did not open with the token: it may be bad, or the network was.
    is_doubted: Cell<bool>,
    /// Whether a cookie may be there, by this frame's own knowledge.
    was_open: Cell<bool>,
    /// Whether the browser keeps no cookie for us.
    is_fleeting: Cell<bool>,
}

impl Session {
    /// For a site, with tickets from the loader.
    pub fn new(site_key: String, link: Link) -> Self {
        Self(Box::leak(Box::new(Inner {
            site_key,
            link,
            token: RefCell::default(),
            is_doubted: Cell::default(),
            was_open: Cell::default(),
            is_fleeting: Cell::default(),
        })))
    }

    /// An access token: the one at hand, a renewed one, or that of a new session.
    ///
    /// # Errors
    /// [`Trouble`] when there is none to be had now.
    pub fn access(self) -> Soon<Result<String, Trouble>> {
        Box::pin(async move {
            let at_hand = self.token_for(MIN_TOKEN_LIFE_MS);
            let is_doubted = self.0.is_doubted.take();
            if !is_doubted && let Some(token) = at_hand {
                return Ok(token);
            }
            if self.may_have_cookie() {
                let answer = self.refresh().await;
                if status(&answer) != 401 {
                    return self.take_in(answer, 200);
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
    pub fn is_fleeting(self) -> bool {
        self.0.is_fleeting.get()
    }

    /// Ends the session, here and at the edge: whoever comes next is somebody else.
    /// What the edge did not hear ends by itself; nothing here leads back to it.
    pub fn end(self) -> Soon<Option<Answer>> {
        let token = self.token_for(0).unwrap_or_default();
        let body = object(&[("site", &self.0.site_key)]);
        browser::ask("DELETE", "/v1/session", token, body)
    }

    /// Nothing of this session is of any use any more: the next one begins with a ticket.
    pub fn forget(self) {
        self.0.token.take();
        self.0.link.forget();
        self.set_hint(false);
    }

    /// A cookie that may be here is another visitor's: the session begins with the ticket that has come.
    pub fn distrust_cookie(self) {
        self.set_hint(false);
    }

    /// No socket opened with the token, and a browser does not tell why.
    pub fn doubt_token(self) {
        self.0.is_doubted.set(true);
    }

    async fn start(self) -> Result<String, Trouble> {
        let mut is_second = false;
        loop {
            let ticket = match self.0.link.ticket().await {
                Ok(ticket) => ticket,
                Err(failed) => {
                    return Err(trouble(failed.status, &failed.code, failed.retry_after));
                }
            };
            let body = object(&[("ticket", &ticket), ("locale", &PAGE.attribute("lang"))]);
            let answer = browser::ask("POST", "/v1/session", String::new(), body).await;
            // Too old or used by another tab's luck: once more with a fresh one.
            if is_second || !matches!(status(&answer), 401 | 409) {
                return self.take_in(answer, 201);
            }
            is_second = true;
        }
    }

    /// Trades the cookie for a token. One tab at a time: two that showed the same cookie at once would look like a
    /// thief and a victim, and the edge would end the session of both.
    fn refresh(self) -> Soon<Option<Answer>> {
        Box::pin(async move {
            let release = browser::lock(&self.hint()).await;
            let token = self.token_for(0).filter(|_| self.is_fleeting());
            let body = object(&[
                ("site", &self.0.site_key),
                ("locale", &PAGE.attribute("lang")),
            ]);
            let path = "/v1/session/refresh";
            let answer = browser::ask("POST", path, token.unwrap_or_default(), body).await;
            browser::call(&release, "call");
            answer
        })
    }

    fn take_in(self, answer: Option<Answer>, expected: u16) -> Result<String, Trouble> {
        match answer {
            Some(answer) if answer.status == expected => self.keep(&answer),
            other => Err(other.into()),
        }
    }

    fn keep(self, answer: &Answer) -> Result<String, Trouble> {
        let (Some(token), Some(expires_in)) = (
            answer.body.text("access_token"),
            answer.body.number("expires_in"),
        ) else {
            return Err(Trouble::Passing);
        };
        let until = browser::now().plus(expires_in as u64 * 1000);
        self.0.token.replace(Some((token.clone(), until)));
        self.set_hint(true);
        self.0.is_fleeting.set(!self.has_hint());
        if self.is_fleeting() {
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
            let answer = self.refresh().await;
            let _kept = self.take_in(answer, 200);
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

/// What an answer that is none of the expected ones means.
impl From<Option<Answer>> for Trouble {
    fn from(answer: Option<Answer>) -> Self {
        answer.map_or(Self::Passing, |answer| {
            trouble(answer.status, &answer.code(), answer.retry_after)
        })
    }
}

fn trouble(status: u16, code: &str, retry_after: Option<u32>) -> Trouble {
    match Refusal::from_code(code) {
        _ if status == 429 => Trouble::Limited(retry_after.unwrap_or(DEFAULT_WAIT_S)),
        Some(refusal) => Trouble::Refused(refusal),
        None => Trouble::Passing,
    }
}

/// 0 when there is no answer.
fn status(answer: &Option<Answer>) -> u16 {
    answer.as_ref().map_or(0, |answer| answer.status)
}
