//! The state of the connection, when it is worth a word: connecting, lost, rate-limited; that there is no chat here,
//! and why; that the chat ends with this page.

use crate::{
    app::App,
    dom::{element, find, with_text},
    state::{ConnectionState, UnavailableReason},
};

/// Draws the line above the composer, and the page that takes the place of the chat.
pub fn notice(app: &'static App) {
    let strings = app.strings;
    let text = element("span", "", &[]);
    let countdown = element("span", "", &[]);
    // Shown, but not announced every second.
    countdown.set("aria-hidden", "true");
    let line = element("p", "notice", &[text, countdown]);
    let why = element("p", "", &[]);
    let unavailable = element(
        "div",
        "refused",
        &[with_text("h2", "", strings.unavailable()), why],
    );
    let ephemeral = with_text("p", "notice", strings.ephemeral());
    let notices = find("notices");
    for notice in &[ephemeral, line, unavailable] {
        notices.add(*notice);
    }
    app.subscribe(move |chat| {
        let connection = chat.connection;
        ephemeral.show(chat.is_ephemeral && chat.is_online());
        let words = match connection {
            ConnectionState::Online | ConnectionState::Unavailable(_) => "",
            ConnectionState::Connecting => strings.connecting(),
            ConnectionState::Reconnecting => strings.reconnecting(),
            ConnectionState::RateLimited { .. } => strings.limited(),
        };
        text.set_text(words);
        line.show(!words.is_empty());
        line.set(
            "class",
            if connection == ConnectionState::Connecting {
                "notice"
            } else {
                "notice lost"
            },
        );
        let left = match connection {
            ConnectionState::RateLimited { until } => {
                let left_s = until.0.saturating_sub(chat.clock.0).div_ceil(1000);
                strings.limited_for().with(left_s as u32)
            }
            _ => String::new(),
        };
        countdown.set_text(&left);
        let reason = match connection {
            ConnectionState::Unavailable(UnavailableReason::Origin) => strings.unavailable_origin(),
            ConnectionState::Unavailable(UnavailableReason::Site) => strings.unavailable_site(),
            ConnectionState::Unavailable(UnavailableReason::Identity) => {
                strings.unavailable_identity()
            }
            ConnectionState::Unavailable(UnavailableReason::NotEmbedded) => {
                strings.unavailable_alone()
            }
            _ => "",
        };
        why.set_text(reason);
        unavailable.show(!reason.is_empty());
    });
}
