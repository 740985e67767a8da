//! The page's side of the chat in real Chromium: its API, its options, and the kinds of pages that it lives in.

use std::process::Command;
use std::time::Duration;

use oriel_tests::browser::{Frame, Key, Page};
use oriel_tests::database::node;
use oriel_tests::edge::workspace;
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::{assert_no_complaints, is_open, until_equal, until_field_focused};
use oriel_tests::integration_test;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, FIELD, LAUNCHER, QUESTION, ShopPage, ask, open_chat};
use serde_json::{Value, json};

/// Waits until the page has heard an event that is as asked.
#[track_caller]
pub(super) fn hears(page: &Page, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    page.until(what, |page| {
        let heard = page.evaluate("heard");
        heard.as_array()?.iter().find(|event| is_it(event)).cloned()
    })
}

#[integration_test]
fn calls_that_came_before_the_script_are_made_once_it_is_there(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    for stub in [
        "window.Oriel = window.Oriel || []; Oriel.push(['open'], ['prefill', 'From the queue'])",
        "window.Oriel = window.Oriel || new Proxy([], { get: (queue, name) => name in queue ? queue[name] : (...call) => \
         { queue.push([name, ...call]) } }); Oriel.open(); Oriel.prefill('From the queue')",
    ] {
        let page = shop.visit_with(&format!("<script>{stub}</script>{}", shop.embed.snippet));
        let frame = shop.chat_on(&page);
        frame.until("the prefilled field", |frame| {
            (frame.evaluate("document.querySelector('#text')?.value") == json!("From the queue"))
                .then_some(())
        });
        page.until("the panel to open", |page| is_open(page).then_some(()));
        assert_no_complaints(&page);
    }
}

#[integration_test]
fn the_panel_is_opened_and_closed_and_the_launcher_hidden_by_the_page(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate("Oriel.hide()");
    assert!(
        page.all("button", LAUNCHER).is_empty(),
        "the launcher is hidden"
    );
    page.evaluate("Oriel.show()");
    let _shown = page.element("button", LAUNCHER);
    assert_eq!(
        shop.n_requests(&page),
        1,
        "hiding and showing needs nothing"
    );
    for (call, expected) in [
        ("open", true),
        ("open", true),
        ("close", false),
        ("toggle", true),
        ("toggle", false),
    ] {
        page.evaluate(&format!("Oriel.{call}()"));
        page.until(call, |page| (is_open(page) == expected).then_some(()));
    }
    // Without the launcher the focus goes back to where it was.
    page.evaluate("Oriel.hide(); document.links[0].focus(); Oriel.open()");
    let frame = shop.chat_on(&page);
    until_field_focused(&frame);
    page.evaluate("Oriel.close()");
    page.until("the focus to come back", |page| {
        (page.evaluate("document.activeElement == document.links[0]") == json!(true)).then_some(())
    });
    assert_no_complaints(&page);
}

