//! The channel to the loader on the host page: tickets come in, wishes go out.
//!
//! Keeps true: the port is used only after the origin of the page at its other end was found among the site's
//! embedders (see `lib.rs`); the frame says nothing to anybody else.

use std::cell::{Cell, RefCell};

use oriel_shared::id::UnixMs;
use wasm_bindgen::JsValue;

use crate::{
    browser::{self, Wait},
    wire_codec::Json,
};

/// A ticket lives for 30 s; one that is older than this is not worth the try.
const TICKET_USABLE_MS: u64 = 25_000;

/// Why the loader has no ticket for us.
#[derive(Clone, Debug)]
pub struct NoTicket {
    /// The problem's stable code.
    pub code: String,
    /// HTTP status; 0 when the edge could not be reached.
    pub status: u16,
    /// Seconds to wait, when the edge said so.
    pub retry_after: Option<u32>,
}

type TicketAnswer = Result<String, NoTicket>;

/// This end of the channel. There is one, for as long as the frame lives.
#[derive(Clone, Copy)]
pub struct Link(&'static Inner);

struct Inner {
    port: JsValue,
    /// What came last, and when. Taken when used: a ticket is good for one session.
    answer: RefCell<Option<(TicketAnswer, UnixMs)>>,
    /// The loader sends its first answer unasked, ahead of the port itself; until then there is nothing to ask for.
    is_first_due: Cell<bool>,
    /// Wakes those who wait for the next ticket.
    wake: RefCell<Vec<i32>>,
}

impl Link {
    /// Takes the port over from `boot.ts`, which was `told` what came so far. `on_shown` is called when the panel opens,
    /// and whether the focus is ours to take, and when it closes; `on_wish` with what else the page says, and its kind.
    pub fn open(
        port: JsValue,
        told: Vec<JsValue>,
        mut on_shown: impl FnMut(bool, bool) + 'static,
        mut on_wish: impl FnMut(&str, &JsValue) + 'static,
    ) -> Self {
        let link = Self(Box::leak(Box::new(Inner {
            port,
            answer: RefCell::default(),
            is_first_due: Cell::new(true),
            wake: RefCell::default(),
        })));
        let inner = link.0;
        let mut hear = move |data: JsValue, is_new: bool| {
            match &*data.text("type").unwrap_or_default() {
                "ticket" => inner.take_in(data.text("ticket").ok_or_else(|| no_ticket(&data))),
                "ticket_failed" => inner.take_in(Err(no_ticket(&data))),
                // The visitor opened the panel; perhaps they have turned to the page meanwhile.
                "shown" => on_shown(true, is_new && data.flag("focus") == Some(true)),
                "hidden" => on_shown(false, false),
                kind => on_wish(kind, &data),
            }
        };
        for data in told {
            hear(data, false);
        }
        browser::open_port(&link.0.port, browser::hear(move |data| hear(data, true)));
        link
    }

    /// Forgets a ticket that was not used: it was for somebody else.
    pub fn forget(&self) {
        self.0.answer.take();
    }

    /// Tells the loader something, as JSON.
    pub fn tell(&self, json: &str) {
        browser::post_json(&self.0.port, json);
    }

    /// A ticket that can be used now: the one that came by itself, or a new one.
    pub async fn ticket(self) -> TicketAnswer {
        loop {
            let came = self.0.answer.take();
            if let Some((answer, _)) =
                came.filter(|(_, at)| browser::now() < at.plus(TICKET_USABLE_MS))
            {
                return answer;
            }
            if !self.0.is_first_due.take() {
                self.say("ticket_wanted");
            }
            let wait = Wait::new();
            self.0.wake.borrow_mut().push(wait.id);
            wait.await;
        }
    }

    fn say(self, kind: &str) {
        browser::post(&self.0.port, kind);
    }
}

impl Inner {
    fn take_in(&self, answer: TicketAnswer) {
        self.is_first_due.set(false);
        self.answer.replace(Some((answer, browser::now())));
        for wake in self.wake.take() {
            browser::heard(wake, JsValue::UNDEFINED);
        }
    }
}

fn no_ticket(data: &JsValue) -> NoTicket {
    NoTicket {
        code: data.text("code").unwrap_or_default(),
        status: data.number("status").unwrap_or(0.0) as u16,
        retry_after: browser::seconds(data),
    }
}
