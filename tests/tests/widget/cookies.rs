//! The chat for visitors whose browser keeps cookies from frames, or keeps none at all.

use oriel_tests::browser::{Browser, Frame, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, QUESTION, ShopPage, ask, open_chat};
use serde_json::json;

/// From what the panel says where nothing can be kept.
const NOT_KEPT: &str = "leave the page";

/// Asks the shop's question in a new page of this browser.
fn visit(shop: &ShopPage) -> (Page, Frame) {
    let page = shop.browser.own_page();
    page.open(&shop.host.origin("localhost"));
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    (page, frame)
}

/// Names of the session cookies that the browser holds.
fn session_cookies(page: &Page) -> Vec<String> {
    let names = page.cookies().into_iter().map(|(name, _)| name);
    names
        .filter(|name| name.starts_with("__Secure-oriel-"))
        .collect()
}

#[integration_test]
fn without_third_party_cookies_the_chat_answers_and_is_found_again(fixtures: &Fixtures) {
    let blocking =
        json!({ "profile": { "cookie_controls_mode": 1, "block_third_party_cookies": true } });
    let shop = ShopPage::visited_with(fixtures, Browser::with_preferences(&blocking));
    let (page, frame) = visit(&shop);
    // It does block them: a cookie of a frame is kept only where it is bound to the page around it.
    let kept = frame.evaluate(
        "document.cookie = 'loose=1; Secure; SameSite=None'; \
         document.cookie = 'bound=1; Secure; SameSite=None; Partitioned'; document.cookie",
    );
    let kept = kept.as_str().unwrap_or_default();
    assert!(
        kept.contains("bound=1") && !kept.contains("loose=1"),
        "{kept}"
    );
    assert_eq!(session_cookies(&page).len(), 1);

    page.reload();
    let frame = open_chat(&page, &shop.edge);
    frame.until("the conversation", |frame| {
        frame.text().contains(QUESTION).then_some(())
    });
}

/// What keeps every cookie out, from the page's own to the frame's.
fn without_cookies(fixtures: &Fixtures) -> ShopPage {
    let blocking = json!({ "profile": { "default_content_setting_values": { "cookies": 2 } } });
    ShopPage::visited_with(fixtures, Browser::with_preferences(&blocking))
}

#[integration_test]
fn without_any_cookie_the_chat_answers_and_is_gone_after_a_reload(fixtures: &Fixtures) {
    let shop = without_cookies(fixtures);
    let (page, frame) = visit(&shop);
    for document in [&*page, &frame] {
        let kept = document.evaluate("document.cookie = 'own=1'; document.cookie");
        assert_eq!(kept, "", "the browser does keep cookies");
    }
    assert_eq!(page.cookies(), []);
    // One conversation for as long as the page is there.
    ask(&frame, "And on Sundays?", "ten on Sundays");
    until("the team to see the conversation", SOON, || {
        let conversations = shop.team.conversations(&shop.site.id);
        assert!(conversations.len() < 2, "{conversations:?}");
        conversations.into_iter().next()
    });
    page.reload();
    let frame = open_chat(&page, &shop.edge);
    assert!(!frame.text().contains(QUESTION), "{}", frame.text());
    ask(&frame, QUESTION, ANSWER);
}

#[integration_test]
fn a_chat_that_will_not_be_found_again_says_so(fixtures: &Fixtures) {
    let shop = without_cookies(fixtures);
    let (_page, frame) = visit(&shop);
    frame.until("words about it", |frame| {
        frame.text().contains(NOT_KEPT).then_some(())
    });
    // And only that one: with cookies there is nothing to say.
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    assert!(!frame.text().contains(NOT_KEPT), "{}", frame.text());
}
