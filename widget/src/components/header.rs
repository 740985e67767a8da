//! Under the name of the site, who answers; and the menu. The way out is `boot.ts`'s.

use oriel_shared::wire::visitor::Status;

use super::menu;
use crate::{app::App, dom::find, state::Standing};

/// Takes the header over.
pub fn header(app: &'static App) {
    let strings = app.strings;
    menu::menu(app);
    let status = find("status");
    app.follow(move |chat| {
        let who = match chat.status {
            _ if matches!(chat.standing, Standing::Refused(_)) => "",
            Status::Open => strings.status_open(),
            Status::Waiting => strings.status_waiting(),
            Status::Agent => strings.status_agent(),
            Status::Closed => strings.status_closed(),
        };
        status.say(who);
    });
}
