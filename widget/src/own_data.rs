//! The visitor's own data: their conversations, a transcript to keep, and the erasure of all of it.

use crate::browser::{self, BoxFuture};

/// Fetches the transcript and hands it to the browser as a file of this name. Returns whether that worked.
pub fn download(token: String, file_name: &'static str) -> BoxFuture<bool> {
    browser::own_data(token, file_name)
}

/// Shows the list of the visitor's conversations over the chat. Returns whether that worked.
pub fn list_conversations(token: String, _: &'static str) -> BoxFuture<bool> {
    browser::own_data(token, "")
}

/// Has the edge erase the visitor and all that they said. Returns whether that worked.
pub fn erase(token: String, _: &'static str) -> BoxFuture<bool> {
    let response = browser::request("DELETE", "/v1/visitor", token, String::new());
    Box::pin(async {
        response
            .await
            .is_some_and(|response| response.status == 204)
    })
}
