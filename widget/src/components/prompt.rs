//! What stands above the composer for a moment: the question before everything is erased, or that something failed.

use super::composer;
use crate::{
    app::App,
    browser,
    dom::{Node, button, element, with_text},
    state::Prompt,
};

/// Draws it, hidden until there is something.
pub fn prompt(app: &'static App) -> Node {
    let strings = app.strings;
    let question = with_text("p", "", strings.erase_question());
    question.set("id", "erase");
    let erase = button("offer", strings.erase_now(), move || {
        app.erase();
        composer::focus();
    });
    let cancel = move || {
        app.prompt(Prompt::None);
        composer::focus();
    };
    let back = button("", strings.cancel(), cancel);
    let confirm = element(
        "div",
        "notice lost ask",
        &[question, element("div", "choice", &[erase, back])],
    );
    confirm.set("role", "alertdialog");
    confirm.set("aria-labelledby", "erase");
    confirm.on("keydown", move |event| {
        if event.key() == "Escape" {
            // The question is taken back, and the chat stays open.
            event.stop();
            cancel();
        }
    });
    let failed = element("p", "notice lost", &[]);
    failed.set("role", "status");
    let both = element("div", "", &[confirm, failed]);
    let mut had = Prompt::None;
    app.subscribe(move |chat| {
        let prompt = chat.prompt;
        confirm.show(prompt == Prompt::ConfirmErase);
        failed.set_text(if prompt == Prompt::Failed {
            strings.failed()
        } else {
            ""
        });
        failed.show(prompt == Prompt::Failed);
        if prompt == Prompt::ConfirmErase && prompt != had {
            browser::after(0, move || back.focus());
        }
        had = prompt;
    });
    both
}
