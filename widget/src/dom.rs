//! Elements, made node by node. What is drawn is either there for good or changes with the one [`crate::store`];
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
        pub fn clone(id: &str) -> i32;
        pub fn child(node: i32, place: i32) -> i32;
        pub fn add(node: i32, child: i32);
        pub fn write(node: i32, text: &str);
        pub fn place(node: i32, child: i32, place: i32);
        pub fn has(node: i32, child: i32) -> bool;
        pub fn set(node: i32, name: &str, value: &str);
        pub fn style(node: i32, name: &str, value: &str);
        pub fn attribute(node: i32, name: &str) -> String;
        pub fn set_text(node: i32, text: &str);
        pub fn paragraph(node: i32, place: i32, text: &str);
        pub fn turn(node: i32, name: &str, is_on: bool);
        pub fn set_value(node: i32, value: &str);
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

/// A node of the frame document: the document, its window, or an element.
///
/// It is a number, and the node behind it stays for as long as the iframe does. That costs a few bytes for each message
/// that is erased, and spares every part of the program the code that counts references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(i32);

/// The frame document.
pub const DOCUMENT: Node = Node(0);

/// Its window.
pub const WINDOW: Node = Node(1);

/// Its outermost element.
pub const PAGE: Node = Node(2);

/// The element with this id, which is there.
pub fn find(id: &str) -> Node {
    Node(js::find(id))
}

/// The element that the `<template>` of this id holds, anew. What `boot.ts` and the program both draw is in templates
/// of the frame document.
pub fn clone(id: &str) -> Node {
    Node(js::clone(id))
}

/// An element with a class (or none, if empty) around its children.
pub fn element(tag: &str, class: &str, children: &[Node]) -> Node {
    let element = with_text(tag, class, "");
    for child in children {
        element.add(*child);
    }
    element
}

/// An element with a class (or none, if empty) around a text.
pub fn with_text(tag: &str, class: &str, text: &str) -> Node {
    Node(js::make(tag, class, text))
}

/// A button. `class` and `text` may be empty.
pub fn button(class: &str, text: &str, on_click: impl FnMut() + 'static) -> Node {
    let button = with_text("button", class, text);
    button.set("type", "button");
    button.listen("click", on_click);
    button
}

/// A line icon on a grid of 24. The button around it has a name that says what it does.
pub fn icon(path: &str) -> Node {
    Node(js::icon(path))
}

/// Buttons inside the log that are not announced: the log announces what is added to it, and they are added a moment
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

    /// Its child element at a place.
    pub fn child(self, place: usize) -> Self {
        Self(js::child(self.0, place as i32))
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

    /// Sets its text, if that is another one: a live region would announce it again.
    pub fn set_text(self, text: &str) {
        js::set_text(self.0, text);
    }

    /// Sets the text of the paragraph at a place among the children; behind the last one, of a new one.
    pub fn paragraph(self, place: usize, text: &str) {
        js::paragraph(self.0, place as i32, text);
    }

    /// Shows or hides it.
    pub fn show(self, is_shown: bool) {
        js::turn(self.0, "hidden", !is_shown);
    }

    /// Whether it is hidden; for the document, whether nobody can see the page.
    pub fn is_hidden(self) -> bool {
        self.measure("hidden") != 0
    }

    /// Enables or disables a button.
    pub fn enable(self, is_enabled: bool) {
        js::turn(self.0, "disabled", !is_enabled);
    }

    /// The text of a field.
    pub fn value(self) -> String {
        js::value(self.0)
    }

    /// Sets the text of a field. Dispatches a `change` there if it was another one.
    pub fn set_value(self, value: &str) {
        js::set_value(self.0, value);
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

    /// Copies its text to the clipboard. Where that is denied, returns `false`, and it stays selected.
    pub fn copy(self) -> bool {
        js::copy(self.0)
    }

    /// Gives an [`icon`] another line.
    pub fn redraw(self, path: &str) {
        js::line(self.0, path);
    }

    /// Listens to an event of this node, or of anything in it, for as long as the iframe lives.
    pub fn listen(self, event: &str, listener: impl FnMut() + 'static) {
        js::listen(self.0, event, browser::register_unit(listener));
    }

    /// Like [`Node::listen`], with the event.
    pub fn on(self, event: &str, mut listener: impl FnMut(&Event) + 'static) {
        let listener = move |event| listener(&Event(event));
        js::listen(self.0, event, browser::register(listener));
    }
}

/// An event of the browser's.
pub struct Event(JsValue);

impl Event {
    /// The key that was pressed.
    pub fn key(&self) -> String {
        self.0.text("key").unwrap_or_default()
    }

    /// Keeps it from the elements around this one.
    pub fn stop(&self) {
        browser::call(&self.0, "stopPropagation");
    }

    /// Keeps the browser from doing what it would.
    pub fn prevent(&self) {
        browser::call(&self.0, "preventDefault");
    }

    /// Whether the focus went to something inside of this node.
    pub fn stays_within(&self, node: Node) -> bool {
        js::stays_within(node.0, &self.0)
    }
}
