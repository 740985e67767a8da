//! What goes out while a stream is the line: one request after the other, so that what is said first arrives first.

use oriel_shared::wire::visitor::{ClientFrame, ServerFrame};

use super::{Connection, stream};
use crate::{
    browser::{self, Answer},
    wire_codec,
};

impl Connection {
    /// Sends until there is nothing left to send.
    pub(super) async fn post(self) {
        loop {
            let serial = self.serial();
            let frame = {
                let mut outbox = self.0.outbox.borrow_mut();
                if outbox.is_empty() {
                    self.0.is_posting.set(false);
                    return;
                }
                outbox.remove(0)
            };
            let answer = match self.0.session.access().await {
                Ok(token) => stream::say(token, &frame).await,
                Err(_) => None,
            };
            self.on_response(frame, answer, serial);
        }
    }

    /// What came of a frame that went out while the line was this one.
    fn on_response(self, frame: ClientFrame, answer: Option<Answer>, serial: Option<u32>) {
        match answer {
            Some(answer) if answer.status < 300 => {
                self.0.n_failed_posts.set(0);
                if let Some(message) = wire_codec::message(&answer.body) {
                    self.take_in(ServerFrame::Message(message), browser::now());
                }
            }
            Some(answer) if answer.status < 500 && answer.status != 401 => {
                let refusal = ServerFrame::Error {
                    code: answer.code(),
                    detail: String::new(),
                    id: match frame {
                        ClientFrame::Send { id, .. } => Some(id),
                        _ => None,
                    },
                    retry_after: answer.retry_after,
                };
                self.take_in(refusal, browser::now());
            }
            // What went wrong shows when the line is opened again.
            _ if self.serial() == serial => {
                self.0.n_failed_posts.set(self.0.n_failed_posts.get() + 1);
                self.0.session.doubt_token();
                self.lose();
            }
            _ => {}
        }
    }
}
