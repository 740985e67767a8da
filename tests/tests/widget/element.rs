//! The element `<oriel-chat>`, in real Chromium.

use super::inline::{element_script, fills};
use oriel_tests::browser::Frame;
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{
    NOTES, assert_no_complaints, bounds_of, is_open, listen_briefly, until_equal,
    until_field_focused,
};
use oriel_tests::integration_test;
use oriel_tests::widget::{ANSWER, FIELD, LAUNCHER, QUESTION, ShopPage, ask, open_chat};
use serde_json::json;

#[integration_test]
fn an_element_is_a_chat_whenever_its_script_comes(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let script = element_script(&shop);
    let element = format!(
        "<oriel-chat site=\"{}\" label=\"Ask the shop\" position=\"start bottom\"></oriel-chat>",
        shop.site.key
    );
    for code in [format!("{element}{script}"), format!("{script}{element}")] {
        let page = shop.visit_with(&code);
        let launcher = page.element("button", "Ask the shop");
        let left = bounds_of(&page, "roots.at(-1).querySelector('button')")[0].as_i64();
        assert_eq!(left, Some(20));
        assert!(page.frames(&shop.edge).is_empty());
        page.click(&launcher);
        until_field_focused(&shop.chat_on(&page));
        assert_no_complaints(&page);
    }
    // Made by a script, long after.
    let page = shop.visit_with(&script);
    until_equal(&page, "!!customElements.get('oriel-chat')", &json!(true));
    page.evaluate(&format!(
        "{{ const chat = document.createElement('oriel-chat'); chat.setAttribute('site', '{}'); document.body.append(chat) }}",
        shop.site.key
    ));
    let _launcher = page.element("button", LAUNCHER);
    // Without a site there is nothing to draw.
    page.evaluate("document.body.append(document.createElement('oriel-chat'))");
    page.until("the warning", |_| {
        page.complaints()
            .iter()
            .any(|line| line.contains("needs a site"))
            .then_some(())
    });
    assert_eq!(page.complaints().len(), 1, "{:?}", page.complaints());
}

#[integration_test]
fn an_elements_attributes_may_come_and_change_later(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let other = shop
        .team
        .open_site("Rival Boats", &[&shop.host.origin("localhost")]);
    let page = shop.visit_with(&format!(
        "<oriel-chat></oriel-chat>{}",
        element_script(&shop)
    ));
    until_equal(&page, "!!customElements.get('oriel-chat')", &json!(true));
    let set = |attributes: &str| {
        page.evaluate(&format!(
            "for (const [name, value] of Object.entries({attributes})) document.querySelector('oriel-chat').setAttribute(name, value)"
        ));
    };
    set(&format!(
        "{{ site: '{}', label: 'First words' }}",
        shop.site.key
    ));
    let _launcher = page.element("button", "First words");
    set("{ label: 'Other words' }");
    page.click(&page.element("button", "Other words"));
    until_field_focused(&shop.chat_on(&page));
    assert!(page.all("button", "First words").is_empty());
    // Another site is another chat; the one before is gone.
    set(&format!("{{ site: '{}' }}", other.key));
    page.until("the first chat to go", |_| {
        page.frames(&shop.edge).is_empty().then_some(())
    });
    page.click(&page.element("button", "Other words"));
    until_field_focused(&page.frame(&format!("{}/frame?site={}&", shop.edge, other.key)));
    assert_eq!(
        page.evaluate("document.querySelectorAll('oriel-root').length"),
        1
    );
    // What has no meaning for the chat changes nothing in it.
    set("{ class: 'wide', id: 'help', label: 'Other words' }");
    listen_briefly(&page);
    assert_eq!(page.frames(&shop.edge).len(), 1);
}

