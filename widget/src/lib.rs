//! The chat inside the iframe.
//!
//! The edge's document holds the empty chat; `boot.ts` lets the visitor write in it, loads
//! this program and calls [`start`], which takes over what is there. From the document it knows the site; from the
//! loader on the host page come a channel and tickets. In scope: drawing, and carrying frames between the visitor and
//! the edge. Out of scope: deciding who may do what; the edge does.
//!
//! - [`state`]: the chat as plain data
//! - [`wire_codec`]: frames to and from JSON
//! - [`loader_channel`], [`session`], [`connection`]: the loader, the session, the connection to the edge
//! - [`host_page`]: calls of the page around the iframe, and the events that it gets
//! - [`theme`]: the colours and shapes that the page asks for, on the iframe's root
//! - [`own_data`]: the visitor's own data, to keep or to be erased
//! - [`app`], [`components`]: what is drawn, one component a file, and what the components share
//! - [`strings`], [`when`]: every word that the widget itself says, times and numbers
//! - [`store`], [`dom`], [`browser`]: the chat tells of its changes, elements, everything else of the browser's

// Everything is private but `start`, so that a word that nothing says and state that nothing draws are dead code.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "only the tests run there, and nothing is drawn")
)]
#![allow(
    clippy::single_char_add_str,
    reason = "a `char` brings along how those are encoded, which every visitor would load"
)]

mod app;
mod browser;
mod components;
mod connection;
mod dom;
mod host_page;
mod loader_channel;
mod own_data;
mod session;
mod state;
mod store;
mod strings;
mod theme;
mod when;
mod wire_codec;

use oriel_shared::origin;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    app::App,
    connection::Connection,
    loader_channel::LoaderChannel,
    session::Session,
    state::{ConnectionState, UnavailableReason},
    strings::Strings,
    wire_codec::{Json, site},
};

/// Where all memory comes from; `Cargo.toml` says why.
#[cfg(target_family = "wasm")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Takes the chat over and connects it. `hello` is a promise of the loader's first message, or of null when there is no
/// page around this iframe. `dispatch` is [`browser::dispatch`]. `early` holds what `boot.ts` has gathered: the `words`
/// of the visitor's language, the messages that the visitor has `sent` already, and the messages that were `received`
/// from the loader through the channel of the hello, which may still grow.
#[wasm_bindgen]
pub fn start(hello: JsValue, dispatch: &JsValue, early: JsValue) {
    browser::begin(dispatch);
    let data = browser::parse(&dom::find("oriel").attribute("data-site"));
    let app = App::new(site::frame_site(&data), Strings::new(early.texts("words")));
    app.chat.update(|chat| {
        for text in early.texts("sent") {
            chat.draft = text;
            // Goes to the edge once there is a connection.
            chat.send(browser::message_id());
        }
    });
    components::frame::frame(app);
    browser::spawn(async move {
        if let Err(reason) = connect(app, &hello, &early).await {
            app.chat
                .update(|chat| chat.connection = ConnectionState::Unavailable(reason));
        }
    });
}

/// Takes the loader's channel, if it comes from a page of the site's, and opens session and connection through it.
async fn connect(
    app: &'static App,
    hello: &JsValue,
    early: &JsValue,
) -> Result<(), UnavailableReason> {
    let hello = browser::resolved(hello).await;
    // The browser fills in the origin; nothing that the page says about itself counts.
    let origin = hello.text("origin").ok_or(UnavailableReason::NotEmbedded)?;
    if !origin::admits(&app.site.embedders, &origin) {
        return Err(UnavailableReason::Origin);
    }
    // What the page's attributes ask for replaces the site's own theme, which is in the document.
    theme::apply(&site::theme(&hello.get("data")));
    let on_panel = move |is_open, takes_focus| {
        app.chat.update(|chat| chat.is_panel_open = is_open);
        if takes_focus {
            components::composer::focus();
            components::form::focus_prechat();
        }
    };
    let on_call = move |kind: &str, data: &JsValue| host_page::on_call(app, kind, data);
    let loader = LoaderChannel::open(
        hello.get("ports").get("0"),
        early.get("received").items(),
        on_panel,
        on_call,
    );
    let session = Session::new(app.site.key.clone(), loader);
    if hello.get("data").flag("signed") == Some(true) {
        // The ticket says who is here now; the cookie of an earlier visit may not be theirs.
        session.distrust_cookie();
    }
    host_page::inform(app, loader);
    app.connect(Connection::open(app.chat, session));
    Ok(())
}
