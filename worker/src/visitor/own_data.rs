//! The erasure of a visitor, by their own wish.

use oriel_shared::token::session::Access;

use super::session;
use crate::calls::{self, VisitorCall, VisitorReply};
use crate::http::call::Call;
use crate::http::response::{HandlerResult, HttpReply};

/// Erases everything of the visitor, and the session with it. To erase somebody twice is no error.
pub async fn erase(call: Call<'_, Access>) -> HandlerResult {
    let (env, access) = (call.env(), call.caller);
    let erase = VisitorCall::EraseOwn {
        family: access.family,
    };
    match calls::visitor(env, &access.visitor, &erase).await? {
        VisitorReply::Done => {
            Ok(HttpReply::empty().with_header("set-cookie", session::cookie(&access.key, "", 0)))
        }
        other => Err(other.unexpected()),
    }
}
