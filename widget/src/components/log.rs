//! The log: everything said so far, announced message by message, at its end unless the visitor reads above.

use std::{cell::Cell, rc::Rc};

use oriel_shared::wire::visitor::{Role, Status};
use reactive_graph::traits::{Track, With};
use web_sys::Element;

use super::{composer, intro, message::DrawnMessage};
use crate::{
    app::App,
    browser,
    dom::{add, button, element, follow, say, set, show},
    state::{Chat, Connection},
};

/// Closer to the end than this counts as at the end.
const NEAR_END_PX: i32 = 48;

/// Draws the log.
pub fn log(app: &'static App) -> Element {
    let strings = app.strings;
    let log = element("div", "log", &[]);
    set(&log, "role", "log");
    set(&log, "aria-label", strings.log);

    let typing_words = element("span", "heard", &[]);
    let dot = || element("span", "dot", &[]);
    let typing = element("div", "typing", &[&typing_words, &dot(), &dot(), &dot()]);
    let note = element("div", "note", &[]);
    let state = element("div", "", &[&note, &typing]);
    set(&state, "role", "status");

    let offer = button("offer", move || {
        app.ask_for_person();
        // The button goes away; whoever pressed it by keyboard must not be lost.
        composer::focus();
    });
    say(&offer, strings.talk_to_person);

    let scroll = element("div", "scroll", &[&intro::intro(app), &log, &state]);
    // Reachable by keyboard, so that it can be scrolled by keyboard.
    set(&scroll, "tabindex", "0");
    stay_at_end(app, &scroll);

    let (mut drawn, pane) = (Vec::new(), scroll.clone());
    follow(move || {
        app.chat.with(|chat| {
            // What is there already is not news: nothing is announced before the log has caught up.
            set(
                &log,
                "aria-live",
                if chat.is_caught_up() { "polite" } else { "off" },
            );
            draw_rows(app, chat, &log, &mut drawn);
            let offered = chat
                .offer()
                .and_then(|id| drawn.iter().find(|message| message.id == id));
            match offered {
                Some(message) => add(&message.element, &offer),
                None => offer.remove(),
            }
            let end = match chat.status {
                _ if chat.ends_with_notice() => "",
                Status::Waiting => strings.waiting,
                Status::Closed => strings.closed,
                Status::Open | Status::Agent => "",
            };
            say(&note, end);
            show(&note, !end.is_empty());
            let writes = match chat.typing {
                Some(Role::Agent) => strings.agent_writes,
                Some(_) => strings.assistant_writes,
                None => "",
            };
            say(&typing_words, writes);
            show(&typing, chat.typing.is_some());
            show(&pane, !matches!(chat.connection, Connection::Refused(_)));
        });
    });
    scroll
}

/// Brings the rows in step with the chat. A row that is there already stays the same element: it is not announced
/// again, nor does it lose focus or selection.
fn draw_rows(app: &'static App, chat: &Chat, log: &Element, drawn: &mut Vec<DrawnMessage>) {
    let mut had = std::mem::take(drawn);
    for row in chat.rows() {
        let place = drawn.len();
        let message = match had.iter().position(|message| message.id == row.id()) {
            Some(index) => had.remove(index),
            None => DrawnMessage::new(app, &row),
        };
        let at_place = log.children().item(place as u32);
        if at_place.as_ref() != Some(&message.element) {
            let _ = log.insert_before(&message.element, at_place.as_deref());
        }
        message.update(chat);
        drawn.push(message);
    }
    for message in had {
        message.element.remove();
    }
}

/// Keeps the end in sight while the visitor is there, and goes there when the visitor says something.
fn stay_at_end(app: &'static App, scroll: &Element) {
    let is_at_end = Rc::new(Cell::new(true));
    let (seen, pane) = (is_at_end.clone(), scroll.clone());
    let mut had_top = 0;
    browser::listen(scroll, "scroll", move || {
        let top = pane.scroll_top();
        // The log may have grown between a scroll of ours and its event; only going up is leaving the end.
        if pane.scroll_height() - top - pane.client_height() < NEAR_END_PX {
            seen.set(true);
        } else if top < had_top {
            seen.set(false);
        }
        had_top = top;
    });
    let (stays, pane) = (is_at_end.clone(), scroll.clone());
    browser::listen(&browser::window(), "resize", move || {
        // Phone keyboards come and go.
        if stays.get() {
            pane.set_scroll_top(pane.scroll_height());
        }
    });
    let (mut n_had, pane) = (0, scroll.clone());
    follow(move || {
        // The field grows with the draft and takes its room from the log.
        app.draft.track();
        let (n_rows, n_pending) = app.chat.with(|chat| (chat.n_rows(), chat.n_pending()));
        if is_at_end.get() || (n_rows > n_had && n_pending > 0) {
            let pane = pane.clone();
            browser::after(0, move || pane.set_scroll_top(pane.scroll_height()));
        }
        n_had = n_rows;
    });
}
