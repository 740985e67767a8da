//! The channel to the loader on the host page: tickets come in, requests for them go out.
//!
//! Keeps true: the port is used only after the origin of the page at its other end was found among the site's
//! embedders (see `lib.rs`); the iframe sends nothing to anybody else.

use std::cell::{Cell, RefCell};

use oriel_shared::id::UnixMs;
use wasm_bindgen::JsValue;

use crate::{
    browser::{self, Wait},
    wire_codec::Json,
};

/// A ticket lives for 30 s; one that is older than this may expire on its way.
const TICKET_USABLE_MS: u64 = 25_000;

/// Why the loader has no ticket for us.
#[derive(Clone, Debug)]
pub struct TicketError {
    /// The problem's stable code.
    pub code: String,
    /// HTTP status; 0 when the edge could not be reached.
    pub status: u16,
    /// Seconds to wait, when the edge named them.
    pub retry_after: Option<u32>,
}

type TicketResult = Result<String, TicketError>;

/// This end of the channel. There is one, for as long as the iframe lives.
#[derive(Clone, Copy)]
pub struct LoaderChannel(&'static Inner);

struct Inner {
    port: JsValue,
    /// What came last, and when. Taken when used: a ticket is good for one session.
    ticket: RefCell<Option<(TicketResult, UnixMs)>>,
    /// The loader sends its first ticket unasked, ahead of the port itself; until then there is nothing to ask for.
    is_first_due: Cell<bool>,
    /// Resume those who wait for the next ticket.
    waiting: RefCell<Vec<i32>>,
}

impl LoaderChannel {
    /// Takes the port over from `boot.ts`, with the messages that it has `received`. `on_panel` is called when the
    /// panel opens or closes, with whether it is open and whether the field shall take the focus; `on_call` with
    /// everything else that the page calls for, and its kind.
    pub fn open(
        port: JsValue,
        received: Vec<JsValue>,
        mut on_panel: impl FnMut(bool, bool) + 'static,
        mut on_call: impl FnMut(&str, &JsValue) + 'static,
    ) -> Self {
        let channel = Self(Box::leak(Box::new(Inner {
            port,
            ticket: RefCell::default(),
            is_first_due: Cell::new(true),
            waiting: RefCell::default(),
        })));
        let inner = channel.0;
        let mut receive = move |data: JsValue, is_new: bool| {
            match &*data.text("type").unwrap_or_default() {
                "ticket" => inner.take_in(data.text("ticket").ok_or_else(|| ticket_error(&data))),
                "ticket_failed" => inner.take_in(Err(ticket_error(&data))),
                // What boot.ts has received is a while ago: the visitor may have turned to the page since.
                "shown" => on_panel(true, is_new && data.flag("focus") == Some(true)),
                "hidden" => on_panel(false, false),
                kind => on_call(kind, &data),
            }
        };
        for data in received {
            receive(data, false);
        }
        let on_message = browser::register(move |data| receive(data, true));
        browser::open_port(&channel.0.port, on_message);
        channel
    }

    /// Forgets a ticket that was not used: it was for another visitor.
    pub fn forget(&self) {
        self.0.ticket.take();
    }

    /// Posts a message to the loader, as JSON.
    pub fn post(&self, json: &str) {
        browser::post_json(&self.0.port, json);
    }

    /// A ticket that can be used now: the one that came by itself, or a new one.
    pub async fn ticket(self) -> TicketResult {
        loop {
            let last = self.0.ticket.take();
            if let Some((ticket, _)) =
                last.filter(|(_, at)| browser::now() < at.plus(TICKET_USABLE_MS))
            {
                return ticket;
            }
            if !self.0.is_first_due.take() {
                browser::post(&self.0.port, "ticket_wanted");
            }
            let wait = Wait::new();
            self.0.waiting.borrow_mut().push(wait.id);
            wait.await;
        }
    }
}

impl Inner {
    fn take_in(&self, ticket: TicketResult) {
        self.is_first_due.set(false);
        self.ticket.replace(Some((ticket, browser::now())));
        for waiting in self.waiting.take() {
            browser::dispatch(waiting, JsValue::UNDEFINED);
        }
    }
}

fn ticket_error(data: &JsValue) -> TicketError {
    TicketError {
        code: data.text("code").unwrap_or_default(),
        status: data.number("status").unwrap_or(0.0) as u16,
        retry_after: browser::retry_after(data),
    }
}