#[integration_test]
fn a_chat_goes_and_comes_back_with_its_element(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let code = format!(
        "<oriel-chat site=\"{}\" mode=\"inline\" style=\"height: 400px\"></oriel-chat>{}",
        shop.site.key,
        element_script(&shop)
    );
    let page = shop.visit_with(&code);
    let frame = shop.chat_on(&page);
    ask(&frame, QUESTION, ANSWER);
    page.evaluate("chat = document.querySelector('oriel-chat'); chat.remove()");
    page.until("the frame to go", |_| {
        page.frames(&shop.edge).is_empty().then_some(())
    });
    until_equal(
        &page,
        "typeof Oriel + document.querySelectorAll('oriel-root').length",
        &json!("undefined0"),
    );
    page.evaluate("document.body.prepend(chat)");
    let frame: Frame = shop.chat_on(&page);
    frame.until("the conversation", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    page.evaluate("Oriel.destroy()");
    page.until("the frame to go", |_| {
        page.frames(&shop.edge).is_empty().then_some(())
    });
    assert_no_complaints(&page);
}

#[integration_test]
fn an_element_that_is_moved_keeps_its_panel(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let code = format!(
        "<oriel-chat site=\"{}\"></oriel-chat><div id=\"elsewhere\"></div>{}",
        shop.site.key,
        element_script(&shop)
    );
    let page = shop.visit_with(&code);
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    frame.type_text("half a sen");
    page.evaluate(
        "document.querySelector('#elsewhere').append(document.querySelector('oriel-chat'))",
    );
    listen_briefly(&page);
    assert_eq!(
        frame.evaluate("document.querySelector('#text').value"),
        "half a sen"
    );
    assert!(is_open(&page));
    assert_no_complaints(&page);
}

#[integration_test]
fn an_element_may_stand_in_a_shadow_tree(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let code = format!(
        "<div id=\"outer\"></div>{}<script>outer.attachShadow({{ mode: 'open' }}).innerHTML = \
         '<oriel-chat site=\"{}\" mode=\"inline\" style=\"height: 420px\"></oriel-chat>'</script>",
        element_script(&shop),
        shop.site.key
    );
    let page = shop.visit_with(&code);
    let frame = shop.chat_on(&page);
    ask(&frame, QUESTION, ANSWER);
    let drawn = "roots.find(root => root.host.isConnected).querySelector('iframe')";
    fills(&page, drawn, "outer.shadowRoot.firstChild");
    assert_eq!(
        page.evaluate(&format!("Oriel == Oriel.for('{}')", shop.site.key)),
        true
    );
    // It is the site's chat: the usual snippet adds none.
    page.evaluate(&format!(
        "new Promise(done => {{ const tag = document.createRange().createContextualFragment({}).firstChild; \
         tag.onload = () => done(0); document.body.append(tag) }})",
        json!(shop.embed.snippet)
    ));
    listen_briefly(&page);
    assert!(page.all("button", LAUNCHER).is_empty());
    page.evaluate("outer.shadowRoot.firstChild.remove()");
    until_equal(
        &page,
        "typeof Oriel + document.querySelectorAll('oriel-root').length",
        &json!("undefined0"),
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn the_next_element_of_a_site_takes_over_when_the_first_one_goes(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let element = |name: &str| {
        format!(
            "<oriel-chat site=\"{}\" mode=\"inline\" style=\"height: 400px\" id=\"{name}\"></oriel-chat>",
            shop.site.key
        )
    };
    // As between two pages that a router fades into each other.
    let page = shop.visit_with(&format!(
        "{NOTES}{}{}{}",
        element("old"),
        element("new"),
        element_script(&shop)
    ));
    let _field = shop.chat_on(&page).element("textbox", FIELD);
    assert_eq!(page.frames(&shop.edge).len(), 1);
    page.evaluate("document.querySelector('#old').remove()");
    until_equal(
        &page,
        "document.querySelector('#new').childElementCount",
        &json!(1),
    );
    page.until("one frame, in its place", |page| {
        let drawn = "roots.find(root => root.host.isConnected).querySelector('iframe')";
        (page.try_evaluate(&format!("!!{drawn}")) == Ok(json!(true))
            && bounds_of(page, drawn) == bounds_of(page, "document.querySelector('#new')"))
        .then_some(())
    });
    let _field = shop.chat_on(&page).element("textbox", FIELD);
    assert_no_complaints(&page);
}
