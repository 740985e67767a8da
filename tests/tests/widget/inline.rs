//! The chat in the flow of the page, and the element `<oriel-chat>`, in real Chromium.

use oriel_tests::browser::{Key, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{
    assert_no_complaints, bounds_of, is_open, listen_briefly, until_equal, until_field_focused,
};
use oriel_tests::integration_test;
use oriel_tests::widget::{ANSWER, CLOSER, FIELD, LAUNCHER, QUESTION, ShopPage, ask};
use serde_json::json;

/// The frame of the chat that the page drew first.
const PANEL: &str = "roots[0].querySelector('iframe')";

/// A place for the chat, this far down the page.
fn place(after_px: u32) -> String {
    format!(
        "<input id=\"own\"><div style=\"height: {after_px}px\"></div>\
         <div id=\"chat\" style=\"height: 500px; width: 360px\"></div><a href=\"#after\">Below</a>"
    )
}

fn inline_code(shop: &ShopPage, after_px: u32) -> String {
    let snippet = shop.snippet("data-mode=\"inline\" data-target=\"#chat\"");
    format!("{}{snippet}", place(after_px))
}

/// The script that defines the element, and draws nothing.
pub(super) fn element_script(shop: &ShopPage) -> String {
    let with_site = format!(" data-site=\"{}\"", shop.site.key);
    let script = shop.embed.snippet.replacen(&with_site, "", 1);
    assert_ne!(script, shop.embed.snippet);
    script
}

#[track_caller]
pub(super) fn fills(page: &Page, panel: &str, place: &str) {
    page.until("the chat to fill its place", |page| {
        let drawn = page.try_evaluate(&format!("!!{panel}")) == Ok(json!(true));
        (drawn && bounds_of(page, panel) == bounds_of(page, place)).then_some(())
    });
}

#[integration_test]
fn an_inline_chat_fills_its_place_and_takes_neither_focus_nor_scroll_from_the_page(
    fixtures: &Fixtures,
) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&inline_code(&shop, 300));
    // Somebody writes in a field of the page's own, scrolled a little.
    page.evaluate("document.querySelector('#own').focus(); scrollTo(0, 40)");
    let frame = shop.chat_on(&page);
    let _field = frame.element("textbox", FIELD);
    fills(&page, PANEL, "document.querySelector('#chat')");
    assert_eq!(bounds_of(&page, PANEL)[2], 360);
    until_equal(
        &frame,
        "document.documentElement.dataset.mode",
        &json!("inline"),
    );
    listen_briefly(&page);
    assert_eq!(page.evaluate("document.activeElement.id"), "own");
    assert_eq!(page.evaluate("scrollY"), 40);
    // No launcher, no way to close it and none to resize it.
    for name in [LAUNCHER, CLOSER] {
        assert!(page.all("button", name).is_empty(), "{name}");
    }
    let buttons: Vec<_> = frame
        .all("button", "")
        .into_iter()
        .map(|button| button.name)
        .collect();
    assert!(
        !buttons
            .iter()
            .any(|name| name == CLOSER || name == "Change size"),
        "{buttons:?}"
    );
    ask(&frame, QUESTION, ANSWER);
    frame.press(Key::Escape);
    page.evaluate("Oriel.close(); Oriel.toggle()");
    listen_briefly(&page);
    fills(&page, PANEL, "document.querySelector('#chat')");
    assert_eq!(
        page.evaluate(&format!("getComputedStyle({PANEL}).visibility")),
        "visible"
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn an_inline_chat_is_fetched_when_its_place_comes_near_the_screen(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&inline_code(&shop, 3000));
    // The loader, and the two scripts that watch over the place.
    page.until("the scripts that watch over the place", |_| {
        (shop.n_requests(&page) >= 3).then_some(())
    });
    listen_briefly(&page);
    assert_eq!(shop.n_requests(&page), 3);
    assert!(page.frames(&shop.edge).is_empty());
    page.evaluate("scrollTo(0, 2000)");
    listen_briefly(&page);
    assert!(page.frames(&shop.edge).is_empty(), "not near yet");
    page.evaluate("scrollTo(0, 2200)");
    let frame = shop.chat_on(&page);
    let _field = frame.element("textbox", FIELD);
    listen_briefly(&page);
    assert_eq!(page.evaluate("scrollY"), 2200);
    assert_eq!(
        page.evaluate("document.activeElement == document.body"),
        true
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn keys_leave_an_inline_chat_as_they_came(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&inline_code(&shop, 20));
    let frame = shop.chat_on(&page);
    let field = frame.element("textbox", FIELD);
    frame.click(&field);
    until_field_focused(&frame);
    // Out of the chat, to what follows in the page.
    let place = "document.hasFocus() && document.activeElement";
    let is_after = || page.evaluate("document.activeElement.hash == '#after'") == json!(true);
    frame.evaluate(&format!("here = {place}, 0"));
    for _ in 0..8 {
        frame.press(Key::Tab);
        let is_out = frame.until("the focus to move on", |frame| {
            let has_moved = frame.evaluate(&format!("here != ({place})")) == json!(true);
            (has_moved || is_after()).then(is_after)
        });
        if is_out {
            return assert_no_complaints(&page);
        }
        frame.evaluate(&format!("here = {place}, 0"));
    }
    panic!(
        "the focus stays at {}",
        page.evaluate("document.activeElement.outerHTML")
    );
}

#[integration_test]
fn an_inline_chat_covers_no_phone(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&inline_code(&shop, 20));
    page.resize(390, 700);
    let frame = shop.chat_on(&page);
    frame.click(&frame.element("textbox", FIELD));
    until_field_focused(&frame);
    fills(&page, PANEL, "document.querySelector('#chat')");
    assert_eq!(
        page.evaluate("getComputedStyle(document.documentElement).overflow"),
        "visible"
    );
    assert_eq!(
        page.evaluate(&format!("getComputedStyle({PANEL}).borderRadius")),
        "16px",
        "its corners are those of a thing in the page"
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn the_page_brings_an_inline_chat_into_sight(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&inline_code(&shop, 3000));
    until_equal(&page, "!!Oriel", &json!(true));
    page.evaluate(&format!("Oriel.ask('{QUESTION}')"));
    let frame = shop.chat_on(&page);
    frame.until("the answer", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    until_field_focused(&frame);
    page.until("the chat on the screen", |page| {
        let top = bounds_of(page, PANEL)[1].as_i64()?;
        (0..=300).contains(&top).then_some(())
    });
    assert_no_complaints(&page);
}

#[integration_test]
fn inline_chats_of_two_sites_stand_beside_a_panel(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let origin = shop.host.origin("localhost");
    let second = shop.team.open_site("Rival Boats", &[&origin]);
    let third = shop.team.open_site("Harbour", &[&origin]);
    let code = format!(
        "<oriel-chat site=\"{}\" mode=\"inline\" style=\"height: 400px\"></oriel-chat>\
         <oriel-chat site=\"{}\" mode=\"inline\" style=\"height: 350px\"></oriel-chat>\
         <oriel-chat site=\"{}\"></oriel-chat>{}",
        shop.site.key,
        second.key,
        third.key,
        element_script(&shop)
    );
    let page = shop.visit_with(&code);
    let _first = shop.chat_on(&page).element("textbox", FIELD);
    for (at, height) in [(0, 400), (1, 350)] {
        let panel =
            format!("roots.filter(root => root.host.isConnected)[{at}].querySelector('iframe')");
        fills(
            &page,
            &panel,
            &format!("document.querySelectorAll('oriel-chat')[{at}]"),
        );
        assert_eq!(bounds_of(&page, &panel)[3], height);
    }
    page.click(&page.element("button", LAUNCHER));
    let panel = page.frame(&format!("{}/frame?site={}&", shop.edge, third.key));
    until_field_focused(&panel);
    assert_eq!(page.frames(&shop.edge).len(), 3);
    // What happens in one of them does not lock or unlock the page for another one.
    page.resize(390, 700);
    let overflow = "getComputedStyle(document.documentElement).overflow";
    until_equal(&page, overflow, &json!("hidden"));
    page.evaluate(&format!("Oriel.for('{}').ask('Hello')", shop.site.key));
    listen_briefly(&page);
    assert_eq!(page.evaluate(overflow), "hidden");
    assert_no_complaints(&page);
}

/// What Turbo does: another body, whose scripts run; the old one is kept as a copy.
fn swap_body(page: &Page, html: &str) {
    page.evaluate(&format!(
        "{{ kept = document.body.cloneNode(true); const body = document.createElement('body'); body.innerHTML = {}; \
         const revive = body => {{ for (const old of body.querySelectorAll('script')) {{ const script = \
         document.createElement('script'); for (const {{ name, value }} of old.attributes) script.setAttribute(name, value); \
         old.replaceWith(script) }} document.body = body }}; back = () => revive(kept); revive(body); \
         history.pushState({{}}, '', '/another') }}",
        json!(html)
    ));
}

#[integration_test]
fn an_inline_chat_is_there_again_after_the_page_has_swapped_its_body(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let code = inline_code(&shop, 20);
    let page = shop.visit_with(&code);
    let frame = shop.chat_on(&page);
    ask(&frame, QUESTION, ANSWER);
    let shows_answer = |page: &Page| {
        let frame = page.until("the conversation", |_| {
            let all = page.frames(&shop.edge);
            all.into_iter().find(|frame| frame.text().contains(ANSWER))
        });
        // One chat that can be called, and no ghosts.
        page.until("one live chat", |page| {
            let live = format!(
                "roots.filter(root => root.host.isConnected).length == 1 && Oriel == Oriel.for('{0}') && \
                 Oriel == roots.find(root => root.host.isConnected).host.oriel",
                shop.site.key
            );
            (page.try_evaluate(&live) == Ok(json!(true))).then_some(())
        });
        page.evaluate("Oriel.prefill('still heard')");
        until_equal(
            &frame,
            "document.querySelector('#text')?.value",
            &json!("still heard"),
        );
    };
    swap_body(&page, &format!("<h1>Another page</h1>{code}"));
    shows_answer(&page);
    // Without a chat on it, the page is without a chat.
    swap_body(&page, "<h1>A page without</h1>");
    until_equal(
        &page,
        "roots.filter(root => root.host.isConnected).length",
        &json!(0),
    );
    // Back to what was kept: its chat's element is there as a copy, without what was in it.
    assert_eq!(page.evaluate("!!kept.querySelector('oriel-root')"), true);
    page.evaluate("history.back(); back()");
    shows_answer(&page);
    assert_no_complaints(&page);
}

#[integration_test]
fn an_inline_chat_without_a_place_says_so(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for attributes in [
        "data-mode=\"inline\"",
        "data-mode=\"inline\" data-target=\"#none\"",
    ] {
        let page = shop.visit_with(&shop.snippet(attributes));
        page.until("the warning", |_| {
            page.complaints()
                .iter()
                .any(|line| line.contains("data-target"))
                .then_some(())
        });
        assert_eq!(page.complaints().len(), 1, "{:?}", page.complaints());
        assert!(page.frames(&shop.edge).is_empty());
    }
}

#[integration_test]
fn a_mode_that_is_none_is_ignored(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&shop.snippet("data-mode=\"popup\""));
    page.click(&page.element("button", LAUNCHER));
    until_field_focused(&shop.chat_on(&page));
    page.until("the panel", |page| is_open(page).then_some(()));
}
