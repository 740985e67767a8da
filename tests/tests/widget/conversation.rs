//! The chat as a conversation goes, in real Chromium: through tunnels and office networks, with a model, with people,
//! and to its end.

use std::time::Duration;

use oriel_shared::id::ConversationId;
use oriel_shared::wire::visitor::{Lead, Message};
use oriel_tests::browser::{Browser, Frame, Key};
use oriel_tests::events::{Event, Events};
use oriel_tests::fake_internet::BodyEnd;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{chunk, connect_model, end, stream};
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{
    ANSWER, CLOSER, FIELD, LAUNCHER, PERSON, QUESTION, ShopPage, ask, open_chat,
};
use serde_json::{Value, json};

const MENU: &str = "More";

const LEAVE: &str = "Leave a message";

const STOP: &str = "Stop answering";

/// Something that the shop's document does not answer.
const UNKNOWN: &str = "Do llamas enjoy accordion concerts?";

/// A bold word, so that what is whole looks other than what is not.
const STREAMED: [&str; 4] = [
    "At **nine** ",
    "on weekdays, ",
    "so be early ",
    "and bring a coat [1].",
];

#[track_caller]
pub(super) fn write(frame: &Frame, text: &str) {
    frame.click(&frame.element("textbox", FIELD));
    frame.type_text(text);
    frame.press(Key::Enter);
}

#[track_caller]
pub(super) fn shows(frame: &Frame, words: &str) {
    frame.until(&format!("`{words}`"), |frame| {
        frame.text().contains(words).then_some(())
    });
}

#[track_caller]
pub(super) fn shows_no_more(frame: &Frame, words: &str) {
    frame.until(&format!("`{words}` to go"), |frame| {
        (!frame.text().contains(words)).then_some(())
    });
}

#[track_caller]
fn choose(frame: &Frame, item: &str) {
    frame.click(&frame.element("button", MENU));
    frame.click(&frame.element("menuitem", item));
}

/// The conversation of the shop's only visitor, once the team has it.
#[track_caller]
pub(super) fn conversation(shop: &ShopPage) -> ConversationId {
    until("the team to have the conversation", SOON, || {
        let conversation = shop.team.conversations(&shop.site.id).into_iter().next();
        conversation.map(|conversation| conversation.id)
    })
}

#[track_caller]
fn change(shop: &ShopPage, change: Value) {
    let change = serde_json::from_value(change).expect("a change");
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
}

#[integration_test]
fn two_tabs_are_in_step_about_who_writes_and_what_is_thought_of_an_answer(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let one = shop.visit();
    let ones = open_chat(&one, &shop.edge);
    ask(&ones, QUESTION, ANSWER);
    let other = one.another_tab();
    other.open(&shop.host.origin("localhost"));
    let others = open_chat(&other, &shop.edge);
    shows(&others, ANSWER);
    let is_pressed = |frame: &Frame, name: &str| {
        let button = frame.element("button", name);
        button.property("pressed").as_deref() == Some("true")
    };
    ones.click(&ones.element("button", "Good answer"));
    for frame in [&ones, &others] {
        frame.until("the thumb to be up", |frame| {
            (is_pressed(frame, "Good answer") && !is_pressed(frame, "Bad answer")).then_some(())
        });
    }
    others.click(&others.element("button", "Bad answer"));
    for frame in [&others, &ones] {
        frame.until("the thumb to be down", |frame| {
            (is_pressed(frame, "Bad answer") && !is_pressed(frame, "Good answer")).then_some(())
        });
    }
    let path = format!("/conversations/{}/typing", conversation(&shop));
    let _done = shop.team.call("POST", &path).send().expect(204);
    for frame in [&ones, &others] {
        shows(frame, "Someone is writing");
    }
    for frame in [&ones, &others] {
        shows_no_more(frame, "Someone is writing");
    }
    // What the visitor writes in one tab is no news in the other.
    ones.click(&ones.element("textbox", FIELD));
    ones.type_text("Hm");
    other.listen(Duration::from_secs(1));
    assert!(!others.text().contains("is writing"), "{}", others.text());
}

/// A shop whose assistant is a model that says these words, one after the other, and then waits to be stopped or ends.
fn with_model(fixtures: &Fixtures, host: &str, is_endless: bool) -> ShopPage {
    let online = fixtures.online_edge();
    let team = online.team();
    let shop = ShopPage::of(team, online.client().edge(), Browser::start());
    let model = connect_model(online, &shop.team, host, move |_| {
        stream(move |line| {
            for words in STREAMED {
                if !line.say(&chunk(words)) || line.wait(Duration::from_millis(700)) {
                    return BodyEnd::Cut;
                }
            }
            // Until somebody stops it.
            let mut is_heard = is_endless;
            while is_heard {
                is_heard =
                    line.say(&chunk(" And so on.")) && !line.wait(Duration::from_millis(200));
            }
            if is_endless {
                return BodyEnd::Cut;
            }
            line.say(&end(Some((100, 20))));
            BodyEnd::Whole
        })
    });
    let id = &model.connection.id;
    let model = json!({ "provider": "connection", "connection_id": id, "name": "stand-in", "timeout_s": 60 });
    change(&shop, json!({ "model": model }));
    shop
}

