//! Where the panel stands on the screen: on phones over all of it, on larger ones in two sizes; and how the launcher and
//! the panel look as the page's owner asked.

use std::cell::RefCell;
use std::time::Duration;

use oriel_tests::browser::{Frame, Key, Page, Screen};
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{
    assert_no_complaints, bounds_of, is_open, until_bounds, until_equal, until_field_focused,
};
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page};
use oriel_tests::widget::{CLOSER, FIELD, LAUNCHER, ShopPage, open_chat};
use serde_json::{Value, json};

const PHONE: Screen = Screen {
    width: 390,
    height: 780,
    is_touched: true,
    scheme: "light",
    is_forced: false,
};
const PANEL: &str = "roots.at(-1).querySelector('.panel')";
const BUTTON: &str = "roots.at(-1).querySelector('button')";
const OVERFLOW: &str = "getComputedStyle(document.documentElement).overflow";

/// A page that is long, and whose owner has rules of their own for how it scrolls.
fn long_page(shop: &ShopPage, style: &str) -> PageReply {
    PageReply::open_page(&customer_page(&format!(
        "<style>{style}</style><div style=\"height: 4000px\">Long</div>{}",
        shop.embed.snippet
    )))
}

fn style_of(page: &Frame, element: &str, property: &str) -> Value {
    page.evaluate(&format!("getComputedStyle({element}).{property}"))
}

#[integration_test]
fn on_a_phone_the_chat_covers_the_page_and_leaves_it_as_it_was(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for (style, overflow) in [
        ("", "visible"),
        (
            "html { overflow-y: scroll !important; scroll-behavior: smooth }",
            "visible scroll",
        ),
    ] {
        let page = shop.visit_page(&long_page(&shop, style));
        page.emulate(&PHONE);
        page.evaluate("scrollTo({ top: 1234, behavior: 'instant' })");
        let overflow_before = page.evaluate(OVERFLOW);
        assert!(
            overflow.contains(overflow_before.as_str().unwrap_or("none"))
                || overflow_before == "auto scroll",
            "{overflow_before}"
        );
        let frame = open_chat(&page, &shop.edge);
        until_bounds(&page, PANEL, &json!([0, 0, 390, 780]));
        assert_eq!(page.evaluate(OVERFLOW), "hidden");
        assert_eq!(page.evaluate("scrollY"), 1234);
        // The launcher is under the panel, and out of the way of the keyboard too.
        page.until("the launcher to go", |page| {
            page.all("button", CLOSER).is_empty().then_some(())
        });
        // What is scrolled in the chat does not scroll the page.
        frame.evaluate("document.querySelector('.log, [role=log]').scrollTo(0, 1e6)");
        frame.press(Key::Escape);
        page.until("the page's own way to scroll", |page| {
            (page.evaluate(OVERFLOW) == overflow_before).then_some(())
        });
        assert_eq!(page.evaluate("scrollY"), 1234);
        page.focused("button", LAUNCHER);
        assert_eq!(
            page.evaluate("document.documentElement.style.cssText + document.body.style.cssText"),
            ""
        );
        assert_no_complaints(&page);
    }
}

#[integration_test]
fn a_page_that_is_left_with_the_chat_open_can_be_scrolled(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_page(&long_page(&shop, ""));
    page.emulate(&PHONE);
    page.evaluate("scrollTo(0, 800)");
    let _frame = open_chat(&page, &shop.edge);
    assert_eq!(page.evaluate(OVERFLOW), "hidden");
    page.evaluate("Oriel.destroy()");
    assert_eq!(page.evaluate(OVERFLOW), "visible");
    assert_eq!(page.evaluate("scrollY"), 800);
    assert_eq!(page.evaluate("document.adoptedStyleSheets.length"), 0);

    // Turned to where there is room for both, the page is the visitor's again, and locked when it is turned back.
    page.reload();
    let _frame = open_chat(&page, &shop.edge);
    page.resize(1000, 800);
    until_equal(&page, OVERFLOW, &json!("visible"));
    page.resize(390, 780);
    until_equal(&page, OVERFLOW, &json!("hidden"));
    assert_no_complaints(&page);
}

#[integration_test]
fn nothing_in_the_chat_makes_a_phone_zoom(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_page(&long_page(&shop, ""));
    page.emulate(&PHONE);
    let frame = open_chat(&page, &shop.edge);
    // Browsers zoom into fields whose text is smaller than that. Those of the form for out of hours are there already.
    let small = "[...document.querySelectorAll('input, textarea, select')].filter(field => \
        parseFloat(getComputedStyle(field).fontSize) < 16).map(field => field.outerHTML)";
    assert_eq!(frame.evaluate(small), json!([]));
    assert_eq!(page.evaluate("visualViewport.scale"), 1);
}

