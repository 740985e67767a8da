//! One worker as a process, on fresh data, with sites that admit the page of [`visitor`](super::visitor).
//!
//! All of them run at once, in the same runtime with the same flags; those who are not asked do nothing.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use oriel_shared::wire::admin::{DocumentCreate, Limits, LimitsChange, Site, SiteChange};
use serde::Deserialize;
use tempfile::TempDir;

use crate::runtime::Runtime;
use crate::visitor::PAGE;
use xtask::command;
use xtask::dev::database;
use xtask::dev::edge::{Edge, Serving};
use xtask::dev::management::Management;
use xtask::dev::state::State;
use xtask::digest;
use xtask::progress::{self, Step};
use xtask::setup::node;
use xtask::workspace::Workspace;

/// A limit that no round reaches: what is measured is the limiter's work and not its refusals.
const TICKETS_PER_MINUTE: u32 = 10_000_000;

/// What the assistant of Oriel's site knows, so that it has something to look up and to say.
const KNOWLEDGE: &str = "# Opening hours\n\nOn weekdays we open at nine in the morning and close at six in the evening.\n\n\
    # Delivery\n\nParcels leave the same day when the order comes before noon.";

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implementation {
    /// This project's worker, built as for deployment.
    Oriel,
    /// `bench/sessions-peer`.
    Hono,
    /// `bench/edge-peer`.
    Agents,
    /// `bench/bare`: nobody's rival, but the floor.
    Bare,
}

impl Implementation {
    /// Those that open sessions, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Oriel, Self::Hono, Self::Agents];

    /// As the table says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oriel => "Oriel",
            Self::Hono => "Hono + WebCrypto",
            Self::Agents => "Hono + Agents SDK",
            Self::Bare => "bare object",
        }
    }

    fn folder(self) -> Option<&'static str> {
        match self {
            Self::Oriel => None,
            Self::Hono => Some("bench/sessions-peer"),
            Self::Agents => Some("bench/edge-peer"),
            Self::Bare => Some("bench/bare"),
        }
    }
}

/// What `bench/collecting.mjs` sees in the wasm.
#[derive(Deserialize)]
pub struct Alive {
    /// Objects of Rust, by class.
    pub objects: BTreeMap<String, u64>,
    /// Values of JavaScript that Rust holds.
    pub references: u64,
    /// Bytes of its memory, which never shrinks.
    pub memory: u64,
}

/// A worker that runs. Dropping it stops exactly its processes and removes its data.
pub struct Server {
    pub who: Implementation,
    /// Its origin.
    pub edge: String,
    /// Public key of its site.
    pub site: String,
    /// Where a debugger may attach.
    pub inspector_port: u16,
    /// Where it is called.
    pub port: u16,
    // Dropped in this order: processes, lock, folder.
    running: Edge,
    state: State,
    _folder: TempDir,
}

impl Server {
    /// Installs what it needs, makes its databases, starts it.
    ///
    /// # Errors
    /// When any of it fails, with the end of what the program said.
    pub fn start(workspace: &Workspace, who: Implementation) -> Result<Self> {
        Self::start_as(workspace, who, Serving::default())
    }

