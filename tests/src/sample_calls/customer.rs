//! A customer with one of everything, and the credentials that belong to it.

use std::cell::RefCell;

use oriel_shared::id::{ConversationId, DocumentId, ImportId, ReviewId};
use oriel_shared::wire::admin::{Import, ImportStatus, SigningKeyCreated, Site};
use oriel_shared::wire::transcript::TranscriptLink;
use oriel_shared::wire::visitor::ClientFrame;
use serde_json::json;

use super::SITEMAP;
use crate::client::Client;
use crate::harness::Fixtures;
use crate::signed;
use crate::team::Team;
use crate::visitor::{ORIGIN, Visitor, ask_with_token, ticket};
use crate::wait::{SOON, until};

/// How many connections one test may use up.
const N_SPARES: usize = 6;

/// Where the pages of the other site are.
pub const ELSEWHERE: &str = "https://elsewhere.example";

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
    pub(super) document: DocumentId,
    pub(super) import: ImportId,
    pub(super) kid: String,
    pub(super) conversation: ConversationId,
    pub(super) review: ReviewId,
    pub(super) connection: String,
    pub(super) delivery: String,
    /// Connections to be used up.
    pub(super) spares: RefCell<Vec<(String, String)>>,
    /// A visitor of the site.
    pub visitor: Visitor,
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

    /// The token of a link to the conversation's transcript that is good for so many seconds.
    #[track_caller]
    pub(super) fn link(&self, expires_in: u32) -> String {
        let path = format!("/conversations/{}/transcript-link", self.conversation);
        let asked = json!({ "format": "json", "expires_in": expires_in });
        let answer = self.team.call("POST", &path).json(&asked).send();
        let link: TranscriptLink = answer.expect(201).json();
        link.url.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Another site, which vouches for its visitors, and the key with which it does.
    #[track_caller]
    pub(super) fn signed_site(&self) -> (Site, SigningKeyCreated) {
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
