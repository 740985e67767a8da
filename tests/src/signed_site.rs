//! A site that vouches for its visitors, and what such a visitor does with several conversations.

use oriel_shared::id::ConversationId;
use oriel_shared::wire::admin::{LimitsChange, Page, SigningKeyCreated, Site, SiteChange};
use oriel_shared::wire::transcript::Transcript;
use oriel_shared::wire::visitor::{ClientFrame, Message, OwnConversation};

use crate::client::{Client, Response};
use crate::harness::Fixtures;
use crate::signed;
use crate::socket::{Socket, Welcome};
use crate::team::Team;
use crate::visitor::{ORIGIN, Visitor};

/// A site, and the key with which it vouches for its visitors.
pub struct SignedSite {
    /// Calls the edge as anybody can.
    pub client: Client,
    /// The team whose site it is.
    pub team: Team,
    /// The site.
    pub site: Site,
    /// Signs its visitors.
    pub key: SigningKeyCreated,
}

impl SignedSite {
    /// On the edge of these tests.
    #[track_caller]
    pub fn open(fixtures: &Fixtures) -> Self {
        Self::of(fixtures.edge().client(), fixtures.edge().team())
    }

    /// On an edge of the caller's choice.
    #[track_caller]
    pub fn of(client: Client, team: Team) -> Self {
        let site = team.open_site("Boathouse", &[ORIGIN]);
        let key = team.require_tokens(&site.id);
        Self {
            client,
            team,
            site,
            key,
        }
    }

    /// Somebody whom it vouches for.
    #[track_caller]
    pub fn visitor(&self, subject: &str) -> Visitor {
        signed::visitor(&self.client, &self.site.key, &self.key, subject)
    }

    /// Sets how much visitors may say.
    #[track_caller]
    pub fn limit(&self, limits: LimitsChange) {
        let change = SiteChange {
            limits: Some(limits),
            ..SiteChange::default()
        };
        let _changed = self.team.change(&self.site.id, &change).expect(200);
    }
}

/// Sends a frame without a socket.
#[track_caller]
pub fn frame(visitor: &Visitor, frame: &ClientFrame) -> Response {
    visitor.call("POST", "/v1/frames").json(frame).send()
}

/// Begins another conversation, and waits to be welcomed to it.
#[track_caller]
pub fn begin(socket: &mut Socket) -> Welcome {
    let before = socket.welcome.conversation.clone();
    socket.send(&ClientFrame::Begin {});
    let welcome = another_welcome(socket, &before);
    socket.welcome = welcome.clone();
    welcome
}

/// Goes on with an earlier conversation, and waits to be welcomed to it.
#[track_caller]
pub fn go_back(socket: &mut Socket, to: &ConversationId) -> Welcome {
    let before = socket.welcome.conversation.clone();
    socket.send(&ClientFrame::Switch {
        conversation: to.clone(),
    });
    let welcome = another_welcome(socket, &before);
    assert_eq!(&welcome.conversation, to);
    socket.welcome = welcome.clone();
    welcome
}

/// The welcome to a conversation, whichever, but that one.
#[track_caller]
pub fn another_welcome(socket: &mut Socket, but: &ConversationId) -> Welcome {
    socket.frame("a welcome to another conversation", |frame| {
        Welcome::of(frame).filter(|welcome| welcome.conversation != *but)
    })
}

/// The visitor's own conversations, as their list has them.
#[track_caller]
pub fn own(visitor: &Visitor) -> Vec<OwnConversation> {
    let path = "/v1/conversations?limit=100";
    let answer = visitor.call("GET", path).send().expect(200);
    let page: Page<OwnConversation> = answer.json();
    assert_eq!(page.next_cursor, None);
    page.items
}

/// What was said in one of them.
#[track_caller]
pub fn transcript(visitor: &Visitor, conversation: &ConversationId) -> Vec<Message> {
    let path = format!("/v1/transcript?conversation={conversation}");
    let whole: Transcript = visitor.call("GET", &path).send().expect(200).json();
    assert_eq!(&whole.conversation, conversation);
    whole.messages
}
