//! The channel to the loader on the host page: tickets come in, wishes go out.
//!
//! Keeps true: the port is used only after the origin of the page at its other end was found among the site's
//! embedders (see `lib.rs`); the frame says nothing to anybody else.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Function, Object, Promise, Reflect};
use oriel_shared::id::UnixMs;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, MessagePort};

use crate::{browser, reading::Json};

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

/// This end of the channel. A clone is the same end.
#[derive(Clone)]
pub struct Link(Rc<Inner>);

struct Inner {
    port: MessagePort,
    /// What came last, and when. Taken when used: a ticket is good for one session.
    answer: RefCell<Option<(TicketAnswer, UnixMs)>>,
    /// The loader sends its first answer unasked, ahead of the port itself; until then there is nothing to ask for.
    is_first_due: Cell<bool>,
    /// Wakes those who wait for the next ticket.
    wake: RefCell<Vec<Function>>,
}

impl Link {
    /// Takes the port into use and tells the loader that we are here. `on_shown` is called when the panel opens, and
    /// whether the focus is ours to take, and when it closes.
    pub fn open(port: MessagePort, mut on_shown: impl FnMut(bool, bool) + 'static) -> Self {
        let link = Self(Rc::new(Inner {
            port,
            answer: RefCell::default(),
            is_first_due: Cell::new(true),
            wake: RefCell::default(),
        }));
        let inner = link.0.clone();
        let hear = move |event: MessageEvent| {
            let data = event.data();
            match &*data.get("type").text().unwrap_or_default() {
                "ticket" => {
                    inner.take_in(data.get("ticket").text().ok_or_else(|| no_ticket(&data)))
                }
                "ticket_failed" => inner.take_in(Err(no_ticket(&data))),
                // The visitor opened the panel; perhaps they have turned to the page meanwhile.
                "shown" => on_shown(true, data.get("focus").is_true()),
                "hidden" => on_shown(false, false),
                // Whatever a newer loader may say.
                _ => {}
            }
        };
        browser::on(&link.0.port, "message", hear);
        // What the loader said before is heard now.
        link.0.port.start();
        link.say("ready");
        link
    }

    /// Asks the loader to hide the panel and to take the focus back.
    pub fn close(&self) {
        self.say("close");
    }

    /// A ticket that can be used now: the one that came by itself, or a new one.
    pub async fn ticket(&self) -> TicketAnswer {
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
            let (promise, fulfil): (Promise, Function) = browser::promise();
            self.0.wake.borrow_mut().push(fulfil);
            let _ = JsFuture::from(promise).await;
        }
    }

    fn say(&self, kind: &str) {
        let message = Object::new();
        let _ = Reflect::set(&message, &"type".into(), &kind.into());
        let _ = self.0.port.post_message(&message);
    }
}

impl Inner {
    fn take_in(&self, answer: TicketAnswer) {
        self.is_first_due.set(false);
        self.answer.replace(Some((answer, browser::now())));
        for wake in self.wake.take() {
            let _ = wake.call0(&JsValue::UNDEFINED);
        }
    }
}

fn no_ticket(data: &JsValue) -> NoTicket {
    NoTicket {
        code: data.get("code").text().unwrap_or_default(),
        status: data.get("status").number().unwrap_or(0.0) as u16,
        retry_after: data
            .get("retry_after")
            .number()
            .map(|seconds| seconds as u32)
            .filter(|seconds| *seconds > 0),
    }
}
