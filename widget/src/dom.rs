//! Elements, made node by node. What is drawn here is either there for good or follows the one [`crate::store`];
//! decision 5 says why there is no framework.
//!
//! No function here parses HTML; Trusted Types would stop it.

use wasm_bindgen::JsValue;
use web_sys::{Document, Element, Node};

use crate::browser;

/// An element with a class (or none, if empty) around its children.
pub fn element(tag: &str, class: &str, children: &[&Node]) -> Element {
    let element = made(document().create_element(tag));
    finish(&element, class, children);
    element
}

/// An element with a class (or none, if empty) around a text.
pub fn words(tag: &str, class: &str, text: &str) -> Element {
    let element = element(tag, class, &[]);
    element.set_text_content(Some(text));
    element
}

/// A button that does something. `class` may be empty.
pub fn button(class: &str, press: impl FnMut() + 'static) -> Element {
    let button = element("button", class, &[]);
    set(&button, "type", "button");
    browser::listen(&button, "click", press);
    button
}

/// A line icon on a grid of 24. What it means is said by the button around it.
pub fn icon(path: &str) -> Element {
    const SVG: Option<&str> = Some("http://www.w3.org/2000/svg");
    let document = document();
    let line = made(document.create_element_ns(SVG, "path"));
    set(&line, "d", path);
    let icon = made(document.create_element_ns(SVG, "svg"));
    set(&icon, "viewBox", "0 0 24 24");
    set(&icon, "aria-hidden", "true");
    finish(&icon, "", &[&line]);
    icon
}

/// Sets an attribute. Our own names are well-formed, so it cannot fail.
pub fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// Shows or hides an element.
pub fn show(element: &Element, is_shown: bool) {
    let _ = element.toggle_attribute_with_force("hidden", !is_shown);
}

/// Gives an element a text if it has another: a live region would say the same again.
pub fn say(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Adds a child at the end.
pub fn add(parent: &Element, child: &Node) {
    let _ = parent.append_child(child);
}

/// The frame's document.
pub fn document() -> Document {
    browser::window()
        .document()
        .expect("the widget runs in a document")
}

/// Not `expect`: that brings along how to print every value of JavaScript.
fn made(element: Result<Element, JsValue>) -> Element {
    element.unwrap_or_else(|_| panic!("our own tag names are well-formed"))
}

fn finish(element: &Element, class: &str, children: &[&Node]) {
    if !class.is_empty() {
        set(element, "class", class);
    }
    for child in children {
        add(element, child);
    }
}
