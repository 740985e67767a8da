//! What stands before the first message: the greeting, and that an assistant answers.

use web_sys::Element;

use crate::{
    app::App,
    dom::{add, element, set, words},
};

/// Draws the greeting.
pub fn intro(app: &'static App) -> Element {
    let intro = element("div", "intro", &[]);
    let line = |class: &str, text: &str| {
        let line = words("p", class, text);
        set(&line, "dir", "auto");
        add(&intro, &line);
    };
    line("greeting", &app.site.greeting);
    line("fine", &app.site.disclosure);
    intro
}
