//! Where a weakness is reported.

use oriel_shared::id::UnixMs;

use crate::clock;
use crate::http::call::{Anybody, Call};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// Half a year: the standard wants less than one.
const GOOD_FOR_MS: u64 = 180 * DAY_MS;
const DAY_MS: u64 = 24 * 3_600_000;

/// Names the operator's contact. Source: RFC 9116.
///
/// # Errors
/// A [`Problem`] of ours when the operator has not named a contact.
pub async fn contact(call: Call<'_, Anybody>) -> HandlerResult {
    let contact = call
        .env()
        .var("SECURITY_CONTACT")
        .map_err(|_| Problem::ours("configuration", &"the variable SECURITY_CONTACT is not set"))?;
    // Cut to the day, so that the text does not change within it.
    let today = UnixMs(clock::now().0 / DAY_MS * DAY_MS);
    let edge = call.edge();
    let text = format!(
        "Contact: {contact}\nExpires: {}\nPreferred-Languages: en\nCanonical: {edge}/.well-known/security.txt\n",
        today.plus(GOOD_FOR_MS).rfc3339().0,
        contact = contact,
    );
    Ok(HttpReply::text(text))
}
