//! The chat in real Chromium, on host pages of other origins than the edge's.

use oriel_shared::id::Seq;
use oriel_shared::wire::admin::SiteChange;
use oriel_tests::browser::{Browser, Frame, Key, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page, strict_csp};
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{
    ANSWER, CLOSER, FIELD, LAUNCHER, PERSON, QUESTION, ShopPage, ask, open_chat,
};
use serde_json::json;

/// Whether what is typed now goes into the field.
fn takes_keys(frame: &Frame) -> Option<()> {
    let has_focus = frame.try_evaluate("document.hasFocus()") == Ok(json!(true));
    let field = frame.all("textbox", FIELD).into_iter().next()?;
    (has_focus && field.is_focused).then_some(())
}

/// Adresses of the links in a frame.
fn links(frame: &Frame) -> Vec<String> {
    let links = frame.evaluate("[...document.links].map(link => link.href)");
    links
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|link| link.as_str().map(str::to_owned))
        .collect()
}

#[track_caller]
pub(super) fn assert_no_complaints(page: &Page) {
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// The requests to the edge so far.
pub(super) fn edge_requests(page: &Page, edge: &str) -> Vec<String> {
    let socket = edge.replacen("http", "ws", 1);
    let is_edge = |url: &str| url.starts_with(edge) || url.starts_with(&socket);
    page.requests()
        .into_iter()
        .map(|request| request.url)
        .filter(|url| is_edge(url))
        .collect()
}

#[integration_test]
fn a_visitor_of_the_demo_page_is_answered_from_the_readme_and_finds_it_again_after_a_reload(
    fixtures: &Fixtures,
) {
    let ready = &fixtures.edge().ready;
    let browser = Browser::start();
    let page = browser.page();
    page.open(&ready.demo);
    page.screenshot("demo-1-page");
    let frame = open_chat(&page, &ready.edge);
    page.screenshot("demo-2-open");
    for (question, words) in [
        ("What is Oriel?", "chat widget"),
        ("How can I run the tests?", "cargo xtask test"),
        ("Can I use it with WordPress?", "Shopify"),
    ] {
        let n_links = links(&frame).len();
        ask(&frame, question, words);
        let links = links(&frame);
        assert!(
            links.len() > n_links,
            "`{question}` was answered without a source: {}",
            frame.text()
        );
        let to_docs =
            |link: &String| link.starts_with("https://github.com/oriel-chat/oriel/blob/main/");
        assert!(links.iter().any(to_docs), "{links:?}");
    }
    page.screenshot("demo-3-answers");
    assert!(
        frame.all("button", PERSON).is_empty(),
        "a person is offered although all was answered"
    );
    let n_quotes = frame.text().matches("From “").count();
    frame.click(&frame.element("textbox", FIELD));
    frame.type_text("How do I reset my Netflix password?");
    frame.press(Key::Enter);
    let _offer = frame.element("button", PERSON);
    let text = frame.text();
    assert!(text.contains("I don’t know"), "{text}");
    assert_eq!(
        text.matches("From “").count(),
        n_quotes,
        "an answer that it does not have is quoted"
    );
    page.screenshot("demo-4-honest");
    assert_no_complaints(&page);
    // The log scrolls, and nothing else: two scroll bars side by side are one too many.
    let overflow = frame.evaluate("document.documentElement.scrollHeight - innerHeight");
    assert!(
        overflow.as_f64().is_some_and(|pixels| pixels <= 0.0),
        "the frame overflows by {overflow} pixels"
    );
    let said = frame.text();
    let n_links = links(&frame).len();

    page.reload();
    let frame = open_chat(&page, &ready.edge);
    for words in [
        "What is Oriel?",
        "cargo xtask test",
        "Shopify",
        "How do I reset my Netflix password?",
    ] {
        frame.until(&format!("`{words}` after the reload"), |frame| {
            frame.text().contains(words).then_some(())
        });
    }
    page.screenshot("demo-5-reloaded");
    assert_eq!(
        links(&frame).len(),
        n_links,
        "before: {said}\nafter: {}",
        frame.text()
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn the_chat_works_under_default_src_none_and_the_lines_that_embed_lists(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let csp = strict_csp(&shop.embed.csp);
    assert!(
        csp.starts_with("default-src 'none'; ")
            && !csp.contains("unsafe")
            && !csp.contains("style-src"),
        "{csp}"
    );
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    page.screenshot("strict-host");
    assert_no_complaints(&page);
    // Nothing is fetched twice, not even what was preloaded.
    let files = frame.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)");
    let mut files: Vec<&str> = files
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str())
        .collect();
    files.retain(|name| name.contains("/assets/"));
    assert!(files.len() >= 3, "{files:#?}");
    let all = files.clone();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), all.len(), "{all:#?}");
    // Each line is needed: without it the chat does not come.
    for left_out in ["script-src", "connect-src", "frame-src"] {
        let lines: Vec<_> = shop
            .embed
            .csp
            .iter()
            .filter(|line| line.directive != left_out)
            .cloned()
            .collect();
        let path = format!("/without-{left_out}");
        shop.host.serve(
            &path,
            PageReply::page(&strict_csp(&lines), &customer_page(&shop.embed.snippet)),
        );
        let page = shop.browser.page();
        page.open(&format!("{}{path}", shop.host.origin("localhost")));
        if left_out != "script-src" {
            page.click(&page.element("button", LAUNCHER));
        }
        let violation = page.until(&format!("{left_out} to be missed"), |_| {
            page.violations().into_iter().next()
        });
        assert!(violation.contains(left_out), "{violation}");
    }
}

