//! One way to the edge that frames take: a socket, or a stream with requests beside it.

use std::cell::{Cell, RefCell};

use oriel_shared::id::Seq;
use wasm_bindgen::JsValue;

use crate::browser;

/// One way to the edge. It is closed when it is dropped.
pub struct Channel {
    /// Names it: what a channel brings that is neither the current one nor the probe is ignored.
    pub serial: u32,
    /// What it is made of.
    pub kind: ChannelKind,
    /// Whether its welcome has come.
    pub is_welcomed: bool,
}

/// What a channel is made of.
pub enum ChannelKind {
    /// Both directions in one.
    Socket(JsValue),
    /// Frames come as events and go as requests.
    Stream {
        /// Ends it.
        abort: JsValue,
        /// The message after which it began.
        after: Seq,
    },
}

impl Channel {
    /// One that has not been welcomed.
    pub const fn new(serial: u32, kind: ChannelKind) -> Self {
        Self {
            serial,
            kind,
            is_welcomed: false,
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        match &self.kind {
            ChannelKind::Socket(socket) => browser::call(socket, "close"),
            ChannelKind::Stream { abort, .. } => browser::call(abort, "abort"),
        }
    }
}

/// The channels of a connection.
#[derive(Default)]
pub struct Channels {
    /// The one that frames take, or that is being opened to take them.
    pub current: RefCell<Option<Channel>>,
    /// A socket that is tried beside a stream. It becomes the current channel with its welcome.
    pub probe: RefCell<Option<Channel>>,
    last_serial: Cell<u32>,
}

impl Channels {
    /// Names a new channel.
    pub fn new_serial(&self) -> u32 {
        let serial = self.last_serial.get() + 1;
        self.last_serial.set(serial);
        serial
    }

    /// The name of the current channel.
    pub fn serial(&self) -> Option<u32> {
        let current = self.current.borrow();
        current.as_ref().map(|channel| channel.serial)
    }

    /// Whether this is the current channel.
    pub fn is_current(&self, serial: u32) -> bool {
        self.serial() == Some(serial)
    }

    /// Whether this is the probe.
    pub fn is_probe(&self, serial: u32) -> bool {
        let probe = self.probe.borrow();
        probe
            .as_ref()
            .is_some_and(|channel| channel.serial == serial)
    }

    /// Whether the welcome of the current channel has come.
    pub fn is_welcomed(&self) -> bool {
        let current = self.current.borrow();
        current.as_ref().is_some_and(|channel| channel.is_welcomed)
    }

    /// Whether the current channel is a stream that has been welcomed.
    pub fn is_streaming(&self) -> bool {
        matches!(
            &*self.current.borrow(),
            Some(Channel {
                kind: ChannelKind::Stream { .. },
                is_welcomed: true,
                ..
            })
        )
    }

    /// The probe works: it is the current channel from now on, and the stream is closed.
    pub fn promote_probe(&self) {
        let socket = self.probe.take();
        self.current.replace(socket);
    }
}
