//! The frame's document before the program runs, and how the program takes it over; and the language of both.

use std::time::Duration;

use oriel_shared::wire::embed::{MANIFEST_PATH, Manifest};
use oriel_tests::browser::{Browser, Frame, Key, Page};
use oriel_tests::client::{Client, Response};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page, strict_csp};
use oriel_tests::proxy::{Files, Proxy, Sockets};
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, LAUNCHER, QUESTION, ShopPage};
use serde_json::json;

/// The program's file, as part of its address.
const PROGRAM: &str = "/assets/frame.";

const PROGRAM_END: &str = ".wasm";

/// A shop, and a visitor behind a proxy that has this trouble with the program.
fn shop_behind(fixtures: &Fixtures, proxy: &Proxy, trouble: Files) -> ShopPage {
    let manifest = manifest(&fixtures.edge().client());
    let program = manifest.frame_wasm.path;
    assert!(program.starts_with(PROGRAM) && program.ends_with(PROGRAM_END));
    proxy.open();
    proxy.trouble(Some((&program, trouble)));
    ShopPage::visited_with(fixtures, Browser::behind(proxy))
}

pub(super) fn manifest(client: &Client) -> Manifest {
    client.get(MANIFEST_PATH).send().expect(200).json()
}

/// Waits until the frame says that this is so.
#[track_caller]
pub(super) fn until_so(frame: &Frame, condition: &str) {
    frame.until(condition, |frame| {
        (frame.try_evaluate(condition) == Ok(json!(true))).then_some(())
    });
}

/// Waits until the open chat takes keys.
#[track_caller]
fn until_focused(frame: &Frame) {
    until_so(
        frame,
        "document.hasFocus() && document.activeElement == document.getElementById('text')",
    );
}

/// Whether the program has taken over: it alone enables the menu.
pub(super) const RUNS: &str = "!document.getElementById('menu').disabled";

/// Opens the chat as it is without its program.
#[track_caller]
fn open_shell(page: &Page, shop: &ShopPage) -> Frame {
    page.click(&page.element("button", LAUNCHER));
    let frame = page.frame(&format!("{}/frame", shop.edge));
    until_focused(&frame);
    assert_eq!(frame.evaluate(RUNS), false, "the program was not held back");
    frame
}

/// How often the team has these words from visitors.
fn n_kept(shop: &ShopPage, words: &str) -> usize {
    let conversations = shop.team.conversations(&shop.site.id);
    let messages = conversations
        .iter()
        .flat_map(|conversation| shop.team.messages(&conversation.id));
    messages.filter(|message| message.text == words).count()
}