#[integration_test]
fn the_chat_can_be_used_with_the_keyboard_alone(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let _launcher = page.element("button", LAUNCHER);
    let is_focused = |role: &str, name: &str| {
        page.all(role, name)
            .iter()
            .any(|element| element.is_focused)
    };
    page.press(Key::Tab);
    page.until("Tab to reach the page's own link", |_| {
        is_focused("link", "Hire a boat").then_some(())
    });
    page.press(Key::Tab);
    page.until("Tab to reach the launcher", |_| {
        is_focused("button", LAUNCHER).then_some(())
    });
    page.screenshot("keyboard-launcher");
    page.press(Key::Enter);
    let frame = page.frame(&format!("{}/frame", shop.edge));
    frame.until("the focus to be in the field", takes_keys);
    assert_eq!(
        page.element("button", CLOSER)
            .property("expanded")
            .as_deref(),
        Some("true")
    );
    frame.type_text(QUESTION);
    frame.press(Key::Enter);
    frame.until("the answer", |frame| {
        frame.text().contains("nine on weekdays").then_some(())
    });
    assert_eq!(frame.focused("textbox", FIELD).value, "");
    page.screenshot("keyboard-answer");
    frame.press(Key::Escape);
    page.until("Esc to bring the focus back to the launcher", |_| {
        is_focused("button", LAUNCHER).then_some(())
    });
    assert_eq!(
        page.element("button", LAUNCHER)
            .property("expanded")
            .as_deref(),
        Some("false")
    );
    page.press(Key::Enter);
    frame.until("the focus to be in the field again", takes_keys);
    assert!(frame.text().contains("nine on weekdays"));
    assert_no_complaints(&page);
}

#[integration_test]
fn a_persons_answer_appears_in_the_open_chat(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    frame.click(&frame.element("textbox", FIELD));
    frame.type_text("Do you sell aeroplanes?");
    frame.press(Key::Enter);
    frame.click(&frame.element("button", PERSON));
    frame.until("the chat to wait for a person", |frame| {
        frame.text().contains("Waiting for a person").then_some(())
    });
    page.screenshot("waiting-for-a-person");
    let conversation = until("the team to see the conversation", SOON, || {
        shop.team.conversations(&shop.site.id).into_iter().next()
    });
    shop.team.messages_up_to(&conversation.id, Seq(2));
    let body = json!({ "text": "No, but **boats**: see [our page](https://shop.example/boats)." });
    let _said = shop.team.say(&conversation.id, &body);
    frame.until("the person's answer", |frame| {
        frame.text().contains("No, but boats").then_some(())
    });
    frame.until("the chat to say who answers", |frame| {
        frame.text().contains("talking to a person").then_some(())
    });
    assert!(links(&frame).contains(&"https://shop.example/boats".to_owned()));
    let relations = frame.evaluate("[...document.links].map(link => link.rel + '|' + link.target)");
    for relation in relations
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|relation| relation.as_str())
    {
        let is_safe = ["noopener", "nofollow", "_blank"]
            .iter()
            .all(|word| relation.contains(word));
        assert!(is_safe, "{relation}");
    }
    page.screenshot("a-person-answers");
    assert_no_complaints(&page);
}

