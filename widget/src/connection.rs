//! The one socket: opened, lost, opened again; what it brings goes into the chat, what the chat answers goes out.
//!
//! Keeps true: there is at most one socket, and only the current one is listened to. Nothing that the visitor says is
//! dropped here: what cannot go out now stays pending in the chat and goes out after the next welcome.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use js_sys::{Array, Math};
use oriel_shared::wire::visitor::{ClientFrame, SOCKET_PROTOCOL, ServerFrame};
use reactive_graph::traits::{GetUntracked, Set, Update, WithUntracked};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, MessageEvent, WebSocket};

use crate::{
    app::App,
    browser,
    reading::{self, Json},
    session::{Session, Trouble},
    state::{Chat, Connection as Standing, Delivery},
};

/// A socket that has not said welcome by then is given up: some networks swallow the upgrade without a word.
const WELCOME_TIMEOUT_MS: u32 = 15_000;

/// A message that is not acknowledged by then went into a socket that is dead without knowing it.
const ACKNOWLEDGE_TIMEOUT_MS: u32 = 10_000;

/// The socket and what keeps it alive. A clone is the same one.
#[derive(Clone)]
pub struct Connection(Rc<Inner>);

struct Inner {
    app: &'static App,
    session: Session,
    socket: RefCell<Option<WebSocket>>,
    /// Whether a session is being opened right now.
    is_opening: Cell<bool>,
    /// The timer of the next attempt.
    next_attempt: Cell<Option<i32>>,
    /// Attempts since the last welcome.
    n_attempts: Cell<u32>,
}

impl Connection {
    /// Connects, and stays connected for as long as the frame lives.
    pub fn open(app: &'static App, session: Session) -> Self {
        let connection = Self(Rc::new(Inner {
            app,
            session,
            socket: RefCell::default(),
            is_opening: Cell::default(),
            next_attempt: Cell::default(),
            n_attempts: Cell::default(),
        }));
        connection.attempt();

        let window = browser::window();
        let this = connection.clone();
        browser::listen(&window, "online", move || this.attempt_if_waiting());
        let this = connection.clone();
        // A socket does not notice for minutes that its network has gone.
        browser::listen(&window, "offline", move || this.lose());
        if let Some(document) = window.document() {
            let this = connection.clone();
            // Timers of hidden pages are slowed down; whoever comes back should not wait for them.
            browser::listen(&document, "visibilitychange", move || {
                this.attempt_if_waiting()
            });
        }
        connection
    }

    /// Says something to the edge, now if that is possible. What may not get lost is pending in the chat already.
    pub fn say(&self, frame: &ClientFrame) {
        let is_online = self
            .0
            .app
            .chat
            .with_untracked(|chat| chat.connection == Standing::Online);
        let socket = self.0.socket.borrow();
        if let Some(socket) = socket.as_ref().filter(|_| is_online) {
            // Fails while the socket is closing; it is said again on the next one.
            let _ = socket.send_with_str(&reading::client_frame(frame));
        }
        if let ClientFrame::Send { id, .. } = frame {
            let (this, id, socket) = (self.clone(), id.clone(), socket.clone());
            browser::after(ACKNOWLEDGE_TIMEOUT_MS, move || {
                this.check_acknowledged(&id, socket.as_ref())
            });
        }
    }

    fn check_acknowledged(&self, id: &str, socket: Option<&WebSocket>) {
        let is_stuck = self.0.app.chat.with_untracked(|chat| {
            chat.connection == Standing::Online && chat.delivery(id) == Delivery::Sending
        });
        if is_stuck && self.0.socket.borrow().as_ref() == socket {
            self.lose();
        }
    }

    /// Opens session and socket, unless that is going on already or there is no point.
    fn attempt(&self) {
        if let Some(timer) = self.0.next_attempt.take() {
            browser::cancel(timer);
        }
        if self.0.is_opening.get() || self.0.socket.borrow().is_some() {
            return;
        }
        self.0.is_opening.set(true);
        let this = self.clone();
        spawn_local(async move {
            let access = this.0.session.access().await;
            this.0.is_opening.set(false);
            let is_fleeting = this.0.session.is_fleeting();
            if this.0.app.chat.with_untracked(|chat| chat.is_fleeting) != is_fleeting {
                this.0
                    .app
                    .chat
                    .update(|chat| chat.is_fleeting = is_fleeting);
            }
            match access {
                Ok(token) => this.open_socket(&token),
                Err(Trouble::Passing) => this.lose(),
                Err(Trouble::Limited(wait_s)) => {
                    let until = browser::now().plus(u64::from(wait_s) * 1000);
                    this.0
                        .app
                        .chat
                        .update(|chat| chat.connection = Standing::Limited { until });
                    this.count_down();
                }
                Err(Trouble::Refused(refusal)) => {
                    this.0
                        .app
                        .chat
                        .update(|chat| chat.connection = Standing::Refused(refusal));
                }
            }
        });
    }

    fn attempt_if_waiting(&self) {
        if self.0.next_attempt.get().is_some() {
            self.attempt();
        }
    }

