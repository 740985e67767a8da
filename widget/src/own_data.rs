//! The visitor's own data: a transcript to keep, and all of it gone.

use crate::{browser, session::Session};

/// Fetches the transcript and hands it to the browser as a file. `None` when that failed.
pub async fn download(session: &Session, file: &str) -> Option<()> {
    let token = session.access().await.ok()?;
    let is_done = browser::download("/v1/transcript", &token, file).await;
    is_done.then_some(())
}

/// Has the edge erase the visitor and all that they said. `None` when that failed.
pub async fn erase(session: &Session) -> Option<()> {
    let token = session.access().await.ok()?;
    let answer = browser::ask("DELETE", "/v1/visitor", token, String::new());
    (answer.await?.status == 204).then_some(())
}
