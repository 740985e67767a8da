//! How each endpoint of the description is called well: a customer with one of everything, and a sample call for each.
//!
//! An endpoint without a sample fails the tests of `security/endpoints.rs`, so that a new one cannot be left out.

use std::cell::RefCell;
use std::net::TcpStream;

use oriel_shared::id::{ConversationId, DocumentId, ImportId, ReviewId};
use oriel_shared::wire::admin::{Import, ImportStatus, SigningKeyCreated, Site};
use oriel_shared::wire::transcript::TranscriptLink;
use oriel_shared::wire::visitor::{ClientFrame, SOCKET_PROTOCOL};
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;

use crate::client::{Call, Client, Response};
use crate::harness::Fixtures;
use crate::openapi::Operation;
use crate::signed;
use crate::team::Team;
use crate::visitor::{ORIGIN, Visitor, ask_with_token, from_frame, ticket};
use crate::wait::{SOON, until};

/// How many connections one test may use up.
const N_SPARES: usize = 6;

/// A customer with one of everything.
pub struct Customer {
    /// Calls the edge as anybody can.
    pub client: Client,
    /// The team whose everything it is.
    pub team: Team,
    /// Their site, open to pages on [`ORIGIN`].
    pub site: Site,
    /// Another site of theirs, open to pages on [`ELSEWHERE`].
    pub other_site: Site,
    document: DocumentId,
    import: ImportId,
    kid: String,
    conversation: ConversationId,
    review: ReviewId,
    connection: String,
    delivery: String,
    /// Connections to be used up.
    spares: RefCell<Vec<(String, String)>>,
    /// A visitor of the site.
    pub visitor: Visitor,
}

/// A sitemap that anybody may ask for.
const SITEMAP: &str = "https://example.com/sitemap.xml";

/// Where the pages of the other site are.
pub const ELSEWHERE: &str = "https://elsewhere.example";

/// Where a call carries what lets its caller in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialPlace {
    /// Nothing is asked for.
    Open,
    /// The page's origin.
    Origin,
    /// A ticket in the body.
    Ticket,
    /// The refresh cookie, of this name.
    Cookie(String),
    /// An access token among the subprotocols.
    Subprotocol,
    /// An access token in the `Authorization` header.
    Access,
    /// A link's token, in the path.
    Link,
    /// An API key.
    Key,
}

/// A call that would be answered well, not sent yet.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The call.
    pub call: Operation,
    /// What lets in, and where it goes.
    pub place: CredentialPlace,
    /// The one that fits.
    pub key: String,
    /// Values of the parameters in the path.
    pub ids: Vec<String>,
    query: String,
    body: Option<Value>,
}

/// A credential of ours in the wrong place, or of nobody.
#[derive(Clone, Debug)]
pub struct StrayCredential {
    /// What it is.
    pub what: &'static str,
    /// Its text.
    pub text: String,
}

/// An import that has ended: the way out of this edge leads nowhere.
fn import(team: &Team, site: &Site) -> ImportId {
    let path = format!("/sites/{}/imports", site.id);
    let body = json!({ "sitemap": SITEMAP });
    let started: Import = team
        .call("POST", &path)
        .json(&body)
        .send()
        .expect(202)
        .json();
    let one = format!("{path}/{}", started.id);
    until("the import to end", SOON, || {
        let import: Import = team.call("GET", &one).send().expect(200).json();
        (import.status == ImportStatus::Failed).then_some(import.id)
    })
}