    fn open_socket(&self, token: &str) {
        let location = browser::window().location();
        // `https` becomes `wss`, `http` becomes `ws`.
        let origin = location.origin().unwrap_or_default();
        let url = [
            "ws",
            origin.strip_prefix("http").unwrap_or_default(),
            "/v1/socket",
        ]
        .concat();
        let protocols = Array::of2(&SOCKET_PROTOCOL.into(), &token.into());
        let Ok(socket) = WebSocket::new_with_str_sequence(&url, &protocols) else {
            return self.lose();
        };
        let this = self.clone();
        let hear = move |event: MessageEvent| {
            if this.is_current(&event)
                && let Some(frame) = event.data().text()
                && let Some(frame) = reading::server_frame(&browser::parse(&frame))
            {
                this.hear(frame);
            }
        };
        let this = self.clone();
        let end = move |event: Event| {
            if this.is_current(&event) {
                this.lose();
            }
        };
        // Two small closures a socket stay behind when it is gone; a socket lasts for hours.
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(hear).into_js_value();
        let end = Closure::<dyn FnMut(Event)>::new(end).into_js_value();
        socket.set_onmessage(Some(hear.unchecked_ref()));
        socket.set_onclose(Some(end.unchecked_ref()));

        let (this, watched) = (self.clone(), socket.clone());
        browser::after(WELCOME_TIMEOUT_MS, move || {
            let is_current = this.0.socket.borrow().as_ref() == Some(&watched);
            if is_current && this.0.n_attempts.get() > 0 {
                this.lose();
            }
        });
        self.0.n_attempts.set(self.0.n_attempts.get() + 1);
        self.0.socket.replace(Some(socket));
    }

    fn is_current(&self, event: &Event) -> bool {
        let target = event.target();
        self.0.socket.borrow().as_ref().map(AsRef::as_ref) == target.as_ref()
    }

    fn hear(&self, frame: ServerFrame) {
        if matches!(frame, ServerFrame::Welcome { .. }) {
            self.0.n_attempts.set(0);
        }
        let was_limited = self.is_limited();
        let now = browser::now();
        let Some(answers) = self.0.app.chat.try_update(|chat| chat.hear(frame, now)) else {
            return;
        };
        for answer in &answers {
            self.say(answer);
        }
        if self.is_limited() && !was_limited {
            self.count_down();
        }
    }

    /// The socket is gone, or there was none to be had: the next attempt comes by itself, later each time.
    fn lose(&self) {
        if self
            .0
            .app
            .chat
            .with_untracked(|chat| matches!(chat.connection, Standing::Refused(_)))
        {
            return;
        }
        if let Some(socket) = self.0.socket.take() {
            let _ = socket.close();
            // It never said welcome: perhaps the token was not liked, and a browser does not tell.
            if self.0.n_attempts.get() > 0 {
                self.0.session.doubt_token();
            }
        } else {
            self.0.n_attempts.set(self.0.n_attempts.get() + 1);
        }
        self.0.app.chat.update(Chat::disconnect);
        if let Some(timer) = self.0.next_attempt.take() {
            browser::cancel(timer);
        }
        let this = self.clone();
        let wait_ms = backoff_ms(self.0.n_attempts.get(), Math::random());
        self.0
            .next_attempt
            .set(Some(browser::after(wait_ms, move || {
                this.0.next_attempt.set(None);
                this.attempt();
            })));
    }

    fn is_limited(&self) -> bool {
        self.0
            .app
            .chat
            .with_untracked(|chat| matches!(chat.connection, Standing::Limited { .. }))
    }

    /// Moves the clock until the limit is over, then goes on.
    fn count_down(&self) {
        let Standing::Limited { until } = self.0.app.chat.with_untracked(|chat| chat.connection)
        else {
            return;
        };
        self.0.app.clock.set(browser::now());
        if self.0.app.clock.get_untracked() < until {
            let this = self.clone();
            browser::after(1000, move || this.count_down());
        } else if self.0.socket.borrow().is_some() {
            for frame in &self
                .0
                .app
                .chat
                .try_update(Chat::try_again)
                .unwrap_or_default()
            {
                self.say(frame);
            }
        } else {
            self.attempt();
        }
    }
}

/// How long to wait before the next attempt: half a second, doubling up to half a minute, and a random half of that
/// less, so that a thousand widgets do not come back in step.
fn backoff_ms(n_attempts: u32, random: f64) -> u32 {
    const FIRST_MS: u32 = 500;
    const LONGEST_MS: u32 = 30_000;
    let full = (FIRST_MS << n_attempts.min(6)).min(LONGEST_MS);
    (f64::from(full) * (0.5 + random / 2.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::backoff_ms;

    #[test]
    fn attempts_come_later_each_time_and_never_in_step() {
        for (n_attempts, shortest, longest) in [
            (0, 250, 500),
            (1, 500, 1000),
            (3, 2000, 4000),
            (6, 15_000, 30_000),
            (1000, 15_000, 30_000),
        ] {
            assert_eq!(backoff_ms(n_attempts, 0.0), shortest);
            assert_eq!(backoff_ms(n_attempts, 1.0), longest);
        }
    }
}
