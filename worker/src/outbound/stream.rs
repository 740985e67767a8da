//! An answer that is read as it arrives: a model's.

use futures_util::StreamExt;
use worker::{AbortSignal, ByteStream, Env, ResponseBody};

use super::exchange::exchange;
use super::fetch::BODY_MAX_BYTES;
use super::{OutboundError, OutboundRequest};

/// An answer that is read as it arrives.
pub struct Stream {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`.
    pub media_type: String,
    body: Option<ByteStream>,
    n_read: usize,
}

impl Stream {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// [`OutboundError::Unreachable`] when it breaks off, [`OutboundError::TooLarge`].
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, OutboundError>> {
        let chunk = self.body.as_mut()?.next().await?;
        Some(chunk.map_err(Into::into).and_then(|bytes| {
            self.n_read += bytes.len();
            if self.n_read > BODY_MAX_BYTES {
                return Err(OutboundError::TooLarge);
            }
            Ok(bytes)
        }))
    }
}

/// Sends a request and opens its answer. Redirects are answers. The caller bounds the time, and ends the exchange by
/// `signal`.
///
/// # Errors
/// [`OutboundError::Blocked`] or [`OutboundError::Unreachable`].
pub async fn open_stream(
    env: &Env,
    request: &OutboundRequest<'_>,
    signal: &AbortSignal,
) -> Result<Stream, OutboundError> {
    let mut response = exchange(env, request, signal).await?;
    let body = match response.body() {
        ResponseBody::Empty => None,
        _ => Some(response.stream()?),
    };
    Ok(Stream {
        status: response.status_code(),
        media_type: response.headers().get("content-type")?.unwrap_or_default(),
        body,
        n_read: 0,
    })
}
