//! The ways to listen: a socket, which sleeps with the object, or a stream of events where there is none. Both begin with
//! a welcome.

use std::rc::Rc;

use oriel_shared::wire::problem::Code;
use worker::{Request, Response};

use super::broadcast::SocketOrigin;
use super::conversation::Record;
use super::sessions::Sessions;
use super::timeline::Timeline;
use crate::calls::{SOCKET_REQUEST_HEADER, SocketRequest, StreamRequest};
use crate::clock;
use crate::http::problem::Problem;

/// Lets sessions listen.
pub struct Listeners {
    /// What they listen to.
    pub timeline: Rc<Timeline>,
    /// Who may.
    pub sessions: Rc<Sessions>,
}

impl Listeners {
    /// Accepts a socket of a session that still lives.
    ///
    /// # Errors
    /// `session_expired` or `site_not_found`.
    pub async fn open_socket(&self, request: &Request) -> Result<Response, Problem> {
        let header = request.headers().get(SOCKET_REQUEST_HEADER)?;
        let SocketRequest {
            access,
            request_id,
            address,
        } = serde_json::from_str(&header.unwrap_or_default())?;
        let record = self.admit(&access.family).await?;
        let origin = SocketOrigin {
            request_id,
            address,
            visitor: access.visitor,
            at: clock::now(),
        };
        let welcome = self.timeline.welcome(record)?;
        self.timeline
            .broadcast
            .open_socket(&access.family, origin, &welcome)
    }

    /// Opens a stream of a session that still lives: a welcome, what was missed, what happens.
    ///
    /// # Errors
    /// As [`Self::open_socket`].
    pub async fn open_stream(&self, text: &str) -> Result<Response, Problem> {
        let StreamRequest { access, after } = serde_json::from_str(text)?;
        let record = self.admit(&access.family).await?;
        let mut first = vec![self.timeline.welcome(record)?];
        self.timeline.replay(after, |frame| first.push(frame))?;
        self.timeline.broadcast.open_stream(access.family, &first)
    }

    async fn admit(&self, family: &str) -> Result<Record, Problem> {
        let expired = || Problem::refused(Code::SessionExpired);
        if self.timeline.conversation.status()?.is_none() {
            return Err(expired());
        }
        self.timeline.site.current().await?;
        self.sessions.check_live(family)?;
        self.timeline.conversation.record()?.ok_or_else(expired)
    }
}
