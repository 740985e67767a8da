//! The whole way through a chat by keyboard alone, and what a screen reader is told on it: `docs/accessibility.txt` keeps
//! that as a transcript, which is compared here. With `ORIEL_WRITE_TRANSCRIPT=1` it is written instead.

use std::path::Path;

use oriel_tests::browser::{Element, Frame, Key};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::widget::{ANSWER, FIELD, LAUNCHER, QUESTION, ShopPage};
use serde_json::json;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/accessibility.txt");
/// Around the transcript in the document.
const FENCES: (&str, &str) = ("```text\n", "```\n");

const MOORINGS: &str = "# Moorings\n\nA mooring costs twelve shells a night, see [the price list](https://shop.example/prices).\n";
/// Something that no document answers.
const UNKNOWN: &str = "Do llamas enjoy accordion concerts?";

/// Small enough for a finger or a shaking hand. Source: WCAG 2.2, 2.5.8.
const TARGET_PX: u32 = 24;

/// What a screen reader was told, station by station.
#[derive(Default)]
struct Transcript(String);

impl Transcript {
    /// Takes down what there is, in reading order.
    #[track_caller]
    fn take_down(&mut self, station: &str, frame: &Frame) {
        self.0.push_str(&format!("# {station}\n"));
        let mut last = String::new();
        for element in frame.in_reading_order() {
            let Some(line) = line(&element) else { continue };
            // A button's name is its text; that is said once.
            let is_said = element.role == "StaticText" && last.contains(&*element.name);
            if !is_said {
                self.0.push_str(&line);
                self.0.push('\n');
                last = element.name;
            }
        }
        self.0.push('\n');
        let small = format!(
            "[...document.querySelectorAll('button, input, textarea, [role=menuitem], .chip, .scroll')].filter(e => \
             e.checkVisibility() && (r => Math.min(r.width, r.height) < {TARGET_PX})(e.getBoundingClientRect())) \
             .map(e => e.outerHTML)"
        );
        assert_eq!(frame.evaluate(&small), json!([]), "{station}: too small");
    }
}

fn is_time(text: &str) -> bool {
    let hours = text.trim_start_matches(|c: char| c.is_ascii_digit());
    hours.len() < text.len() && hours.starts_with(':')
}

/// An element as it is said; `None` when nothing is.
fn line(element: &Element) -> Option<String> {
    let name = &element.name;
    let is_told = match &*element.role {
        // The time of day is another one each time.
        "StaticText" => !name.trim().is_empty() && !is_time(name),
        "InlineTextBox" | "generic" | "none" | "LineBreak" | "ListMarker" | "RootWebArea" => false,
        "log" | "article" | "list" | "listitem" | "menu" | "form" | "alert" | "status" => true,
        _ => !name.is_empty(),
    };
    if !is_told {
        return None;
    }
    let mut line = match &*element.role {
        "StaticText" => format!("\"{name}\""),
        role if name.is_empty() => role.to_owned(),
        role => format!("{role} \"{name}\""),
    };
    if !element.value.is_empty() {
        line.push_str(&format!(", holds \"{}\"", element.value));
    }
    for property in [
        "live", "expanded", "pressed", "invalid", "required", "disabled",
    ] {
        let value = element.property(property);
        if let Some(value) = value.filter(|value| !matches!(&**value, "false" | "off")) {
            line.push_str(&match &*value {
                "true" => format!(", {property}"),
                value => format!(", {property} {value}"),
            });
        }
    }
    if element.is_focused {
        line.push_str(" <- focus");
    }
    Some(line)
}

#[track_caller]
fn focused(frame: &Frame, role: &str, name: &str) -> Element {
    frame.until(&format!("the focus to be on {role} `{name}`"), |frame| {
        let all = frame.all(role, name);
        all.into_iter().find(|element| element.is_focused)
    })
}

/// Presses a key until the focus is there.
#[track_caller]
fn walk(frame: &Frame, key: Key, role: &str, name: &str) {
    for _ in 0..30 {
        frame.press(key);
        let all = frame.all(role, name);
        if all.iter().any(|element| element.is_focused) {
            return;
        }
    }
    panic!(
        "{key:?} never led to {role} `{name}`:\n{:#?}",
        frame.elements()
    );
}

#[track_caller]
fn shows(frame: &Frame, words: &str) {
    frame.until(&format!("`{words}`"), |frame| {
        frame.text().contains(words).then_some(())
    });
}

