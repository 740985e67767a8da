//! What a visitor reads, in real Chromium: tables and code, logs longer than any screen, what came while they looked away.

use oriel_shared::id::ConversationId;
use oriel_tests::browser::{Frame, Key};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, CLOSER, FIELD, LAUNCHER, QUESTION, ShopPage, ask, open_chat};
use serde_json::{Value, json};

/// So many rows are drawn at the end of the log.
const NEWEST: u64 = 60;

const NEWS: &str = "New messages";

#[track_caller]
fn conversation(shop: &ShopPage) -> ConversationId {
    until("the team to have the conversation", SOON, || {
        let conversation = shop.team.conversations(&shop.site.id).into_iter().next();
        conversation.map(|conversation| conversation.id)
    })
}

/// A person of the team says something.
#[track_caller]
fn say(shop: &ShopPage, conversation: &ConversationId, text: &str) {
    let body = json!({ "text": text, "name": "Mina" });
    let _said = shop.team.say(conversation, &body);
}

#[track_caller]
fn shows(frame: &Frame, words: &str) {
    frame.until(&format!("`{words}`"), |frame| {
        frame.text().contains(words).then_some(())
    });
}

fn count(frame: &Frame, selector: &str) -> u64 {
    let count = format!("document.querySelectorAll('{selector}').length");
    frame.evaluate(&count).as_u64().unwrap_or_default()
}

/// A message of the assistant's as the edge would say it.
fn answer(seq: u32, text: &str, blocks: &Value) -> Value {
    json!({ "type": "message", "seq": seq, "id": format!("msg_{seq}"), "role": "assistant", "text": text,
        "blocks": blocks, "at": "2026-11-22T02:32:43.042Z" })
}

fn words(text: &str) -> Value {
    json!([{ "type": "text", "text": text }])
}

