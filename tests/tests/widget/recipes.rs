//! `examples/recipes.md`, as it is written: each recipe that can run here is put on a page, and the chat opens there.

use oriel_tests::browser::Page;
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{assert_no_complaints, listen_briefly};
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page};
use oriel_tests::signed;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, LAUNCHER, QUESTION, ShopPage, ask, open_chat};
use serde_json::{Value, json};

const RECIPES: &str = include_str!("../../../examples/recipes.md");

/// The code blocks under a heading, with this shop's values where the recipes have stand-ins.
#[track_caller]
fn recipe(shop: &ShopPage, heading: &str) -> Vec<String> {
    let (_, section) = RECIPES
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("no recipe `{heading}`"));
    let section = section.split("\n## ").next().unwrap_or(section);
    let snippet = &shop.embed.snippet;
    let loader = snippet
        .split('"')
        .find_map(|part| part.strip_prefix(&shop.edge))
        .expect("the snippet names the loader");
    section
        .split("```")
        .skip(1)
        .step_by(2)
        .map(|block| {
            let (_language, code) = block.split_once('\n').expect("a language");
            code.replace("/assets/oriel.HASH.js", loader)
                .replace("https://EDGE", &shop.edge)
                .replace("sha384-…", &shop.embed.integrity)
                .replace("pk_…", &shop.site.key)
                .replace("RANDOM", "r4nd0m")
        })
        .collect()
}

#[track_caller]
fn answers(shop: &ShopPage, page: &Page) {
    let frame = open_chat(page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    assert_no_complaints(page);
}

/// Runs this in the page, as a script of its own would.
#[track_caller]
fn run(page: &Page, code: &str) {
    page.evaluate(&format!(
        "document.head.append(Object.assign(document.createElement('script'), {{ textContent: {} }})), 0",
        json!(code)
    ));
}

#[integration_test]
fn plain_html_and_wordpress(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let plain = recipe(&shop, "Plain HTML").remove(0);
    assert_eq!(
        plain.trim(),
        shop.embed.snippet,
        "the recipe is the snippet"
    );
    let php = recipe(&shop, "WordPress").remove(0);
    let echoed = php.split('\'').find(|part| part.starts_with("<script"));
    for code in [
        &*plain,
        echoed.expect("what WordPress puts into the footer"),
    ] {
        answers(&shop, &shop.visit_with(code));
    }
}

#[integration_test]
fn google_tag_manager(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let tag = recipe(&shop, "Google Tag Manager").remove(0);
    let code = tag
        .trim()
        .strip_prefix("<script>")
        .and_then(|rest| rest.strip_suffix("</script>"))
        .expect("one script");
    // Long after the page has loaded, and twice, as when two triggers fire.
    let page = shop.visit_with("");
    run(&page, code);
    run(&page, code);
    let _launcher = page.element("button", LAUNCHER);
    listen_briefly(&page);
    assert_eq!(page.all("button", LAUNCHER).len(), 1);
    answers(&shop, &page);
}

/// What runs an effect and keeps what cleans up after it.
const REACT: &str = "effects = []; useEffect = (effect, on) => effects.push({ effect, on }); \
    mount = () => { for (const one of effects) one.clean = one.effect() }; \
    unmount = () => { for (const one of effects) one.clean?.() };";

#[integration_test]
fn react_twice_as_in_strict_mode_and_gone_with_its_component(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let effect = &recipe(&shop, "React and Next.js")[1];
    let page = shop.visit_with("");
    run(
        &page,
        &format!("{REACT} {effect}; mount(); unmount(); mount()"),
    );
    let _launcher = page.element("button", LAUNCHER);
    listen_briefly(&page);
    assert_eq!(page.all("button", LAUNCHER).len(), 1);
    answers(&shop, &page);
    page.evaluate("unmount()");
    page.until("the chat to go with its component", |page| {
        let left = page.evaluate("typeof Oriel + document.querySelectorAll('oriel-root').length");
        (left == json!("undefined0")).then_some(())
    });
    page.evaluate("mount()");
    answers(&shop, &page);
}

/// Makes the shop's site a signed one. Gives what its backend answers for a visitor.
fn sign(shop: &ShopPage, fixtures: &Fixtures, subject: &str) -> String {
    let key = shop.team.require_tokens(&shop.site.id);
    let (client, origin) = (fixtures.edge().client(), shop.host.origin("localhost"));
    until("the site to be signed", SOON, || {
        let path = format!("/v1/sites/{}/tickets", shop.site.key);
        (client.post(&path).origin(&origin).send().status == 401).then_some(())
    });
    let claims = signed::claims(&shop.site.key, subject);
    signed::token(key.kid.as_str(), &key.secret, &claims)
}

#[track_caller]
fn assert_verified(shop: &ShopPage) {
    let verified = until("the conversation", SOON, || {
        let all = shop.team.conversations(&shop.site.id);
        all.first().map(|conversation| conversation.verified)
    });
    assert!(verified);
}

#[integration_test]
fn react_says_who_is_logged_in_and_forgets_on_log_out(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let token = sign(&shop, fixtures, "ann");
    shop.host
        .serve("/oriel-token", PageReply::script(token.as_bytes()));
    let effects = recipe(&shop, "React and Next.js");
    let page = shop.visit_with("");
    run(
        &page,
        &format!(
            "{REACT} user = {{ id: 'ann' }}; {} {}; mount()",
            effects[1], effects[2]
        ),
    );
    answers(&shop, &page);
    assert_verified(&shop);
    // In whichever order the components go, none of them fails.
    page.evaluate("unmount()");
    listen_briefly(&page);
    assert_no_complaints(&page);
    assert_eq!(page.evaluate("typeof Oriel"), Value::from("undefined"));
}

#[integration_test]
fn nuxt(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let config = recipe(&shop, "Vue and Nuxt").remove(0);
    let config = config.replacen("export default ", "config = ", 1);
    let page = shop.visit_with("");
    run(
        &page,
        &format!(
            "defineNuxtConfig = config => config; {config}; for (const attributes of config.app.head.script) {{ const script = \
             document.createElement('script'); for (const [name, value] of Object.entries(attributes)) \
             script.setAttribute(name, value === true ? '' : value); document.head.append(script) }}"
        ),
    );
    answers(&shop, &page);
}

#[integration_test]
fn shopify_with_a_signed_visitor(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let token = sign(&shop, fixtures, "ann");
    shop.host.serve(
        "/apps/support/oriel-token",
        PageReply::script(token.as_bytes()),
    );
    let queue = recipe(&shop, "Shopify").remove(0);
    answers(
        &shop,
        &shop.visit_with(&format!("{queue}{}", shop.embed.snippet)),
    );
    assert_verified(&shop);
}

#[integration_test]
fn a_strict_content_security_policy(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let blocks = recipe(&shop, "A page under a strict Content Security Policy");
    let csp = blocks[0]
        .trim()
        .strip_prefix("Content-Security-Policy: ")
        .expect("a header");
    assert!(csp.contains("'nonce-r4nd0m'"), "{csp}");
    let page = shop.visit_page(&PageReply::page(csp, &customer_page(&blocks[1])));
    answers(&shop, &page);
}
