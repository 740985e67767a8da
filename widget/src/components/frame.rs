//! The whole frame: header, log, notices, composer.

use super::{aside, composer, header, log, notice};
use crate::{
    app::App,
    dom::{Node, element},
};

/// Draws everything.
pub fn frame(app: &'static App) -> Node {
    let parts = [
        header::header(app),
        log::log(app),
        notice::notice(app),
        aside::aside(app),
        composer::composer(app),
    ];
    let frame = element("div", "frame", &parts);
    frame.on("keydown", move |event| {
        // An Escape that ends a composition belongs to the input method.
        if event.key() == "Escape" && !event.is("isComposing") {
            app.close();
        }
    });
    frame
}