#[integration_test]
fn on_a_phone_the_chat_keeps_clear_of_notches(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_page(&long_page(&shop, ""));
    page.emulate(&PHONE);
    page.set_safe_area(47, 34);
    let frame = open_chat(&page, &shop.edge);
    until_bounds(&page, PANEL, &json!([0, 0, 390, 780]));
    // The frame ends where the notch and the bar begin, whatever the frame itself is told of them.
    // Within the border that forced colours show.
    until_equal(&frame, "innerHeight", &json!(780 - 47 - 34 - 2));
    let (paper, fixtures) = (
        style_of(&page, PANEL, "backgroundColor"),
        style_of(&frame, "document.body", "backgroundColor"),
    );
    assert_eq!(paper, fixtures, "beside the notch it looks like the chat");
    page.resize(1000, 800);
    until_equal(
        &frame,
        "innerHeight",
        &json!(bounds_of(&page, PANEL)[3].as_i64().unwrap_or_default() - 2),
    );
}

#[integration_test]
fn the_button_for_the_size_comes_and_goes_with_the_room_for_two(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.resize(1000, 800);
    let frame = open_chat(&page, &shop.edge);
    let shown = "document.getElementById('size').checkVisibility()";
    // The program has taken over what the frame's script heard before.
    frame.until("the program", |frame| {
        (frame.evaluate("!!document.querySelector('[role=menuitem]')") == json!(true)).then_some(())
    });
    until_equal(&frame, shown, &json!(true));
    for (width, is_shown) in [(390, false), (1000, true), (480, false)] {
        page.resize(width, 800);
        until_equal(&frame, shown, &json!(is_shown));
    }
    assert_no_complaints(&page);
}

#[integration_test]
fn on_a_large_screen_the_panel_has_two_sizes(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.resize(1000, 800);
    let frame = open_chat(&page, &shop.edge);
    let small = json!([580, 68, 400, 640]);
    until_bounds(&page, PANEL, &small);
    // By keyboard, from the button in the chat's head, once the program has the focus where it wants it.
    frame.until("the program", |frame| {
        (frame.evaluate("!!document.querySelector('[role=menuitem]')") == json!(true)).then_some(())
    });
    frame.until("the focus on the button", |frame| {
        frame.evaluate("document.querySelector('#size').focus()");
        frame.settle();
        (frame.evaluate("document.activeElement.id") == json!("size")).then_some(())
    });
    frame.press(Key::Enter);
    page.until("the larger panel", |page| {
        (bounds_of(page, PANEL)[2] == 720).then_some(())
    });
    // With the room that there is, once it has grown.
    let large = json!([260, 20, 720, 688]);
    until_bounds(&page, PANEL, &large);
    assert_eq!(frame.evaluate("document.activeElement.id"), "size");
    // It stays that size for as long as the page is there.
    frame.press(Key::Escape);
    page.until("the panel to close", |page| (!is_open(page)).then_some(()));
    page.evaluate("Oriel.open()");
    until_field_focused(&frame);
    until_bounds(&page, PANEL, &large);
    frame.click(&frame.element("button", "size"));
    until_bounds(&page, PANEL, &small);
    // Where it covers the screen, it has one size, and no button.
    let phone = shop.visit_page(&long_page(&shop, ""));
    phone.emulate(&PHONE);
    let frame = open_chat(&phone, &shop.edge);
    assert!(frame.all("button", "size").is_empty());
    assert_no_complaints(&page);
}

#[integration_test]
fn the_launcher_and_the_panel_stand_where_the_page_says(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for (attributes, launcher, panel) in [
        ("", [924, 724], [580, 68]),
        ("data-position=\"start\"", [20, 724], [20, 68]),
        ("data-position=\"start top\"", [20, 20], [20, 92]),
        ("data-position=\"top end\"", [924, 20], [580, 92]),
        ("data-offset=\"40 60\"", [904, 684], [560, 60]),
        (
            "data-offset=\"0,200\" data-position=\"start\"",
            [0, 544],
            [0, 200],
        ),
    ] {
        let page = shop.visit_with(&shop.snippet(attributes));
        page.resize(1000, 800);
        let _launcher = page.element("button", LAUNCHER);
        let place = bounds_of(&page, BUTTON);
        let frame = open_chat(&page, &shop.edge);
        assert_eq!(
            [&place[0], &place[1]],
            launcher.map(Value::from).each_ref(),
            "{attributes}"
        );
        page.until(attributes, |page| {
            let place = bounds_of(page, PANEL);
            ([&place[0], &place[1]] == panel.map(Value::from).each_ref()).then_some(())
        });
        until_field_focused(&frame);
        assert_no_complaints(&page);
    }
}

