//! Name of the site, who answers, and the way out.

use oriel_shared::wire::visitor::Status;
use reactive_graph::traits::With;
use web_sys::Element;

use crate::{
    app::App,
    dom::{add, button, element, follow, icon, say, set, words},
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
        &[&element("div", "names", &[&name, &status]), &close],
    );
    follow(move || {
        let (status_now, connection) = app.chat.with(|chat| (chat.status, chat.connection));
        let who = match status_now {
            _ if matches!(connection, Connection::Refused(_)) => "",
            Status::Open => strings.status_open,
            Status::Waiting => strings.status_waiting,
            Status::Agent => strings.status_agent,
            Status::Closed => strings.status_closed,
        };
        say(&status, who);
    });
    header
}
