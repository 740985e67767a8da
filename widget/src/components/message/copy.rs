//! The button that copies a message or a piece of code.

use crate::{
    app::App,
    browser,
    dom::{Node, element, icon},
};

const SHEETS: &str = "M9 9h11v11H9zM5 15H4V4h11v1";
const CHECK: &str = "M5 12.5l5 5L20 7";

/// How long the button says that it has copied.
const CONFIRM_MS: u32 = 2_000;

/// Draws one that copies the text of `source`.
pub fn copy(app: &'static App, source: Node) -> Node {
    let icon = icon(SHEETS);
    let button = element("button", "thumb", &[icon]);
    button.set("type", "button");
    let label = move |name: &str, path: &str| {
        button.set("aria-label", name);
        button.set("title", name);
        icon.redraw(path);
    };
    label(app.strings.copy(), SHEETS);
    button.listen("click", move || {
        if source.copy() {
            label(app.strings.copied(), CHECK);
            browser::after(CONFIRM_MS, move || label(app.strings.copy(), SHEETS));
        }
    });
    button
}