    /// Starts it with another configuration or entry than its own, or other flags.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_as(workspace: &Workspace, who: Implementation, serving: Serving) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("oriel-bench-").tempdir()?;
        let mut state = State::open(folder.path())?;
        let mut site = format!("pk_{}", digest::random_text::<16>()?);
        let config = match who.folder() {
            None => {
                database::prepare(workspace, &mut state)?;
                None
            }
            Some(peer) => {
                let config = workspace.join(peer).join("wrangler.toml");
                let step = progress::step(format!("prepare {}", who.name()));
                if who != Implementation::Bare {
                    install(workspace, peer, &step)?;
                    let peer = Peer {
                        who,
                        config: &config,
                        key: &site,
                    };
                    peer.insert_site(workspace, &state, &step)?;
                }
                step.done();
                Some(config)
            }
        };
        let step = progress::step(format!("start {}", who.name()));
        let port = free_port()?;
        let inspector_port = free_port()?;
        let serving = Serving {
            config: serving.config.or(config),
            inspector_port,
            // It would be a good part of what is measured, for each of them.
            quiet: true,
            ..serving
        };
        let running = Edge::start(workspace, &state, port, serving)?;
        let edge = format!("http://127.0.0.1:{port}");
        if who == Implementation::Oriel {
            let handbook = DocumentCreate {
                title: Some("Handbook".into()),
                format: None,
                content: Some(KNOWLEDGE.into()),
                url: None,
            };
            let api = Management::new(&edge, &state.kept.admin_key);
            site = make_site(&api, "Bench", vec![PAGE.to_owned()], &[handbook])?.key;
        }
        step.done();
        Ok(Self {
            who,
            edge,
            site,
            inspector_port,
            port,
            running,
            state,
            _folder: folder,
        })
    }

    /// Oriel's management API.
    pub fn management(&self) -> Management {
        Management::new(&self.edge, &self.state.kept.admin_key)
    }

    /// What `bench/counting.mjs` has counted since it was asked last.
    ///
    /// # Errors
    /// When another entry is served.
    pub fn counts(&self) -> Result<BTreeMap<String, u64>> {
        let mut answer = ureq::get(format!("{}/counts", self.edge)).call()?;
        Ok(answer.body_mut().read_json()?)
    }

    /// The processes of its runtime.
    pub fn runtime(&self) -> Runtime {
        Runtime::below(self.running.pid())
    }

    /// What the worker holds in its wasm, of an entry that says so.
    ///
    /// # Errors
    /// When another entry is served.
    pub fn alive(&self) -> Result<Alive> {
        let mut answer = ureq::get(format!("{}/alive", self.edge)).call()?;
        Ok(answer.body_mut().read_json()?)
    }

    /// The folder of its databases and its objects.
    pub fn data(&self) -> PathBuf {
        self.state.data()
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// A site made the way that a customer makes one. It admits the pages of these origins, knows the documents, and has limits
/// that no round reaches.
///
/// # Errors
/// When the edge refuses something.
pub fn make_site(
    api: &Management,
    name: &str,
    origins: Vec<String>,
    documents: &[DocumentCreate],
) -> Result<Site> {
    let made = api.create_site(&SiteChange {
        name: Some(name.to_owned()),
        ..SiteChange::default()
    })?;
    for document in documents {
        api.create_document(made.id.as_str(), document)
            .with_context(|| document.title.clone().unwrap_or_default())?;
    }
    let ceiling = Limits::CEILING;
    api.change_site(
        made.id.as_str(),
        &SiteChange {
            safelist: Some(origins),
            enabled: Some(true),
            limits: Some(LimitsChange {
                message_burst: Some(ceiling.message_burst),
                messages_per_minute: Some(ceiling.messages_per_minute),
                messages_per_day: Some(ceiling.messages_per_day),
                tickets_per_minute: Some(ceiling.tickets_per_minute),
            }),
            ..SiteChange::default()
        },
    )
}

/// A peer's packages, at the versions of its lock file. Not `npm ci`: it refuses a lock file that leaves out what
/// other platforms would install.
///
/// # Errors
/// When they cannot be fetched; npm needs the network once.
pub fn install(workspace: &Workspace, peer: &str, step: &Step) -> Result<()> {
    let mut npm = command::program("npm");
    npm.args([
        "install",
        "--no-save",
        "--omit=dev",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ])
    .current_dir(workspace.join(peer));
    command::run(step, &node::with_node(workspace, npm)?)
        .map(drop)
        .with_context(|| format!("the packages of {peer} could not be installed"))
}

/// A worker of `bench` and the key of its site.
struct Peer<'a> {
    who: Implementation,
    config: &'a Path,
    key: &'a str,
}

impl Peer<'_> {
    /// Makes its database, with one site that admits [`PAGE`].
    fn insert_site(&self, workspace: &Workspace, state: &State, step: &Step) -> Result<()> {
        let Self { who, config, key } = self;
        let schema = config.with_file_name("schema.sql");
        let schema =
            std::fs::read_to_string(&schema).with_context(|| schema.display().to_string())?;
        // Keys are of our own making, base64url: nothing to quote.
        let insert = match who {
            Implementation::Agents => format!(
                "INSERT INTO sites (id, key, safelist, enabled) VALUES ('site_bench', '{key}', '[\"{PAGE}\"]', 1);"
            ),
            _ => format!(
                "INSERT INTO sites (id, org_id, key, safelist, enabled, tickets_per_minute) \
             VALUES ('site_bench', 'org_bench', '{key}', '[\"{PAGE}\"]', 1, {TICKETS_PER_MINUTE});"
            ),
        };
        let file: PathBuf = state.file("seed.sql");
        std::fs::write(&file, format!("{schema}\n{insert}\n"))?;
        let mut wrangler = node::wrangler(workspace)?;
        wrangler
            .args(["d1", "execute", "DB", "--local", "--yes"])
            .arg("--config")
            .arg(config)
            .arg("--persist-to")
            .arg(state.data())
            .arg("--file")
            .arg(&file);
        command::run(step, &wrangler)
            .map(drop)
            .with_context(|| format!("the database of {} could not be made", who.name()))
    }
}
