//! What is not shown, run or opened, in real Chromium.

use std::time::Duration;

use super::browser::{assert_no_complaints, edge_requests};
use oriel_shared::wire::admin::SiteChange;
use oriel_tests::asserts::integrity;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page};
use oriel_tests::wait::{IN_FORCE, until};
use oriel_tests::widget::{ANSWER, LAUNCHER, QUESTION, ShopPage, ask, open_chat};
use serde_json::json;

#[integration_test]
fn a_page_that_is_not_listed_gets_no_ticket_and_its_frame_is_refused(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    // Two origins have these pages: one is in the safelist, the other is not.
    let address = format!("{}/frame?site={}", shop.edge, shop.site.key);
    shop.host.serve(
        "/bare",
        PageReply::open_page(&format!(
            "<!doctype html><title>bare</title><iframe src=\"{address}\">"
        )),
    );
    shop.host.serve(
        "/open",
        PageReply::open_page(&customer_page(&shop.embed.snippet)),
    );
    let ask_for_ticket = format!(
        "fetch('{}/v1/sites/{}/tickets', {{ method: 'POST', headers: {{ 'content-type': 'application/json' }}, body: \
         '{{}}' }}).then(answer => answer.status, () => 'unreadable')",
        shop.edge, shop.site.key
    );
    let (listed, other) = (
        shop.host.origin("localhost"),
        shop.host.origin("other.localhost"),
    );

    let page = shop.browser.page();
    page.open(&format!("{listed}/bare"));
    let frame = page.frame(&address);
    frame.until("the frame's document", |frame| {
        (frame.evaluate("document.getElementById('oriel') !== null") == json!(true)).then_some(())
    });
    assert_eq!(page.evaluate(&ask_for_ticket), 201);

    let page = shop.browser.page();
    page.open(&format!("{other}/bare"));
    let why = page.until("the browser to refuse the frame", |_| {
        page.complaints()
            .into_iter()
            .find(|line| line.contains("frame-ancestors"))
    });
    assert!(why.contains(&shop.edge), "{why}");
    assert!(
        page.frames(&address).is_empty(),
        "the frame's document is shown"
    );
    assert_eq!(page.evaluate(&ask_for_ticket), "unreadable");
    page.screenshot("refused-frame");

    // And with the embed code, as a copied snippet would be: in words, and in the console for whoever built the page.
    let page = shop.browser.page();
    page.open(&format!("{other}/open"));
    page.click(&page.element("button", LAUNCHER));
    let told = page.until("the console to say why", |_| {
        page.complaints()
            .into_iter()
            .find(|line| line.contains("Oriel:"))
    });
    assert!(
        told.contains(&other) || told.contains("cannot be reached"),
        "{told}"
    );
    assert!(
        page.frames(&address).is_empty(),
        "the frame's document is shown"
    );
    let answers = page.responses(&format!("{}/v1/sites/{}/tickets", shop.edge, shop.site.key));
    assert!(
        answers.contains(&403) && !answers.contains(&201),
        "{answers:?}"
    );
    page.listen(Duration::from_secs(1));
    assert!(
        edge_requests(&page, &shop.edge)
            .iter()
            .all(|url| !url.contains("/v1/session")),
        "a session was opened"
    );
    page.screenshot("refused-page");
}

#[integration_test]
fn a_disabled_site_says_so_in_words(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let change = SiteChange {
        enabled: Some(false),
        ..SiteChange::default()
    };
    let _closed = shop.team.change(&shop.site.id, &change).expect(200);
    let client = fixtures.edge().client();
    until("the site to be closed", IN_FORCE, || {
        (client
            .get(&format!("/frame?site={}", shop.site.key))
            .send()
            .status
            == 404)
            .then_some(())
    });
    let page = shop.visit();
    page.click(&page.element("button", LAUNCHER));
    page.until("the chat to say that it is not available", |page| {
        page.elements()
            .iter()
            .any(|element| element.name.contains("not available"))
            .then_some(())
    });
    page.screenshot("disabled-site");
}

