//! Messages that speak first, in real Chromium.

use std::time::Duration;

use oriel_tests::browser::{Browser, Key, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{
    assert_no_complaints, bounds_of, is_open, listen_briefly, until_field_focused,
};
use oriel_tests::integration_test;
use oriel_tests::widget::{LAUNCHER, ShopPage, open_chat};
use serde_json::{Value, json};

const WORDS: &str = "Questions about the boats?";

#[track_caller]
fn bubble(page: &Page) {
    let _bubble = page.element("button", WORDS);
}

#[track_caller]
fn assert_silent(page: &Page) {
    let said = page.all("button", WORDS);
    assert!(said.is_empty(), "{said:?}");
}

/// What the page has of its own: cookies and storage.
const KEPT: &str = "document.cookie.length + localStorage.length + sessionStorage.length";

#[integration_test]
fn nothing_speaks_and_nothing_is_fetched_or_kept_unless_the_page_asks(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.hover(&page.element("heading", "Tidewater Boats"));
    listen_briefly(&page);
    assert_eq!(shop.n_requests(&page), 1, "the loader alone");
    assert_eq!(page.evaluate(KEPT), 0);
    // Rules cost the two scripts that carry them out, and not the chat.
    page.evaluate(&format!(
        "Oriel.proactive([{{ text: '{WORDS}', delay: 0 }}])"
    ));
    bubble(&page);
    assert_eq!(shop.n_requests(&page), 3);
    assert!(page.frames(&shop.edge).is_empty());
    assert_eq!(page.evaluate(KEPT), 0);
    assert_eq!(page.cookies(), []);
    // It takes neither the focus nor room from the page.
    assert_eq!(
        page.evaluate("document.activeElement == document.body"),
        true
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn a_message_is_said_on_its_pages_after_its_time(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate(&format!(
        "Oriel.proactive([{{ text: 'Elsewhere', url: '/other' }}, {{ text: '{WORDS}', url: '/boats*', delay: 1 }}])"
    ));
    listen_briefly(&page);
    // A pattern's dots and signs mean themselves.
    page.evaluate("history.pushState({}, '', '/xboats')");
    page.listen(Duration::from_millis(1300));
    assert_silent(&page);
    page.evaluate("history.pushState({}, '', '/boats/sail?from=a+b'); came = performance.now()");
    bubble(&page);
    assert!(
        page.evaluate("performance.now() - came").as_f64() > Some(990.0),
        "it was said before its time"
    );
    // On the next page it is gone, and it does not come back with the first one.
    page.evaluate("history.pushState({}, '', '/imprint')");
    page.until("the message to go", |page| {
        page.all("button", WORDS).is_empty().then_some(())
    });
    page.evaluate("history.back()");
    page.listen(Duration::from_millis(1500));
    assert_silent(&page);
    // The other rule is still good.
    page.evaluate("history.pushState({}, '', '/other')");
    let _other = page.element("button", "Elsewhere");
    assert_no_complaints(&page);
}

#[integration_test]
fn a_message_is_said_when_the_page_says_so_and_once(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate(&format!(
        "Oriel.proactive([{{ name: 'cart', text: '{WORDS}' }}, {{ name: 'late', text: 'A second one' }}])"
    ));
    page.evaluate("Oriel.trigger('unknown')");
    listen_briefly(&page);
    assert_silent(&page);
    page.evaluate("Oriel.trigger('cart')");
    bubble(&page);
    // One at a time, and each once.
    page.evaluate("Oriel.trigger('late'); Oriel.trigger('cart')");
    listen_briefly(&page);
    assert_eq!(page.all("button", WORDS).len(), 1);
    assert!(page.all("button", "A second one").is_empty());
    page.evaluate("history.pushState({}, '', '/next'); Oriel.trigger('cart')");
    listen_briefly(&page);
    assert_silent(&page);
    page.evaluate("Oriel.trigger('late')");
    let _second = page.element("button", "A second one");
    assert_no_complaints(&page);
}

#[integration_test]
fn the_same_rules_again_neither_repeat_nor_delay_nor_take_away_a_message(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    let rules = format!("Oriel.proactive([{{ name: 'hello', text: '{WORDS}', delay: 1 }}])");
    // As a component that is drawn anew all the time does.
    page.evaluate(&format!(
        "again = setInterval(() => {{ {rules} }}, 200); {rules}"
    ));
    bubble(&page);
    listen_briefly(&page);
    bubble(&page);
    page.evaluate("history.pushState({}, '', '/next')");
    page.listen(Duration::from_millis(1600));
    assert_silent(&page);
    // Without rules nothing is said; with others, theirs.
    page.evaluate("clearInterval(again); Oriel.proactive([])");
    page.evaluate("Oriel.proactive([{ text: 'Something else', delay: 0 }])");
    let _other = page.element("button", "Something else");
    assert_eq!(
        page.evaluate(
            "roots.find(root => root.host.isConnected).querySelectorAll('.teaser').length"
        ),
        1
    );
    page.evaluate("Oriel.proactive([])");
    page.until("the message to go", |page| {
        page.all("button", "Something else")
            .is_empty()
            .then_some(())
    });
    assert_no_complaints(&page);
}

/// A page that asks for a message with a period of an hour, at once.
fn hourly(shop: &ShopPage) -> String {
    format!(
        "<script>window.Oriel = [['proactive', [{{ name: 'hello', text: '{WORDS}', delay: 0, every: 1 }}]]]</script>{}",
        shop.embed.snippet
    )
}

#[integration_test]
fn a_period_holds_across_pages_and_without_storage_for_the_pages_life(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with("");
    page.evaluate("localStorage.clear()");
    shop.host.serve(
        "/page",
        oriel_tests::page_server::PageReply::open_page(&oriel_tests::page_server::customer_page(
            &hourly(&shop),
        )),
    );
    page.reload();
    bubble(&page);
    let key = format!("oriel.proactive.{}.hello", shop.site.key);
    let stored = page.evaluate(&format!(
        "[localStorage.length, Date.now() - localStorage['{key}'] < 20000, document.cookie]"
    ));
    assert_eq!(stored, json!([1, true, ""]));
    for _ in 0..2 {
        page.reload();
        let _launcher = page.element("button", LAUNCHER);
        listen_briefly(&page);
        assert_silent(&page);
    }
    // An hour later it is time again, and so it is when the clock was wrong, or what is stored is none of ours.
    for last in [
        "Date.now() - 3601000",
        "Date.now() + 86400000",
        "'tampered'",
    ] {
        page.evaluate(&format!("localStorage['{key}'] = {last}"));
        page.reload();
        bubble(&page);
    }

    // Where storage is denied, it is said once on each page, and nothing breaks.
    let denied = json!({ "profile": { "default_content_setting_values": { "cookies": 2 } } });
    let shop = ShopPage::visited_with(fixtures, Browser::with_preferences(&denied));
    shop.host.serve(
        "/page",
        oriel_tests::page_server::PageReply::open_page(&oriel_tests::page_server::customer_page(
            &hourly(&shop),
        )),
    );
    let page = shop.browser.own_page();
    page.open(&format!("{}/page", shop.host.origin("localhost")));
    assert!(page.try_evaluate("localStorage.length").is_err());
    bubble(&page);
    page.evaluate("history.pushState({}, '', '/next'); history.back()");
    listen_briefly(&page);
    assert_silent(&page);
    page.reload();
    bubble(&page);
    assert_no_complaints(&page);
}

#[integration_test]
fn a_message_is_announced_politely_and_sent_away_by_keyboard(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for key in [Key::Escape, Key::Enter] {
        let page = shop.visit_plain();
        page.evaluate(&format!(
            "Oriel.proactive([{{ name: 'hello', text: '{WORDS}' }}, {{ name: 'more', text: 'And another one' }}])"
        ));
        // The region is listened to before there is something to hear.
        let region = page.element("status", "");
        assert_eq!(region.property("live").as_deref(), Some("polite"));
        assert_silent(&page);
        page.evaluate("Oriel.trigger('hello')");
        bubble(&page);
        let targets = bounds_of(
            &page,
            "roots.find(root => root.host.isConnected).querySelector('.teaser button + button')",
        );
        assert!(
            targets[2].as_i64() >= Some(24) && targets[3].as_i64() >= Some(24),
            "{targets}"
        );
        // With Tab, after what is on the page and before the launcher.
        page.evaluate("document.links[0].focus()");
        page.press(Key::Tab);
        page.focused("button", WORDS);
        if key == Key::Enter {
            page.press(Key::Tab);
            page.focused("button", "Dismiss");
        }
        page.press(key);
        page.until("the message to go", |page| {
            page.all("button", WORDS).is_empty().then_some(())
        });
        page.focused("button", LAUNCHER);
        assert!(!is_open(&page));
        // Whoever sent one away is left alone.
        page.evaluate("Oriel.trigger('more'); history.pushState({}, '', '/next')");
        listen_briefly(&page);
        assert!(page.all("button", "And another one").is_empty());
        assert_no_complaints(&page);
    }
}

#[integration_test]
fn the_button_that_sends_a_message_away_speaks_the_pages_language(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for (attributes, lang, name) in [
        ("data-locale=\"de-AT\"", "fr", "Hinweis schließen"),
        ("data-locale=\"xx\"", "pt", "Dispensar"),
        ("data-locale=\"}{\"", "ja-JP", "閉じる"),
    ] {
        let page = shop.visit_with(&shop.snippet(attributes));
        page.evaluate(&format!("document.documentElement.lang = '{lang}'"));
        page.until("the script", |page| {
            (page.try_evaluate("!!window.Oriel") == Ok(true.into())).then_some(())
        });
        page.evaluate(&format!(
            "Oriel.proactive([{{ text: '{WORDS}', delay: 0 }}])"
        ));
        let _dismiss = page.element("button", name);
        assert_no_complaints(&page);
    }
}

#[integration_test]
fn a_message_opens_the_chat_and_none_comes_after_it(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate(&format!(
        "Oriel.proactive([{{ text: '{WORDS}', delay: 0 }}, {{ name: 'more', text: 'And another one' }}])"
    ));
    page.click(&page.element("button", WORDS));
    until_field_focused(&shop.chat_on(&page));
    assert_silent(&page);
    page.evaluate("Oriel.close()");
    page.until("the panel to close", |page| (!is_open(page)).then_some(()));
    page.evaluate("Oriel.trigger('more')");
    listen_briefly(&page);
    assert!(page.all("button", "And another one").is_empty());
    assert_no_complaints(&page);
}

#[integration_test]
fn beside_an_open_chat_nothing_is_said(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    let _frame = open_chat(&page, &shop.edge);
    page.evaluate(&format!(
        "Oriel.proactive([{{ name: 'hello', text: '{WORDS}', delay: 0 }}]); Oriel.trigger('hello')"
    ));
    listen_briefly(&page);
    assert_silent(&page);
    // A chat in the flow of the page is open wherever it is.
    let page = shop.visit_with(&format!(
        "<div id=\"chat\" style=\"height: 400px\"></div>{}",
        shop.snippet("data-mode=\"inline\" data-target=\"#chat\"")
    ));
    page.evaluate(&format!(
        "Oriel.proactive([{{ text: '{WORDS}', delay: 0 }}])"
    ));
    listen_briefly(&page);
    assert_silent(&page);
    assert_no_complaints(&page);
}

#[integration_test]
fn rules_that_are_none_are_passed_over(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    let long = "x".repeat(500);
    for rules in [
        "undefined",
        "'text'",
        "{ text: 'no list' }",
        "[null, 1, 'text', {}, { text: 5 }, { text: '' }, { text: 'x', url: 5 }, { text: 'x', url: {} }]",
    ] {
        page.evaluate(&format!("Oriel.proactive({rules})"));
    }
    page.evaluate(&format!(
        "Oriel.proactive([{{ text: 'broken', url: '[(*' }}, {{ text: '{long}', delay: 'soon', every: 'often' }}])"
    ));
    page.until("the good one", |page| {
        let said = page.all("button", "xxx");
        (said.first()?.name.len() == 200).then_some(())
    });
    assert_eq!(page.evaluate("localStorage.length"), 0);
    // Words are words.
    let page = shop.visit_plain();
    page.evaluate("Oriel.proactive([{ text: '<img src=x onerror=\"hit = 1\">', delay: 0 }])");
    let _words = page.element("button", "<img src=x");
    assert_eq!(page.evaluate("typeof hit"), Value::from("undefined"));
    assert_no_complaints(&page);
}
