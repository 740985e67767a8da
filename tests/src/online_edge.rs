//! An edge whose outbound requests reach a [`FakeInternet`]: `fixtures/online_edge.mjs` runs the built worker in the real
//! runtime, and the test plays the resolver and every public host.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::client::Client;
use crate::database::{key_hash, node, random};
use crate::edge::{artifact_folder, files_with, log_name, workspace};
use crate::fake_internet::FakeInternet;
use crate::processes;
use crate::team::Team;
use crate::wait::{SOON, until};

/// The cron triggers of wrangler.toml.
pub const EVERY_MINUTE: &str = "* * * * *";
/// See [`EVERY_MINUTE`].
pub const EVERY_HOUR: &str = "17 * * * *";
/// Organisations, each with a key: two for each test that shares the edge.
const N_ORGANISATIONS: usize = 200;

/// What an edge keeps when it stops: its data, its secrets and the keys of its organisations.
pub struct EdgeState {
    folder: tempfile::TempDir,
    /// The worker's secrets.
    pub secrets: HashMap<&'static str, String>,
    keys: Vec<String>,
}

impl EdgeState {
    /// A new one.
    ///
    /// # Panics
    /// When there is no folder for it.
    pub fn new() -> Self {
        let secrets = ["TOKEN_KEY", "VAULT_KEY"].map(|name| (name, random_key()));
        let keys = (0..N_ORGANISATIONS)
            .map(|_| format!("ok_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>())));
        Self {
            folder: tempfile::tempdir().expect("a state folder"),
            secrets: secrets.into(),
            keys: keys.collect(),
        }
    }

    /// Statements that make the organisations.
    fn seed(&self) -> [String; 2] {
        let rows = |row: &dyn Fn(usize, &str) -> String| {
            let rows = self.keys.iter().enumerate().map(|(at, key)| row(at, key));
            rows.collect::<Vec<_>>().join(", ")
        };
        let organisations = rows(&|at, _| format!("('org_{at}', 'One', 1)"));
        let keys = rows(&|at, key| key_row(&format!("key_{at}"), &format!("org_{at}"), None, key));
        [
            format!("INSERT INTO organisations (id, name, created_at) VALUES {organisations}"),
            insert_keys(&keys),
        ]
    }
}

impl Default for EdgeState {
    fn default() -> Self {
        Self::new()
    }
}

fn insert_keys(rows: &str) -> String {
    format!("INSERT INTO api_keys (id, org_id, site_id, name, hash, created_at) VALUES {rows}")
}

fn key_row(id: &str, org: &str, site: Option<&str>, key: &str) -> String {
    let site = site.map_or("NULL".to_owned(), |site| format!("'{site}'"));
    format!("('{id}', '{org}', {site}, 'test', '{}', 1)", key_hash(key))
}

/// 32 bytes as a secret of the worker holds them.
pub fn random_key() -> String {
    BASE64_STANDARD.encode(random::<32>())
}

/// Parts of the platform that an edge has or lacks.
#[derive(Clone, Copy, Debug)]
pub struct Platform {
    /// Whether there is a binding for Workers AI, behind which the internet answers as `workers-ai.example.com`.
    pub has_ai: bool,
    /// Whether the platform's own rate limit by IP address works.
    pub has_ip_rate_limit: bool,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            has_ai: false,
            has_ip_rate_limit: true,
        }
    }
}

/// A running edge on a [`FakeInternet`], as one test sees it: two of its organisations are this test's alone.
pub struct OnlineEdge {
    /// Everybody else.
    pub internet: FakeInternet,
    process: Arc<Process>,
    first_organisation: usize,
}

/// Dropping it stops exactly the process that was started.
struct Process {
    origin: String,
    keys: Vec<String>,
    /// How many organisations tests have taken.
    n_taken: AtomicUsize,
    state: PathBuf,
    child: Mutex<Child>,
    pid: u32,
    commands: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    log: PathBuf,
}

impl OnlineEdge {
    /// Starts one with a database of its own.
    ///
    /// # Errors
    /// Why it did not become ready.
    pub fn start(state: &EdgeState) -> Result<Self, String> {
        Self::run(FakeInternet::default(), state, true, Platform::default())
    }

    /// Starts one on this platform.
    ///
    /// # Errors
    /// As [`OnlineEdge::start`].
    pub fn start_on(platform: Platform, state: &EdgeState) -> Result<Self, String> {
        Self::run(FakeInternet::default(), state, true, platform)
    }

    /// Starts one on what an earlier one left, with the internet that it was on.
    ///
    /// # Errors
    /// As [`OnlineEdge::start`].
    pub fn start_again(internet: FakeInternet, state: &EdgeState) -> Result<Self, String> {
        Self::run(internet, state, false, Platform::default())
    }

