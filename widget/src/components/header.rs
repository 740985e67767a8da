//! Name of the site, who answers, the menu, and the way out.

use oriel_shared::wire::visitor::Status;

use super::menu;
use crate::{
    app::App,
    dom::{Node, button, element, icon, words},
    state::Connection,
};

/// Draws the header.
pub fn header(app: &'static App) -> Node {
    let strings = app.strings;
    let name = words("h1", "", &app.site.name);
    name.set("dir", "auto");
    let status = element("p", "", &[]);
    let close = button("icon", "", move || app.close());
    close.set("aria-label", strings.close);
    close.add(icon("M6 6l12 12M18 6L6 18"));
    let header = element(
        "header",
        "head",
        &[
            element("div", "names", &[name, status]),
            menu::menu(app),
            close,
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
        status.say(who);
    });
    header
}
