//! The chat inside the frame.
//!
//! The edge's document holds the chat as it looks before anything is said; `boot.ts` lets the visitor write in it, loads
//! this program and calls [`start`], which takes over what is there. From the document it knows the site; from the loader
//! on the host page come a channel and tickets. In scope: drawing, and carrying frames between the visitor and the edge.
//! Out of scope: deciding who may do what; the edge does.
//!
//! - [`state`]: the chat as plain data
//! - [`wire_codec`]: frames to and from JSON
//! - [`link`], [`session`], [`connection`]: the loader, the session, the line to the edge
//! - [`theme`]: the look that the page asks for, on the frame's root
//! - [`page`]: what the page around the frame wishes and hears
//! - [`own_data`]: the visitor's own data, to keep or to be gone
//! - [`components`]: what is drawn, one component a file
//! - [`strings`], [`when`]: every word that the widget itself says, times and numbers
//! - [`store`], [`dom`]: how what is drawn follows the chat

#![allow(
    clippy::single_char_add_str,
    reason = "a `char` brings along how those are encoded, which every visitor would load"
)]

pub mod app;
pub mod browser;
pub mod components;
pub mod connection;
pub mod dom;
pub mod link;
pub mod own_data;
pub mod page;
pub mod session;
pub mod state;
pub mod store;
pub mod strings;
pub mod theme;
pub mod when;
pub mod wire_codec;

use oriel_shared::origin;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    app::App,
    connection::Connection,
    link::Link,
    session::Session,
    state::{Refusal, Standing},
    strings::Strings,
    wire_codec::Json,
};

/// Where all memory comes from; `Cargo.toml` says why.
#[cfg(target_family = "wasm")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Takes the chat over and connects it. `hello` becomes the loader's first message, or null when there is no page around
/// this frame. `heard` is [`browser::heard`]. `early` holds what `boot.ts` has gathered: the `words` of the visitor's
/// language, what the visitor has `said` already, and what the loader has `told` through the channel of the hello, which
/// may still grow.
#[wasm_bindgen]
pub fn start(hello: JsValue, heard: &JsValue, early: JsValue) {
    browser::begin(heard);
    let site = browser::parse(&dom::find("oriel").attribute("data-site"));
    let strings = Strings::new(early.texts("words"));
    let site = wire_codec::frame_site(&site);
    let app = App::new(site, strings);
    app.change(|chat| {
        for text in early.texts("said") {
            chat.draft = text;
            // Goes to the edge once there is a connection.
            chat.send(browser::message_id());
        }
    });
    components::frame::frame(app);
    browser::spawn(async move {
        if let Err(refusal) = connect(app, &hello, &early).await {
            app.change(|chat| chat.standing = Standing::Refused(refusal));
        }
    });
}

/// Takes the loader's channel, if it comes from a page of the site's, and opens session and socket through it.
async fn connect(app: &'static App, hello: &JsValue, early: &JsValue) -> Result<(), Refusal> {
    let hello = browser::promised(hello).await;
    // The browser fills in the origin; nothing that the page says about itself counts.
    let origin = hello.text("origin").ok_or(Refusal::Alone)?;
    if !origin::admits(&app.site.embedders, &origin) {
        return Err(Refusal::Origin);
    }
    // What the page's attributes say comes before what the site has set, which the document has.
    theme::apply(&wire_codec::theme(&hello.get("data")));
    let on_shown = move |is_shown, has_focus| {
        app.change(|chat| chat.is_shown = is_shown);
        if has_focus {
            components::composer::focus();
            components::form::focus_first();
        }
    };
    let on_wish = move |kind: &str, data: &JsValue| page::hear(app, kind, data);
    let link = Link::open(
        hello.get("ports").get("0"),
        early.get("told").items(),
        on_shown,
        on_wish,
    );
    let session = Session::new(app.site.key.clone(), link);
    if hello.get("data").flag("signed") == Some(true) {
        // Who is here now says the ticket, and not what an earlier visitor left.
        session.distrust_cookie();
    }
    page::tell(app, link);
    let connection = Connection::open(app, session);
    app.attach(link, connection);
    Ok(())
}
