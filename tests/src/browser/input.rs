//! What a person does with mouse and keyboard. It goes to the page at the top, in front of all others.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::element::Element;
use super::frame::Frame;

/// A key that is not a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// The space bar.
    Space,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// To the end of a line.
    End,
    /// Arrow down.
    Down,
    /// Arrow up.
    Up,
}

impl Frame {
    /// Moves the mouse over an element.
    ///
    /// # Panics
    /// When the element cannot be reached.
    #[track_caller]
    pub fn hover(&self, element: &Element) {
        let (x, y) = Place::of(self, element).at_rest();
        page_of(self).call(
            "Input.dispatchMouseEvent",
            &json!({ "type": "mouseMoved", "x": x, "y": y }),
        );
    }

    /// Clicks an element with the mouse, once it is drawn and has come to rest.
    ///
    /// # Panics
    /// When the element cannot be reached.
    #[track_caller]
    pub fn click(&self, element: &Element) {
        self.hover(element);
        // The pointer over it may have moved it.
        let (x, y) = Place::of(self, element).at_rest();
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            page_of(self).call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses a key in this document, which has to have the focus.
    ///
    /// Keys go to the frame and not to the page: where a script has just moved the focus into a frame of another
    /// process, Chromium's debugger sends the page's keys to the old place now and then, and goes on doing so.
    #[track_caller]
    pub fn press(&self, key: Key) {
        self.until_focused();
        let (name, code, text) = match key {
            Key::Enter => ("Enter", 13, "\r"),
            Key::Space => (" ", 32, " "),
            Key::Escape => ("Escape", 27, ""),
            Key::Tab | Key::BackTab => ("Tab", 9, ""),
            Key::End => ("End", 35, ""),
            Key::Down => ("ArrowDown", 40, ""),
            Key::Up => ("ArrowUp", 38, ""),
        };
        let mut event = json!({
            "type": if text.is_empty() { "rawKeyDown" } else { "keyDown" },
            "key": name, "code": name, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code,
            "modifiers": if key == Key::BackTab { 8 } else { 0 },
        });
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", &event);
        event["type"] = json!("keyUp");
        if let Some(event) = event.as_object_mut() {
            event.remove("text");
        }
        self.call("Input.dispatchKeyEvent", &event);
    }

    /// Types a line, key by key, as [`Frame::press`] does.
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        self.until_focused();
        for character in text.chars().map(String::from) {
            for kind in ["keyDown", "keyUp"] {
                let mut event = json!({ "type": kind, "key": character });
                if kind == "keyDown" {
                    event["text"] = json!(character);
                }
                self.call("Input.dispatchKeyEvent", &event);
            }
        }
    }

    /// Brings the page to the front and waits until the focus has come over from another process: keys would go nowhere.
    #[track_caller]
    fn until_focused(&self) {
        let _in_front = page_of(self);
        self.until("the focus in this document", |frame| {
            (frame.try_evaluate("document.hasFocus()") == Ok(json!(true))).then_some(())
        });
    }
}

/// Where an element is on the page at the top.
struct Place<'e> {
    frame: &'e Frame,
    element: &'e Element,
}

impl<'e> Place<'e> {
    const fn of(frame: &'e Frame, element: &'e Element) -> Self {
        Self { frame, element }
    }

    /// Waits until the element is drawn and no longer moves. Returns its middle, in the viewport of the page at the top.
    ///
    /// The accessibility tree names an element before it is laid out, and what slides in is not yet where it will be.
    #[track_caller]
    fn at_rest(&self) -> (f64, f64) {
        let what = format!(
            "{} `{}` to be drawn and at rest",
            self.element.role, self.element.name
        );
        let last = Cell::new(None);
        self.frame.until(&what, |_| {
            let point = self.middle().ok();
            let before = last.replace(point);
            point.filter(|_| point == before)
        })
    }

    /// Returns the middle of the element in the viewport of the page at the top.
    fn middle(&self) -> Result<(f64, f64), String> {
        let node = self.element.node;
        let _shown = self.frame.try_call(
            "DOM.scrollIntoViewIfNeeded",
            &json!({ "backendNodeId": node }),
        );
        let (left, top, right, bottom) = quad(self.frame, node)?;
        let (x, y) = offset(self.frame)?;
        Ok((
            x + f64::midpoint(left, right),
            y + f64::midpoint(top, bottom),
        ))
    }
}

/// Returns left, top, right and bottom of a node's content, in the viewport of its frame.
fn quad(frame: &Frame, node: u64) -> Result<(f64, f64, f64, f64), String> {
    let answer = frame.try_call("DOM.getContentQuads", &json!({ "backendNodeId": node }))?;
    let points: Vec<f64> = answer["quads"][0]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect();
    match points.as_slice() {
        [left, top, _, _, right, bottom, ..] => Ok((*left, *top, *right, *bottom)),
        _ => Err("the element has no place on the page".to_owned()),
    }
}

/// Returns where a frame's viewport begins in the page's.
fn offset(frame: &Frame) -> Result<(f64, f64), String> {
    let (target, parent) = {
        let connection = frame.connection.borrow();
        let session = connection
            .session(&frame.session)
            .ok_or("no such session")?;
        (session.target.clone(), session.parent.clone())
    };
    let Some(parent) = parent else {
        return Ok((0.0, 0.0));
    };
    let parent = Frame {
        connection: Rc::clone(&frame.connection),
        session: parent,
    };
    let owner = parent.try_call("DOM.getFrameOwner", &json!({ "frameId": target }))?;
    let (left, top, ..) = quad(&parent, owner["backendNodeId"].as_u64().unwrap_or_default())?;
    let (x, y) = offset(&parent)?;
    Ok((x + left, y + top))
}

/// Brings the page that a frame is part of to the front, and returns it: what a person does goes to the tab that they
/// see.
fn page_of(frame: &Frame) -> Frame {
    let mut connection = frame.connection.borrow_mut();
    let root = connection.root(&frame.session).to_owned();
    connection.bring_to_front(&root);
    Frame {
        connection: Rc::clone(&frame.connection),
        session: root,
    }
}
