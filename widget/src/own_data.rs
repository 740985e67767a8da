//! The visitor's own data: a transcript to keep, and all of it gone.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlElement, Url};

use crate::{
    browser::{self, Ask},
    dom,
    session::Session,
};

/// A download that has not begun by then never will.
const BEGUN_WITHIN_MS: u32 = 60_000;

/// Fetches the transcript and hands it to the browser as a file. `None` when that failed.
///
/// Not by a link to the edge: an access token never stands in an address.
pub async fn download(session: &Session, file: &str) -> Option<()> {
    let token = session.access().await.ok()?;
    let response = browser::fetch(&Ask {
        token: Some(&token),
        header: Some(("accept", "text/plain")),
        ..Ask::new("GET", "/v1/transcript")
    });
    let response = response.await.filter(|response| response.ok())?;
    let blob: Blob = JsFuture::from(response.blob().ok()?)
        .await
        .ok()?
        .unchecked_into();
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link = dom::element("a", "", &[]);
    dom::set(&link, "href", &address);
    dom::set(&link, "download", file);
    link.unchecked_into::<HtmlElement>().click();
    browser::after(BEGUN_WITHIN_MS, move || {
        let _ = Url::revoke_object_url(&address);
    });
    Some(())
}

/// Has the edge erase the visitor and all that they said. `None` when that failed.
pub async fn erase(session: &Session) -> Option<()> {
    let token = session.access().await.ok()?;
    let answer = browser::ask(&Ask {
        token: Some(&token),
        ..Ask::new("DELETE", "/v1/visitor")
    });
    (answer.await?.status == 204).then_some(())
}
