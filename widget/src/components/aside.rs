//! What stands above the composer for a moment: the question before everything is erased, or that something failed.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::composer;
use crate::{
    app::App,
    browser,
    dom::{button, element, say, set, show, words},
    state::Aside,
};

/// Draws it, hidden until there is something.
pub fn aside(app: &'static App) -> Element {
    let strings = app.strings;
    let question = words("p", "", strings.erase_question);
    set(&question, "id", "erase");
    let erase = button("offer", move || {
        app.erase();
        composer::focus();
    });
    say(&erase, strings.erase_now);
    let keep = move || {
        app.set_aside(Aside::Nothing);
        composer::focus();
    };
    let back = button("", keep);
    say(&back, strings.cancel);
    let ask = element(
        "div",
        "notice lost ask",
        &[&question, &element("div", "choice", &[&erase, &back])],
    );
    set(&ask, "role", "alertdialog");
    set(&ask, "aria-labelledby", "erase");
    browser::on(&ask, "keydown", move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            // The question is taken back, and the chat stays open.
            event.stop_propagation();
            keep();
        }
    });
    let failed = element("p", "notice lost", &[]);
    set(&failed, "role", "status");
    let whole = element("div", "", &[&ask, &failed]);
    let mut had = Aside::Nothing;
    app.follow(move |chat| {
        let aside = chat.aside;
        show(&ask, aside == Aside::Erase);
        say(
            &failed,
            if aside == Aside::Failed {
                strings.failed
            } else {
                ""
            },
        );
        show(&failed, aside == Aside::Failed);
        if aside == Aside::Erase && aside != had {
            let back = back.clone();
            browser::after(0, move || {
                let _ = back.unchecked_ref::<HtmlElement>().focus();
            });
        }
        had = aside;
    });
    whole
}