#[integration_test]
fn an_answer_streams_in_and_stays_in_its_place_when_it_is_whole(fixtures: &Fixtures) {
    let shop = with_model(fixtures, "streams.example.com", false);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    write(&frame, QUESTION);
    shows(&frame, "At nine on weekdays,");
    assert_eq!(
        frame.evaluate("document.querySelectorAll('strong').length"),
        0,
        "it is whole already"
    );
    page.screenshot("streaming");
    // Not announced word by word; only that somebody writes.
    let in_log = "[...document.querySelectorAll('[role=log] article')].at(-1).innerText";
    let last = frame.evaluate(in_log);
    assert!(last.as_str().is_some_and(|last| last.contains(QUESTION)));
    shows(&frame, "The assistant is writing");
    frame.evaluate("window.live = [...document.querySelectorAll('article')].at(-1), 0");
    let top = "Math.round(window.live.getBoundingClientRect().top)";
    let before = frame.evaluate(top);
    frame.until("the whole answer", |frame| {
        (frame.evaluate("document.querySelectorAll('strong').length") == 1).then_some(())
    });
    shows(&frame, "bring a coat [1].");
    let is_same = "[...document.querySelectorAll('[role=log] article')].at(-1) === window.live";
    assert_eq!(frame.evaluate(is_same), true);
    assert_eq!(frame.evaluate(top), before, "the answer jumped");
    shows_no_more(&frame, "The assistant is writing");
    assert!(frame.all("button", STOP).is_empty());
}

#[integration_test]
fn an_answer_can_be_stopped_and_what_was_said_stays(fixtures: &Fixtures) {
    let shop = with_model(fixtures, "stopped.example.com", true);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    write(&frame, QUESTION);
    shows(&frame, "And so on.");
    frame.press(Key::Tab);
    frame.focused("button", STOP);
    frame.press(Key::Enter);
    frame.until("the answer to be kept", |frame| {
        (frame.evaluate("document.querySelectorAll('strong').length") == 1).then_some(())
    });
    shows(&frame, "And so on");
    assert!(frame.all("button", STOP).is_empty());
    frame.focused("textbox", FIELD);
    page.screenshot("stopped");
}

#[integration_test]
fn a_person_goes_by_name_and_the_visitor_sees_that_they_have_read(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    write(&frame, UNKNOWN);
    frame.click(&frame.element("button", PERSON));
    shows(&frame, "Waiting for a person");
    let conversation = conversation(&shop);
    let call = |path: &str, body: &Value| {
        let path = format!("/conversations/{conversation}/{path}");
        shop.team.call("POST", &path).json(body).send()
    };
    assert!(!frame.text().contains("Seen"));
    let _done = call("read", &json!({ "seq": 1 })).expect(204);
    shows(&frame, "Seen");
    let _said = call(
        "messages",
        &json!({ "text": "Only tangos.", "name": "Mina" }),
    )
    .expect(201);
    shows(&frame, "Only tangos.");
    shows(&frame, "Mina");
    shows_no_more(&frame, "Seen");
    // And the team hears that the visitor has, once they can.
    let mut feed = Events::open(&shop.edge, "/v1/admin/events", shop.team.key(), None);
    page.click(&page.element("button", CLOSER));
    page.until("the panel to close", |page| {
        page.all("button", LAUNCHER).into_iter().next()
    });
    let said: Message = call("messages", &json!({ "text": "And waltzes." }))
        .expect(201)
        .json();
    let has_read = |event: &Event| {
        let told: Value = event.json();
        let is_read = told["frame"]["type"] == "read" && told["frame"]["role"] == "visitor";
        (is_read && told["frame"]["seq"] == said.seq.0).then_some(())
    };
    let early = feed.try_event(Duration::from_secs(1), has_read);
    assert!(matches!(early, Ok(None)), "read in a closed panel");
    page.click(&page.element("button", LAUNCHER));
    feed.event("what was read", has_read);
}

