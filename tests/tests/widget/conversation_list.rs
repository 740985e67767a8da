//! The list of a visitor's conversations in real Chromium, by keyboard alone: menu, list, a new one, back to the old one.

use oriel_shared::wire::visitor::{ClientFrame, ServerFrame, Status};
use oriel_tests::browser::{Frame, Key, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page};
use oriel_tests::signed;
use oriel_tests::visitor::{Visitor, ask_with_token};
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, FIELD, QUESTION, ShopPage, ask, open_chat};
use serde_json::json;

/// Small enough for a finger or a shaking hand. Source: WCAG 2.2, 2.5.8.
const TARGET_PX: u32 = 24;

/// A shop whose visitors are those whom it vouches for.
struct SignedSite {
    shop: ShopPage,
    sign: Box<dyn Fn() -> String>,
}

impl SignedSite {
    #[track_caller]
    fn open(fixtures: &Fixtures) -> Self {
        let shop = ShopPage::open(fixtures);
        let key = shop.team.require_tokens(&shop.site.id);
        let site_key = shop.site.key.clone();
        let sign = move || {
            let claims = signed::claims(&site_key, "ada");
            signed::token(&key.kid, &key.secret, &claims)
        };
        Self {
            shop,
            sign: Box::new(sign),
        }
    }

    /// The customer's page as Ada gets it, with the launcher as the attributes say.
    #[track_caller]
    fn serve(&self, attributes: &str, calls: &str) {
        let with = format!("{attributes} data-site");
        let snippet = self.shop.embed.snippet.replace("data-site", &with);
        let html = format!(
            "<script>window.Oriel = [['identify', '{}']{calls}]</script>{snippet}",
            (self.sign)(),
        );
        let page = PageReply::open_page(&customer_page(&html));
        self.shop.host.serve("/", page);
    }

    /// Ada on the customer's page, with the chat open.
    #[track_caller]
    fn visit(&self, before: impl Fn(&Page)) -> (Page, Frame) {
        self.serve("", "");
        let page = self.shop.browser.page();
        before(&page);
        page.open(&self.shop.host.origin("localhost"));
        let frame = open_chat(&page, &self.shop.edge);
        (page, frame)
    }
}

#[track_caller]
fn has_focus(frame: &Frame, role: &str, name: &str) {
    frame.until(&format!("the focus to be on {role} `{name}`"), |frame| {
        let all = frame.all(role, name);
        all.iter().any(|element| element.is_focused).then_some(())
    });
}

/// Presses a key until the focus is there.
#[track_caller]
fn walk(frame: &Frame, key: Key, is_it: &str) {
    for _ in 0..30 {
        if frame.evaluate(&format!("!!document.activeElement?.matches('{is_it}')")) == json!(true) {
            return;
        }
        frame.press(key);
    }
    panic!("{key:?} never led to {is_it}:\n{:#?}", frame.elements());
}

/// From the field to the list, by keyboard.
#[track_caller]
fn open_list(frame: &Frame) {
    walk(frame, Key::BackTab, "#menu");
    frame.press(Key::Enter);
    has_focus(frame, "menuitem", "Conversations");
    frame.press(Key::Enter);
    has_focus(frame, "button", "New conversation");
}

/// What each row of the list says, and whether it is the current one.
#[track_caller]
fn rows(frame: &Frame) -> Vec<(String, bool)> {
    let rows = frame.evaluate(
        "[...document.querySelectorAll('#conversations li button')].map(row => \
         [row.textContent, row.getAttribute('aria-current') == 'true'])",
    );
    serde_json::from_value(rows).expect("rows")
}

#[track_caller]
fn is_in(frame: &Frame, words: &str, not: &str) {
    frame.until(&format!("`{words}` and no `{not}`"), |frame| {
        let text = frame.text();
        let is_there = text.contains(words) && (not.is_empty() || !text.contains(not));
        is_there.then_some(())
    });
}

