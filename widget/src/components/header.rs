//! Name of the site, who answers, the menu, and the way out.

use oriel_shared::wire::visitor::Status;
use web_sys::Element;

use super::menu;
use crate::{
    app::App,
    dom::{add, button, element, icon, say, set, words},
    state::Connection,
};

/// Draws the header.
pub fn header(app: &'static App) -> Element {
    let strings = app.strings;
    let name = words("h1", "", &app.site.name);
    set(&name, "dir", "auto");
    let status = element("p", "", &[]);
    let close = button("icon", move || app.close());
    set(&close, "aria-label", strings.close);
    add(&close, &icon("M6 6l12 12M18 6L6 18"));
    let header = element(
        "header",
        "head",
        &[
            &element("div", "names", &[&name, &status]),
            &menu::menu(app),
            &close,
        ],
    );
    app.follow(move |chat| {
        let who = match chat.status {
            _ if matches!(chat.connection, Connection::Refused(_)) => "",
            Status::Open => strings.status_open,
            Status::Waiting => strings.status_waiting,
            Status::Agent => strings.status_agent,
            Status::Closed => strings.status_closed,
        };
        say(&status, who);
    });
    header
}
