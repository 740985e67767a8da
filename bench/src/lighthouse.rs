//! What Lighthouse says of the demo page without the chat and with it: `bench/lighthouse`.
//!
//! The page is the one of `cargo xtask dev`, served twice, once without its snippet and what its policy allows for that.
//! Lighthouse comes from npm at a pinned version, on demand; the pages are on this machine.

use std::fs;
use std::net::TcpListener;

use anyhow::{Result, bail};
use oriel_shared::wire::admin::Embed;
use serde_json::json;

use crate::server::{Implementation, Server, install, make_site};
use xtask::command::Line;
use xtask::dev::demo;
use xtask::setup::{chromium, node};
use xtask::workspace::Workspace;
use xtask::{command, progress};

const FOLDER: &str = "bench/lighthouse";

/// Measures and prints the table.
///
/// # Errors
/// When something cannot be built, started or fetched.
pub fn run(workspace: &Workspace, rounds: u32) -> Result<()> {
    let chromium = chromium::find_or_install()?;
    let step = progress::step("fetch Lighthouse");
    install(workspace, FOLDER, &step)?;
    step.done();

    let server = Server::start(workspace, Implementation::Oriel)?;
    let with = serve_page(|origin| {
        let api = server.management();
        let site = make_site(&api, "Fernhill Web Studio", vec![origin.to_owned()], &[])?;
        api.embed(site.id.as_str())
    })?;
    let without = serve_page(|_| {
        Ok(Embed {
            snippet: String::new(),
            integrity: String::new(),
            csp: Vec::new(),
        })
    })?;

    let out = workspace.scratch().join("lighthouse.json");
    fs::create_dir_all(workspace.scratch())?;
    let mut harness = command::program("node");
    harness
        .arg("measure.mjs")
        .current_dir(workspace.join(FOLDER))
        .env(
            "PAGES",
            json!({ "without": without, "with": with }).to_string(),
        )
        .env("CHROMIUM", chromium)
        .env("ROUNDS", rounds.to_string())
        .env("OUT", &out);
    let passed = command::follow(&node::with_node(workspace, harness)?, |line| match line {
        Line::Out(text) => println!("{text}"),
        Line::Err(text) => eprintln!("{text}"),
    })?;
    if !passed {
        bail!("Lighthouse did not come to its end");
    }
    println!("every run is in {}", out.display());
    Ok(())
}

/// Serves the demo page with what `embed` says for its origin, until the process ends. Gives its address.
fn serve_page(embed: impl Fn(&str) -> Result<Embed>) -> Result<String> {
    // Free now. The page takes it a moment later, on every address that its name may mean.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let listeners = demo::listen(port)?;
    let origin = format!("http://localhost:{port}");
    demo::serve(listeners, &embed(&origin)?);
    Ok(format!("{origin}/"))
}
