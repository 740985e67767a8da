//! A visitor without a browser: ticket, session, socket, in the order and with the headers that a browser sends.
//! And the shop that they come to.

use oriel_shared::wire::admin::Site;
use oriel_shared::wire::visitor::{SessionReply, TicketReply};
use serde_json::json;

use crate::client::{Call, Client, Cookie, Response};
use crate::harness::Fixtures;
use crate::socket::Socket;
use crate::team::Team;

/// Where the pages of a [`Shop`] are.
pub const ORIGIN: &str = "https://shop.example";

/// A site that pages on [`ORIGIN`] may use.
pub struct Shop {
    /// Calls the edge as anybody can.
    pub client: Client,
    /// The team whose site it is.
    pub team: Team,
    /// The site.
    pub site: Site,
}

/// Somebody with a session.
pub struct Visitor {
    client: Client,
    /// What the session endpoint answered last.
    pub session: SessionReply,
    /// The refresh cookie.
    pub cookie: Cookie,
}

/// Asks for a ticket as the host page on `origin` does.
#[track_caller]
pub fn ask_for_ticket(client: &Client, site_key: &str, origin: &str) -> Response {
    client
        .post(&format!("/v1/sites/{site_key}/tickets"))
        .origin(origin)
        .json(&json!({}))
        .send()
}

/// Asks for a ticket with a signed visitor token.
#[track_caller]
pub fn ask_with_token(client: &Client, site_key: &str, origin: &str, token: &str) -> Response {
    client
        .post(&format!("/v1/sites/{site_key}/tickets"))
        .origin(origin)
        .json(&json!({ "token": token }))
        .send()
}

/// A ticket for a page that may have one.
#[track_caller]
pub fn ticket(client: &Client, site_key: &str, origin: &str) -> String {
    ask_for_ticket(client, site_key, origin)
        .expect(201)
        .json::<TicketReply>()
        .ticket
}

/// Trades a ticket as the frame does.
#[track_caller]
pub fn redeem_ticket(client: &Client, ticket: &str) -> Response {
    from_frame(client, "POST", "/v1/session")
        .json(&json!({ "ticket": ticket }))
        .send()
}

/// Begins a call of the frame's script: same origin, as browsers mark it.
pub fn from_frame<'c>(client: &'c Client, method: &str, path: &str) -> Call<'c> {
    client
        .call(method, path)
        .origin(client.edge())
        .header("sec-fetch-site", "same-origin")
}

impl Shop {
    /// Makes one.
    #[track_caller]
    pub fn open(fixtures: &Fixtures) -> Self {
        let team = fixtures.edge().team();
        let site = team.open_site("Shop", &[ORIGIN]);
        Self {
            client: fixtures.edge().client(),
            team,
            site,
        }
    }

    /// Somebody new.
    #[track_caller]
    pub fn visitor(&self) -> Visitor {
        Visitor::arrive(&self.client, &self.site.key, ORIGIN)
    }

    /// Somebody new who reads the chat in a language, and whose browser asks for another.
    #[track_caller]
    pub fn visitor_who_reads(&self, locale: Option<&str>, accepts: Option<&str>) -> Visitor {
        let ticket = ticket(&self.client, &self.site.key, ORIGIN);
        let mut body = json!({ "ticket": ticket });
        if let Some(locale) = locale {
            body["locale"] = locale.into();
        }
        let mut call = from_frame(&self.client, "POST", "/v1/session").json(&body);
        if let Some(accepts) = accepts {
            call = call.header("accept-language", accepts);
        }
        Visitor::admitted_by(&self.client, call.send())
    }
}

impl Visitor {
    /// Comes to a page on `origin` and opens the chat.
    ///
    /// # Panics
    /// When the edge did not let them.
    #[track_caller]
    pub fn arrive(client: &Client, site_key: &str, origin: &str) -> Self {
        Self::with_ticket(client, &ticket(client, site_key, origin))
    }

    /// Opens the chat with a ticket.
    ///
    /// # Panics
    /// When the edge did not let them.
    #[track_caller]
    pub fn with_ticket(client: &Client, ticket: &str) -> Self {
        Self::admitted_by(client, redeem_ticket(client, ticket))
    }

    /// Whom a session endpoint let in.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn admitted_by(client: &Client, answer: Response) -> Self {
        let answer = answer.expect(201);
        Self {
            client: client.clone(),
            session: answer.json(),
            cookie: session_cookie(&answer),
        }
    }

    /// Refreshes the session with the cookie that the visitor holds.
    #[track_caller]
    pub fn refresh(&self, site_key: &str) -> Response {
        from_frame(&self.client, "POST", "/v1/session/refresh")
            .header("cookie", &self.cookie.pair())
            .json(&json!({ "site": site_key }))
            .send()
    }

    /// Keeps what a refresh answered.
    #[track_caller]
    pub fn accept_refresh(&mut self, answer: Response) {
        let answer = answer.expect(200);
        self.session = answer.json();
        self.cookie = session_cookie(&answer);
    }

    /// Begins a call of the frame with the visitor's access token.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        from_frame(&self.client, method, path).bearer(&self.session.access_token)
    }

    /// Opens a tab.
    #[track_caller]
    pub fn socket(&self) -> Socket {
        Socket::open(self.client.edge(), &self.session.access_token)
    }
}

/// The one cookie that a session answer sets.
///
/// # Panics
/// When it is not exactly one.
#[track_caller]
pub fn session_cookie(answer: &Response) -> Cookie {
    let cookies = answer.cookies();
    assert_eq!(cookies.len(), 1, "{}: {cookies:?}", answer.what);
    cookies.into_iter().next().expect("exactly one")
}