#[integration_test]
fn two_tabs_of_one_visitor_show_the_same_conversation(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let one = shop.visit();
    let ones = open_chat(&one, &shop.edge);
    ask(&ones, QUESTION, ANSWER);
    let other = one.another_tab();
    other.open(&shop.host.origin("localhost"));
    let others = open_chat(&other, &shop.edge);
    others.until("the conversation in the second tab", |frame| {
        frame.text().contains("nine on weekdays").then_some(())
    });
    // Said in the second, heard in the first.
    ask(
        &others,
        "And on Sundays, when does the boathouse open?",
        "ten on Sundays",
    );
    ones.until("the second tab's words in the first", |frame| {
        frame.text().contains("And on Sundays").then_some(())
    });
    assert_no_complaints(&one);
    assert_no_complaints(&other);
}

#[integration_test]
fn two_visitors_see_nothing_of_each_other(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let (one, other) = (shop.visit(), shop.visit());
    let (ones, others) = (open_chat(&one, &shop.edge), open_chat(&other, &shop.edge));
    ask(&ones, QUESTION, ANSWER);
    ask(
        &others,
        "Does the boathouse open on Sundays?",
        "ten on Sundays",
    );
    assert!(!others.text().contains(QUESTION), "{}", others.text());
    assert!(
        !ones.text().contains("Does the boathouse open"),
        "{}",
        ones.text()
    );
    until("both conversations in the management API", SOON, || {
        (shop.team.conversations(&shop.site.id).len() == 2).then_some(())
    });
}

#[integration_test]
fn a_documents_markup_is_shown_as_words(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let content = "# Mooring\n\nMooring a yacht costs forty pounds <img src=x onerror=\"document.title='owned'\"> a night, \
        see [the plan](javascript:document.title='owned') ![chart](https://evil.example/pixel.png).\n";
    let _document = shop
        .team
        .add_document(&shop.site.id, "<b>Mooring</b>", content);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(
        &frame,
        "<i>What</i> does mooring a yacht cost?",
        "forty pounds",
    );
    assert_eq!(frame.evaluate("document.images.length"), 0);
    assert_eq!(
        frame.evaluate("document.querySelectorAll('i, b, script:not([src])').length"),
        0
    );
    assert_ne!(frame.evaluate("document.title"), "owned");
    assert!(
        links(&frame)
            .iter()
            .all(|link| link.starts_with("https://example.com/")),
        "{:?}",
        links(&frame)
    );
    assert!(
        page.requests()
            .iter()
            .all(|request| !request.url.contains("evil.example"))
    );
    assert_no_complaints(&page);
    page.screenshot("markup");
}

#[integration_test]
fn a_visitor_is_told_that_an_assistant_answers_before_the_first_answer(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let words = "A machine called Skipper answers here.";
    let change = SiteChange {
        disclosure: Some(words.to_owned()),
        ..SiteChange::default()
    };
    shop.team.change(&shop.site.id, &change).expect(200);
    let page = shop.visit();
    // A site is remembered for five seconds.
    let frame = until("the new words", SOON, || {
        page.open(&shop.host.origin("localhost"));
        let frame = open_chat(&page, &shop.edge);
        frame.text().contains(words).then_some(frame)
    });
    ask(&frame, QUESTION, ANSWER);
    let text = frame.text();
    assert!(text.find(words) < text.find(ANSWER), "{text}");
}
