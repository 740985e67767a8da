//! The log: everything said so far, announced message by message, at its end unless the visitor reads above.

use std::cell::Cell;

use oriel_shared::wire::visitor::{Offer, Role, Status};

use super::{composer, form, message::DrawnMessage};
use crate::{
    app::App,
    browser,
    dom::{self, Node, button, element, find},
    state::{Chat, Connection, Row},
};

/// Closer to the end than this counts as at the end.
const NEAR_END_PX: i32 = 48;

/// Takes the log over, and draws what stands around it.
pub fn log(app: &'static App) {
    let strings = app.strings;
    let (scroll, log) = (find("scroll"), find("log"));
    // Outside of the log, which announces what comes into it: a message is announced once it is whole.
    let live = element("div", "live", &[]);

    let typing_words = element("span", "heard", &[]);
    let dot = || element("span", "dot", &[]);
    let dots = element("div", "typing", &[dot(), dot(), dot()]);
    let note = element("div", "note", &[]);
    let state = element("div", "", &[note, typing_words, dots]);
    state.set("role", "status");

    let person = button("offer", strings.talk_to_person, move || {
        app.ask_for_person();
        // The button goes away; whoever pressed it by keyboard must not be lost.
        composer::focus();
    });
    let leave = button("offer", strings.leave_message, move || {
        app.change(|chat| chat.is_form_open = true);
        form::focus();
    });

    for part in [live, state, form::form(app)] {
        scroll.add(part);
    }
    stay_at_end(app, scroll);

    let mut drawn = Vec::new();
    app.follow(move |chat| {
        // What is there already is not news: nothing is announced before the log has caught up.
        log.set(
            "aria-live",
            if chat.is_caught_up() { "polite" } else { "off" },
        );
        draw_rows(app, chat, [log, live], &mut drawn);
        let offer = chat.offer();
        for (kind, button) in [(Offer::Person, person), (Offer::Message, leave)] {
            let place = offer
                .filter(|(_, offered)| *offered == kind)
                .and_then(|(id, _)| drawn.iter().find(|message| message.id == id));
            match place {
                // Once: what is put there again is announced again.
                Some(message) if message.element.has(button) => {}
                Some(message) => message.element.add(button),
                None => {
                    button.act("remove");
                }
            }
        }
        let end = match chat.status {
            _ if chat.ends_with_notice() => "",
            Status::Waiting if chat.is_away => strings.away,
            Status::Waiting => strings.waiting,
            Status::Closed if chat.n_pending() == 0 => strings.closed,
            Status::Open | Status::Agent | Status::Closed => "",
        };
        note.say(end);
        note.show(!end.is_empty());
        let writes = match chat.presence.writing() {
            _ if chat.is_answering() => strings.assistant_writes,
            Some(Role::Agent) => strings.agent_writes,
            _ => "",
        };
        typing_words.say(writes);
        dots.show(chat.writing().is_some());
        scroll.show(!matches!(chat.connection, Connection::Refused(_)));
    });
}

/// Brings the rows in step with the chat. A row that is there already stays the same element: it is not announced
/// again, nor does it lose focus or selection.
fn draw_rows(
    app: &'static App,
    chat: &Chat,
    [log, live]: [Node; 2],
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
        parent.place(message.element, place);
        drawn.push(message);
    }
    for message in had {
        message.element.act("remove");
    }
}

/// Keeps the end in sight while the visitor is there, and goes there when the visitor says something. What is in sight
/// there has been read.
fn stay_at_end(app: &'static App, scroll: Node) {
    let is_at_end: &'static Cell<bool> = Box::leak(Box::new(Cell::new(true)));
    let see = move || {
        if is_at_end.get() && app.look(|chat| chat.is_shown) && !dom::DOCUMENT.is_hidden() {
            app.see();
        }
    };
    let mut had_top = 0;
    scroll.listen("scroll", move || {
        let top = scroll.measure("scrollTop");
        // The log may have grown between a scroll of ours and its event; only going up is leaving the end.
        if scroll.measure("scrollHeight") - top - scroll.measure("clientHeight") < NEAR_END_PX {
            is_at_end.set(true);
            see();
        } else if top < had_top {
            is_at_end.set(false);
        }
        had_top = top;
    });
    dom::DOCUMENT.listen("visibilitychange", see);
    dom::WINDOW.listen("resize", move || {
        // Phone keyboards come and go.
        if is_at_end.get() {
            scroll.scroll_to_end();
        }
    });
    let mut n_had = 0;
    app.follow(move |chat| {
        // Whatever has changed: the field, too, grows with the draft and takes its room from the log.
        let n_pending = chat.n_pending();
        if is_at_end.get() || n_pending > n_had {
            browser::after(0, move || {
                scroll.scroll_to_end();
                see();
            });
        }
        n_had = n_pending;
    });
}
