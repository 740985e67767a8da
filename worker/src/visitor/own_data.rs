//! A visitor wants to be forgotten.

use worker::Request;

use super::{access, session};
use crate::calls::{self, VisitorCall, VisitorReply};
use crate::http::context::Context;
use crate::http::response::{HandlerResult, HttpReply};

/// `DELETE /v1/visitor`: everything of the visitor is erased, and the session with it. Who was erased before is told the
/// same again.
pub async fn erase(request: &Request, context: &Context) -> HandlerResult {
    let access = access::check(request, context)?;
    let call = VisitorCall::EraseOwn {
        family: access.family,
    };
    match calls::visitor(&context.env, &access.visitor, &call).await? {
        VisitorReply::Done => {
            Ok(HttpReply::empty().with_header("set-cookie", session::cookie(&access.key, "", 0)))
        }
        other => Err(other.unexpected()),
    }
}
