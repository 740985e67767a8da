//! Questions that the site suggests in an empty chat. A tap asks one.

use super::composer;
use crate::{
    app::App,
    browser,
    dom::{Node, button, element},
};

/// Draws them, hidden until it is known that the chat is empty.
pub fn suggestions(app: &'static App) -> Node {
    let list = element("ul", "chips", &[]);
    for question in &app.site.suggestions {
        let chip = button("offer", question, move || {
            app.act(|chat| chat.ask(browser::message_id(), question));
            // The button goes away; a visitor who pressed it by keyboard must not lose the focus.
            composer::focus();
        });
        chip.set("dir", "auto");
        list.add(element("li", "", &[chip]));
    }
    app.subscribe(move |chat| {
        let is_due = chat.is_empty() && chat.is_caught_up() && !chat.needs_prechat();
        list.show(is_due && !app.site.suggestions.is_empty());
    });
    list
}
