//! What stands before the first message: the greeting, and that an assistant answers.

use crate::{
    app::App,
    dom::{Node, element, words},
};

/// Draws the greeting.
pub fn intro(app: &'static App) -> Node {
    let intro = element("div", "intro", &[]);
    let line = |class: &str, text: &str| {
        let line = words("p", class, text);
        line.set("dir", "auto");
        intro.add(line);
    };
    line("greeting", &app.site.greeting);
    line("fine", &app.site.disclosure);
    intro
}
