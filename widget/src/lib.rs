//! The chat inside the frame.
//!
//! `boot.ts` loads this program and calls [`start`]. From the edge's document it knows the site; from the loader on
//! the host page come a channel and tickets. In scope: drawing, and carrying frames between the visitor and the edge.
//! Out of scope: deciding who may do what; the edge does.
//!
//! - [`state`]: the chat as plain data
//! - [`reading`]: frames to and from JSON
//! - [`link`], [`session`], [`connection`]: the loader, the session, the line to the edge
//! - [`own_data`]: the visitor's own data, to keep or to be gone
//! - [`components`]: what is drawn, one component a file
//! - [`strings`]: every word that the widget itself says
//! - [`store`], [`dom`]: how what is drawn follows the chat

pub mod app;
pub mod browser;
pub mod components;
pub mod connection;
pub mod dom;
pub mod link;
pub mod own_data;
pub mod reading;
pub mod session;
pub mod state;
pub mod store;
pub mod strings;

use oriel_shared::origin;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    app::App,
    connection::Connection,
    link::Link,
    reading::Json,
    session::Session,
    state::{Connection as Standing, Refusal},
};

/// Where all memory comes from; `Cargo.toml` says why.
#[cfg(target_family = "wasm")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Draws the chat and connects it. `hello` becomes the loader's first message, or null when there is no page around
/// this frame. `heard` is [`browser::heard`].
#[wasm_bindgen]
pub fn start(hello: JsValue, heard: &JsValue) {
    browser::begin(&heard);
    let root = dom::find("oriel");
    let site = reading::frame_site(&browser::parse(&root.attribute("data-site")));
    // The document may hold a drawn shell for those who wait.
    root.say("");
    let app = App::new(site);
    root.add(components::frame::frame(app));
    browser::spawn(async move {
        if let Err(refusal) = connect(app, &hello).await {
            app.change(|chat| chat.connection = Standing::Refused(refusal));
        }
    });
}

/// Takes the loader's channel, if it comes from a page of the site's, and opens session and socket through it.
async fn connect(app: &'static App, hello: &JsValue) -> Result<(), Refusal> {
    let hello = browser::promised(hello).await;
    // The browser fills in the origin; nothing that the page says about itself counts.
    let origin = hello.text("origin").ok_or(Refusal::Alone)?;
    if !origin::admits(&app.site.embedders, &origin) {
        return Err(Refusal::Origin);
    }
    if let Some(dir) = hello.get("data").text("dir") {
        dom::PAGE.set("dir", if dir == "rtl" { "rtl" } else { "ltr" });
    }
    let on_shown = move |is_shown, has_focus| {
        app.change(|chat| chat.is_shown = is_shown);
        if has_focus {
            components::composer::focus();
        }
    };
    let link = Link::open(hello.get("ports").get("0"), on_shown);
    let session = Session::new(app.site.key.clone(), link.clone());
    let connection = Connection::open(app, session);
    app.attach(link, connection);
    Ok(())
}
