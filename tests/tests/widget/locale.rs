//! The language of the frame's document and of the program.

use super::startup::{RUNS, document, manifest, serve, until_so};
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::embed::Locale;
use oriel_tests::asserts::directive;
use oriel_tests::browser::{Browser, Key};
use oriel_tests::client::Response;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::ShopPage;

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
