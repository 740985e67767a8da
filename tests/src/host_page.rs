//! A customer's page with embed code of its own, and what is seen of the chat on it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::{Frame, Page};
use crate::page_server::{PageReply, customer_page};
use crate::wait::{Deadline, SOON};
use crate::widget::{CLOSER, LAUNCHER, ShopPage};

/// Where a test notes what the page hears.
pub const NOTES: &str = "<script>heard = [];</script>";

/// Keeps the chats' shadow roots, closed as they are, in `roots`, in the order in which they were made.
const PEEK: &str = "{ const attach = Element.prototype.attachShadow; window.roots = []; \
    Element.prototype.attachShadow = function (how) { const root = attach.call(this, how); \
    if (this.localName == 'oriel-root') roots.push(root); return root } }";

/// Where an element is.
const SIZES: &str = "(element => { const { left, top, width, height } = element.getBoundingClientRect(); \
    return [left, top, width, height].map(Math.round) })";

impl ShopPage {
    /// Puts a page with this embed code at `/page`, and has somebody new open it.
    #[track_caller]
    pub fn visit_with(&self, embed_code: &str) -> Page {
        self.visit_page(&PageReply::open_page(&customer_page(embed_code)))
    }

    /// Puts this page at `/page`, and has somebody new open it. The chats' shadow roots are in `roots`.
    #[track_caller]
    pub fn visit_page(&self, reply: &PageReply) -> Page {
        self.host.serve("/page", reply.clone());
        let page = self.browser.page();
        page.run_before_scripts(PEEK);
        page.open(&format!("{}/page", self.host.origin("localhost")));
        page
    }

    /// A page with the usual snippet, once the launcher is there.
    #[track_caller]
    pub fn visit_plain(&self) -> Page {
        let page = self.visit_with(&format!("{NOTES}{}", self.embed.snippet));
        let _launcher = page.element("button", LAUNCHER);
        page
    }

    /// The snippet with these attributes as well.
    pub fn snippet(&self, attributes: &str) -> String {
        let with = format!("<script {attributes}");
        self.embed.snippet.replacen("<script", &with, 1)
    }

    /// The chat of this site on a page.
    #[track_caller]
    pub fn chat_on(&self, page: &Page) -> Frame {
        page.frame(&format!("{}/frame?site={}&", self.edge, self.site.key))
    }

    /// How often a page and its frames have asked the edge for something.
    pub fn n_requests(&self, page: &Page) -> usize {
        let requests = page.requests();
        let to_edge = requests
            .iter()
            .filter(|request| request.url.starts_with(&self.edge));
        to_edge.count()
    }
}

/// Nothing is wrong to the browser's eyes.
///
/// # Panics
/// When something is.
#[track_caller]
pub fn assert_no_complaints(page: &Page) {
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Whether the launcher says that the panel is open.
pub fn is_open(page: &Frame) -> bool {
    let closer = page.all("button", CLOSER);
    closer
        .iter()
        .any(|button| button.property("expanded").as_deref() == Some("true"))
}

/// Waits until an expression on the page or in a frame is so.
#[track_caller]
pub fn until_equal(page: &Frame, expression: &str, expected: &Value) {
    let deadline = Deadline::after(SOON);
    loop {
        let value = page.try_evaluate(expression);
        if value.as_ref() == Ok(expected) {
            return;
        }
        assert!(
            deadline.left().is_some(),
            "`{expression}` stays {value:?} and does not become {expected}; shown: {:#?}",
            page.text()
        );
        page.listen(Duration::from_millis(40));
    }
}

/// Waits until whoever opened the chat can write.
#[track_caller]
pub fn until_field_focused(frame: &Frame) {
    // The field is the frame's active element before the frame itself has the focus.
    until_equal(
        frame,
        "document.hasFocus() && document.activeElement.id",
        &json!("text"),
    );
}

/// Left, top, width and height of an element that an expression names, in whole CSS pixels of the page's viewport.
#[track_caller]
pub fn bounds_of(page: &Frame, expression: &str) -> Value {
    page.evaluate(&format!("{SIZES}({expression})"))
}

/// Waits until an element is at this place: what is opened or resized moves there.
#[track_caller]
pub fn until_bounds(page: &Frame, expression: &str, expected: &Value) {
    until_equal(page, &format!("{SIZES}({expression})"), expected);
}

/// Listens for something that must not happen.
#[track_caller]
pub fn listen_briefly(page: &Frame) {
    page.listen(Duration::from_millis(700));
}
