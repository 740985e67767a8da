//! Questions that the site suggests while nothing was said yet. A tap asks one.

use super::composer;
use crate::{
    app::App,
    dom::{Node, button, element},
};

/// Draws them, hidden until it is known that nothing was said.
pub fn suggestions(app: &'static App) -> Node {
    let list = element("ul", "chips", &[]);
    for question in &app.site.suggestions {
        let chip = button("offer", question, move || {
            app.ask(question);
            // The button goes away; whoever pressed it by keyboard must not be lost.
            composer::focus();
        });
        chip.set("dir", "auto");
        list.add(element("li", "", &[chip]));
    }
    app.follow(move |chat| {
        let is_due = chat.is_empty() && chat.is_caught_up() && !chat.is_asked_first();
        list.show(is_due && !app.site.suggestions.is_empty());
    });
    list
}
