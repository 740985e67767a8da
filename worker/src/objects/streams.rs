//! Server-sent events out of an object: who listens, and what is sent to them.
//!
//! Unlike sockets, streams keep an object awake; a comment now and then finds out who is gone. A stream ends after a
//! while: its listener comes back with the last event that they have, and is authenticated again.
//!
//! Source: HTML Living Standard, section 9.2 (server-sent events).

use std::cell::RefCell;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};
use worker::{Delay, Response};

use crate::clock;
use crate::http::EVENTS_MEDIA_TYPE;

/// Proxies end what is silent for a minute.
const BEAT: Duration = Duration::from_secs(20);
/// How long one goes on.
const LIFE_MS: u64 = 15 * 60_000;
/// Listeners of one object at the most; the oldest makes room. More than anybody has tabs.
const LISTENERS_MAX: usize = 50;

/// An event: a line of data, and the place to come back to when it has one.
pub fn event(id: Option<u64>, data: &str) -> String {
    match id {
        Some(id) => format!("id: {id}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
}

/// Those who listen, each with what there is to know of them.
pub struct Streams<K>(RefCell<Vec<(K, UnboundedSender<String>)>>);

impl<K> Default for Streams<K> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K> Streams<K> {
    /// Lets somebody listen, from these events on.
    ///
    /// # Errors
    /// When the runtime makes no stream.
    pub fn open(&self, who: K, first: Vec<String>) -> worker::Result<Response> {
        let (sender, receiver) = unbounded();
        for event in first {
            sender.unbounded_send(event).ok();
        }
        let mut listeners = self.0.borrow_mut();
        listeners.retain(|(_, sender)| !sender.is_closed());
        if listeners.len() >= LISTENERS_MAX {
            listeners.remove(0);
        }
        listeners.push((who, sender));
        let until = clock::now().plus(LIFE_MS);
        // The timer lives and dies with the stream.
        let events = stream::unfold(receiver, move |mut receiver| async move {
            if clock::now() > until {
                return None;
            }
            let beat = std::pin::pin!(async { Delay::from(BEAT).await });
            let event = match select(receiver.next(), beat).await {
                Either::Left((event, _)) => event?,
                Either::Right(_) => ":\n\n".to_owned(),
            };
            Some((Ok::<_, worker::Error>(event.into_bytes()), receiver))
        });
        let response = Response::from_stream(events)?;
        response.headers().set("content-type", EVENTS_MEDIA_TYPE)?;
        Ok(response)
    }

    /// Whether nobody listens.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().iter().all(|(_, sender)| sender.is_closed())
    }

    /// Sends an event to those who want it.
    pub fn send(&self, wanted: impl Fn(&K) -> bool, event: &str) {
        self.0.borrow_mut().retain(|(who, sender)| {
            !wanted(who) || sender.unbounded_send(event.to_owned()).is_ok()
        });
    }

    /// Ends the streams of some, after what was sent to them.
    pub fn close(&self, whose: impl Fn(&K) -> bool) {
        self.0.borrow_mut().retain(|(who, _)| !whose(who));
    }
}
