//! The chat on pages whose policies are strict: on scripts, on trusted types, on what comes from other origins.

use oriel_shared::wire::admin::CspLine;
use oriel_tests::edge::Edge;
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{assert_no_complaints, listen_briefly, until_equal};
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page, strict_csp};
use oriel_tests::widget::{ANSWER, LAUNCHER, QUESTION, ShopPage, ask, open_chat};
use serde_json::{Value, json};

#[integration_test]
fn the_chat_works_under_a_nonce_and_strict_dynamic(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let with_nonce = shop.snippet("nonce=\"r4nd0m\"");
    let others = without_scripts(&shop);
    for (path, scripts) in [
        ("/nonce", "'nonce-r4nd0m'"),
        ("/dynamic", "'nonce-r4nd0m' 'strict-dynamic'"),
    ] {
        let csp = format!("{}; script-src {scripts}", strict_csp(&others));
        shop.host
            .serve(path, PageReply::page(&csp, &customer_page(&with_nonce)));
        let page = shop.browser.page();
        page.open(&format!("{}{path}", shop.host.origin("localhost")));
        let frame = open_chat(&page, &shop.edge);
        page.evaluate("Oriel.prefill('under a policy')");
        frame.until("the rest of the API", |frame| {
            (frame.evaluate("document.querySelector('#text').value") == json!("under a policy"))
                .then_some(())
        });
        assert_no_complaints(&page);
    }
}

/// Everything that pages may ask for of trusted types.
const TRUSTED_TYPES: [&str; 4] = [
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "require-trusted-types-for 'script'; trusted-types dompurify",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
];

#[integration_test]
fn the_chat_works_where_the_page_requires_trusted_types_and_allows_no_policy(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let nonce: Vec<CspLine> = without_scripts(&shop);
    for trusted_types in TRUSTED_TYPES {
        for (csp, code) in [
            (strict_csp(&shop.embed.csp), shop.embed.snippet.clone()),
            (
                format!("{}; script-src 'nonce-r4nd0m'", strict_csp(&nonce)),
                shop.snippet("nonce=\"r4nd0m\""),
            ),
            (
                format!(
                    "{}; script-src 'nonce-r4nd0m' 'strict-dynamic'",
                    strict_csp(&nonce)
                ),
                shop.snippet("nonce=\"r4nd0m\""),
            ),
        ] {
            let csp = format!("{csp}; {trusted_types}");
            let page = shop.visit_page(&PageReply::page(&csp, &customer_page(&code)));
            let _launcher = page.element("button", LAUNCHER);
            // Nothing is tried before anybody wants the chat.
            assert_no_complaints(&page);
            let frame = open_chat(&page, &shop.edge);
            page.evaluate("Oriel.prefill('under a policy')");
            until_equal(
                &frame,
                "document.querySelector('#text').value",
                &json!("under a policy"),
            );
            // The page's policy holds for the page itself; and each of our two scripts has tried the usual way once.
            let complaints = page.complaints();
            let n_tries = if trusted_types.contains("require") {
                2
            } else {
                0
            };
            let tries = page.violations();
            assert!(
                tries.len() == n_tries
                    && tries
                        .iter()
                        .all(|line| line.contains("kTrustedTypesSinkViolation")),
                "{csp}: {complaints:#?}"
            );
            assert_eq!(
                page.evaluate("document.querySelectorAll('script, link').length"),
                1,
                "nothing of it is left"
            );
        }
    }
}

fn without_scripts(shop: &ShopPage) -> Vec<CspLine> {
    let lines = shop.embed.csp.iter();
    lines
        .filter(|line| line.directive != "script-src")
        .cloned()
        .collect()
}

/// The loader as it is, from a host of the test's, which serves the rest as this says.
fn from_another_host(
    shop: &ShopPage,
    edge: &Edge,
    panel: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> (String, String, Vec<u8>) {
    let client = edge.client();
    let manifest: Value = client.get("/manifest.json").send().expect(200).json();
    let file = |name: &str| {
        let path = manifest[name]["path"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (path.clone(), client.get(&path).send().expect(200).body)
    };
    let (loader_path, loader) = file("loader");
    let (panel_path, original) = file("panel");
    shop.host.serve(&loader_path, PageReply::script(&loader));
    if let Some(panel) = panel(&original) {
        shop.host.serve(&panel_path, PageReply::script(&panel));
    }
    let snippet = shop
        .embed
        .snippet
        .replacen(&shop.edge, &shop.host.origin("files.localhost"), 1);
    (snippet, panel_path, original)
}

#[integration_test]
fn a_script_that_is_not_the_pinned_one_is_not_run(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let (code, ..) = from_another_host(&shop, fixtures.edge(), |panel| {
        Some([panel, b"\n;document.title='run';"].concat())
    });
    for csp in ["default-src *", TRUSTED_TYPES[0]] {
        let page = shop.visit_page(&PageReply::page(csp, &customer_page(&code)));
        page.click(&page.element("button", LAUNCHER));
        page.until("the browser to refuse the script", |_| {
            page.complaints()
                .iter()
                .any(|line| line.contains("integrity"))
                .then_some(())
        });
        let _words = page.element("button", "Chat unavailable");
        listen_briefly(&page);
        assert_eq!(page.evaluate("document.title"), "Tidewater Boats", "{csp}");
    }
}

#[integration_test]
fn a_script_that_did_not_come_is_asked_for_again(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for csp in ["default-src *", TRUSTED_TYPES[0]] {
        let (code, path, panel) = from_another_host(&shop, fixtures.edge(), |_| None);
        let host = shop.host.origin("files.localhost");
        shop.host
            .serve(&path, PageReply::open_page("away for a moment"));
        let page = shop.visit_page(&PageReply::page(csp, &customer_page(&code)));
        page.click(&page.element("button", LAUNCHER));
        let words = page.element("button", "Chat unavailable");
        shop.host.serve(&path, PageReply::script(&panel));
        page.click(&words);
        // It runs: what is asked of that host now has no answer there, and is told.
        page.until("the panel to be drawn", |page| {
            let panels = page.evaluate("roots[0].querySelectorAll('.panel').length");
            (panels == json!(1)).then_some(())
        });
        // The words about its absence are gone with it.
        assert_eq!(
            page.evaluate("roots[0].querySelector('button').textContent"),
            LAUNCHER
        );
        let asked = page.requests();
        let n_asked = asked
            .iter()
            .filter(|request| request.url == format!("{host}{path}"));
        assert!(n_asked.count() >= 2, "{asked:#?}");
    }
}

#[integration_test]
fn the_chat_works_on_a_page_that_is_cross_origin_isolated(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for policy in ["require-corp", "credentialless"] {
        let reply = PageReply::page(
            &strict_csp(&shop.embed.csp),
            &customer_page(&shop.embed.snippet),
        )
        .with_header("cross-origin-embedder-policy", policy)
        .with_header("cross-origin-opener-policy", "same-origin");
        shop.host.serve("/isolated", reply);
        let page = shop.browser.page();
        page.open(&format!("{}/isolated", shop.host.origin("localhost")));
        assert_eq!(page.evaluate("crossOriginIsolated"), true, "{policy}");
        let frame = open_chat(&page, &shop.edge);
        ask(&frame, QUESTION, ANSWER);
        assert_no_complaints(&page);
    }
}