impl Customer {
    /// Makes one: the visitor has been answered, and the team can read it.
    #[track_caller]
    pub fn make(fixtures: &Fixtures) -> Self {
        let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
        let site = team.open_site("Shop", &[ORIGIN]);
        let other_site = team.open_site("Elsewhere", &[ELSEWHERE]);
        let document = team
            .add_document(&site.id, "Prices", "A boat costs ten pounds an hour.")
            .id;
        let import = import(&team, &site);
        let kid = team.make_signing_key(&site.id).kid;
        let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
        let said = visitor.socket().ask("m1", "Hello").seq;
        let conversation = visitor.session.conversation.clone();
        team.messages_up_to(&conversation, said);
        Visitor::arrive(&client, &site.key, ORIGIN)
            .socket()
            .send(&ClientFrame::Escalate {});
        let review = team.review(&site.id, "escalation", "open").id;
        let (connection, delivery) = fixtures.edge().spare_connection();
        let spares = (0..N_SPARES).map(|_| fixtures.edge().spare_connection());
        let spares = RefCell::new(spares.collect());
        Self {
            client,
            team,
            site,
            other_site,
            document,
            import,
            kid,
            conversation,
            review,
            connection,
            delivery,
            spares,
            visitor,
        }
    }

    /// Somebody new on the site.
    #[track_caller]
    pub fn newcomer(&self) -> Visitor {
        Visitor::arrive(&self.client, &self.site.key, ORIGIN)
    }

    /// What the team can read of it, to see whether anybody has changed anything.
    #[track_caller]
    pub fn snapshot(&self) -> Vec<String> {
        let (site, document, import) = (&self.site.id, &self.document, &self.import);
        let conversation = &self.conversation;
        [
            format!("/sites/{site}"),
            format!("/sites/{}", self.other_site.id),
            format!("/sites/{site}/documents"),
            format!("/sites/{site}/documents/{document}"),
            format!("/sites/{site}/imports"),
            format!("/sites/{site}/imports/{import}"),
            format!("/connections/{}", self.connection),
            format!("/connections/{}/deliveries", self.connection),
            format!("/conversations/{conversation}"),
            format!("/conversations/{conversation}/messages"),
            format!("/reviews/{}", self.review),
        ]
        .iter()
        .map(|path| self.team.call("GET", path).send().expect(200).text())
        .collect()
    }

    /// Every id of it, none of which a stranger may be shown.
    pub fn ids(&self) -> [&str; 9] {
        [
            self.site.id.as_str(),
            self.other_site.id.as_str(),
            self.document.as_str(),
            self.import.as_str(),
            self.conversation.as_str(),
            self.visitor.session.visitor.as_str(),
            self.review.as_str(),
            &self.connection,
            &self.delivery,
        ]
    }

