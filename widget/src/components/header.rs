//! Under the name of the site, who answers; and the menu. The buttons that close and resize the panel are `boot.ts`'s.

use oriel_shared::wire::visitor::Status;

use super::menu;
use crate::{app::App, dom::find};

/// Takes the header over.
pub fn header(app: &'static App) {
    let strings = app.strings;
    menu::menu(app);
    let status = find("status");
    app.subscribe(move |chat| {
        let who = match chat.status {
            _ if chat.is_unavailable() => "",
            Status::Open => strings.status_open(),
            Status::Waiting => strings.status_waiting(),
            Status::Agent => strings.status_agent(),
            Status::Closed => strings.status_closed(),
        };
        status.set_text(who);
    });
}
