//! What goes out while a stream is the current channel: one request after the other, so that what is sent first arrives
//! first.

use oriel_shared::wire::visitor::{ClientFrame, ServerFrame};

use super::{Connection, stream};
use crate::{
    browser::{self, Response},
    wire_codec::frames,
};

impl Connection {
    /// Sends until there is nothing left to send.
    pub(super) async fn post(self) {
        loop {
            let serial = self.0.channels.serial();
            let frame = {
                let mut outbox = self.0.outbox.borrow_mut();
                if outbox.is_empty() {
                    self.0.is_posting.set(false);
                    return;
                }
                outbox.remove(0)
            };
            let response = match self.0.session.access().await {
                Ok(token) => stream::send(token, &frame).await,
                Err(_) => None,
            };
            self.on_response(frame, response, serial);
        }
    }

    /// What came of a frame that went out while this was the current channel.
    fn on_response(self, frame: ClientFrame, response: Option<Response>, serial: Option<u32>) {
        match response {
            Some(response) if response.status < 300 => {
                self.0.n_failed_posts.set(0);
                if let Some(message) = frames::message(&response.body) {
                    self.take_in(ServerFrame::Message(message), browser::now());
                }
            }
            Some(response) if response.status < 500 && response.status != 401 => {
                let error = ServerFrame::Error {
                    code: response.code(),
                    detail: String::new(),
                    id: match frame {
                        ClientFrame::Send { id, .. } => Some(id),
                        _ => None,
                    },
                    retry_after: response.retry_after,
                };
                self.take_in(error, browser::now());
            }
            // What went wrong shows when the next channel is opened.
            _ if self.0.channels.serial() == serial => {
                self.0.n_failed_posts.set(self.0.n_failed_posts.get() + 1);
                self.0.session.doubt_token();
                self.lose();
            }
            _ => {}
        }
    }
}