#[integration_test]
fn the_whole_way_is_walked_by_keyboard_and_told_to_screen_readers(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let _document = shop.team.add_document(&shop.site.id, "Moorings", MOORINGS);
    let change = json!({ "suggestions": [QUESTION], "hours": oriel_tests::team::closed_hours() });
    let change = serde_json::from_value(change).expect("a change");
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    let page = shop.visit();
    let mut transcript = Transcript::default();

    // In.
    walk(&page, Key::Tab, "button", LAUNCHER);
    page.press(Key::Enter);
    let frame = page.frame(&format!("{}/frame", shop.edge));
    let _field = focused(&frame, "textbox", FIELD);
    let _suggested = frame.element("button", QUESTION);
    transcript.take_down("The chat opens", &frame);

    // A suggestion.
    walk(&frame, Key::BackTab, "button", QUESTION);
    frame.press(Key::Enter);
    shows(&frame, ANSWER);
    let _field = focused(&frame, "textbox", FIELD);
    let _thumb = frame.element("button", "Good answer");
    let log = frame.element("log", "Conversation");
    assert_eq!(log.property("live").as_deref(), Some("polite"));
    transcript.take_down("A suggested question was asked", &frame);

    // A thumb.
    walk(&frame, Key::BackTab, "button", "Good answer");
    frame.press(Key::Enter);
    frame.until("the thumb to be up", |frame| {
        let thumb = frame.element("button", "Good answer");
        (thumb.property("pressed").as_deref() == Some("true")).then_some(())
    });
    let _thumb = focused(&frame, "button", "Good answer");

    // A question of one's own, and a link in its answer.
    walk(&frame, Key::Tab, "textbox", FIELD);
    frame.type_text("What does a mooring cost a night?");
    frame.press(Key::Enter);
    shows(&frame, "twelve shells a night");
    let _field = focused(&frame, "textbox", FIELD);
    walk(&frame, Key::BackTab, "link", "the price list");
    frame.evaluate(
        "document.addEventListener('click', event => { event.preventDefault(); window.followed = event.target.href }, \
         { once: true }), 0",
    );
    frame.press(Key::Enter);
    assert_eq!(
        frame.evaluate("window.followed"),
        "https://shop.example/prices"
    );
    transcript.take_down(
        "A question was typed, and the link of its answer has the focus",
        &frame,
    );

    // The menu, and back.
    walk(&frame, Key::BackTab, "button", "More");
    frame.press(Key::Enter);
    let _item = focused(&frame, "menuitem", "Download transcript");
    transcript.take_down("The menu is open", &frame);
    frame.press(Key::Escape);
    let _button = focused(&frame, "button", "More");

    // The form: a mistake, and how it is said.
    walk(&frame, Key::Tab, "textbox", FIELD);
    frame.type_text(UNKNOWN);
    frame.press(Key::Enter);
    let _offer = frame.element("button", "Leave a message");
    walk(&frame, Key::BackTab, "button", "Leave a message");
    frame.press(Key::Enter);
    let _email = focused(&frame, "textbox", "E-mail");
    frame.type_text("ada");
    frame.press(Key::Enter);
    shows(&frame, "name@example.com");
    let email = focused(&frame, "textbox", "E-mail");
    assert_eq!(email.property("invalid").as_deref(), Some("true"));
    transcript.take_down("The form has a mistake", &frame);
    frame.press(Key::End);
    frame.type_text("@example.com");
    walk(&frame, Key::Tab, "textbox", "Message");
    frame.type_text("Do you sell engines?");
    walk(&frame, Key::Tab, "button", "Leave a message");
    frame.press(Key::Enter);
    shows(&frame, "ada@example.com");
    transcript.take_down("The form was sent", &frame);

    // Out: the focus goes back to where it came from.
    walk(&frame, Key::Tab, "textbox", FIELD);
    frame.press(Key::Escape);
    let launcher = focused(&page, "button", LAUNCHER);
    assert_eq!(launcher.property("expanded").as_deref(), Some("false"));
    transcript.take_down("The chat is closed", &page);
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    compare(Path::new(DOCUMENT), &transcript.0);
}

/// Holds the document to the transcript, or writes it.
#[track_caller]
fn compare(document: &Path, transcript: &str) {
    let text = std::fs::read_to_string(document).expect("the document");
    let (before, rest) = text.split_once(FENCES.0).expect("the transcript begins");
    let (kept, after) = rest.split_once(FENCES.1).expect("the transcript ends");
    let transcript = transcript.trim_end().to_owned() + "\n";
    if std::env::var_os("ORIEL_WRITE_TRANSCRIPT").is_some() {
        let written = [before, FENCES.0, &transcript, FENCES.1, after].concat();
        std::fs::write(document, written).expect("room for the document");
        return;
    }
    let differs = kept
        .lines()
        .zip(transcript.lines())
        .find(|(kept, now)| kept != now);
    assert!(
        kept == transcript,
        "what a screen reader is told has changed, first here: {differs:?}\nIf that is meant, run the test with \
         ORIEL_WRITE_TRANSCRIPT=1 and read what changed in docs/accessibility.txt. It is now:\n{transcript}"
    );
}