#[integration_test]
fn tables_and_code_are_nodes_and_code_can_be_copied(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let code = "cargo install tide\ntide --help";
    let cells = |prefix: &str, n: u32| {
        (0..n)
            .map(|n| words(&format!("{prefix}{n}")))
            .collect::<Vec<_>>()
    };
    let blocks = json!([
        { "type": "table", "head": cells("Column ", 12), "rows": [cells("A", 12), cells("B", 3)] },
        { "type": "code", "language": "sh", "text": code },
    ]);
    frame.inject_server_frame(&answer(3, "A table and code.", &blocks));
    shows(&frame, "Column 11");
    let roles = |role: &str| frame.all(role, "").len();
    assert_eq!(
        (roles("table"), roles("columnheader"), roles("cell")),
        (1, 12, 15)
    );
    // Wide as it is, it is scrolled in its own place.
    let is_wide = "document.querySelector('.wide').scrollWidth > document.querySelector('.wide').clientWidth \
        && document.documentElement.scrollWidth <= innerWidth && document.querySelector('.wide').tabIndex === 0";
    assert_eq!(frame.evaluate(is_wide), true);
    page.screenshot("table");
    frame.evaluate(
        "document.addEventListener('copy', () => window.copied = getSelection().toString()), 0",
    );
    // That of the first answer, of the code, of the message.
    let mut buttons = frame.in_reading_order();
    buttons.retain(|element| element.role == "button" && element.name == "Copy");
    assert_eq!(buttons.len(), 3);
    let copy = buttons[1].clone();
    frame.click(&copy);
    assert_eq!(frame.evaluate("window.copied"), code);
    let _told = frame.element("button", "Copied");
    assert_eq!(frame.evaluate("getSelection().toString()"), "");
    frame.until("the button to say so no more", |frame| {
        frame.all("button", "Copied").is_empty().then_some(())
    });
    // Where copying is denied, what was meant is selected.
    frame.evaluate("document.execCommand = () => false, 0");
    frame.click(&copy);
    assert_eq!(frame.evaluate("getSelection().toString()"), code);
    assert!(frame.all("button", "Copied").is_empty());
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[integration_test]
fn what_holds_an_unknown_kind_of_block_is_shown_as_text(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let blocks =
        json!([{ "type": "paragraph", "content": words("Half of it") }, { "type": "hologram" }]);
    frame.inject_server_frame(&answer(3, "All of it, in words.", &blocks));
    shows(&frame, "All of it, in words.");
    assert!(!frame.text().contains("Half of it"));
}

#[integration_test]
fn an_answer_that_grows_shows_no_marks(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    frame.inject_server_frame(&json!({ "type": "typing", "role": "assistant" }));
    for text in [
        "## Hours\n\n#1 is - best|\n",
        "- one\n  * two\n-5 degrees\n\n",
        "| day | time |\n|---|:-:|\n| Sunday | ten",
    ] {
        frame.inject_server_frame(&json!({ "type": "delta", "id": "msg_live", "text": text }));
    }
    frame.until("the words without their marks", |frame| {
        let live = "[...document.querySelectorAll('.live p')].map(p => p.textContent)";
        let expected = [
            "Hours",
            "#1 is - best|\n• one\n  • two\n-5 degrees",
            "day · time\nSunday · ten",
        ];
        (frame.evaluate(live) == json!(expected)).then_some(())
    });
}

#[integration_test]
fn of_a_thousand_messages_the_newest_are_drawn_and_older_ones_on_the_way_up(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let conversation = conversation(&shop);
    for n in 1..=1_000 {
        say(&shop, &conversation, &format!("Note {n} of the logbook"));
    }
    shows(&frame, "Note 1000 of the logbook");
    let rows = |frame: &Frame| count(frame, "[role=log] article");
    assert_eq!(rows(&frame), NEWEST, "as they came");
    page.reload();
    let frame = open_chat(&page, &shop.edge);
    shows(&frame, "Note 1000 of the logbook");
    assert_eq!(rows(&frame), NEWEST, "when they came at once");
    let n_nodes = count(&frame, "*");
    assert!(n_nodes < 1_500, "{n_nodes} nodes");
    let is_at_end = "(s => s.scrollHeight - s.scrollTop - s.clientHeight < 2)(document.querySelector('.scroll'))";
    frame.until("the end to be in sight", |frame| {
        (frame.evaluate(is_at_end) == true).then_some(())
    });

    // Up: what was in sight stays in its place.
    let up = "document.querySelector('.scroll').scrollTop = 0, \
        window.first = document.querySelector('[role=log] article'), window.first.getBoundingClientRect().top";
    let before = frame.evaluate(up).as_f64().expect("a place");
    frame.until("older rows", |frame| {
        (rows(frame) >= 2 * NEWEST).then_some(())
    });
    let after = frame.evaluate("window.first.getBoundingClientRect().top");
    let after = after.as_f64().expect("a place");
    assert!(
        (before - after).abs() < 2.0,
        "what was in sight moved from {before} to {after}"
    );
    let quiet = "document.querySelector('[role=log]').ariaLive";
    assert_eq!(frame.evaluate(quiet), "off", "older rows are announced");
    frame.until("news to be announced again", |frame| {
        (frame.evaluate(quiet) == "polite").then_some(())
    });
    // To the very beginning.
    frame.until("the first message", |frame| {
        frame.evaluate("document.querySelector('.scroll').scrollTop = 0, 0");
        frame.text().contains(QUESTION).then_some(())
    });
    // And back: they go again, and the end is the end.
    frame.evaluate("(s => s.scrollTop = s.scrollHeight)(document.querySelector('.scroll')), 0");
    frame.until("the old rows to go", |frame| {
        (rows(frame) == NEWEST).then_some(())
    });
    frame.until("the end to be in sight", |frame| {
        (frame.evaluate(is_at_end) == true).then_some(())
    });
    assert!(frame.text().contains("Note 1000 of the logbook"));
}

#[integration_test]
fn who_reads_above_is_told_what_came_below(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let conversation = conversation(&shop);
    for n in 1..=30 {
        say(&shop, &conversation, &format!("Note {n} of the logbook"));
    }
    shows(&frame, "Note 30 of the logbook");
    assert!(frame.all("button", NEWS).is_empty());
    let top = "document.querySelector('.scroll').scrollTop";
    frame.until("the end to be left", |frame| {
        frame.evaluate(&format!("{top} = 40, 0"));
        frame.listen(std::time::Duration::from_millis(200));
        (frame.evaluate(top) == 40).then_some(())
    });
    assert!(frame.all("button", NEWS).is_empty(), "nothing has come");
    say(&shop, &conversation, "Fresh news from the harbour");
    let pill = frame.element("button", NEWS);
    assert_eq!(frame.evaluate(top), 40, "the visitor was torn away");
    page.screenshot("new-messages");
    frame.click(&pill);
    frame.until("the news to be in sight", |frame| {
        let last = "[...document.querySelectorAll('[role=log] article')].at(-1)";
        let is_seen =
            format!("(r => r.top >= 0 && r.bottom <= innerHeight)({last}.getBoundingClientRect())");
        (frame.evaluate(&is_seen) == true).then_some(())
    });
    frame.until("the pill to go", |frame| {
        frame.all("button", NEWS).is_empty().then_some(())
    });
    frame.focused("textbox", FIELD);
}

#[integration_test]
fn what_comes_while_the_chat_is_closed_is_counted_for_the_page(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let conversation = conversation(&shop);
    frame.evaluate(
        "window.told = [], (post => MessagePort.prototype.postMessage = function (message) { \
            if (message.type == 'state' && (window.told.at(-1) || 0) != message.unread) window.told.push(+message.unread); return post.apply(this, arguments) \
        })(MessagePort.prototype.postMessage), 0",
    );
    let told = |expected: Value| {
        frame.until(&format!("{expected} to be told"), |frame| {
            (frame.evaluate("window.told") == expected).then_some(())
        });
    };
    say(&shop, &conversation, "While you look");
    shows(&frame, "While you look");
    page.click(&page.element("button", CLOSER));
    let launcher = page.element("button", LAUNCHER);
    say(&shop, &conversation, "While you do not");
    told(json!([1]));
    say(&shop, &conversation, "Nor now");
    told(json!([1, 2]));
    page.click(&launcher);
    told(json!([1, 2, 0]));
}

#[integration_test]
fn a_suggested_question_is_asked_by_a_tap(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let change = json!({ "suggestions": [QUESTION, "Where is the harbour?"] });
    let change = serde_json::from_value(change).expect("a change");
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    let suggested = frame.element("button", QUESTION);
    let _other = frame.element("button", "Where is the harbour?");
    frame.click(&frame.element("textbox", FIELD));
    frame.type_text("A draft");
    page.screenshot("suggestions");
    frame.click(&suggested);
    shows(&frame, ANSWER);
    assert!(frame.all("button", "Where is the harbour?").is_empty());
    assert_eq!(frame.focused("textbox", FIELD).value, "A draft");
    // Who comes back is not asked to begin.
    page.reload();
    let frame = open_chat(&page, &shop.edge);
    shows(&frame, ANSWER);
    assert!(frame.all("button", "Where is the harbour?").is_empty());
}

#[integration_test]
fn what_a_site_asks_first_is_asked_once_field_by_field(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let change = json!({ "suggestions": [QUESTION], "prechat": {
        "fields": [{ "name": "name", "required": true }, { "name": "email", "label": "Work e-mail", "required": true },
            { "name": "company" }],
        "consent": "I agree to be answered.",
    } });
    let change = serde_json::from_value(change).expect("a change");
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    let page = shop.visit();
    page.click(&page.element("button", LAUNCHER));
    let frame = page.frame(&format!("{}/frame", shop.edge));
    let name = frame.until("the focus to be in the form", |frame| {
        frame
            .all("textbox", "Name")
            .into_iter()
            .find(|field| field.is_focused)
    });
    assert_eq!(name.name, "Name");
    assert!(
        frame.all("textbox", FIELD).is_empty(),
        "one can write before"
    );
    assert!(frame.all("button", QUESTION).is_empty());
    // By keyboard: a name, half an address, no consent.
    frame.type_text("Ada");
    frame.press(Key::Tab);
    frame.type_text("ada");
    frame.press(Key::Enter);
    shows(&frame, "name@example.com");
    shows(&frame, "This is needed to go on.");
    let wrong = |role: &str, name: &str| {
        frame.element(role, name).property("invalid").as_deref() == Some("true")
    };
    assert!(!wrong("textbox", "Name") && wrong("textbox", "Work e-mail"));
    assert!(wrong("checkbox", "I agree to be answered."));
    frame.focused("textbox", "Work e-mail");
    page.screenshot("prechat");
    frame.press(Key::End);
    frame.type_text("@example.com");
    frame.press(Key::Tab);
    frame.type_text("Engines & Co");
    frame.press(Key::Tab);
    frame.focused("checkbox", "");
    frame.press(Key::Space);
    frame.press(Key::Enter);
    shows(&frame, "ada@example.com");
    frame.focused("textbox", FIELD);
    let leads = until("the team to have it", SOON, || {
        let path = format!("/reviews?site={}&kind=lead", shop.site.id);
        let leads: Vec<Value> = shop.team.pages(&path, 100).into_iter().flatten().collect();
        (!leads.is_empty()).then_some(leads)
    });
    let lead = json!(leads).to_string();
    for part in [
        "\"Ada\"",
        "\"ada@example.com\"",
        "\"Company: Engines & Co\"",
    ] {
        assert!(lead.contains(part), "{part}: {lead}");
    }
    // Not again.
    page.reload();
    let frame = open_chat(&page, &shop.edge);
    shows(&frame, "ada@example.com");
    assert!(frame.all("checkbox", "").is_empty());
    ask(&frame, QUESTION, ANSWER);
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