fn is_gone(frame: &Frame) {
    frame.until("the list to be gone", |frame| {
        (frame.evaluate("!document.querySelector('#conversations')") == json!(true)).then_some(())
    });
}

#[track_caller]
fn assert_fit(frame: &Frame, state: &str) {
    assert_eq!(frame.axe(), Vec::<String>::new(), "{state}");
    assert_eq!(frame.measure(), Vec::<String>::new(), "{state}");
    let small = format!(
        "[...document.querySelectorAll('#conversations button')].filter(e => \
         (r => Math.min(r.width, r.height) < {TARGET_PX})(e.getBoundingClientRect())).map(e => e.outerHTML)"
    );
    assert_eq!(frame.evaluate(&small), json!([]), "{state}: too small");
}

#[track_caller]
fn assert_no_complaints(page: &Page) {
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[integration_test]
fn the_list_is_gone_through_by_keyboard(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let (page, frame) = signed.visit(|_| {});
    ask(&frame, QUESTION, ANSWER);
    let fetched = |page: &Page| {
        let requests = page.requests();
        let list = requests
            .iter()
            .filter(|its| its.url.contains("/assets/conversations."));
        list.count()
    };
    assert_eq!(fetched(&page), 0, "what is not used is not fetched");

    // Into the list, and out again as one came.
    open_list(&frame);
    assert!(fetched(&page) > 0);
    let list = frame.element("dialog", "Conversations");
    assert_eq!(list.property("modal").as_deref(), Some("true"));
    let [(row, is_current)] = &rows(&frame)[..] else {
        panic!("{:?}", rows(&frame));
    };
    assert!(
        row.contains(ANSWER) && row.contains("Open now") && *is_current,
        "{row}"
    );
    assert_fit(&frame, "one conversation");
    frame.press(Key::Escape);
    has_focus(&frame, "button", "More");
    is_gone(&frame);
    let closer = page.all("button", oriel_tests::widget::CLOSER);
    assert!(!closer.is_empty(), "the chat is open still");

    // A new one: another tab goes along.
    let other = page.another_tab();
    other.open(&signed.shop.host.origin("localhost"));
    let its_frame = open_chat(&other, &signed.shop.edge);
    is_in(&its_frame, ANSWER, "");
    open_list(&frame);
    frame.press(Key::Enter);
    has_focus(&frame, "textbox", FIELD);
    is_gone(&frame);
    for frame in [&frame, &its_frame] {
        frame.until("an empty log", |frame| {
            (frame.evaluate("document.querySelector('#log').childElementCount") == json!(0))
                .then_some(())
        });
    }
    frame.type_text("Is there a café?");
    frame.press(Key::Enter);
    for frame in [&frame, &its_frame] {
        is_in(frame, "Is there a café?", ANSWER);
    }

    // Back to the first one, and on with it.
    until("two conversations", SOON, || {
        (signed.shop.team.conversations(&signed.shop.site.id).len() == 2).then_some(())
    });
    open_list(&frame);
    let two = rows(&frame);
    assert_eq!(
        two.iter()
            .map(|(_, is_current)| *is_current)
            .collect::<Vec<_>>(),
        [true, false]
    );
    assert_fit(&frame, "two conversations");
    walk(&frame, Key::Tab, "#conversations li:last-child button");
    frame.press(Key::Enter);
    has_focus(&frame, "textbox", FIELD);
    for frame in [&frame, &its_frame] {
        is_in(frame, ANSWER, "Is there a café?");
    }
    ask(&frame, QUESTION, ANSWER);
    assert_no_complaints(&page);
    assert_no_complaints(&other);
}

#[integration_test]
fn without_sockets_the_chat_goes_along_too(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let (page, frame) = signed.visit(|page| {
        page.run_before_scripts("window.WebSocket = function () { throw new Error('swallowed') }");
    });
    ask(&frame, QUESTION, ANSWER);
    open_list(&frame);
    frame.press(Key::Enter);
    has_focus(&frame, "textbox", FIELD);
    frame.until("an empty log", |frame| {
        (frame.evaluate("document.querySelector('#log').childElementCount") == json!(0))
            .then_some(())
    });
    frame.type_text("Is there a café?");
    frame.press(Key::Enter);
    is_in(&frame, "Is there a café?", ANSWER);
    frame.until("an answer", |frame| {
        (frame.evaluate("document.querySelectorAll('#log article').length") == json!(2))
            .then_some(())
    });
    open_list(&frame);
    walk(&frame, Key::Tab, "#conversations li:last-child button");
    frame.press(Key::Enter);
    is_in(&frame, ANSWER, "Is there a café?");
    frame.until("the field", |frame| {
        frame
            .all("textbox", FIELD)
            .first()
            .map(|field| field.is_focused)
    });
    assert_no_complaints(&page);
}

#[integration_test]
fn a_conversation_that_waits_for_a_person_says_so_in_the_list(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let (_page, frame) = signed.visit(|_| {});
    ask(&frame, QUESTION, ANSWER);
    let client = fixtures.edge().client();
    let origin = signed.shop.host.origin("localhost");
    let ticket =
        ask_with_token(&client, &signed.shop.site.key, &origin, &(signed.sign)()).expect(201);
    let ticket: oriel_shared::wire::visitor::TicketReply = ticket.json();
    let elsewhere = Visitor::with_ticket(&client, &ticket.ticket);
    let mut socket = elsewhere.socket();
    socket.send(&ClientFrame::Escalate {});
    socket.frame("the wait", |frame| match frame {
        ServerFrame::Status {
            status: Status::Waiting,
            ..
        } => Some(()),
        _ => None,
    });
    open_list(&frame);
    frame.press(Key::Enter);
    is_in(&frame, "End the chat first", "");
    has_focus(&frame, "button", "New conversation");
    assert_fit(&frame, "refused");
    socket.send(&ClientFrame::End {});
    frame.until("the way out", |frame| {
        frame.press(Key::Enter);
        (frame.evaluate("!document.querySelector('#conversations')") == json!(true)).then_some(())
    });
}

#[integration_test]
fn the_list_reads_from_right_to_left_as_well(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    for locale in ["he", "ar"] {
        let path = format!("widget/locales/{locale}.json");
        let text = std::fs::read_to_string(oriel_tests::edge::workspace().join(path));
        let words: serde_json::Value =
            serde_json::from_str(&text.expect("the words")).expect("JSON");
        let page = signed.shop.browser.page();
        signed.serve(&format!("data-locale=\"{locale}\""), ", ['open']");
        page.open(&signed.shop.host.origin("localhost"));
        let frame = page.frame(&format!("{}/frame", signed.shop.edge));
        let field = words["shell"]["write"].as_str().expect("a word");
        frame.click(&frame.element("textbox", field));
        frame.type_text(QUESTION);
        frame.press(Key::Enter);
        is_in(&frame, ANSWER, "");
        walk(&frame, Key::BackTab, "#menu");
        frame.press(Key::Enter);
        let item = words["chat"]["conversations"].as_str().expect("a word");
        has_focus(&frame, "menuitem", item);
        frame.press(Key::Enter);
        let begin = words["list"]["begin"].as_str().expect("a word");
        has_focus(&frame, "button", begin);
        assert_fit(&frame, locale);
        // The way back points to where one reads from.
        let mirrored = frame.evaluate(
            "new DOMMatrix(getComputedStyle(document.querySelector('#conversations .icon svg')).transform).a",
        );
        assert_eq!(mirrored, json!(-1), "{locale}");
        frame.press(Key::Escape);
        is_gone(&frame);
        assert_no_complaints(&page);
    }
}

#[integration_test]
fn who_is_not_vouched_for_has_no_list(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    walk(&frame, Key::BackTab, "#menu");
    frame.press(Key::Enter);
    has_focus(&frame, "menuitem", "Download transcript");
    assert!(frame.all("menuitem", "Conversations").is_empty());
}