#[integration_test]
fn a_loader_with_one_altered_byte_does_not_run(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let path = shop
        .embed
        .snippet
        .split(&shop.edge)
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default();
    let bytes = fixtures.edge().client().get(path).send().expect(200).body;
    assert_eq!(integrity(&bytes), shop.embed.integrity);
    // A letter in a word that is shown: the program stays a program.
    let mut altered = bytes.clone();
    let at = altered
        .windows(9)
        .position(|word| word == LAUNCHER.as_bytes())
        .expect("the launcher's name");
    altered[at] = b'0';
    let origin = shop.host.origin("localhost");
    shop.host.serve("/same.js", PageReply::script(&bytes));
    shop.host.serve("/altered.js", PageReply::script(&altered));
    let snippet = |script: &str, pin: &str| {
        shop.embed
            .snippet
            .replace(
                &format!("{}{path}", shop.edge),
                &format!("{origin}/{script}"),
            )
            .replace(&format!(" integrity=\"{}\"", shop.embed.integrity), pin)
    };
    let pin = format!(" integrity=\"{}\"", shop.embed.integrity);
    shop.host.serve(
        "/same",
        PageReply::open_page(&customer_page(&snippet("same.js", &pin))),
    );
    shop.host.serve(
        "/unpinned",
        PageReply::open_page(&customer_page(&snippet("altered.js", ""))),
    );
    shop.host.serve(
        "/altered",
        PageReply::open_page(&customer_page(&snippet("altered.js", &pin))),
    );

    let page = shop.browser.page();
    // The rightful bytes from this place run, and so would the altered ones without the pin.
    page.open(&format!("{origin}/same"));
    let _launcher = page.element("button", LAUNCHER);
    page.open(&format!("{origin}/unpinned"));
    let _altered = page.element("button", "0pen chat");
    page.open(&format!("{origin}/altered"));
    let why = page.until("the browser to refuse the script", |_| {
        page.complaints()
            .into_iter()
            .find(|line| line.contains("integrity"))
    });
    assert!(why.contains("altered.js"), "{why}");
    page.listen(Duration::from_secs(1));
    assert!(
        page.all("button", "").is_empty(),
        "the altered loader drew a launcher"
    );
    assert_eq!(page.evaluate("typeof Oriel"), "undefined");
}

#[integration_test]
fn the_frame_runs_under_trusted_types_without_a_policy(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    assert_no_complaints(&page);
    for forbidden in [
        "document.createElement('p').innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.createElement('script').text = '1'",
        "document.createElement('script').src = 'https://evil.example/x.js'",
        "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
        "trustedTypes.createPolicy('default', {})",
        "trustedTypes.createPolicy('oriel', {})",
        "eval('1')",
        "new Function('return 1')()",
        "setTimeout('1', 0)",
    ] {
        let outcome = frame.try_evaluate(&as_page(forbidden));
        assert!(outcome.is_err(), "{forbidden} works: {outcome:?}");
    }
    // What a page without the policy may do, so that the list above says something.
    shop.host.serve(
        "/plain",
        PageReply::open_page("<!doctype html><title>plain</title><body>"),
    );
    let plain = shop.browser.page();
    plain.open(&format!("{}/plain", shop.host.origin("localhost")));
    for allowed in [
        "document.createElement('p').innerHTML = '<b>x</b>'",
        "eval('1')",
        "new Function('return 1')()",
    ] {
        let outcome = plain.try_evaluate(&as_page(allowed));
        assert!(outcome.is_ok(), "{allowed}: {outcome:?}");
    }
}

/// Runs a statement as the page's own script would: what the debugger evaluates itself may do more.
fn as_page(statement: &str) -> String {
    format!(
        "new Promise((done, failed) => setTimeout(() => {{ try {{ {statement}; done(true) }} catch (error) {{ failed(error) \
         }} }}))"
    )
}
