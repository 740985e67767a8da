//! The visitor's own data: their conversations, a transcript to keep, and all of it gone.

use crate::{
    app::App,
    browser::{self, Soon},
};

/// Fetches the transcript and hands it to the browser as a file. Whether that worked.
pub fn download(app: &App, token: String) -> Soon<bool> {
    browser::show(token, app.strings.transcript())
}

/// Shows the list of the visitor's conversations over the chat. Whether that worked.
pub fn list_conversations(_: &App, token: String) -> Soon<bool> {
    browser::show(token, "")
}

/// Has the edge erase the visitor and all that they said. Whether that worked.
pub fn erase(_: &App, token: String) -> Soon<bool> {
    let answer = browser::ask("DELETE", "/v1/visitor", token, String::new());
    Box::pin(async { answer.await.is_some_and(|answer| answer.status == 204) })
}
