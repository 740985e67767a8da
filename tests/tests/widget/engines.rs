//! What Firefox and WebKit do otherwise, played in Chromium: each test does to the page what such an engine does, as it was
//! seen there, and then wants the chat as it is. What was run in the engines themselves is in `docs/embedding.md`.

use oriel_tests::browser::{Frame, Key};
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{until_equal, until_field_focused};
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page, strict_csp};
use oriel_tests::widget::{LAUNCHER, QUESTION, ShopPage, open_chat};
use serde_json::{Value, json};

/// Presses a key as a script would, and tells whether the chat has kept it from the browser.
fn is_taken(frame: &Frame, key: &Value) -> Value {
    frame.evaluate(&format!(
        "!document.getElementById('text').dispatchEvent(new KeyboardEvent('keydown', {{ bubbles: true, cancelable: true, ...{key} }}))"
    ))
}

/// WebKit tells of the Enter that ends a composition when nothing is composed any more, with the code of the input method.
#[integration_test]
fn the_key_that_ends_a_composition_sends_nothing(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    frame.type_text("boathouse");
    let enter = |code: u32| json!({ "key": "Enter", "keyCode": code });
    assert_eq!(is_taken(&frame, &enter(229)), false);
    until_equal(
        &frame,
        "document.getElementById('text').value",
        &json!("boathouse"),
    );
    // One that ends nothing does send.
    assert_eq!(is_taken(&frame, &enter(13)), true);
    until_equal(&frame, "document.getElementById('text').value", &json!(""));
}

/// In WebKit no field of a frame takes the focus before the visitor has pressed something in it.
#[integration_test]
fn typing_goes_to_the_field_that_could_not_take_the_focus(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    let leave = "document.activeElement.blur(), document.activeElement == document.body";
    assert_eq!(frame.evaluate(leave), true);
    frame.type_text("Hello");
    until_equal(
        &frame,
        "document.getElementById('text').value",
        &json!("Hello"),
    );
    // The key that opened the chat is let go in it.
    assert_eq!(frame.evaluate(leave), true);
    frame.press(Key::Enter);
    until_field_focused(&frame);
    // What has the focus keeps it.
    let menu = "document.getElementById('menu').focus(), document.activeElement.id";
    assert_eq!(frame.evaluate(menu), "menu");
    frame.type_text("x");
    assert_eq!(frame.evaluate("document.activeElement.id"), "menu");
    assert_eq!(
        frame.evaluate("document.getElementById('text').value"),
        "Hello"
    );
}

/// Firefox moves no focus into a frame while it tells of a key, or of the click that comes of it.
const HELD_BY_A_KEY: &str = "{ const { focus } = HTMLElement.prototype; let isTelling = false; window.nHeld = 0; \
    addEventListener('click', () => { isTelling = true; setTimeout(() => isTelling = false) }, true); \
    HTMLElement.prototype.focus = function (...how) { \
    if (isTelling && this.localName == 'iframe') nHeld++; else focus.apply(this, how) } }";

#[integration_test]
fn the_chat_is_entered_by_keyboard_where_a_key_moves_no_focus_into_a_frame(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.browser.page();
    page.run_before_scripts(HELD_BY_A_KEY);
    page.open(&shop.host.origin("localhost"));
    let _launcher = page.element("button", LAUNCHER);
    // The focus alone has the chat fetched: when the key comes, all of it is there.
    page.press(Key::Tab);
    while !page.element("button", LAUNCHER).is_focused {
        page.press(Key::Tab);
    }
    let frame = page.frame(&format!("{}/frame", shop.edge));
    until_equal(
        &frame,
        "document.getElementById('menu').disabled",
        &json!(false),
    );
    page.press(Key::Enter);
    until_equal(
        &frame,
        "document.hasFocus() && document.activeElement.id",
        &json!("text"),
    );
    assert_eq!(page.evaluate("nHeld"), 1);
    frame.press(Key::Escape);
    page.until("the launcher to have the focus", |page| {
        page.element("button", LAUNCHER).is_focused.then_some(())
    });
}

/// WebKit fetches no module for a link that has a type.
const PARTICULAR: &str = "HTMLHeadElement.prototype.append = function (...nodes) { \
    Element.prototype.append.apply(this, nodes.filter(node => !(node.localName == 'link' && node.type))) }";

#[integration_test]
fn trusted_types_are_met_where_a_link_with_a_type_is_not_fetched(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let csp = format!(
        "{}; require-trusted-types-for 'script'; trusted-types 'none'",
        strict_csp(&shop.embed.csp)
    );
    let reply = PageReply::page(&csp, &customer_page(&shop.embed.snippet));
    shop.host.serve("/page", reply);
    let page = shop.browser.page();
    page.run_before_scripts(PARTICULAR);
    page.open(&format!("{}/page", shop.host.origin("localhost")));
    let _frame = open_chat(&page, &shop.edge);
}

#[integration_test]
fn a_quotation_keeps_the_direction_of_its_own_language(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&shop.snippet("data-locale=\"ar\""));
    page.evaluate(&format!("Oriel.ask({})", json!(QUESTION)));
    let frame = shop.chat_on(&page);
    // English in an Arabic chat: its first letter stands at the left end of its line.
    let start = "(paragraph => { const letter = document.createRange(); letter.setStart(paragraph.firstChild, 0); \
        letter.setEnd(paragraph.firstChild, 1); const left = element => element.getBoundingClientRect().left; \
        return [document.dir, Math.round(left(letter) - left(paragraph))] })(document.querySelector('blockquote p'))";
    until_equal(&frame, start, &json!(["rtl", 0]));
}
