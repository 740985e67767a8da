//! The widget beside others of its kind, in one run in the same browser: `bench/widget-peers`.
//!
//! The harness there knows no widget; each is a row of its `peers.json`. Oriel's row is a real edge with a site of its
//! own, reached through a proxy that compresses as an edge network does. The rivals are packages from npm, at pinned
//! versions, fetched on demand; their backends are stubs that answer at once, ours is the real one.

use std::fs;
use std::net::TcpListener;

use anyhow::{Context, Result, bail};

use crate::server::{Implementation, Server, make_site};
use xtask::command::Line;
use xtask::setup::{chromium, node};
use xtask::workspace::Workspace;
use xtask::{command, progress};

/// Rows of the harness that are this project's.
const OURS: [&str; 2] = ["own", "own-idle"];
/// Who is measured beside them unless others are named: an empty page, the floor for a chat in a frame, and five rivals.
pub const RIVALS: &str = "baseline,floor-idle,openchatstudio,deepchat,elevenlabs,typebot,botpress";
/// As the machine is and slow; with the pointer resting on the launcher first; and clicked in the first frame that
/// shows it.
const MODES: &str = "fast,slow,fast-intent,slow-intent,slow-eager";

/// Measures and prints the tables of the harness.
///
/// # Errors
/// When something cannot be built, started or fetched.
pub fn run(workspace: &Workspace, rivals: &str, rounds: u32, checks: bool) -> Result<()> {
    let chromium = chromium::find_or_install()?;
    let folder = workspace.join("bench/widget-peers");
    let step = progress::step("fetch the rivals");
    let mut npm = command::program("npm");
    npm.args(["run", "--silent", "setup"]).current_dir(&folder);
    command::run(&step, &node::with_node(workspace, npm)?)
        .context("the rivals' packages could not be fetched; npm needs the network once")?;
    step.done();

    // Free now. The harness takes it a moment later.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let server = Server::start(workspace, Implementation::Oriel)?;
    let pages = OURS.map(|row| format!("http://{row}.shop.localhost:{port}"));
    let site = make_site(&server.management(), "Bench", pages.to_vec(), &[])?.key;

    let out = workspace.scratch().join("widget-peers.json");
    fs::create_dir_all(workspace.scratch())?;
    let mut harness = command::program("node");
    harness
        .arg("measure.mjs")
        .args(["--peer", &format!("{},{rivals}", OURS.join(","))])
        .args(["--modes", MODES])
        .args(["--runs", &rounds.to_string()])
        .arg("--out")
        .arg(&out)
        .current_dir(&folder)
        .env("CHROMIUM", chromium)
        .env("BENCH_PORT", port.to_string())
        .env("ORIEL_EDGE", &server.edge)
        .env("ORIEL_SITE", site);
    if !checks {
        harness.arg("--no-checks");
    }
    let passed = command::follow(&node::with_node(workspace, harness)?, |line| match line {
        Line::Out(text) => println!("{text}"),
        Line::Err(text) => eprintln!("{text}"),
    })?;
    if !passed {
        bail!("the harness did not come to its end");
    }
    println!("\nevery run is in {}", out.display());
    Ok(())
}
