//! What a visitor sees of the widget and does with it, and the shop on whose page that happens.

use oriel_shared::wire::admin::{Conversation, Embed, Site};

use crate::browser::{Browser, Frame, Key, Page};
use crate::harness::Fixtures;
use crate::host_page::until_field_focused;
use crate::page_server::{PageServer, embedded};
use crate::team::Team;
use crate::wait::{SOON, until};

/// Name of the button that opens the chat.
pub const LAUNCHER: &str = "Open chat";
/// Name of the same button while the chat is open.
pub const CLOSER: &str = "Close chat";
/// Name of the field that takes what the visitor says.
pub const FIELD: &str = "Write a message";
/// Name of the button that asks for a person.
pub const PERSON: &str = "Talk to a person";

const HOURS: &str =
    "# Opening hours\n\nThe boathouse opens at nine on weekdays and at ten on Sundays.\n";
/// Something that the shop's document answers…
pub const QUESTION: &str = "When does the boathouse open on weekdays?";
/// … with these words.
pub const ANSWER: &str = "nine on weekdays";

/// A customer with a site, a page that embeds it, and somebody's browser.
pub struct ShopPage {
    /// The team whose site it is.
    pub team: Team,
    /// The site; its document answers [`QUESTION`].
    pub site: Site,
    /// Its embed code.
    pub embed: Embed,
    /// Origin of the edge.
    pub edge: String,
    /// Serves the page at `/`, as `localhost` and under every name below it; the first alone is listed.
    pub host: PageServer,
    /// Somebody's browser.
    pub browser: Browser,
}

impl ShopPage {
    /// Makes one.
    #[track_caller]
    pub fn open(fixtures: &Fixtures) -> Self {
        Self::visited_with(fixtures, Browser::start())
    }

    /// Makes one, for somebody with this browser.
    #[track_caller]
    pub fn visited_with(fixtures: &Fixtures, browser: Browser) -> Self {
        let edge = fixtures.edge();
        Self::of(edge.team(), edge.client().edge(), browser)
    }

    /// Makes one that is this team's, on this edge.
    #[track_caller]
    pub fn of(team: Team, edge: &str, browser: Browser) -> Self {
        let host = PageServer::start();
        let site = team.open_site("Tidewater Boats", &[&host.origin("localhost")]);
        let _document = team.add_document(&site.id, "Hours of the boathouse", HOURS);
        let embed = team.embed(&site.id);
        host.serve("/", embedded(&embed));
        Self {
            team,
            site,
            embed,
            edge: edge.to_owned(),
            host,
            browser,
        }
    }

    /// Somebody new on the customer's page.
    #[track_caller]
    pub fn visit(&self) -> Page {
        let page = self.browser.page();
        page.open(&self.host.origin("localhost"));
        page
    }

    /// The site's conversations, once the management API has so many.
    #[track_caller]
    pub fn stored_conversations(&self, n: usize) -> Vec<Conversation> {
        until("the conversations to be kept", SOON, || {
            let all = self.team.conversations(&self.site.id);
            (all.len() == n).then_some(all)
        })
    }
}

/// Taps the launcher and waits until the field has the focus.
#[track_caller]
pub fn open_chat(page: &Page, edge: &str) -> Frame {
    page.click(&page.element("button", LAUNCHER));
    let frame = page.frame(&format!("{edge}/frame"));
    let _field = frame.element("textbox", FIELD);
    until_field_focused(&frame);
    frame
}

/// Types a question as a visitor does, and waits for words that only the answer holds.
#[track_caller]
pub fn ask(frame: &Frame, question: &str, answer: &str) {
    let n_before = frame.text().matches(answer).count();
    frame.click(&frame.element("textbox", FIELD));
    // The click is answered before the field has the focus.
    until_field_focused(frame);
    frame.type_text(question);
    // Until the frame's first script has run, Enter is a new line.
    frame.until("the words to be ready to be sent", |frame| {
        let is_ready = frame.try_evaluate("!document.getElementById('send').disabled");
        (is_ready == Ok(true.into())).then_some(())
    });
    frame.press(Key::Enter);
    frame.until(&format!("`{answer}` in answer to `{question}`"), |frame| {
        let text = frame.text();
        (text.contains(question) && text.matches(answer).count() > n_before).then_some(())
    });
}
