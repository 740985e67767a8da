//! The button that copies a message or a piece of code.

use crate::{
    app::App,
    browser,
    dom::{Node, element, icon},
};

const SHEETS: &str = "M9 9h11v11H9zM5 15H4V4h11v1";
const CHECK: &str = "M5 12.5l5 5L20 7";

/// How long the button says that it has copied.
const SAID_FOR_MS: u32 = 2_000;

/// Draws one for what `copied` says when it is pressed.
pub fn copy(app: &'static App, copied: Node) -> Node {
    let icon = icon(SHEETS);
    let button = element("button", "thumb", &[icon]);
    button.set("type", "button");
    let tell = move |name: &str, path: &str| {
        button.set("aria-label", name);
        button.set("title", name);
        icon.redraw(path);
    };
    tell(app.strings.copy(), SHEETS);
    button.listen("click", move || {
        if copied.copy() {
            tell(app.strings.copied(), CHECK);
            browser::after(SAID_FOR_MS, move || tell(app.strings.copy(), SHEETS));
        }
    });
    button
}
