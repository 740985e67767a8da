//! The line to the edge: opened, lost, opened again; what it brings goes into the chat, what the chat answers goes out.
//!
//! Keeps true: there is one line, and only that one is listened to; a socket that is tried beside a stream becomes the
//! line with its welcome. Nothing that the visitor says is dropped here: what cannot go out now stays pending in the
//! chat and goes out after the next welcome.
//!
//! - [`transport`]: which way is taken, and when the next try is due
//! - [`socket`]: both directions in one
//! - [`stream`], [`events`], [`outbox`]: where sockets fail
//! - [`alive`]: whether the line is what it seems

mod alive;
pub mod events;
mod outbox;
pub mod socket;
pub mod stream;
pub mod transport;

use std::cell::{Cell, RefCell};

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::visitor::{ClientFrame, ServerFrame},
};
use wasm_bindgen::JsValue;

use self::transport::{Choice, Transport, backoff_ms};
use crate::{
    app::App,
    browser::{self, Answer},
    dom,
    session::{Session, Trouble},
    state::{Chat, Delivery, Standing},
    wire_codec,
};

/// A socket that has not said welcome by then may never do so: a stream is opened beside it.
const SOCKET_PATIENCE_MS: u32 = 5_000;

/// A line that has not said welcome by then is given up: some networks swallow the upgrade without a word.
const WELCOME_TIMEOUT_MS: u32 = 15_000;

/// A message that is not acknowledged by then went into a line that is dead without knowing it.
const ACKNOWLEDGE_TIMEOUT_MS: u32 = 10_000;

/// How often a socket is tried beside a stream.
const TRY_SOCKET_MS: u32 = 5 * 60_000;

/// The same once the network has changed: not before the stream is there again.
const TRY_SOCKET_SOON_MS: u32 = 5_000;

