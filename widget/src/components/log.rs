//! The log: everything said so far, announced message by message, at its end unless the visitor reads above.

use std::{cell::Cell, rc::Rc};

use oriel_shared::wire::visitor::{Offer, Role, Status};
use web_sys::Element;

use super::{composer, form, intro, message::DrawnMessage};
use crate::{
    app::App,
    browser,
    dom::{add, button, document, element, say, set, show},
    state::{Chat, Connection, Row},
};

/// Closer to the end than this counts as at the end.
const NEAR_END_PX: i32 = 48;

/// Draws the log.
pub fn log(app: &'static App) -> Element {
    let strings = app.strings;
    let log = element("div", "log", &[]);
    set(&log, "role", "log");
    set(&log, "aria-label", strings.log);
    // Outside of the log, which announces what comes into it: a message is announced once it is whole.
    let live = element("div", "live", &[]);

    let typing_words = element("span", "heard", &[]);
    let dot = || element("span", "dot", &[]);
    let dots = element("div", "typing", &[&dot(), &dot(), &dot()]);
    let note = element("div", "note", &[]);
    let state = element("div", "", &[&note, &typing_words, &dots]);
    set(&state, "role", "status");

    let person = button("offer", move || {
        app.ask_for_person();
        // The button goes away; whoever pressed it by keyboard must not be lost.
        composer::focus();
    });
    say(&person, strings.talk_to_person);
    let leave = button("offer", move || {
        app.change(|chat| chat.is_form_open = true);
        form::focus();
    });
    say(&leave, strings.leave_message);

    let scroll = element(
        "div",
        "scroll",
        &[&intro::intro(app), &log, &live, &state, &form::form(app)],
    );
    // Reachable by keyboard, so that it can be scrolled by keyboard.
    set(&scroll, "tabindex", "0");
    stay_at_end(app, &scroll);

    let (mut drawn, pane) = (Vec::new(), scroll.clone());
    app.follow(move |chat| {
        // What is there already is not news: nothing is announced before the log has caught up.
        set(
            &log,
            "aria-live",
            if chat.is_caught_up() { "polite" } else { "off" },
        );
        draw_rows(app, chat, [&log, &live], &mut drawn);
        let offer = chat.offer();
        for (kind, button) in [(Offer::Person, &person), (Offer::Message, &leave)] {
            let place = offer
                .filter(|(_, offered)| *offered == kind)
                .and_then(|(id, _)| drawn.iter().find(|message| message.id == id));
            match place {
                // Once: what is put there again is announced again.
                Some(message) if message.element.contains(Some(button)) => {}
                Some(message) => add(&message.element, button),
                None => button.remove(),
            }
        }
        let end = match chat.status {
            _ if chat.ends_with_notice() => "",
            Status::Waiting if chat.is_away => strings.away,
            Status::Waiting => strings.waiting,
            Status::Closed if chat.n_pending() == 0 => strings.closed,
            Status::Open | Status::Agent | Status::Closed => "",
        };
        say(&note, end);
        show(&note, !end.is_empty());
        let writes = match chat.presence.writing() {
            _ if chat.is_answering() => strings.assistant_writes,
            Some(Role::Agent) => strings.agent_writes,
            _ => "",
        };
        say(&typing_words, writes);
        show(&dots, chat.writing().is_some());
        show(&pane, !matches!(chat.connection, Connection::Refused(_)));
    });
    scroll
}

/// Brings the rows in step with the chat. A row that is there already stays the same element: it is not announced
/// again, nor does it lose focus or selection.
fn draw_rows(
    app: &'static App,
    chat: &Chat,
    [log, live]: [&Element; 2],
    drawn: &mut Vec<DrawnMessage>,
) {
    let mut had = std::mem::take(drawn);
    for row in chat.rows() {
        let mut message = match had.iter().position(|message| message.id == row.id()) {
            Some(index) => had.remove(index),
            None => DrawnMessage::new(app, &row),
        };
        let (parent, place) = match row {
            Row::Live { .. } => (live, 0),
            _ => (log, drawn.len()),
        };
        message.update(chat, &row);
        let at_place = parent.children().item(place as u32);
        if at_place.as_ref() != Some(&message.element) {
            let _ = parent.insert_before(&message.element, at_place.as_deref());
        }
        drawn.push(message);
    }
    for message in had {
        message.element.remove();
    }
}

/// Keeps the end in sight while the visitor is there, and goes there when the visitor says something. What is in sight
/// there has been read.
fn stay_at_end(app: &'static App, scroll: &Element) {
    let is_at_end = Rc::new(Cell::new(true));
    let at_end = is_at_end.clone();
    let see = move || {
        if at_end.get() && app.look(|chat| chat.is_shown) && !browser::is_hidden() {
            app.see();
        }
    };
    let (seen, pane, look) = (is_at_end.clone(), scroll.clone(), see.clone());
    let mut had_top = 0;
    browser::listen(scroll, "scroll", move || {
        let top = pane.scroll_top();
        // The log may have grown between a scroll of ours and its event; only going up is leaving the end.
        if pane.scroll_height() - top - pane.client_height() < NEAR_END_PX {
            seen.set(true);
            look();
        } else if top < had_top {
            seen.set(false);
        }
        had_top = top;
    });
    browser::listen(&document(), "visibilitychange", see.clone());
    let (stays, pane) = (is_at_end.clone(), scroll.clone());
    browser::listen(&browser::window(), "resize", move || {
        // Phone keyboards come and go.
        if stays.get() {
            pane.set_scroll_top(pane.scroll_height());
        }
    });
    let (mut n_had, pane) = (0, scroll.clone());
    app.follow(move |chat| {
        // Whatever has changed: the field, too, grows with the draft and takes its room from the log.
        let n_pending = chat.n_pending();
        if is_at_end.get() || n_pending > n_had {
            let (pane, see) = (pane.clone(), see.clone());
            browser::after(0, move || {
                pane.set_scroll_top(pane.scroll_height());
                see();
            });
        }
        n_had = n_pending;
    });
}