    /// A call of the description, made well. What it would use up is made for it.
    ///
    /// # Panics
    /// When there is no sample for it.
    #[track_caller]
    pub fn sample(&self, call: &Operation) -> Sample {
        let site = self.site.id.to_string();
        let conversation = self.conversation.to_string();
        let open = |ids: Vec<String>| (CredentialPlace::Open, String::new(), ids, None);
        let team = |ids: Vec<String>, body: Option<Value>| {
            (CredentialPlace::Key, self.team.key().to_owned(), ids, body)
        };
        let access = |body: Option<Value>| {
            let token = self.visitor.session.access_token.clone();
            (CredentialPlace::Access, token, Vec::new(), body)
        };
        let cookie = || {
            let cookie = self.newcomer().cookie;
            let body = Some(json!({ "site": self.site.key }));
            (
                CredentialPlace::Cookie(cookie.name),
                cookie.value,
                Vec::new(),
                body,
            )
        };
        let mut query = String::new();
        let (place, key, ids, body) = match call.name.as_str() {
            "alive" | "ready" | "security_contact" | "describe" | "rolling_loader" | "types"
            | "manifest" => open(Vec::new()),
            "asset" => {
                let manifest: Value = self.client.get("/manifest.json").send().json();
                let path = manifest["loader"]["path"].as_str().unwrap_or_default();
                open(vec![path.trim_start_matches("/assets/").to_owned()])
            }
            "show_frame" => {
                query = format!("?site={}", self.site.key);
                open(Vec::new())
            }
            "ask_ticket" | "issue_ticket" => {
                let body = (call.name == "issue_ticket").then(|| json!({}));
                let ids = vec![self.site.key.clone()];
                (CredentialPlace::Origin, ORIGIN.to_owned(), ids, body)
            }
            "open_session" => {
                let ticket = ticket(&self.client, &self.site.key, ORIGIN);
                (CredentialPlace::Ticket, ticket, Vec::new(), Some(json!({})))
            }
            "refresh_session" | "end_session" => cookie(),
            "open_socket" => {
                let token = self.visitor.session.access_token.clone();
                (CredentialPlace::Subprotocol, token, Vec::new(), None)
            }
            "send_message" => access(Some(json!({ "id": "walked", "text": "Hello" }))),
            "send_frame" => access(Some(json!({ "type": "typing" }))),
            "listen" | "show_transcript" => access(None),
            "list_own_conversations" => {
                let (site, key) = self.signed_site();
                let member = signed::visitor(&self.client, &site.key, &key, "ada");
                (
                    CredentialPlace::Access,
                    member.session.access_token,
                    Vec::new(),
                    None,
                )
            }
            "download_transcript" => (CredentialPlace::Link, self.link(60), Vec::new(), None),
            "link_transcript" => team(vec![conversation], Some(json!({ "expires_in": 60 }))),
            "export_visitor" => team(vec![self.visitor.session.visitor.to_string()], None),
            "erase_visitor_for_team" => {
                let visitor = self.newcomer();
                let said = visitor.socket().say_and_see("m1", "Hello").seq;
                self.team
                    .messages_up_to(&visitor.session.conversation, said);
                team(vec![visitor.session.visitor.to_string()], None)
            }
            "list_audit" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "erase_visitor" => {
                let token = self.newcomer().session.access_token;
                (CredentialPlace::Access, token, Vec::new(), None)
            }
            "create_site" => team(Vec::new(), Some(json!({ "name": "Another" }))),
            "list_sites" => team(Vec::new(), None),
            "show_site" | "show_embed" | "list_documents" | "list_imports" => {
                team(vec![site], None)
            }
            "change_site" => team(vec![site], Some(json!({ "greeting": "Good day." }))),
            "revoke_sessions" => team(vec![self.team.make_site("Doors").id.to_string()], None),
            "create_signing_key" => {
                let site = self.team.make_site("Keys").id.to_string();
                team(vec![site], None)
            }
            "revoke_signing_key" => {
                let site = self.team.make_site("Keys").id;
                let kid = self.team.make_signing_key(&site).kid;
                team(vec![site.to_string(), kid], None)
            }
            "create_document" => {
                let body = json!({ "title": "Hours", "content": "We open at nine." });
                team(vec![site], Some(body))
            }
            "show_document" => team(vec![site, self.document.to_string()], None),
            "change_document" => {
                let ids = vec![site, self.document.to_string()];
                team(ids, Some(json!({ "title": "Prices of boats" })))
            }
            "start_import" => {
                let site = self.team.make_site("Imports").id.to_string();
                team(vec![site], Some(json!({ "sitemap": SITEMAP })))
            }
            "show_import" | "cancel_import" => team(vec![site, self.import.to_string()], None),
            "delete_document" => {
                let site = self.team.make_site("Shelf").id;
                let document = self.team.add_document(&site, "Old", "Gone soon.");
                team(vec![site.to_string(), document.id.to_string()], None)
            }
            "create_connection" => {
                let body = json!({ "kind": "webhook", "url": "https://hooks.example.com/" });
                team(Vec::new(), Some(body))
            }
            "list_connections" => team(Vec::new(), None),
            "show_connection" | "list_deliveries" => team(vec![self.connection.clone()], None),
            "change_connection" => {
                let body = json!({ "enabled": true });
                team(vec![self.connection.clone()], Some(body))
            }
            "delete_connection" => {
                let spare = self.spares.borrow_mut().pop();
                team(vec![spare.expect("a spare connection").0], None)
            }
            "replay_delivery" => team(vec![self.connection.clone(), self.delivery.clone()], None),
            "list_conversations" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "show_conversation" | "list_messages" => team(vec![conversation], None),
            "say_as_agent" => team(vec![conversation], Some(json!({ "text": "Hello." }))),
            "change_status" => team(vec![conversation], Some(json!({ "status": "agent" }))),
            "show_typing" => team(vec![conversation], None),
            "mark_read" => team(vec![conversation], Some(json!({ "seq": 1 }))),
            "watch_events" => team(Vec::new(), None),
            "show_budget" => team(Vec::new(), None),
            "change_budget" => team(Vec::new(), Some(json!({ "tokens_per_minute": 1_000_000 }))),
            "list_usage" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "list_reviews" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "show_review" => team(vec![self.review.to_string()], None),
            "change_review" => {
                let body = json!({ "status": "in_progress" });
                team(vec![self.review.to_string()], Some(body))
            }
            other => {
                panic!("`{other}` is described, and tests/src/sample_calls.rs has no sample of it")
            }
        };
        Sample {
            call: call.clone(),
            place,
            key,
            ids,
            query,
            body,
        }
    }