/// The line and what keeps it alive. There is one, for as long as the frame lives.
#[derive(Clone, Copy)]
pub struct Connection(&'static Inner);

struct Inner {
    app: &'static App,
    session: Session,
    choice: Cell<Choice>,
    /// The line that frames take, or that is being opened to take them.
    line: RefCell<Option<Line>>,
    /// A socket that is tried beside a stream.
    probe: RefCell<Option<Line>>,
    /// Names the next line.
    next_serial: Cell<u32>,
    /// What goes out as requests, in order, while a stream is the line.
    outbox: RefCell<Vec<ClientFrame>>,
    /// Whether one of them is on its way.
    is_posting: Cell<bool>,
    /// Whether a session is being opened right now.
    is_opening: Cell<bool>,
    /// Counts beginnings: what began before the last one is of somebody else.
    n_restarts: Cell<u32>,
    /// The timer of the next attempt.
    next_attempt: Cell<Option<i32>>,
    /// Attempts since the last welcome.
    n_attempts: Cell<u32>,
    /// Requests beside the stream that failed in a row.
    n_failed_posts: Cell<u32>,
    /// When there was a sign of life.
    heard_at: Cell<UnixMs>,
}

/// One way to the edge. Dropping it closes it.
struct Line {
    serial: u32,
    way: Way,
    is_welcomed: bool,
}

enum Way {
    Socket(JsValue),
    Stream {
        /// Ends it.
        abort: JsValue,
        /// The message after which it began.
        after: Seq,
    },
}

impl Drop for Line {
    fn drop(&mut self) {
        match &self.way {
            Way::Socket(socket) => browser::call(socket, "close"),
            Way::Stream { abort, .. } => browser::call(abort, "abort"),
        }
    }
}

impl Connection {
    /// Connects, and stays connected for as long as the frame lives.
    pub fn open(app: &'static App, session: Session) -> Self {
        let this = Self(Box::leak(Box::new(Inner {
            app,
            session,
            choice: Cell::default(),
            line: RefCell::default(),
            probe: RefCell::default(),
            next_serial: Cell::default(),
            outbox: RefCell::default(),
            is_posting: Cell::default(),
            is_opening: Cell::default(),
            n_restarts: Cell::default(),
            next_attempt: Cell::default(),
            n_attempts: Cell::default(),
            n_failed_posts: Cell::default(),
            heard_at: Cell::default(),
        })));
        this.attempt();
        this.beat();
        dom::WINDOW.listen("online", move || {
            this.attempt_if_waiting();
            // Perhaps this network lets sockets through.
            this.probe_after(TRY_SOCKET_SOON_MS);
        });
        // A line does not notice for minutes that its network has gone.
        dom::WINDOW.listen("offline", move || this.lose());
        // Timers of hidden pages are slowed down, and lines die there unheard; whoever comes back should not wait.
        dom::DOCUMENT.listen("visibilitychange", move || {
            this.attempt_if_waiting();
            this.check_alive();
        });
        this
    }

    /// Says something to the edge, now if that is possible. What may not get lost is pending in the chat already.
    pub fn say(self, frame: ClientFrame) {
        let line = self.0.line.borrow();
        let line = line.as_ref().filter(|_| self.is_online());
        if let ClientFrame::Send { id, .. } = &frame {
            let (id, serial) = (id.clone(), line.map(|line| line.serial));
            browser::after(ACKNOWLEDGE_TIMEOUT_MS, move || {
                let is_stuck = self.look(|chat| chat.delivery(&id) == Delivery::Sending);
                if is_stuck && self.is_online() && self.serial() == serial {
                    self.lose();
                }
            });
        }
        match (line.map(|line| &line.way), &frame) {
            (Some(Way::Socket(socket)), frame) => {
                // Fails while the socket is closing; it is said again on the next one.
                browser::send(socket, &wire_codec::client_frame(frame));
            }
            // A stream has begun after what the chat had, unless that was of another conversation.
            (Some(Way::Stream { after: began, .. }), ClientFrame::Resume { after }) => {
                if after < began {
                    browser::after(0, move || self.lose());
                }
            }
            (Some(Way::Stream { .. }), _) => {
                self.0.outbox.borrow_mut().push(frame);
                if !self.0.is_posting.replace(true) {
                    browser::spawn(self.post());
                }
            }
            (None, _) => {}
        }
    }

    /// Leaves everything behind and begins anew, as somebody new.
    pub fn restart(self) {
        self.0.n_restarts.set(self.0.n_restarts.get() + 1);
        self.0.line.take();
        self.0.probe.take();
        self.0.outbox.take();
        self.0.session.forget();
        self.0.app.change(Chat::change_hands);
        self.attempt();
    }

    /// The session, for what is asked beside the conversation.
    pub fn session(self) -> Session {
        self.0.session
    }

    /// Opens session and line, unless that is going on already or there is no point.
    fn attempt(self) {
        if let Some(timer) = self.0.next_attempt.take() {
            browser::cancel(timer);
        }
        if self.0.line.borrow().is_some() || self.0.is_opening.replace(true) {
            return;
        }
        let n_restarts = self.0.n_restarts.get();
        browser::spawn(async move {
            let access = self.0.session.access().await;
            self.0.is_opening.set(false);
            if self.0.n_restarts.get() != n_restarts {
                self.0.session.forget();
                return self.attempt();
            }
            let is_fleeting = self.0.session.is_fleeting();
            if self.look(|chat| chat.is_fleeting) != is_fleeting {
                self.0.app.change(|chat| chat.is_fleeting = is_fleeting);
            }
            match access {
                Ok(token) => {
                    self.0.n_attempts.set(self.0.n_attempts.get() + 1);
                    match self.0.choice.get().transport() {
                        Transport::Socket => self.open_socket(&token),
                        Transport::Stream => self.open_stream(token),
                    }
                }
                Err(trouble) => {
                    self.0.choice.set(self.0.choice.get().edge_is_away());
                    self.on_trouble(trouble);
                }
            }
        });
    }

    fn attempt_if_waiting(self) {
        if self.0.next_attempt.get().is_some() {
            self.attempt();
        }
    }

    fn open_socket(self, token: &str) {
        let Some(line) = self.socket(token) else {
            return self.lose();
        };
        let (serial, token) = (line.serial, token.to_owned());
        self.0.line.replace(Some(line));
        browser::after(SOCKET_PATIENCE_MS, move || {
            if self.serial() == Some(serial) && !self.is_welcomed() {
                self.0.choice.set(self.0.choice.get().socket_hangs());
                let socket = self.0.line.take();
                self.0.probe.replace(socket);
                self.open_stream(token);
            }
        });
    }

    /// Opens a socket that is nobody's line yet.
    fn socket(self, token: &str) -> Option<Line> {
        let serial = self.new_serial();
        let socket = socket::open(
            token,
            move |text| self.hear(serial, text),
            move || self.end(serial),
        )?;
        Some(Line {
            serial,
            way: Way::Socket(socket),
            is_welcomed: false,
        })
    }

    fn open_stream(self, token: String) {
        let (serial, abort) = (self.new_serial(), browser::aborter());
        let ends = abort.clone();
        let after = self.look(Chat::last);
        self.0.line.replace(Some(Line {
            serial,
            way: Way::Stream { abort, after },
            is_welcomed: false,
        }));
        browser::spawn(async move {
            let hear = move |text: &str| self.hear(serial, text);
            match stream::listen(&token, after, &ends, hear).await {
                Some(answer) if self.serial() == Some(serial) => self.on_refused(answer),
                _ => self.end(serial),
            }
        });
    }

    /// Names a new line, and ends it when its welcome does not come.
    fn new_serial(self) -> u32 {
        let serial = self.0.next_serial.get() + 1;
        self.0.next_serial.set(serial);
        browser::after(WELCOME_TIMEOUT_MS, move || {
            if self.serial() != Some(serial) || !self.is_welcomed() {
                self.end(serial);
            }
        });
        serial
    }

    /// A line is over, in whichever way.
    fn end(self, serial: u32) {
        if self.serial() == Some(serial) {
            self.lose();
        } else if self.is_probe(serial) {
            self.0.probe.take();
            self.0.choice.set(self.0.choice.get().socket_fails());
        }
    }

    /// One frame came, as text; or nothing but a sign of life.
    fn hear(self, serial: u32, text: &str) {
        let is_probe = self.is_probe(serial);
        if !is_probe && self.serial() != Some(serial) {
            return;
        }
        let now = browser::now();
        self.0.heard_at.set(now);
        let Some(frame) = wire_codec::server_frame(&browser::parse(text)) else {
            return;
        };
        if is_probe {
            // It works: from now on it is the line, and the stream is closed.
            let socket = self.0.probe.take();
            self.0.line.replace(socket);
        }
        if matches!(frame, ServerFrame::Welcome { .. }) {
            self.on_welcome();
        }
        let is_typing = matches!(frame, ServerFrame::Typing { .. });
        self.take_in(frame, now);
        if is_typing {
            self.watch_writing();
        }
    }

    /// Brings a frame into the chat, and sends what the chat answers.
    fn take_in(self, frame: ServerFrame, now: UnixMs) {
        let was_limited = self.is_limited();
        let answers = self.0.app.change(|chat| chat.hear(frame, now));
        for answer in answers {
            self.say(answer);
        }
        if self.is_limited() && !was_limited {
            self.count_down();
        }
    }

    fn on_welcome(self) {
        let is_socket = {
            let mut line = self.0.line.borrow_mut();
            let Some(line) = line.as_mut() else {
                return;
            };
            // Welcomed again, a stream tells all of the conversation that is the current one now.
            if line.is_welcomed
                && let Way::Stream { after, .. } = &mut line.way
            {
                *after = Seq(0);
            }
            line.is_welcomed = true;
            matches!(line.way, Way::Socket(_))
        };
        self.0.n_attempts.set(0);
        if is_socket {
            self.0.choice.set(self.0.choice.get().socket_works());
        } else {
            self.probe_after(TRY_SOCKET_MS);
        }
    }

    /// Nobody writes for ever: looks again when the time is over.
    fn watch_writing(self) {
        let left_ms = self.look(|chat| chat.presence.writing_left_ms(browser::now()));
        if let Some(left_ms) = left_ms {
            browser::after(left_ms as u32, move || {
                let left_ms = self.look(|chat| chat.presence.writing_left_ms(browser::now()));
                if left_ms == Some(0) {
                    self.0.app.change(|chat| chat.presence.end_writing());
                }
            });
        }
    }

    /// The stream was refused.
    fn on_refused(self, answer: Answer) {
        if answer.status == 401 {
            self.0.session.doubt_token();
            return self.lose();
        }
        match Trouble::from(Some(answer)) {
            Trouble::Passing => self.lose(),
            trouble => {
                self.0.line.take();
                self.on_trouble(trouble);
            }
        }
    }

    fn on_trouble(self, trouble: Trouble) {
        let standing = match trouble {
            Trouble::Passing => return self.lose(),
            Trouble::Limited(wait_s) => Standing::Limited {
                until: browser::now().plus(u64::from(wait_s) * 1000),
            },
            Trouble::Refused(refusal) => Standing::Refused(refusal),
        };
        self.0.app.change(|chat| chat.standing = standing);
        self.count_down();
    }

    /// The line is gone, or there was none to be had: the next attempt comes by itself, later each time.
    fn lose(self) {
        if self.look(|chat| matches!(chat.standing, Standing::Refused(_))) {
            return;
        }
        match self.0.line.take() {
            Some(line) if !line.is_welcomed => {
                let choice = self.0.choice.get();
                self.0.choice.set(match line.way {
                    Way::Socket(_) => {
                        // Perhaps the token was not liked, and a browser does not tell.
                        self.0.session.doubt_token();
                        choice.socket_fails()
                    }
                    Way::Stream { .. } => choice.stream_fails(),
                });
            }
            Some(_) => {}
            None => self.0.n_attempts.set(self.0.n_attempts.get() + 1),
        }
        self.0.outbox.take();
        self.0.app.change(Chat::disconnect);
        if let Some(timer) = self.0.next_attempt.take() {
            browser::cancel(timer);
        }
        let n_failed = self.0.n_attempts.get().max(self.0.n_failed_posts.get());
        let wait_ms = backoff_ms(n_failed, browser::random());
        self.0
            .next_attempt
            .set(Some(browser::after(wait_ms, move || {
                self.0.next_attempt.set(None);
                self.attempt();
            })));
    }

    /// Tries a socket after a while, if a stream is the line then.
    fn probe_after(self, ms: u32) {
        let serial = self.serial();
        browser::after(ms, move || {
            // Whoever waits longer than a line lives is replaced by who comes with the next one.
            let is_due = ms == TRY_SOCKET_SOON_MS || self.serial() == serial;
            let is_stream = matches!(
                &*self.0.line.borrow(),
                Some(Line {
                    way: Way::Stream { .. },
                    is_welcomed: true,
                    ..
                })
            );
            if !is_due || !is_stream || self.0.probe.borrow().is_some() {
                return;
            }
            if ms == TRY_SOCKET_MS {
                self.probe_after(ms);
            }
            browser::spawn(async move {
                if let Ok(token) = self.0.session.access().await {
                    let socket = self.socket(&token);
                    self.0.probe.replace(socket);
                }
            });
        });
    }

    /// Moves the clock until a limit is over, then goes on.
    fn count_down(self) {
        let Standing::Limited { until } = self.look(|chat| chat.standing) else {
            return;
        };
        let now = browser::now();
        self.0.app.change(|chat| chat.clock = now);
        if now < until {
            browser::after(1000, move || self.count_down());
        } else if self.serial().is_some() {
            for frame in self.0.app.change(Chat::try_again) {
                self.say(frame);
            }
        } else {
            self.attempt();
        }
    }

    fn serial(self) -> Option<u32> {
        self.0.line.borrow().as_ref().map(|line| line.serial)
    }

    fn is_probe(self, serial: u32) -> bool {
        let probe = self.0.probe.borrow();
        probe.as_ref().is_some_and(|probe| probe.serial == serial)
    }

    fn is_welcomed(self) -> bool {
        let line = self.0.line.borrow();
        line.as_ref().is_some_and(|line| line.is_welcomed)
    }

    fn is_online(self) -> bool {
        self.look(|chat| chat.standing == Standing::Online)
    }

    fn is_limited(self) -> bool {
        self.look(|chat| matches!(chat.standing, Standing::Limited { .. }))
    }

    fn look<T>(self, look: impl FnOnce(&Chat) -> T) -> T {
        self.0.app.look(look)
    }
}
