//! The whole frame: header, log, notices, composer.

use web_sys::{Element, KeyboardEvent};

use super::{aside, composer, header, log, notice};
use crate::{app::App, browser, dom::element};

/// Draws everything.
pub fn frame(app: &'static App) -> Element {
    let parts = [
        header::header(app),
        log::log(app),
        notice::notice(app),
        aside::aside(app),
        composer::composer(app),
    ];
    let frame = element("div", "frame", &parts.each_ref().map(AsRef::as_ref));
    browser::on(&frame, "keydown", move |event: KeyboardEvent| {
        // An Escape that ends a composition belongs to the input method.
        if event.key() == "Escape" && !event.is_composing() {
            app.close();
        }
    });
    frame
}