#[integration_test]
fn the_page_asks_and_prefills(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate("Oriel.prefill('  A draft of the page '); Oriel.ask(`  When does the boathouse open on weekdays? `)");
    let frame = shop.chat_on(&page);
    frame.until("the answer", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    // What was in the field stays there.
    assert_eq!(
        frame.evaluate("document.querySelector('#text').value"),
        "  A draft of the page "
    );
    assert!(is_open(&page), "asking opens the chat");
    let n_said = shop.stored_conversations(1);
    page.evaluate("Oriel.ask('   ')");
    page.listen(Duration::from_millis(500));
    let messages = shop.team.messages(&n_said[0].id);
    assert_eq!(messages.len(), 2, "nothing is not asked: {messages:?}");
    assert_no_complaints(&page);
}

#[integration_test]
fn the_team_sees_where_the_visitor_is(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate(
        "Oriel.setContext({ page: '/boats?kind=sail', title: 'Sailing\\nboats', items: 3, member: true, nothing: null, \
         empty: '', long: 'x'.repeat(500), markup: '<img src=x>' })",
    );
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let told = until("the context", SOON, || {
        shop.stored_conversations(1)[0].context.clone()
    });
    assert_eq!(
        told.page,
        Some(format!("{}/boats?kind=sail", shop.host.origin("localhost")))
    );
    assert_eq!(told.title.as_deref(), Some("Sailing boats"));
    let facts: Vec<_> = told
        .facts
        .iter()
        .map(|fact| (&*fact.name, fact.value.len()))
        .collect();
    assert_eq!(
        facts,
        [("items", 1), ("member", 4), ("long", 200), ("markup", 11)]
    );
    // The next one takes its place, also when nothing is said.
    page.evaluate("Oriel.setContext({ page: location.href })");
    until("the next context", SOON, || {
        let now = shop.stored_conversations(1)[0].context.clone()?;
        (now.facts.is_empty() && now.page.is_some_and(|page| page.ends_with("/page"))).then_some(())
    });
    // It goes with the visitor.
    let visitor = shop.stored_conversations(1)[0].visitor.clone();
    let path = format!("/visitors/{visitor}");
    let export = shop
        .team
        .call("GET", &format!("{path}/export"))
        .send()
        .expect(200);
    assert!(export.text().contains("/page"), "{}", export.text());
    let _erased = shop.team.call("DELETE", &path).send();
    until("the visitor to be gone", SOON, || {
        shop.team
            .conversations(&shop.site.id)
            .is_empty()
            .then_some(())
    });
}

#[integration_test]
fn what_waits_for_the_chat_asks_for_nothing_before_intent(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate(
        "Oriel.on('open', () => heard.push({ open: true })); Oriel.once('ready', () => heard.push({ ready: true })); \
         Oriel.prefill('Later'); Oriel.identify('nobody-looks-at-this'); Oriel.setContext({ page: location.href })",
    );
    page.listen(Duration::from_secs(1));
    assert_eq!(shop.n_requests(&page), 1, "the loader alone");
    assert!(page.frames(&shop.edge).is_empty());
    let _frame = open_chat(&page, &shop.edge);
    hears(&page, "open", |event| event["open"] == true);
    hears(&page, "ready", |event| event["ready"] == true);
    assert_no_complaints(&page);
}

#[integration_test]
fn the_page_hears_what_happens_and_no_words_unless_it_asks(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    page.evaluate(
        "for (const name of ['ready', 'open', 'close', 'message', 'unread', 'availability', 'status', 'connection', 'error']) \
           Oriel.on(name, detail => heard.push({ name, ...detail })); \
         Oriel.on('message', function once() { Oriel.off('message', once); heard.push({ name: 'off' }) })",
    );
    let frame = open_chat(&page, &shop.edge);
    let is = |name: &'static str| move |event: &Value| event["name"] == name;
    hears(&page, "ready", is("ready"));
    hears(&page, "open", is("open"));
    hears(&page, "online", |event| {
        event["name"] == "connection" && event["state"] == "online"
    });
    hears(&page, "status", |event| {
        event["name"] == "status" && event["status"] == "open"
    });
    hears(&page, "availability", |event| {
        event["name"] == "availability" && event["available"] == true
    });
    ask(&frame, QUESTION, ANSWER);
    for (seq, role) in [(1, "visitor"), (2, "assistant")] {
        let event = hears(&page, role, |event| {
            event["name"] == "message" && event["role"] == role
        });
        assert_eq!(event["seq"], seq);
        assert!(
            event["at"].as_str().is_some_and(|at| at.ends_with('Z')),
            "{event}"
        );
    }
    page.evaluate("Oriel.close()");
    hears(&page, "close", is("close"));

    // Somebody answers while nobody looks.
    let conversation = &shop.stored_conversations(1)[0].id;
    let say = |text: &str| {
        let _said = shop.team.say(conversation, &json!({ "text": text }));
    };
    say("We are here until six.");
    hears(&page, "unread", |event| {
        event["name"] == "unread" && event["count"] == 1
    });
    hears(&page, "the person", |event| {
        event["name"] == "message" && event["role"] == "agent"
    });
    hears(&page, "taken over", |event| {
        event["name"] == "status" && event["status"] == "agent"
    });
    let heard = page.evaluate("JSON.stringify(heard)");
    assert!(
        !heard.as_str().unwrap_or_default().contains("text")
            && !heard.to_string().contains("until six"),
        "the page hears words that it did not ask for: {heard}"
    );
    assert_eq!(
        page.evaluate("heard.filter(event => event.name == 'off').length"),
        1
    );
    let _badge = page.element("button", "Open chat (1)");

    // Asked for, the words come: from then on, and nothing of before.
    page.evaluate("heard = []; Oriel.on('message', ({ text }) => heard.push({ name: 'words', text }), { text: true })");
    page.listen(Duration::from_millis(300));
    say("Come by.");
    hears(&page, "the words", |event| event["text"] == "Come by.");
    page.evaluate("Oriel.open()");
    hears(&page, "all seen", |event| {
        event["name"] == "unread" && event["count"] == 0
    });
    assert_eq!(
        page.evaluate("heard.filter(event => event.name == 'error').length"),
        0
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn a_launcher_of_the_sites_own_opens_the_chat_and_gets_the_focus_back(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let snippet = shop.snippet("data-launcher=\".help\"");
    let page = shop.visit_with(&format!(
        "<button class=\"help\"><b>Get help</b></button>{snippet}"
    ));
    let help = page.element("button", "Get help");
    assert!(page.all("button", LAUNCHER).is_empty());
    assert_eq!(shop.n_requests(&page), 1);
    page.click(&help);
    let frame = shop.chat_on(&page);
    until_field_focused(&frame);
    let expanded = |page: &Frame| page.evaluate("document.querySelector('.help').ariaExpanded");
    assert_eq!(expanded(&page), "true");
    frame.press(Key::Escape);
    page.until("the focus on the site's button", |page| {
        (page.evaluate("document.activeElement.className") == json!("help")).then_some(())
    });
    assert_eq!(expanded(&page), "false");
    // A button that comes later works as well.
    page.evaluate(
        "document.querySelector('.help').outerHTML = '<a class=help href=#other>Ask us</a>'",
    );
    page.click(&page.element("link", "Ask us"));
    page.until("the panel", |page| {
        (expanded(page) == json!("true")).then_some(())
    });
    assert_eq!(
        page.evaluate("location.hash"),
        "",
        "the link is not followed"
    );
    // What the chat has said of it goes with the chat.
    page.evaluate("Oriel.destroy()");
    assert_eq!(expanded(&page), Value::Null);
    assert_no_complaints(&page);
}

#[integration_test]
fn an_open_chat_survives_when_the_page_swaps_its_body(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit_plain();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    for swap in [
        // htmx, and routers that draw into the body.
        "document.body.innerHTML = '<h1>Another page</h1>'",
        // Turbo: a new body, with the scripts of the old one run again.
        "document.body = Object.assign(document.createElement('body'), { innerHTML: '<h1>A third page</h1>' })",
    ] {
        page.evaluate(&format!(
            "{{ const script = document.querySelector('script[data-site]'); {swap}; if (script) {{ const again = \
             document.createElement('script'); for (const {{ name, value }} of script.attributes) again.setAttribute(name, value); \
             document.body.append(again); }} }} history.pushState({{}}, '', '/another')"
        ));
        page.listen(Duration::from_millis(500));
        page.until(swap, |page| is_open(page).then_some(()));
        assert_eq!(
            page.evaluate("document.querySelectorAll('oriel-root').length"),
            1
        );
        // It is the frame of before, with what was written in it.
        assert!(frame.text().contains(ANSWER), "{swap}");
    }
    ask(&frame, QUESTION, ANSWER);
    assert_no_complaints(&page);
}

#[integration_test]
fn two_sites_on_one_page_are_two_chats(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let other = shop
        .team
        .open_site("Rival Boats", &[&shop.host.origin("localhost")]);
    let second = shop.team.embed(&other.id).snippet.replacen(
        "data-site",
        "data-position=\"start top\" data-label=\"Ask the rival\" data-site",
        1,
    );
    let page = shop.visit_with(&format!("{}{second}", shop.embed.snippet));
    let _first = page.element("button", LAUNCHER);
    let _second = page.element("button", "Ask the rival");
    // The global is one of them, whichever script came first; each is there by its key.
    assert_eq!(
        page.evaluate(&format!(
            "[Oriel.for('{0}'), Oriel.for('{1}')].includes(Oriel) && Oriel.for('{0}') != Oriel.for('{1}') && !Oriel.for('pk_none')",
            shop.site.key, other.key
        )),
        true
    );
    page.evaluate(&format!("Oriel.for('{}').open()", other.key));
    let theirs = page.frame(&format!("{}/frame?site={}&", shop.edge, other.key));
    let _field = theirs.element("textbox", FIELD);
    assert_eq!(
        page.frames(&shop.edge).len(),
        1,
        "the other one is not fetched"
    );
    page.evaluate(&format!("Oriel.for('{}').ask('{QUESTION}')", shop.site.key));
    let ours = shop.chat_on(&page);
    ours.until("the answer", |frame| {
        frame.text().contains(ANSWER).then_some(())
    });
    assert!(!theirs.text().contains(QUESTION));
    // When the global's chat goes, the other one takes its place.
    page.evaluate(&format!("Oriel.for('{}').destroy()", shop.site.key));
    assert_eq!(
        page.evaluate(&format!("Oriel == Oriel.for('{}')", other.key)),
        true
    );
    assert_no_complaints(&page);
}

#[integration_test]
fn destroy_leaves_nothing(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let inventory = "JSON.stringify({ html: document.documentElement.outerHTML, global: typeof Oriel, \
        sheets: document.adoptedStyleSheets.length, style: document.documentElement.style.cssText, \
        stored: localStorage.length + sessionStorage.length, cookie: document.cookie, scroll: getComputedStyle(document.documentElement).overflow })";
    let page = shop.visit_with("<p>No chat yet</p>");
    page.resize(400, 800);
    let before = page.evaluate(inventory);
    let embed = shop.embed.snippet.clone();
    let load = format!(
        "new Promise(done => {{ const tag = document.createRange().createContextualFragment({}).firstChild; \
         tag.onload = () => {{ tag.remove(); done() }}; document.body.append(tag) }})",
        json!(embed)
    );
    for _ in 0..2 {
        page.evaluate(&load);
        page.evaluate("Oriel.on('open', () => 0); Oriel.proactive([{ text: 'Hello', delay: 1 }]); Oriel.open()");
        let frame = shop.chat_on(&page);
        let _field = frame.element("textbox", FIELD);
        page.until("the page to be locked", |page| {
            (page.evaluate("getComputedStyle(document.documentElement).overflow")
                == json!("hidden"))
            .then_some(())
        });
        page.evaluate("chat = Oriel; Oriel.destroy()");
        until_equal(&page, inventory, &before);
        // Longer than the message of the rules waits.
        page.listen(Duration::from_millis(1500));
        assert_eq!(page.evaluate(inventory), before);
        // Calls to what is gone do nothing.
        page.evaluate("chat.open(); chat.ask('Anybody?'); chat.destroy(); delete window.chat");
        page.listen(Duration::from_millis(500));
        assert_eq!(page.evaluate(inventory), before);
    }
    assert_no_complaints(&page);
}

#[integration_test]
fn the_types_say_what_the_api_takes() {
    for project in ["tsconfig.json", "tsconfig.types.json"] {
        let output = Command::new(node())
            .arg(workspace().join("node_modules/typescript/bin/tsc"))
            .arg("--project")
            .arg(workspace().join("widget").join(project))
            .output()
            .expect("the compiler");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{project}:\n{said}");
    }
}
