//! Elements, made node by node. What is drawn here is either there for good or follows the one [`crate::store`];
//! decision 5 says why there is no framework.
//!
//! No function here parses HTML; Trusted Types would stop it.

use wasm_bindgen::JsValue;

use crate::{browser, wire_codec::Json};

mod js {
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen(module = "/src/browser.js")]
    extern "C" {
        pub fn find(id: &str) -> i32;
        pub fn make(tag: &str, class: &str, text: &str) -> i32;
        pub fn icon(path: &str) -> i32;
        pub fn add(node: i32, child: i32);
        pub fn write(node: i32, text: &str);
        pub fn place(node: i32, child: i32, place: i32);
        pub fn has(node: i32, child: i32) -> bool;
        pub fn set(node: i32, name: &str, value: &str);
        pub fn style(node: i32, name: &str, value: &str);
        pub fn attribute(node: i32, name: &str) -> String;
        pub fn say(node: i32, text: &str);
        pub fn paragraph(node: i32, place: i32, text: &str);
        pub fn turn(node: i32, name: &str, is_on: bool);
        pub fn fill(node: i32, value: &str);
        pub fn value(node: i32) -> String;
        pub fn measure(node: i32, name: &str) -> i32;
        pub fn act(node: i32, name: &str) -> i32;
        pub fn scroll_to(node: i32, to_end: i32);
        pub fn copy(node: i32) -> bool;
        pub fn line(icon: i32, path: &str);
        pub fn is_active(node: i32) -> bool;
        /// Gives the focus to the element with this id, if it is there.
        pub fn focus_by_id(id: &str);
        pub fn listen(node: i32, event: &str, id: i32);
        pub fn stays_within(node: i32, event: &JsValue) -> bool;
    }
}

pub use js::focus_by_id;

/// A node of the frame's document: the document, its window, or an element.
///
/// It is a number, and the node behind it stays for as long as the frame does. That costs a few bytes for each message
/// that is erased, and spares every part of the program the code that keeps count of who still holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(i32);

/// The frame's document.
pub const DOCUMENT: Node = Node(0);

/// Its window.
pub const WINDOW: Node = Node(1);

/// Its outermost element.
pub const PAGE: Node = Node(2);

/// The element with this id, which is there.
pub fn find(id: &str) -> Node {
    Node(js::find(id))
}

/// An element with a class (or none, if empty) around its children.
pub fn element(tag: &str, class: &str, children: &[Node]) -> Node {
    let element = words(tag, class, "");
    for child in children {
        element.add(*child);
    }
    element
}

/// An element with a class (or none, if empty) around a text.
pub fn words(tag: &str, class: &str, text: &str) -> Node {
    Node(js::make(tag, class, text))
}

/// A button with a text that does something. `class` and `text` may be empty.
pub fn button(class: &str, text: &str, press: impl FnMut() + 'static) -> Node {
    let button = words("button", class, text);
    button.set("type", "button");
    button.listen("click", press);
    button
}

/// A line icon on a grid of 24. What it means is said by the button around it.
pub fn icon(path: &str) -> Node {
    Node(js::icon(path))
}

/// A place inside the log whose buttons are not announced: the log announces what comes into it, and they come a moment
/// after what they belong to.
pub fn quiet(class: &str, buttons: Vec<Node>) -> Node {
    let place = element("div", class, &[]);
    place.set("aria-live", "off");
    browser::after(0, move || {
        for button in buttons {
            place.add(button);
        }
    });
    place
}

impl Node {
    /// Adds a child at the end.
    pub fn add(self, child: Self) {
        js::add(self.0, child.0);
    }

    /// Adds a text at the end.
    pub fn write(self, text: &str) {
        js::write(self.0, text);
    }

    /// Puts a child at its place among the others.
    pub fn place(self, child: Self, place: usize) {
        js::place(self.0, child.0, place as i32);
    }

    /// Whether the other one is this one or inside of it.
    pub fn has(self, other: Self) -> bool {
        js::has(self.0, other.0)
    }

    /// Sets an attribute.
    pub fn set(self, name: &str, value: &str) {
        js::set(self.0, name, value);
    }

    /// Sets a custom property of the style sheet.
    pub fn style(self, name: &str, value: &str) {
        js::style(self.0, name, value);
    }

    /// Sets an attribute that is `true` or `false`.
    pub fn mark(self, name: &str, is_so: bool) {
        self.set(name, if is_so { "true" } else { "false" });
    }

    /// An attribute; empty when there is none.
    pub fn attribute(self, name: &str) -> String {
        js::attribute(self.0, name)
    }

    /// Gives it a text if it has another: a live region would say the same again.
    pub fn say(self, text: &str) {
        js::say(self.0, text);
    }

    /// Gives the paragraph at a place among the children a text; a new one behind the last.
    pub fn paragraph(self, place: usize, text: &str) {
        js::paragraph(self.0, place as i32, text);
    }

    /// Shows or hides it.
    pub fn show(self, is_shown: bool) {
        js::turn(self.0, "hidden", !is_shown);
    }

    /// Whether it is hidden; of the document, whether nobody can see the page.
    pub fn is_hidden(self) -> bool {
        self.measure("hidden") != 0
    }

    /// Lets a button be pressed, or not.
    pub fn enable(self, is_enabled: bool) {
        js::turn(self.0, "disabled", !is_enabled);
    }

    /// What stands in a field.
    pub fn value(self) -> String {
        js::value(self.0)
    }

    /// Puts something else into a field.
    pub fn fill(self, value: &str) {
        js::fill(self.0, value);
    }

    /// A property that is a number, or true or false.
    pub fn measure(self, name: &str) -> i32 {
        js::measure(self.0, name)
    }

    /// Calls a method without arguments. Whether it returned `true`.
    pub fn act(self, name: &str) -> bool {
        js::act(self.0, name) == 1
    }

    /// Takes the focus.
    pub fn focus(self) {
        self.act("focus");
    }

    /// Whether it has the focus.
    pub fn is_active(self) -> bool {
        js::is_active(self.0)
    }

    /// Scrolls to where it is so many pixels from its top to its end; to the end with 0.
    pub fn scroll_to(self, to_end: i32) {
        js::scroll_to(self.0, to_end);
    }

    /// Puts what it says into the clipboard. Where that is denied, `false`, and it stays selected.
    pub fn copy(self) -> bool {
        js::copy(self.0)
    }

    /// Gives an [`icon`] another line.
    pub fn redraw(self, path: &str) {
        js::line(self.0, path);
    }

    /// Hears an event of this node, or of anything in it, for as long as the frame lives.
    pub fn listen(self, event: &str, heard: impl FnMut() + 'static) {
        js::listen(self.0, event, browser::hear_each(heard));
    }

    /// The same, for an event that is worth looking at.
    pub fn on(self, event: &str, mut heard: impl FnMut(&Event) + 'static) {
        let heard = move |event| heard(&Event(event));
        js::listen(self.0, event, browser::hear(heard));
    }
}

/// What has happened.
pub struct Event(JsValue);

impl Event {
    /// The key that was pressed.
    pub fn key(&self) -> String {
        self.0.text("key").unwrap_or_default()
    }

    /// Nobody further out shall hear of it.
    pub fn stop(&self) {
        browser::call(&self.0, "stopPropagation");
    }

    /// The browser shall not do what it would.
    pub fn prevent(&self) {
        browser::call(&self.0, "preventDefault");
    }

    /// Whether the focus went to something inside of this node.
    pub fn stays_within(&self, node: Node) -> bool {
        js::stays_within(node.0, &self.0)
    }
}
