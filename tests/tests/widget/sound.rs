//! The tone for an answer that came while nobody looked, in real Chromium.

use std::time::Duration;

use oriel_shared::id::ConversationId;
use oriel_tests::browser::Page;
use oriel_tests::chat::{CLOSER, Shop, ask, open_chat};
use oriel_tests::embed_page::{assert_quiet, becomes, has_field_focus, wait_a_little};
use oriel_tests::harness::Fixtures;
use oriel_tests::host::{Reply, customer_page};
use oriel_tests::integration_test;
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
fn open(fixtures: &Fixtures, attributes: &str) -> (Shop, Page) {
    let shop = Shop::open(fixtures);
    let _document = shop.team.add_document(&shop.site.id, "Hours", DOCUMENT);
    let page = customer_page(&shop.snippet(attributes));
    shop.host.serve("/page", Reply::open_page(&page));
    let page = shop.browser.page();
    go(&shop, &page);
    (shop, page)
}

#[track_caller]
fn go(shop: &Shop, page: &Page) {
    page.prepend(COUNT);
    page.open(&format!("{}/page", shop.host.origin("localhost")));
}

#[track_caller]
fn say(shop: &Shop, conversation: &ConversationId) {
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
    say(&shop, &shop.kept_conversations(1)[0].id);
    let _badge = page.element("button", "Open chat (1)");
    wait_a_little(&page);
    assert_eq!(page.evaluate("tones"), 0);
    assert_quiet(&page);
}

#[integration_test]
fn an_answer_that_nobody_sees_sounds_once_in_all_tabs(fixtures: &Fixtures) {
    let (shop, page) = open(fixtures, "data-sound=\"on\"");
    ask(&open_chat(&page, &shop.edge), QUESTION, "at nine");
    let conversation = &shop.kept_conversations(1)[0].id;
    // Seen as it comes.
    wait_a_little(&page);
    assert_eq!(page.evaluate("tones"), 0);
    close(&page);
    let other = page.another_tab();
    go(&shop, &other);
    has_field_focus(&open_chat(&other, &shop.edge));
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
    has_field_focus(&open_chat(&other, &shop.edge));
    say(&shop, conversation);
    other.listen(AFTER_A_TONE);
    assert_eq!(tones().iter().sum::<u64>(), 2, "{:?}", tones());
    assert_quiet(&page);
    assert_quiet(&other);
}

#[integration_test]
fn nothing_sounds_before_the_visitor_has_used_the_page(fixtures: &Fixtures) {
    let (shop, page) = open(fixtures, "data-sound=\"on\"");
    becomes(&page, "!!window.Oriel", &json!(true));
    page.evaluate(&format!("Oriel.ask('{QUESTION}')"));
    shop.chat_on(&page).until("the answer", |frame| {
        frame.text().contains("at nine").then_some(())
    });
    let conversation = &shop.kept_conversations(1)[0].id;
    page.evaluate("Oriel.close()");
    becomes(
        &page,
        "navigator.userActivation.hasBeenActive",
        &json!(false),
    );
    say(&shop, conversation);
    let _badge = page.element("button", "Open chat (1)");
    wait_a_little(&page);
    assert_eq!(page.evaluate("tones"), 0);
    assert_quiet(&page);
}
