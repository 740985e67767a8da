//! The log: all messages, announced one by one. It stays at its end unless the visitor reads older ones.

use std::cell::Cell;

use oriel_shared::wire::visitor::{Offer, Role, Status};

use super::{composer, form, message::DrawnMessage, suggestions};
use crate::{
    app::App,
    browser,
    dom::{self, Node, button, find},
    state::{
        Chat,
        selectors::{self, Row},
    },
    when,
};

/// Closer to the end than this counts as at the end.
const NEAR_END_PX: i32 = 48;

/// Closer to the top than this, older rows come.
const NEAR_TOP_PX: i32 = 240;

/// How long the log announces nothing after older rows came into it: they are not new.
const QUIET_MS: u32 = 500;

/// The place between the greeting and the log.
const BEFORE_LOG: usize = 1;

/// The rows as they are on the screen.
#[derive(Default)]
struct Rows {
    shown: Vec<DrawnMessage>,
    /// Those that have left the screen at its top. They are drawn again as they were.
    kept: Vec<DrawnMessage>,
}

/// Takes the log over, and draws into it and around it.
pub fn log(app: &'static App) {
    let strings = app.strings;
    let (scroll, log) = (find("scroll"), find("log"));
    // Outside of the log, which announces what comes into it: a message is announced once it is whole.
    let streaming = find("streaming");
    let (note, typing_words, dots) = (find("note"), find("typing"), find("dots"));

    let person = button("offer", strings.talk_to_person(), move || {
        app.act(|chat| chat.outgoing.ask_for_person());
        // The button goes away; a visitor who pressed it by keyboard must not lose the focus.
        composer::focus();
    });
    let leave = button("offer", strings.lead_send(), move || {
        app.chat.update(|chat| chat.lead.is_open = true);
        form::focus_lead();
    });

    scroll.place(suggestions::suggestions(app), BEFORE_LOG);
    if let Some(asked) = &app.site.prechat {
        scroll.place(form::prechat(app, asked), BEFORE_LOG);
    }
    scroll.add(form::lead(app));
    stay_at_end(app, scroll);

    let mut rows = Rows::default();
    let had_first: &'static Cell<usize> = Box::leak(Box::new(Cell::new(0)));
    app.subscribe(move |chat| {
        let first = chat.log.first_drawn();
        let is_older = first < had_first.get();
        if is_older {
            browser::after(QUIET_MS, move || {
                had_first.set(first);
                app.chat.update(|_| ());
            });
        } else {
            had_first.set(first);
        }
        // What is there already is not new: nothing is announced before the log has caught up.
        let is_new = chat.is_caught_up() && !is_older;
        log.set("aria-live", if is_new { "polite" } else { "off" });
        draw_rows(app, chat, [log, streaming], &mut rows);
        let offer = selectors::offer(chat);
        for (kind, button) in &[(Offer::Person, person), (Offer::Message, leave)] {
            let place = offer
                .filter(|(_, offered)| offered == kind)
                .and_then(|(id, _)| rows.shown.iter().find(|message| message.id == id));
            match place {
                // What is put there again would be announced again.
                Some(message) if message.element.has(*button) => {}
                Some(message) => message.element.add(*button),
                None => {
                    button.act("remove");
                }
            }
        }
        let end = match chat.status {
            _ if selectors::ends_with_notice(chat) => "",
            Status::Waiting if chat.is_team_away => strings.away(),
            Status::Waiting => strings.waiting(),
            Status::Closed if selectors::n_pending(chat) == 0 => strings.closed(),
            Status::Open | Status::Agent | Status::Closed => "",
        };
        note.set_text(end);
        note.show(!end.is_empty());
        let typing = match chat.presence.typing() {
            _ if selectors::is_answering(chat) => strings.assistant_types(),
            Some(Role::Agent) => strings.agent_types(),
            _ => "",
        };
        typing_words.set_text(typing);
        dots.show(selectors::typing(chat).is_some());
        scroll.show(!chat.is_unavailable());
    });
}

