//! What the loader does on a page before anybody opens the chat.

use std::time::Duration;

use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page, strict_csp};
use oriel_tests::widget::{ANSWER, CLOSER, LAUNCHER, QUESTION, ShopPage, ask};
use serde_json::json;

use super::browser::{assert_no_complaints, edge_requests};

#[integration_test]
fn before_intent_the_page_asks_for_the_loader_and_keeps_nothing(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let _launcher = page.element("button", LAUNCHER);
    // Long enough for anything that an eager widget would do when the page is idle.
    page.listen(Duration::from_secs(2));
    let mut asked: Vec<String> = page
        .requests()
        .into_iter()
        .map(|request| request.url)
        .collect();
    // The page's own list too: what its first script asked for may be missing from what the debugger heard.
    let resources =
        page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)");
    let listed = resources
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str());
    asked.extend(listed.map(str::to_owned));
    asked.sort();
    asked.dedup();
    let loader = shop
        .embed
        .snippet
        .split("src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default();
    let mut expected = [
        format!("{}/", shop.host.origin("localhost")),
        loader.to_owned(),
    ];
    expected.sort();
    assert_eq!(asked, expected);
    assert_eq!(page.evaluate("document.cookie"), "");
    assert_eq!(
        page.evaluate("localStorage.length + sessionStorage.length"),
        0
    );
    assert_eq!(
        page.evaluate("indexedDB.databases().then(all => all.length)"),
        0
    );
    assert!(page.frames("").is_empty() && page.evaluate("frames.length") == 0);
    assert_no_complaints(&page);
    page.screenshot("launcher");
}

#[integration_test]
fn reaching_for_the_launcher_fetches_the_chat(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let launcher = page.element("button", LAUNCHER);
    let n_before = edge_requests(&page, &shop.edge).len();
    page.hover(&launcher);
    let frame = page.frame(&format!("{}/frame", shop.edge));
    frame.until("the hidden chat to be ready", |frame| {
        (frame.evaluate("document.querySelector('textarea, input') !== null") == json!(true))
            .then_some(())
    });
    assert!(edge_requests(&page, &shop.edge).len() > n_before);
    // Fetched and not shown.
    assert_eq!(
        page.element("button", LAUNCHER)
            .property("expanded")
            .as_deref(),
        Some("false")
    );
    page.click(&launcher);
    let _shown = page.element("button", CLOSER);
    ask(&frame, QUESTION, ANSWER);
    // The host page got no cookie and no storage by it.
    assert_eq!(page.evaluate("document.cookie"), "");
    assert_eq!(
        page.evaluate("localStorage.length + sessionStorage.length"),
        0
    );
}

#[integration_test]
fn the_loader_twice_draws_one_launcher(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let twice = format!("{0}\n{0}", shop.embed.snippet);
    shop.host.serve(
        "/twice",
        PageReply::page(&strict_csp(&shop.embed.csp), &customer_page(&twice)),
    );
    let page = shop.browser.page();
    page.open(&format!("{}/twice", shop.host.origin("localhost")));
    let _launcher = page.element("button", LAUNCHER);
    page.listen(Duration::from_millis(500));
    assert_eq!(page.all("button", LAUNCHER).len(), 1);
    assert_no_complaints(&page);
}