#[integration_test]
fn the_launcher_has_the_words_and_colours_that_the_page_says(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&shop.snippet(
        "data-label=\"Ask the shop\" data-shape=\"pill\" data-accent=\"#ffd400\" data-radius=\"6\"",
    ));
    let launcher = page.element("button", "Ask the shop");
    let wide = bounds_of(&page, BUTTON)[2].as_i64();
    assert!(wide > Some(120), "{wide:?}");
    assert_eq!(
        page.evaluate(&format!("{BUTTON}.textContent")),
        "Ask the shop"
    );
    assert_eq!(
        style_of(&page, BUTTON, "backgroundColor"),
        "rgb(255, 212, 0)"
    );
    assert_eq!(
        style_of(&page, BUTTON, "color"),
        "rgb(0, 0, 0)",
        "what can be read on it"
    );
    page.click(&launcher);
    let frame = shop.chat_on(&page);
    until_field_focused(&frame);
    assert_eq!(style_of(&page, PANEL, "borderRadius"), "6px");
    until_equal(
        &frame,
        "getComputedStyle(document.documentElement).getPropertyValue('--fill').trim()",
        &json!("#ffd400"),
    );
    // A label keeps its words; the state is told beside them.
    let launcher = page.element("button", "Ask the shop");
    assert_eq!(launcher.property("expanded").as_deref(), Some("true"));

    let dark = shop.visit_with(&shop.snippet("data-accent=\"#123456\""));
    let _launcher = dark.element("button", LAUNCHER);
    assert_eq!(style_of(&dark, BUTTON, "color"), "rgb(255, 255, 255)");
}

#[integration_test]
fn a_scheme_that_the_page_asks_for_is_the_chats(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for (attributes, visitors, expected) in [
        ("data-scheme=\"dark\"", "light", "dark"),
        ("data-scheme=\"light\"", "dark", "light"),
        ("data-scheme=\"auto\"", "dark", "dark"),
        ("data-scheme=\"sepia\"", "dark", "dark"),
        ("", "light", "light"),
    ] {
        let page = shop.visit_with(&shop.snippet(attributes));
        page.prefer_color_scheme(visitors);
        let frame = open_chat(&page, &shop.edge);
        frame.prefer_color_scheme(visitors);
        let (paper, fill) = match expected {
            "dark" => ("rgb(23, 24, 22)", "rgb(134, 205, 182)"),
            _ => ("rgb(252, 251, 248)", "rgb(27, 94, 79)"),
        };
        until_equal(
            &frame,
            "getComputedStyle(document.body).backgroundColor",
            &json!(paper),
        );
        assert_eq!(
            style_of(&page, PANEL, "backgroundColor"),
            paper,
            "{attributes}"
        );
        until_equal(
            &page,
            &format!("getComputedStyle({BUTTON}).backgroundColor"),
            &json!(fill),
        );
    }
}

#[integration_test]
fn attributes_that_are_not_as_described_change_nothing(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let looks = |page: &Page| {
        let frame = open_chat(page, &shop.edge);
        let style = "element => JSON.stringify([...getComputedStyle(element)].sort().map(name => [name, \
            getComputedStyle(element).getPropertyValue(name)]))";
        let look = || {
            (
                bounds_of(page, BUTTON),
                bounds_of(page, PANEL),
                page.evaluate(&format!("({style})({BUTTON})")),
                page.evaluate(&format!("({style})({PANEL})")),
                frame.evaluate(&format!("({style})(document.body)")),
            )
        };
        // Once nothing moves any more.
        let last = RefCell::new(look());
        page.until("the same look twice", |page| {
            page.listen(Duration::from_millis(300));
            let now = look();
            (last.replace(now.clone()) == now).then_some(now)
        })
    };
    let plain = looks(&shop.visit_plain());
    for attributes in [
        "data-accent=\"red\" data-radius=\"25\" data-offset=\"201 0\"",
        "data-accent=\"#12345\" data-radius=\"-1\" data-offset=\"10\"",
        "data-accent=\"#123456;}button{display:none\" data-radius=\"1px\" data-offset=\"1px 2px\"",
        "data-accent=\"#1234567\" data-radius=\"NaN\" data-offset=\"-5 20\"",
        "data-accent=\"url(//evil.example)\" data-radius=\"}*{display:none\" data-offset=\"20 20}*{display:none}\"",
        "data-position=\"middle\" data-shape=\"square\" data-scheme=\"}*{display:none\" data-mode=\"window\"",
        "data-preload=\"never\" data-title=\"always\" data-locale=\"}{\"",
    ] {
        let page = shop.visit_with(&shop.snippet(attributes));
        let seen = looks(&page);
        assert!(seen == plain, "{attributes}: {seen:?}\n{plain:?}");
        assert_no_complaints(&page);
    }
}

#[integration_test]
fn two_runs_of_one_script_are_one_chat(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_with(&format!("{0}{0}", shop.embed.snippet));
    let _launcher = page.element("button", LAUNCHER);
    let again = format!(
        "new Promise(done => {{ const tag = document.createRange().createContextualFragment({}).firstChild; \
         tag.onload = () => done(0); document.body.append(tag) }})",
        json!(shop.embed.snippet)
    );
    page.evaluate(&again);
    assert_eq!(page.all("button", LAUNCHER).len(), 1);
    let frame = open_chat(&page, &shop.edge);
    page.evaluate(&again);
    assert_eq!(
        page.evaluate("document.querySelectorAll('oriel-root').length"),
        1
    );
    assert!(is_open(&page));
    // Gone, it may come again.
    page.evaluate("Oriel.destroy()");
    page.until("the frame to go", |_| {
        page.frames(&shop.edge).is_empty().then_some(())
    });
    drop(frame);
    page.evaluate(&again);
    let frame = open_chat(&page, &shop.edge);
    let _field = frame.element("textbox", FIELD);
    assert_no_complaints(&page);
}