#[integration_test]
fn what_is_written_before_the_program_runs_is_sent_once_and_the_draft_is_kept(fixtures: &Fixtures) {
    let proxy = Proxy::start(Sockets::Refused);
    let shop = shop_behind(fixtures, &proxy, Files::Held);
    let page = shop.visit();
    let frame = open_shell(&page, &shop);
    frame.evaluate(
        "window.moved = []; new PerformanceObserver(list => moved.push(...list.getEntries().map(entry => \
         [entry.startTime, entry.value, ...entry.sources.map(({ node, previousRect, currentRect }) => \
         [node?.id || node?.className || node?.nodeName, previousRect.toJSON(), currentRect.toJSON()])]))) \
         .observe({ type: 'layout-shift', buffered: true }); window.parts = ['text', 'log', 'send', 'close', 'status'] \
         .map(id => document.getElementById(id)); true",
    );
    for words in ["Is anybody there?", QUESTION] {
        frame.type_text(words);
        frame.press(Key::Enter);
    }
    frame.press(Key::Enter);
    let rest = "And one more thing";
    frame.type_text(rest);
    assert_eq!(
        frame.evaluate("document.querySelectorAll('#log .row').length"),
        2
    );
    let selected = "parts[0].setSelectionRange(4, 7, 'backward')";
    frame.evaluate(&format!("{selected}, true"));
    page.screenshot("shell-1-waiting");

    // Until the program is there and has drawn.
    let since = frame.evaluate("performance.now()");
    proxy.trouble(None);
    until_so(&frame, RUNS);
    let drawn = "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))";
    frame.evaluate(&format!(
        "{drawn}.then(() => window.untilThen = performance.now())"
    ));
    frame.until("the answer", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    let moved = frame.evaluate(&format!(
        "moved.filter(([at]) => at > {since} && at < untilThen)"
    ));
    assert_eq!(moved, json!([]), "something moved");
    assert_eq!(
        frame.evaluate(
            "parts.every(part => part.isConnected) && document.activeElement == parts[0] && document.hasFocus()"
        ),
        true,
        "something was replaced"
    );
    assert_eq!(
        frame.evaluate("[parts[0].value, parts[0].selectionStart, parts[0].selectionEnd, parts[0].selectionDirection]"),
        json!([rest, 4, 7, "backward"])
    );
    assert_eq!(frame.evaluate("parts[0].parentElement.dataset.text"), rest);
    page.screenshot("shell-2-taken-over");
    for words in ["Is anybody there?", QUESTION] {
        until("the words to be kept", SOON, || {
            (n_kept(&shop, words) > 0).then_some(())
        });
        assert_eq!(frame.text().matches(words).count(), 1, "{}", frame.text());
    }
    // Long enough for whatever would come twice.
    page.listen(Duration::from_secs(1));
    for words in ["Is anybody there?", QUESTION] {
        assert_eq!(n_kept(&shop, words), 1, "{words}");
    }
    assert_eq!(n_kept(&shop, rest), 0);
    frame.evaluate("parts[0].setSelectionRange(99, 99), true");
    frame.type_text("!");
    frame.press(Key::Enter);
    until("the rest to be kept", SOON, || {
        (n_kept(&shop, &format!("{rest}!")) == 1).then_some(())
    });
    assert!(page.complaints().is_empty(), "{:?}", page.complaints());
}

#[integration_test]
fn a_program_that_does_not_come_is_said_in_words_and_tried_again_without_losing_one(
    fixtures: &Fixtures,
) {
    let proxy = Proxy::start(Sockets::Refused);
    let shop = shop_behind(fixtures, &proxy, Files::Lost);
    let page = shop.visit();
    page.click(&page.element("button", LAUNCHER));
    let frame = page.frame(&format!("{}/frame", shop.edge));
    let again = frame.element("button", "Try again");
    assert!(
        frame.text().contains("could not be loaded"),
        "{}",
        frame.text()
    );
    until_focused(&frame);
    frame.type_text(QUESTION);
    frame.press(Key::Enter);
    frame.type_text("A draft");
    page.screenshot("shell-3-failed");
    // Once more in vain.
    frame.click(&again);
    let again = frame.element("button", "Try again");
    assert_eq!(
        frame.evaluate("document.getElementById('text').value"),
        "A draft"
    );

    proxy.trouble(None);
    frame.click(&again);
    until_so(&frame, RUNS);
    frame.until("the answer", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    assert!(frame.all("button", "Try again").is_empty());
    assert!(
        !frame.text().contains("could not be loaded"),
        "{}",
        frame.text()
    );
    assert_eq!(
        frame.evaluate("document.getElementById('text').value"),
        "A draft"
    );
    until_focused(&frame);
    until("the question to be kept", SOON, || {
        (n_kept(&shop, QUESTION) == 1).then_some(())
    });
}

#[integration_test]
fn the_shell_alone_can_be_closed_and_opened_again(fixtures: &Fixtures) {
    let proxy = Proxy::start(Sockets::Refused);
    let shop = shop_behind(fixtures, &proxy, Files::Held);
    let page = shop.visit();
    let frame = open_shell(&page, &shop);
    frame.type_text("Kept");
    let is_open = || {
        let elements = page.elements().into_iter();
        elements
            .filter_map(|element| element.property("expanded"))
            .next()
    };
    for close in [true, false] {
        assert_eq!(is_open().as_deref(), Some("true"));
        if close {
            frame.click(&frame.element("button", "Close chat"));
        } else {
            frame.press(Key::Escape);
        }
        until("the chat to be closed", SOON, || {
            (is_open().as_deref() == Some("false")).then_some(())
        });
        page.click(&page.element("button", LAUNCHER));
        until_focused(&frame);
    }
    assert_eq!(
        frame.evaluate("document.getElementById('text').value"),
        "Kept"
    );
    proxy.trouble(None);
    frame.type_text(" then");
    frame.press(Key::Enter);
    until("all of it to be kept", SOON, || {
        (n_kept(&shop, "Kept then") == 1).then_some(())
    });
}

#[integration_test]
fn the_first_paint_has_the_sites_scheme_and_colours(fixtures: &Fixtures) {
    let proxy = Proxy::start(Sockets::Refused);
    // Neither the program nor the script that fetches it: what is painted is the document under its style sheet.
    let script = manifest(&fixtures.edge().client()).frame_script.path;
    proxy.open();
    let shop = ShopPage::visited_with(fixtures, Browser::behind(&proxy));
    let client = fixtures.edge().client();
    let look = "(() => {
      const style = id => getComputedStyle(document.getElementById(id));
      document.getElementById('text').focus();
      document.getElementById('send').disabled = false;
      document.getElementById('send').style.transition = 'none';
      return [getComputedStyle(document.body).backgroundColor, style('field').borderTopColor,
        style('send').backgroundColor, style('send').color, style('field').borderTopLeftRadius];
    })()";
    let (light, dark) = ("rgb(252, 251, 248)", "rgb(23, 24, 22)");
    let (white, ours, ink) = (
        "rgb(255, 255, 255)",
        "rgb(134, 205, 182)",
        "rgb(11, 33, 27)",
    );
    let (navy, pale) = ("rgb(16, 32, 96)", "rgb(150, 157, 185)");
    for (device, theme, mark, looks) in [
        // As the device is; that it is dark is the premise of the others.
        ("dark", json!({}), "", [dark, ours, ours, ink, "21px"]),
        (
            "light",
            json!({ "scheme": "dark" }),
            "data-scheme=\"dark\"",
            [dark, ours, ours, ink, "21px"],
        ),
        (
            "dark",
            json!({ "scheme": "light", "accent": "#102060", "radius": 4 }),
            "--r:4px",
            [light, navy, navy, white, "5.25px"],
        ),
        (
            "light",
            json!({ "scheme": "dark", "accent": "#102060", "radius": 0 }),
            "--r:0px",
            [dark, pale, navy, white, "0px"],
        ),
    ] {
        let change = serde_json::from_value(json!({ "theme": theme })).expect("a change");
        let _changed = shop.team.change(&shop.site.id, &change).expect(200);
        until("the theme in the document", SOON, || {
            let html = document(&client, &shop.site.key, "", None).text();
            html.contains(mark).then_some(())
        });
        proxy.trouble(Some((&script, Files::Held)));
        // The page itself says nothing about looks.
        let page = shop.visit();
        page.prefer_color_scheme(device);
        page.click(&page.element("button", LAUNCHER));
        let frame = page.frame(&format!("{}/frame", shop.edge));
        frame.prefer_color_scheme(device);
        until_so(&frame, "getComputedStyle(document.body).margin == '0px'");
        assert_eq!(frame.evaluate(look), json!(looks), "{device}, {theme}");
        assert_eq!(
            frame.evaluate("document.readyState"),
            "interactive",
            "the script was not held back"
        );
        page.screenshot(&format!(
            "shell-look-{device}-{}",
            theme["accent"].is_null()
        ));
        proxy.trouble(None);
        until_so(&frame, RUNS);
        frame.until("the field to be filled", |frame| {
            (frame.try_evaluate(look) == Ok(json!(looks))).then_some(())
        });
        // No policy was broken on the way.
        let complaints = page.complaints();
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    // Where the site leaves it open the page's own scheme is painted first too: frames take it from the panel.
    let change = serde_json::from_value(json!({ "theme": {} })).expect("a change");
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    until("the document without a theme", SOON, || {
        let html = document(&client, &shop.site.key, "", None).text();
        (!html.contains("--r:")).then_some(())
    });
    serve(&shop, "/dark", "lang=\"en\"", " data-scheme=\"dark\"");
    proxy.trouble(Some((&script, Files::Held)));
    let page = shop.browser.page();
    page.open(&format!("{}/dark", shop.host.origin("localhost")));
    page.prefer_color_scheme("light");
    page.click(&page.element("button", LAUNCHER));
    let frame = page.frame(&format!("{}/frame", shop.edge));
    frame.until("the page's scheme", |frame| {
        let looks = [dark, ours, ours, ink, "21px"];
        (frame.try_evaluate(look) == Ok(json!(looks))).then_some(())
    });
    assert_eq!(frame.evaluate("document.readyState"), "interactive");
    proxy.trouble(None);
}

/// The frame's document of a site, for a browser and with more to its address.
pub(super) fn document(client: &Client, key: &str, more: &str, accepts: Option<&str>) -> Response {
    let path = format!("/frame?site={key}{more}");
    let call = client.get(&path);
    match accepts {
        Some(accepts) => call.header("accept-language", accepts),
        None => call,
    }
    .send()
    .expect(200)
}

/// A page in a language, with a locale in its embed code.
pub(super) fn serve(shop: &ShopPage, path: &str, lang: &str, attribute: &str) {
    let snippet = shop
        .embed
        .snippet
        .replace(" data-site", &format!("{attribute} data-site"));
    let page = customer_page(&snippet).replace("lang=\"en\"", lang);
    shop.host
        .serve(path, PageReply::page(&strict_csp(&shop.embed.csp), &page));
}
