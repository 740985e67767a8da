//! The tone for an answer that came while nobody looked, in real Chromium.

use std::time::Duration;

use oriel_shared::id::ConversationId;
use oriel_tests::browser::Page;
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{
    assert_no_complaints, listen_briefly, until_equal, until_field_focused,
};
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page};
use oriel_tests::widget::{CLOSER, ShopPage, ask, open_chat};
use serde_json::json;

const QUESTION: &str = "When do you open?";
const DOCUMENT: &str = "# Opening hours\n\nWe open at nine on weekdays.";
/// Longer than one tone keeps others away.
const AFTER_A_TONE: Duration = Duration::from_secs(3);

/// Counts the tones that a page starts.
const COUNT: &str = "{ window.tones = 0; const start = OscillatorNode.prototype.start; \
    OscillatorNode.prototype.start = function (...when) { tones++; return start.apply(this, when) } }";

/// A shop that knows one thing, and a page of it with these attributes at its snippet.
#[track_caller]
fn open(fixtures: &Fixtures, attributes: &str) -> (ShopPage, Page) {
    let shop = ShopPage::open(fixtures);
    let _document = shop.team.add_document(&shop.site.id, "Hours", DOCUMENT);
    let page = customer_page(&shop.snippet(attributes));
    shop.host.serve("/page", PageReply::open_page(&page));
    let page = shop.browser.page();
    go(&shop, &page);
    (shop, page)
}

#[track_caller]
fn go(shop: &ShopPage, page: &Page) {
    page.run_before_scripts(COUNT);
    page.open(&format!("{}/page", shop.host.origin("localhost")));
}

#[track_caller]
fn say(shop: &ShopPage, conversation: &ConversationId) {
    let words = json!({ "text": "We are here until six." });
    let _said = shop.team.say(conversation, &words);
}

#[track_caller]
fn close(page: &Page) {
    page.click(&page.element("button", CLOSER));
}

#[integration_test]
fn nothing_sounds_unless_the_site_asks(fixtures: &Fixtures) {
    let (shop, page) = open(fixtures, "data-sound=\"yes please\"");
    ask(&open_chat(&page, &shop.edge), QUESTION, "at nine");
    close(&page);
    say(&shop, &shop.stored_conversations(1)[0].id);
    let _badge = page.element("button", "Open chat (1)");
    listen_briefly(&page);
    assert_eq!(page.evaluate("tones"), 0);
    assert_no_complaints(&page);
}

#[integration_test]
fn an_answer_that_nobody_sees_sounds_once_in_all_tabs(fixtures: &Fixtures) {
    let (shop, page) = open(fixtures, "data-sound=\"on\"");
    ask(&open_chat(&page, &shop.edge), QUESTION, "at nine");
    let conversation = &shop.stored_conversations(1)[0].id;
    // Seen as it comes.
    listen_briefly(&page);
    assert_eq!(page.evaluate("tones"), 0);
    close(&page);
    let other = page.another_tab();
    go(&shop, &other);
    until_field_focused(&open_chat(&other, &shop.edge));
    close(&other);
    say(&shop, conversation);
    let tones = || [&page, &other].map(|tab| tab.evaluate("tones").as_u64().unwrap_or(9));
    other.until("a tone", |_| {
        (tones().iter().sum::<u64>() > 0).then_some(())
    });
    other.listen(AFTER_A_TONE);
    assert_eq!(tones().iter().sum::<u64>(), 1, "{:?}", tones());
    // The next one is heard again, and what is seen in one tab is heard in none.
    say(&shop, conversation);
    other.until("the second tone", |_| {
        (tones().iter().sum::<u64>() > 1).then_some(())
    });
    other.listen(AFTER_A_TONE);
    until_field_focused(&open_chat(&other, &shop.edge));
    say(&shop, conversation);
    other.listen(AFTER_A_TONE);
    assert_eq!(tones().iter().sum::<u64>(), 2, "{:?}", tones());
    assert_no_complaints(&page);
    assert_no_complaints(&other);
}

#[integration_test]
fn nothing_sounds_before_the_visitor_has_used_the_page(fixtures: &Fixtures) {
    let (shop, page) = open(fixtures, "data-sound=\"on\"");
    until_equal(&page, "!!window.Oriel", &json!(true));
    page.evaluate(&format!("Oriel.ask('{QUESTION}')"));
    shop.chat_on(&page).until("the answer", |frame| {
        frame.text().contains("at nine").then_some(())
    });
    let conversation = &shop.stored_conversations(1)[0].id;
    page.evaluate("Oriel.close()");
    until_equal(
        &page,
        "navigator.userActivation.hasBeenActive",
        &json!(false),
    );
    say(&shop, conversation);
    let _badge = page.element("button", "Open chat (1)");
    listen_briefly(&page);
    assert_eq!(page.evaluate("tones"), 0);
    assert_no_complaints(&page);
}