    /// The token of a link to the conversation's transcript that is good for so many seconds.
    #[track_caller]
    fn link(&self, expires_in: u32) -> String {
        let path = format!("/conversations/{}/transcript-link", self.conversation);
        let asked = json!({ "format": "json", "expires_in": expires_in });
        let answer = self.team.call("POST", &path).json(&asked).send();
        let link: TranscriptLink = answer.expect(201).json();
        link.url.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// This call for things that are ours and not made for it, so that whoever gets through has done harm.
    #[track_caller]
    pub fn target(&self, call: &Operation) -> Sample {
        let mut sample = self.sample(call);
        let (site, document) = (self.site.id.to_string(), self.document.to_string());
        match call.name.as_str() {
            "create_signing_key" | "revoke_sessions" | "start_import" => sample.ids = vec![site],
            "revoke_signing_key" => sample.ids = vec![site, self.kid.clone()],
            "delete_document" => sample.ids = vec![site, document],
            "delete_connection" => sample.ids = vec![self.connection.clone()],
            "erase_visitor_for_team" => {
                sample.ids = vec![self.visitor.session.visitor.to_string()];
            }
            _ => {}
        }
        sample
    }

    /// Another site, which vouches for its visitors, and the key with which it does.
    #[track_caller]
    fn signed_site(&self) -> (Site, SigningKeyCreated) {
        let site = self.team.open_site("Signed", &[ORIGIN]);
        let key = self.team.require_tokens(&site.id);
        (site, key)
    }

    /// One of each kind of credential, none of which opens what another one does; and some of nobody.
    #[track_caller]
    pub fn strays(&self) -> Vec<StrayCredential> {
        let (signed_site, key) = self.signed_site();
        let claims = signed::claims(&signed_site.key, "ada");
        let token = signed::token(&key.kid, &key.secret, &claims);
        // It is a good one, where it belongs.
        let _premise = ask_with_token(&self.client, &signed_site.key, ORIGIN, &token).expect(201);
        let newcomer = self.newcomer();
        [
            ("nothing", String::new()),
            ("words", "let me in".to_owned()),
            ("an unknown API key", format!("ok_{}", "A".repeat(43))),
            ("an API key", self.team.key().to_owned()),
            ("a ticket", ticket(&self.client, &self.site.key, ORIGIN)),
            ("an access token", newcomer.session.access_token.clone()),
            ("a refresh token", newcomer.cookie.value.clone()),
            ("a link's token", self.link(3_600)),
            ("a visitor token", token),
            ("a signing secret", key.secret),
            ("a site key", self.site.key.clone()),
            ("the site's origin", ORIGIN.to_owned()),
            ("another site's origin", ELSEWHERE.to_owned()),
            ("the edge's origin", self.client.edge().to_owned()),
            ("no origin", "null".to_owned()),
        ]
        .map(|(what, text)| StrayCredential { what, text })
        .into()
    }
}

impl Sample {
    /// The path with its parameters filled in.
    pub fn path(&self) -> String {
        let key = self.key.replace(['/', ' ', ':', '?', '#'], "-");
        let mut ids = self.ids.iter();
        let segments = self.call.path.split('/').map(|segment| {
            if segment == "{token}" && self.place == CredentialPlace::Link {
                // Whatever it is, it is one segment.
                key.as_str()
            } else if segment.starts_with('{') {
                ids.next().expect("a value for every parameter").as_str()
            } else {
                segment
            }
        });
        format!("{}{}", segments.collect::<Vec<_>>().join("/"), self.query)
    }

