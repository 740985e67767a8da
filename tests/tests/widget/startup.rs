//! The frame's document before the program runs, and how the program takes it over; and the language of both.

use std::time::Duration;

use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::embed::{Locale, MANIFEST_PATH, Manifest};
use oriel_tests::asserts::directive;
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

fn manifest(client: &Client) -> Manifest {
    client.get(MANIFEST_PATH).send().expect(200).json()
}

/// Waits until the frame says that this is so.
#[track_caller]
fn until_so(frame: &Frame, condition: &str) {
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
const RUNS: &str = "!document.getElementById('menu').disabled";

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
fn document(client: &Client, key: &str, more: &str, accepts: Option<&str>) -> Response {
    let path = format!("/frame?site={key}{more}");
    let call = client.get(&path);
    match accepts {
        Some(accepts) => call.header("accept-language", accepts),
        None => call,
    }
    .send()
    .expect(200)
}

#[integration_test]
fn the_document_is_in_the_language_of_the_page_the_browser_or_the_site(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let site = team.open_site("Tidewater Boats", &["https://shop.example"]);
    let languages = manifest(&client).locales;
    let of = |tag: &str| -> &Locale {
        let language = languages.iter().find(|language| language.tag == tag);
        language.unwrap_or_else(|| panic!("{tag} is not there"))
    };
    let assert_is = |answer: &Response, tag: &str, lang: &str, dir: &str| {
        let html = answer.text();
        let root = format!("<html lang=\"{lang}\" dir=\"{dir}\">");
        assert!(html.contains(&root), "{root} is not in {html}");
        let Locale { words, shell, .. } = of(tag);
        for words in [&words.path, &words.integrity] {
            assert!(
                html.contains(&format!("=\"{words}\"")),
                "{words} is not in {html}"
            );
        }
        for words in [
            &shell.greeting,
            &shell.disclosure,
            &shell.write,
            &shell.send,
            &shell.close,
        ] {
            let words = words.replace('\'', "&#39;");
            assert!(html.contains(&words), "{words} is not in {html}");
        }
        assert_eq!(answer.header("vary").as_deref(), Some("accept-language"));
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    };
    for (asked, accepts, tag, lang, dir) in [
        ("", None, "en", "en", "ltr"),
        ("&lang=de", None, "de", "de", "ltr"),
        ("&lang=de-AT", Some("fr"), "de", "de-AT", "ltr"),
        ("&lang=%2Cfr", Some("ja"), "fr", "fr", "ltr"),
        ("&lang=tlh%2Cpt", Some("ja"), "pt-BR", "pt-BR", "ltr"),
        (
            "&lang=tlh",
            Some("zh-TW,zh;q=0.9,en;q=0.8"),
            "zh-Hans",
            "zh-Hans",
            "ltr",
        ),
        ("", Some("da;q=1, iw;q=0.5, en;q=0.4"), "he", "he", "rtl"),
        ("&lang=", Some("ar-EG"), "ar", "ar-EG", "rtl"),
        ("&lang=en-GB", Some("es"), "en", "en-GB", "ltr"),
    ] {
        let answer = document(&client, &site.key, asked, accepts);
        assert_is(&answer, tag, lang, dir);
    }
    // The site's own words are shown as they are, whatever the language; its language is for those who ask for none.
    let change = SiteChange {
        greeting: Some("Ahoy!".to_owned()),
        locale: Some(Some("es".to_owned())),
        ..SiteChange::default()
    };
    let _changed = team.change(&site.id, &change).expect(200);
    until("the site's greeting", SOON, || {
        document(&client, &site.key, "", None)
            .text()
            .contains("Ahoy!")
            .then_some(())
    });
    let html = document(&client, &site.key, "", None).text();
    assert!(html.contains("<html lang=\"es\"") && html.contains(&of("es").shell.disclosure));
    let html = document(&client, &site.key, "", Some("de")).text();
    assert!(
        html.contains("<html lang=\"de\"") && html.contains("Ahoy!"),
        "{html}"
    );
    assert!(!html.contains(&of("de").shell.greeting), "{html}");
}

#[integration_test]
fn a_hostile_language_is_passed_over(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let site = team.open_site("Tidewater Boats", &["https://shop.example"]);
    let plain = document(&client, &site.key, "", None).text();
    let long = "de-".repeat(2_000);
    for hostile in [
        "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "..%2F..%2Fmanifest",
        "de%00",
        "%0d%0aset-cookie%3A%20a%3Db",
        "%ff%fe",
        "%E2%80%AEde",
        "%EF%BD%84%EF%BD%85",
        "en-US-u-ca-%22%3E",
        "*",
        &long,
    ] {
        let answer = document(&client, &site.key, &format!("&lang={hostile}"), None);
        let html = answer.text();
        if hostile.starts_with("en-US") {
            assert!(html.contains("<html lang=\"en-US\""), "{html}");
        } else {
            assert_eq!(html, plain, "{hostile}");
        }
        assert!(answer.header("set-cookie").is_none());
        assert!(
            directive(
                &answer.header("content-security-policy").unwrap_or_default(),
                "script-src"
            )
            .is_some()
        );
    }
    for accepts in [
        "de;q=0",
        ",,,,",
        "de;q=NaN",
        "\"><script>",
        &"xx,".repeat(2_000),
    ] {
        let answer = document(&client, &site.key, "", Some(accepts));
        assert_eq!(answer.text(), plain, "{accepts:.40}");
    }
}

/// A page in a language, with a locale in its embed code.
fn serve(shop: &ShopPage, path: &str, lang: &str, attribute: &str) {
    let snippet = shop
        .embed
        .snippet
        .replace(" data-site", &format!("{attribute} data-site"));
    let page = customer_page(&snippet).replace("lang=\"en\"", lang);
    shop.host
        .serve(path, PageReply::page(&strict_csp(&shop.embed.csp), &page));
}

#[integration_test]
fn the_chat_speaks_the_visitors_language_and_fetches_no_other(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let languages = manifest(&fixtures.edge().client()).locales;
    serve(&shop, "/de", "lang=\"de-CH\"", "");
    serve(&shop, "/ar", "lang=\"en\"", " data-locale=\"ar\"");
    for (path, tag, field, person) in [
        (
            "/de",
            "de",
            "Nachricht schreiben",
            "Mit einem Menschen sprechen",
        ),
        ("/ar", "ar", "اكتب رسالة", "التحدث إلى شخص"),
    ] {
        let page = shop.browser.page();
        page.open(&format!("{}{path}", shop.host.origin("localhost")));
        let button = page.until("the launcher", |page| {
            let mut elements = page.elements().into_iter();
            elements
                .find(|element| element.role == "button" && element.property("expanded").is_some())
        });
        page.click(&button);
        let frame = page.frame(&format!("{}/frame", shop.edge));
        let text = frame.element("textbox", field);
        until_so(&frame, RUNS);
        frame.click(&text);
        frame.type_text("How do I reset my Netflix password?");
        frame.press(Key::Enter);
        let _offer = frame.element("button", person);
        page.screenshot(&format!("language-{tag}"));
        let files =
            frame.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)");
        let files = files.to_string();
        for language in &languages {
            let is_fetched = files.contains(&language.words.path);
            assert_eq!(is_fetched, language.tag == tag, "{}: {files}", language.tag);
        }
        let is_mirrored = frame.evaluate(
            "document.getElementById('close').getBoundingClientRect().x < innerWidth / 2",
        );
        assert_eq!(is_mirrored, tag == "ar");
        let complaints = page.complaints();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}

#[integration_test]
fn every_language_has_the_plural_categories_of_the_browser(fixtures: &Fixtures) {
    let client = fixtures.edge().client();
    let browser = Browser::start();
    let page = browser.page();
    page.open("about:blank");
    for language in manifest(&client).locales {
        let words: Vec<String> = client.get(&language.words.path).send().expect(200).json();
        let tag = &language.tag;
        let told = page.evaluate(&format!(
            "new Intl.PluralRules('{tag}').resolvedOptions().pluralCategories.sort().join()"
        ));
        let plurals: Vec<Vec<&str>> = words
            .iter()
            .filter(|words| words.contains("other:"))
            .map(|words| {
                words
                    .lines()
                    .filter_map(|line| Some(line.split_once(':')?.0))
                    .collect()
            })
            .collect();
        assert!(!plurals.is_empty(), "{tag} has no plural");
        for plural in plurals {
            assert_eq!(told, plural.join(","), "{tag}");
        }
    }
}
