//! Who the visitor is, as the page says it, in real Chromium.

use std::time::Duration;

use super::embed::hears;
use oriel_tests::browser::Key;
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::NOTES;
use oriel_tests::integration_test;
use oriel_tests::signed;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, FIELD, LAUNCHER, QUESTION, ShopPage, ask, open_chat};
use serde_json::json;

/// A shop whose visitors are signed, and what signs them.
fn signed_shop(fixtures: &Fixtures) -> (ShopPage, impl Fn(&str, u64) -> String) {
    let shop = ShopPage::open(fixtures);
    let key = shop.team.require_tokens(&shop.site.id);
    let site_key = shop.site.key.clone();
    let client = fixtures.edge().client();
    let origin = shop.host.origin("localhost");
    until("the site to be signed", SOON, || {
        let path = format!("/v1/sites/{site_key}/tickets");
        (client.post(&path).origin(&origin).send().status == 401).then_some(())
    });
    let sign = move |subject: &str, life_secs: u64| {
        let mut claims = signed::claims(&site_key, subject);
        claims["exp"] = json!(claims["iat"].as_u64().unwrap_or_default() + life_secs);
        signed::token(key.kid.as_str(), &key.secret, &claims)
    };
    (shop, sign)
}

#[integration_test]
fn a_signed_visitor_is_who_the_page_says_and_a_function_renews_the_token(fixtures: &Fixtures) {
    let (shop, sign) = signed_shop(fixtures);
    // Nobody: the chat says so, and the page hears why.
    let page = shop.visit_plain();
    page.evaluate("Oriel.on('error', detail => heard.push(detail)); Oriel.open()");
    hears(&page, "token_missing", |event| {
        event["code"] == "token_missing"
    });
    let frame = shop.chat_on(&page);
    frame.until("the field to go", |frame| {
        frame.all("textbox", FIELD).is_empty().then_some(())
    });
    // Identified late, the chat begins; the function is asked again for each new ticket.
    page.evaluate(&format!(
        "tokens = {}; Oriel.identify(async () => tokens.shift())",
        json!([sign("ann", 60), sign("ann", 60), sign("ann", 60)])
    ));
    let _field = frame.element("textbox", FIELD);
    ask(&frame, QUESTION, ANSWER);
    assert_eq!(page.evaluate("tokens.length"), 2);
    let conversations = shop.stored_conversations(1);
    assert!(conversations[0].verified, "{conversations:?}");

    // On another page load the function makes another token, and the conversation is the same.
    let again = shop.visit_with(&format!(
        "<script>tokens = {}; window.Oriel = [['identify', () => tokens.shift()]]</script>{}",
        json!([sign("ann", 60)]),
        shop.embed.snippet
    ));
    let frame = open_chat(&again, &shop.edge);
    frame.until("what was said before", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    assert_eq!(again.evaluate("tokens.length"), 0);
    // A token that has expired is told as such.
    let late = shop.visit_with(&format!(
            "{NOTES}<script>window.Oriel = [['on', 'error', detail => heard.push(detail)], ['identify', '{}']]</script>{}",
            {
                let mut parts = sign("ann", 60);
                parts.push('x');
                parts
            },
            shop.embed.snippet
        ),
    );
    late.click(&late.element("button", LAUNCHER));
    hears(&late, "token_invalid", |event| {
        event["code"] == "token_invalid"
    });
}

#[integration_test]
fn the_next_visitor_sees_nothing_of_the_one_before(fixtures: &Fixtures) {
    let (shop, sign) = signed_shop(fixtures);
    let page = shop.visit_plain();
    page.evaluate(&format!("Oriel.identify('{}')", sign("ann", 60)));
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    // Bob logs in on the same page, without anybody having logged out.
    page.evaluate(&format!("Oriel.identify('{}')", sign("bob", 60)));
    frame.until("an empty chat", |frame| {
        let text = frame.text();
        (!text.contains(ANSWER) && !frame.all("textbox", FIELD).is_empty()).then_some(())
    });
    frame.click(&frame.element("textbox", FIELD));
    frame.type_text("I am Bob");
    frame.press(Key::Enter);
    frame.until("Bob's words", |frame| {
        frame.text().contains("I am Bob").then_some(())
    });
    let conversations = shop.stored_conversations(2);
    assert!(conversations.iter().all(|one| one.verified));

    // And on a new page, where Bob's session is still in the browser, Ann is Ann again.
    let page = shop.visit_plain();
    page.evaluate(&format!("Oriel.identify('{}')", sign("ann", 60)));
    let frame = open_chat(&page, &shop.edge);
    frame.until("Ann's chat", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    assert!(!frame.text().contains("I am Bob"));
    // A page that names nobody resumes nobody.
    let page = shop.visit_plain();
    page.click(&page.element("button", LAUNCHER));
    let frame = shop.chat_on(&page);
    page.listen(Duration::from_secs(2));
    let text = frame.text();
    assert!(
        !text.contains(ANSWER) && !text.contains("I am Bob"),
        "{text}"
    );
}

#[integration_test]
fn after_a_reset_nothing_of_the_visitor_is_left(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let before: Vec<_> = page
        .cookies()
        .into_iter()
        .filter(|(name, _)| name.starts_with("__Secure-oriel-"))
        .collect();
    assert_eq!(before.len(), 1, "{before:?}");
    page.evaluate("Oriel.reset()");
    frame.until("an empty chat", |frame| {
        (!frame.text().contains(ANSWER)).then_some(())
    });
    let statuses = page.until("the session to be ended", |_| {
        let statuses = page.responses(&format!("{}/v1/session", shop.edge));
        statuses.contains(&204).then_some(statuses)
    });
    assert!(statuses.contains(&201), "{statuses:?}");
    ask(&frame, QUESTION, ANSWER);
    let conversations = shop.stored_conversations(2);
    assert_ne!(conversations[0].visitor, conversations[1].visitor);
    // Nor does a reload bring the first one back.
    page.reload();
    let frame = open_chat(&page, &shop.edge);
    frame.until("the second conversation", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    assert_eq!(frame.text().matches(QUESTION).count(), 1);
}
