//! What stands above the composer for a moment: the question before everything is erased, or that something failed.

use super::composer;
use crate::{
    app::App,
    browser,
    dom::{Node, button, element, words},
    state::Aside,
};

/// Draws it, hidden until there is something.
pub fn aside(app: &'static App) -> Node {
    let strings = app.strings;
    let question = words("p", "", strings.erase_question());
    question.set("id", "erase");
    let erase = button("offer", strings.erase_now(), move || {
        app.erase();
        composer::focus();
    });
    let keep = move || {
        app.set_aside(Aside::Nothing);
        composer::focus();
    };
    let back = button("", strings.cancel(), keep);
    let ask = element(
        "div",
        "notice lost ask",
        &[question, element("div", "choice", &[erase, back])],
    );
    ask.set("role", "alertdialog");
    ask.set("aria-labelledby", "erase");
    ask.on("keydown", move |event| {
        if event.key() == "Escape" {
            // The question is taken back, and the chat stays open.
            event.stop();
            keep();
        }
    });
    let failed = element("p", "notice lost", &[]);
    failed.set("role", "status");
    let whole = element("div", "", &[ask, failed]);
    let mut had = Aside::Nothing;
    app.follow(move |chat| {
        let aside = chat.aside;
        ask.show(aside == Aside::Erase);
        failed.say(if aside == Aside::Failed {
            strings.failed()
        } else {
            ""
        });
        failed.show(aside == Aside::Failed);
        if aside == Aside::Erase && aside != had {
            browser::after(0, move || back.focus());
        }
        had = aside;
    });
    whole
}