#[integration_test]
fn when_nobody_is_there_the_visitor_leaves_word_and_loses_none_of_it(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    change(&shop, json!({ "hours": oriel_tests::team::closed_hours() }));
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    write(&frame, UNKNOWN);
    frame.click(&frame.element("button", LEAVE));
    assert!(frame.all("button", PERSON).is_empty());
    let email = frame.until("the focus to be in the form", |frame| {
        let fields = frame.all("textbox", "E-mail");
        fields.into_iter().find(|field| field.is_focused)
    });
    let autocomplete =
        frame.evaluate("[...document.forms[0].elements].map(field => field.autocomplete).join()");
    assert_eq!(autocomplete, "name,email,,,");
    frame.type_text("ada");
    frame.press(Key::Enter);
    let alert = frame.element("alert", "");
    shows(&frame, "name@example.com");
    let wrong = frame.element("textbox", "E-mail");
    assert_eq!(
        wrong.property("invalid").as_deref(),
        Some("true"),
        "{alert:?}"
    );
    page.screenshot("form");
    // The rest in a tunnel.
    frame.set_offline(true);
    shows(&frame, "No connection");
    frame.click(&email);
    frame.type_text("@example.com");
    frame.press(Key::Tab);
    frame.type_text("Do you sell engines?");
    frame.click(&frame.element("button", LEAVE));
    shows(&frame, "Sending");
    frame.set_offline(false);
    shows(&frame, "ada@example.com");
    frame.until("the form to go", |frame| {
        frame.all("textbox", "E-mail").is_empty().then_some(())
    });
    page.screenshot("left");
    let path = format!("/reviews?site={}&kind=lead", shop.site.id);
    let leads = until("the team to have it", SOON, || {
        let leads: Vec<Value> = shop.team.pages(&path, 100).into_iter().flatten().collect();
        (!leads.is_empty()).then_some(leads)
    });
    let left = Lead {
        email: Some("ada@example.com".to_owned()),
        message: Some("Do you sell engines?".to_owned()),
        ..Lead::default()
    };
    let [lead] = leads.as_slice() else {
        panic!("{leads:#?}")
    };
    let holds = |name: &str, value: &Option<String>| {
        lead.to_string()
            .contains(&format!("\"{name}\":{}", json!(value)))
    };
    assert!(
        holds("email", &left.email) && holds("message", &left.message),
        "{lead}"
    );
}

#[integration_test]
fn the_menu_can_be_used_with_the_keyboard_alone(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let focused = |name: &str| {
        frame.until(&format!("the focus to be on `{name}`"), |frame| {
            let items = frame.elements();
            let item = items
                .into_iter()
                .find(|item| item.is_focused && item.name == name);
            item.map(drop)
        });
    };
    frame.evaluate("document.querySelector('[aria-haspopup]').focus()");
    let button = frame.element("button", MENU);
    assert_eq!(button.property("hasPopup").as_deref(), Some("menu"));
    frame.press(Key::Enter);
    focused("Download transcript");
    for (key, item) in [
        (Key::Down, "End chat"),
        (Key::Down, "Delete everything"),
        (Key::Down, "Download transcript"),
        (Key::Up, "Delete everything"),
    ] {
        frame.press(key);
        focused(item);
    }
    page.screenshot("menu");
    frame.press(Key::Escape);
    focused(MENU);
    assert!(frame.all("menuitem", "").is_empty());
    frame.press(Key::Up);
    focused("Delete everything");
    frame.press(Key::Enter);
    let question = frame.element("alertdialog", "Delete this conversation");
    focused("Cancel");
    page.screenshot("erase-question");
    frame.press(Key::Escape);
    focused(FIELD);
    assert!(frame.all("alertdialog", "").is_empty(), "{question:?}");
    assert!(
        frame.text().contains(ANSWER),
        "the chat was closed or erased"
    );
}

#[integration_test]
fn a_visitor_takes_the_transcript_along(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let folder = tempfile::tempdir().expect("a folder for downloads");
    page.download_to(folder.path());
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    choose(&frame, "Download transcript");
    let file = folder.path().join("transcript.txt");
    let text = until("the transcript", SOON, || {
        let text = std::fs::read_to_string(&file).ok()?;
        text.contains(ANSWER).then_some(text)
    });
    assert!(text.contains(QUESTION), "{text}");
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[integration_test]
fn a_visitor_ends_the_chat_and_begins_it_again(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    choose(&frame, "End chat");
    shows(&frame, "Conversation ended");
    page.screenshot("closed");
    frame.click(&frame.element("button", MENU));
    let _shown = frame.element("menuitem", "Download transcript");
    assert!(frame.all("menuitem", "End chat").is_empty());
    ask(
        &frame,
        "And on Sundays, when does the boathouse open?",
        "ten on Sundays",
    );
    shows(&frame, "Automatic assistant");
    assert!(
        frame.text().contains(QUESTION),
        "it is the same conversation"
    );
}

#[integration_test]
fn a_visitor_erases_everything_and_is_somebody_new(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let erased = conversation(&shop);
    let other = page.another_tab();
    other.open(&shop.host.origin("localhost"));
    let others = open_chat(&other, &shop.edge);
    shows(&others, ANSWER);
    choose(&frame, "Delete everything");
    frame.click(&frame.element("button", "Delete"));
    for frame in [&frame, &others] {
        shows_no_more(frame, ANSWER);
    }
    ask(
        &frame,
        "And on Sundays, when does the boathouse open?",
        "ten on Sundays",
    );
    assert!(!frame.text().contains(QUESTION), "{}", frame.text());
    until("the team to have the new conversation alone", SOON, || {
        let had: Vec<_> = shop.team.conversations(&shop.site.id);
        (!had.is_empty() && had.iter().all(|conversation| conversation.id != erased)).then_some(())
    });
}