    /// This call for things that nobody has made.
    pub fn of_nothing(&self) -> Self {
        let mut other = self.clone();
        let made_up = |id: &String| match id.split_once('_') {
            Some((prefix, _)) => format!("{prefix}_{}", "A".repeat(22)),
            None => "nothing".to_owned(),
        };
        other.ids = self.ids.iter().map(made_up).collect();
        other.query = match self.query.split_once('=') {
            Some((name, id)) => format!("{name}={}", made_up(&id.to_owned())),
            None => String::new(),
        };
        other
    }

    /// This call in the hands of another team.
    pub fn by(&self, team: &Team) -> Self {
        Self {
            key: team.key().to_owned(),
            ..self.clone()
        }
    }

    /// This call with another credential in the place of the good one.
    pub fn with_credential(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    /// What it says in its body.
    pub fn body(&self) -> Option<Value> {
        let mut body = self.body.clone()?;
        if self.place == CredentialPlace::Ticket {
            body["ticket"] = json!(self.key);
        }
        Some(body)
    }

    /// The call without a body, as its caller makes it.
    pub fn begin<'c>(&self, client: &'c Client) -> Call<'c> {
        self.begin_as(client, &self.call.method)
    }

    /// The call without a body, by another method.
    pub fn begin_as<'c>(&self, client: &'c Client, method: &str) -> Call<'c> {
        let path = self.path();
        match &self.place {
            CredentialPlace::Open | CredentialPlace::Link => client.call(method, &path),
            CredentialPlace::Origin => client.call(method, &path).origin(&self.key),
            CredentialPlace::Key => client.call(method, &path).bearer(&self.key),
            CredentialPlace::Access => from_frame(client, method, &path).bearer(&self.key),
            CredentialPlace::Ticket | CredentialPlace::Subprotocol => {
                from_frame(client, method, &path)
            }
            CredentialPlace::Cookie(name) => {
                from_frame(client, method, &path).header("cookie", &format!("{name}={}", self.key))
            }
        }
    }

    /// Makes the call.
    ///
    /// # Panics
    /// When no answer came.
    #[track_caller]
    pub fn send(&self, client: &Client) -> Response {
        if self.place == CredentialPlace::Subprotocol {
            let origin = client.edge().to_owned();
            return upgrade(
                client.edge(),
                &origin,
                &format!("{SOCKET_PROTOCOL}, {}", self.key),
            );
        }
        match self.body() {
            Some(body) => self.begin(client).json(&body).send(),
            None => self.begin(client).send(),
        }
    }
}

/// Asks for a socket and hangs up at once: what the answer carried.
///
/// # Panics
/// When there was no answer.
#[track_caller]
pub fn upgrade(edge: &str, origin: &str, protocols: &str) -> Response {
    let authority = edge.trim_start_matches("http://");
    let mut request = format!("ws://{authority}/v1/socket")
        .into_client_request()
        .expect("an address");
    for (name, value) in [("origin", origin), ("sec-websocket-protocol", protocols)] {
        let value = HeaderValue::from_str(value).expect("a header's value");
        request.headers_mut().insert(name, value);
    }
    let stream = TcpStream::connect(authority).expect("the edge");
    stream.set_read_timeout(Some(SOON)).expect("a live socket");
    let answer = match tungstenite::client(request, stream) {
        Ok((_hung_up, answer)) => answer,
        Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => *answer,
        Err(error) => panic!("GET /v1/socket got no answer: {error}"),
    };
    Response {
        what: "GET /v1/socket".to_owned(),
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: answer.body().clone().unwrap_or_default(),
    }
}