    fn run(
        internet: FakeInternet,
        state: &EdgeState,
        is_new: bool,
        platform: Platform,
    ) -> Result<Self, String> {
        let port = internet.listen().map_err(|error| error.to_string())?;
        let options = json!({
            "state": state.folder.path(),
            "internet": format!("127.0.0.1:{port}"),
            "secrets": state.secrets,
            "seed": is_new.then(|| state.seed()),
            "platform": { "ai": platform.has_ai, "ipRateLimit": platform.has_ip_rate_limit },
        });
        let log = artifact_folder("test-logs")?.join(log_name("online"));
        let stderr = File::create(&log).map_err(|error| error.to_string())?;
        let mut child = Command::new(node())
            .args(["--no-warnings", "tests/fixtures/online_edge.mjs"])
            .arg(options.to_string())
            .current_dir(workspace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|error| error.to_string())?;
        processes::started(child.id());
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        let read = stdout.read_line(&mut line);
        let ready = serde_json::from_str::<Value>(&line).ok();
        let Some(origin) = ready.as_ref().and_then(|ready| ready["edge"].as_str()) else {
            stop(&mut child);
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            return Err(format!("it did not become ready: {read:?} {line}\n{said}"));
        };
        Ok(Self {
            internet,
            process: Arc::new(Process {
                origin: origin.to_owned(),
                keys: state.keys.clone(),
                n_taken: AtomicUsize::new(0),
                state: state.folder.path().to_path_buf(),
                pid: child.id(),
                child: Mutex::new(child),
                commands: Mutex::new((stdin, stdout)),
                log,
            }),
            first_organisation: 0,
        })
    }

    /// This edge for another test, with two organisations of its own.
    ///
    /// # Panics
    /// When all organisations are taken.
    #[track_caller]
    pub(crate) fn for_another_test(&self) -> Self {
        let first_organisation = self.process.n_taken.fetch_add(2, Ordering::SeqCst);
        assert!(
            first_organisation + 1 < N_ORGANISATIONS,
            "two organisations a test"
        );
        Self {
            internet: self.internet.clone(),
            process: Arc::clone(&self.process),
            first_organisation,
        }
    }

    /// Calls it.
    pub fn client(&self) -> Client {
        Client::new(&self.process.origin)
    }

    /// The id of this test's organisation.
    pub fn organisation(&self) -> String {
        format!("org_{}", self.first_organisation)
    }

    /// The team of this test's organisation.
    pub fn team(&self) -> Team {
        Team::new(self.client(), &self.process.keys[self.first_organisation])
    }

    /// The team of another organisation.
    pub fn another_team(&self) -> Team {
        Team::new(
            self.client(),
            &self.process.keys[self.first_organisation + 1],
        )
    }

    /// Somebody of this test's organisation whose key is held to one site.
    pub fn team_of_site(&self, site: &str) -> Team {
        let key = format!("ok_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()));
        let row = key_row(
            &format!("key_{site}"),
            &self.organisation(),
            Some(site),
            &key,
        );
        self.sql(&insert_keys(&row));
        Team::new(self.client(), &key)
    }

    /// Kills the runtime in the middle of whatever it does, and what started it. The state stays.
    ///
    /// # Panics
    /// When there is no runtime to kill.
    pub fn kill(self) {
        let runtimes = processes::descendants(self.process.pid, "workerd");
        assert!(!runtimes.is_empty(), "no runtime runs");
        for pid in runtimes {
            processes::signal(pid, Signal::SIGKILL);
        }
        processes::stopped(self.process.pid);
        let mut child = self
            .process
            .child
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        child.kill().expect("it runs");
    }

    /// Fires a cron trigger and waits for its end.
    pub fn run_cron(&self, cron: &str) {
        let outcome = self.command(&json!({ "cron": cron }));
        assert_eq!(outcome["outcome"], "ok", "{outcome}");
    }

    /// Everything that it keeps.
    pub fn state(&self) -> &Path {
        &self.process.state
    }

    /// The files that hold these bytes.
    ///
    /// # Panics
    /// When the state cannot be read.
    pub fn files_with(&self, needle: &str) -> Vec<PathBuf> {
        files_with(&self.process.state, needle)
    }

    /// Runs a statement on the main database.
    pub fn sql(&self, sql: &str) -> Value {
        self.command(&json!({ "sql": sql, "binding": "DB" }))
    }

    /// Runs a statement on the index.
    pub fn index_sql(&self, sql: &str) -> Value {
        self.command(&json!({ "sql": sql, "binding": "SEARCH" }))
    }

    /// What it wrote to its log so far.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.process.log).expect("a log")
    }

    /// Waits for a line in the log that has all of these in it. Other tests write to the log of a shared edge, too, so one
    /// of them has to name what is this test's alone.
    #[track_caller]
    pub fn until_logged(&self, parts: &[&str]) -> String {
        until(&format!("{parts:?} in a line of the log"), SOON, || {
            let log = self.log();
            log.lines()
                .rfind(|line| parts.iter().all(|part| line.contains(part)))
                .map(str::to_owned)
        })
    }

    fn command(&self, command: &Value) -> Value {
        let mut commands = self
            .process
            .commands
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = &mut *commands;
        writeln!(stdin, "{command}").expect("it reads");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{command}: {error} in {line:?}\n{}", self.log()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        stop(child.unwrap_or_else(PoisonError::into_inner));
    }
}

fn stop(child: &mut Child) {
    processes::stopped(child.id());
    processes::signal(child.id(), Signal::SIGTERM);
    let _ended = child.wait();
}