/// Draws the rows. A row that is there already stays the same element: it is not announced again, nor does it lose
/// focus or selection.
fn draw_rows(app: &'static App, chat: &Chat, [log, streaming]: [Node; 2], rows: &mut Rows) {
    let mut had = std::mem::take(&mut rows.shown);
    let drawn = &mut rows.shown;
    for row in selectors::rows(chat) {
        let mut message = take(&mut had, row.id())
            .or_else(|| take(&mut rows.kept, row.id()))
            .unwrap_or_else(|| {
                // A chat that begins today does not say so.
                let day_before = match drawn.last() {
                    Some(before) => before.day,
                    None => when::day(chat.log.time_before_drawn().unwrap_or_default()),
                };
                DrawnMessage::new(app, &row, day_before)
            });
        let (parent, place) = match row {
            Row::Streaming { .. } => (streaming, 0),
            _ => (log, drawn.len()),
        };
        message.update(chat, &row);
        parent.place(message.element, place);
        drawn.push(message);
    }
    for message in had {
        message.element.act("remove");
        rows.kept.push(message);
    }
    if chat.is_empty() {
        rows.kept.clear();
    }
}

fn take(rows: &mut Vec<DrawnMessage>, id: &str) -> Option<DrawnMessage> {
    let place = rows.iter().position(|message| message.id == id)?;
    Some(rows.remove(place))
}

/// Keeps the end in sight while the visitor is there, and goes there when the visitor sends something. What is in sight
/// there counts as read. A visitor who has left the end sees older rows come at the top, and a button shows when something has
/// come below.
fn stay_at_end(app: &'static App, scroll: Node) {
    let is_at_end: &'static Cell<bool> = Box::leak(Box::new(Cell::new(true)));
    let mark_seen = move || {
        if is_at_end.get()
            && app.chat.read(|chat| chat.is_panel_open)
            && !dom::DOCUMENT.is_hidden()
            && let Some(seq) = app.chat.read(selectors::unseen)
        {
            app.act(|chat| chat.presence.mark_seen(seq));
        }
    };
    let go_to_end = move || {
        scroll.scroll_to(0);
        mark_seen();
    };

    // The log has grown, or lost rows at its top, and has not been scrolled yet.
    let is_due: &'static Cell<bool> = Box::leak(Box::new(Cell::new(false)));
    let is_reading_older = move || app.chat.read(|chat| chat.log.is_reading_older());
    let mut had_top = 0;
    scroll.listen("scroll", move || {
        let top = scroll.measure("scrollTop");
        let to_end = scroll.measure("scrollHeight") - top;
        // Whatever comes or goes at the top, what is in sight stays where it is.
        let change = |change: fn(&mut Chat)| {
            app.chat.update(change);
            scroll.scroll_to(to_end);
        };
        // Only going up is leaving the end.
        if to_end - scroll.measure("clientHeight") < NEAR_END_PX {
            is_at_end.set(true);
            mark_seen();
            if is_reading_older() {
                change(|chat| chat.log.read_newest());
            }
        } else if top < had_top && !is_due.get() {
            is_at_end.set(false);
            if !is_reading_older() {
                change(|chat| chat.log.read_older(false));
            }
        }
        if top < NEAR_TOP_PX && !is_at_end.get() && app.chat.read(|chat| chat.log.first_drawn()) > 0
        {
            change(|chat| chat.log.read_older(true));
        }
        had_top = scroll.measure("scrollTop");
    });
    dom::DOCUMENT.listen("visibilitychange", mark_seen);
    dom::WINDOW.listen("resize", move || {
        // Phone keyboards come and go.
        if is_at_end.get() {
            scroll.scroll_to(0);
        }
    });

    let pill = button("pill", app.strings.new_messages(), move || {
        go_to_end();
        composer::focus();
    });
    let mut n_had = 0;
    app.subscribe(move |chat| {
        // Whatever has changed: the field, too, grows with the draft and takes its room from the log.
        let n_pending = selectors::n_pending(chat);
        if is_at_end.get() || n_pending > n_had {
            is_due.set(true);
            browser::after(0, move || {
                is_due.set(false);
                go_to_end();
            });
        }
        n_had = n_pending;
        pill.show(!is_at_end.get() && selectors::n_unread(chat) > 0);
    });
    scroll.add(pill);
}
