//! Tokens: what admits a visitor, from the customer's signature to the socket.
//!
//! All are JWTs with HS256 and nothing else; the algorithm is a type here and never read from a token. Keeps true: a
//! token made for one use is refused for another, and nothing is believed before the signature is checked.
//! Leaves to others: whether a ticket was spent and whether a session still lives (the visitor's object), and where
//! keys come from (the worker).
//!
//! - [`jws`]: what is signed, and by whom
//! - [`session`]: tickets, access tokens and refresh tokens, made and verified by us
//! - [`visitor`]: tokens that a customer's backend made for a visitor

pub mod jws;
pub mod session;
pub mod visitor;

use chrono::{DateTime, Utc};

use crate::id::UnixMs;

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Past its time.
    #[error("expired at {expired_at}, now {now} (seconds)")]
    Expired {
        /// Unix seconds.
        expired_at: u64,
        /// Unix seconds.
        now: u64,
    },
    /// Not a JWT with HS256 that holds the claims this use needs.
    #[error("not a token that is known here")]
    Form,
    /// No live key of that name, or the signature does not match.
    #[error("no live key matches the signature")]
    Signature,
    /// A claim has a value that this use refuses.
    #[error("the claim `{claim}` is refused")]
    Claim {
        /// The claim's name.
        claim: &'static str,
    },
}

/// Turns a moment into what jwt-compact takes.
fn moment(at: UnixMs) -> Option<DateTime<Utc>> {
    i64::try_from(at.secs())
        .ok()
        .and_then(|secs| DateTime::from_timestamp(secs, 0))
}
