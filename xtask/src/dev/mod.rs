//! `cargo xtask dev`: the edge and a demo customer page, on this machine, with real data that stays.
//!
//! In order: set up, build, open the state folder, migrate, seed through the management API, serve. Everything that is
//! kept lies in the state folder, so two of these with two folders and two pairs of ports do not meet.

pub mod database;
pub mod demo;
pub mod edge;
mod knowledge;
pub mod management;
mod seed;
pub mod state;

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::build::{self, Kind};
use crate::workspace::Workspace;
use crate::{command, progress};
use edge::{Edge, Serving};
use state::{SigningKey, State};

/// What the command line says.
#[derive(clap::Args)]
pub struct Options {
    /// Port of the edge; the demo page takes the next one.
    #[arg(long, default_value_t = 8787, value_parser = clap::value_parser!(u16).range(1..=65534))]
    port: u16,
    /// Folder that keeps all data [default: .oriel in the workspace].
    #[arg(long)]
    state: Option<PathBuf>,
    /// Print one line of JSON when ready and nothing else on standard output.
    #[arg(long)]
    json: bool,
    /// Serve what is shipped, optimised for size, and not a build that is ready sooner.
    #[arg(long)]
    release: bool,
    /// Another entry of the worker than the configuration's, for tests that look inside.
    #[arg(long, hide = true)]
    entry: Option<PathBuf>,
}

/// The line that `--json` prints.
#[derive(Serialize)]
struct Ready<'a> {
    ready: bool,
    edge: &'a str,
    demo: &'a str,
    site_key: &'a str,
    site_id: &'a str,
    signing_key: &'a SigningKey,
    admin_key: &'a str,
}

/// Serves until told to stop.
///
/// # Errors
/// When something cannot be set up, built or started.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    command::stopping_is_success();
    let demo_port = options
        .port
        .checked_add(1)
        .context("the demo page needs the port after --port")?;
    // First, because a port that is taken is the likeliest thing to go wrong and building takes minutes.
    let listeners = demo::listen(demo_port).with_context(|| taken(demo_port, "the demo page"))?;
    drop(
        TcpListener::bind(("127.0.0.1", options.port))
            .with_context(|| taken(options.port, "the edge"))?,
    );

    let kind = if options.release {
        Kind::Release
    } else {
        Kind::Dev
    };
    build::everything(workspace, kind)?;

    let folder = options
        .state
        .clone()
        .unwrap_or_else(|| workspace.join(".oriel"));
    let mut state = State::open(&folder)?;
    database::prepare(workspace, &mut state)?;

    let step = progress::step("start the edge");
    let serving = Serving {
        entry: options.entry.clone(),
        ..Serving::default()
    };
    let mut edge = Edge::start(workspace, &state, options.port, serving)?;
    step.done();

    let origin = format!("http://127.0.0.1:{}", options.port);
    // Another site than the edge's, as it is for customers: `localhost` and `127.0.0.1` share no cookies and no storage.
    let demo_origin = format!("http://localhost:{demo_port}");
    let step = progress::step("seed the demo site");
    let site = seed::demo_site(workspace, &mut state, &origin, &demo_origin)?;
    step.done();
    edge.run_hourly_job()?;

    demo::serve(listeners, &site.embed);
    announce(options, &origin, &demo_origin, &state, &site)?;
    edge.supervise();
    Ok(())
}

fn taken(port: u16, what: &str) -> String {
    format!("{what} cannot have port {port}; choose others with --port N (it takes N and N + 1)")
}

fn announce(
    options: &Options,
    edge: &str,
    demo: &str,
    state: &State,
    site: &seed::DemoSite,
) -> Result<()> {
    if options.json {
        let ready = Ready {
            ready: true,
            edge,
            demo,
            site_key: &site.key,
            site_id: &site.id,
            signing_key: &site.signing_key,
            admin_key: &state.kept.admin_key,
        };
        println!("{}", serde_json::to_string(&ready)?);
        return Ok(());
    }
    let admin_key = &state.kept.admin_key;
    let id = &site.id;
    println!(
        "
  Customer page   {demo}
  Edge            {edge}

Try:
  · Open the customer page, press the round button, and ask: How do I add a document?
  · Reload the page: the conversation is still there.
  · Read it as the team does:
      curl -H 'Authorization: Bearer {admin_key}' {edge}/v1/admin/conversations
  · See what a site owner pastes:
      curl -H 'Authorization: Bearer {admin_key}' {edge}/v1/admin/sites/{id}/embed

Data and log: {}    Stop: ctrl-C
",
        state.folder().display()
    );
    Ok(())
}
