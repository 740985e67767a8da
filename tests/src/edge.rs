//! The process under test: `xtask dev --json` on free ports with a state folder of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::database;
use crate::processes;
use crate::team::Team;
use crate::wait::{Deadline, SOON, until};

/// A first start on a small machine may have to build the widget and the worker.
const READY_WITHIN: Duration = Duration::from_mins(15);
/// Organisations for tests about tenants; see [`Edge::another_team`].
const N_ORGANISATIONS: usize = 40;
/// Connections for tests about them; see [`Edge::spare_connection`].
const N_CONNECTIONS: usize = 80;
/// After SIGTERM; what takes longer is killed.
const STOPPED_WITHIN: Duration = Duration::from_secs(20);

/// The one line that `dev --json` prints when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// Origin of the edge.
    pub edge: String,
    /// Address of the demo customer page.
    pub demo: String,
    /// Public key of the demo site.
    pub site_key: String,
    /// The demo site in the management API.
    pub site_id: String,
    /// A live signing key of the demo site.
    pub signing_key: SigningKey,
    /// API key of the demo organisation.
    pub admin_key: String,
}

/// A signing key in the ready line.
#[derive(Clone, Debug, Deserialize)]
pub struct SigningKey {
    /// Names it.
    pub kid: String,
    /// Its text.
    pub secret: String,
}

/// What an edge's wasm holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WasmContents {
    /// Objects of Rust, by class.
    pub objects: BTreeMap<String, u32>,
    /// Values of JavaScript that Rust holds.
    pub references: u32,
    /// Bytes of its memory, which never shrinks.
    pub memory: u64,
}

/// A running edge. Dropping it stops exactly the process that was started.
pub struct Edge {
    /// What it said when it was ready.
    pub ready: Ready,
    child: Child,
    state: tempfile::TempDir,
    log: PathBuf,
    /// Keys of organisations that nobody has used yet.
    organisations: Mutex<Vec<String>>,
    /// Key that is held to the demo site.
    held_key: String,
    /// Connections that nobody has used yet, each with a delivery.
    connections: Mutex<Vec<(String, String)>>,
}

impl Edge {
    /// Starts one.
    ///
    /// # Errors
    /// Why it did not become ready, with the end of its log.
    pub fn start() -> Result<Self, String> {
        Self::start_with(|_| {})
    }

    /// Starts one that says what its wasm holds, see [`Self::wasm_contents`].
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_counting_wasm() -> Result<Self, String> {
        Self::start_with(|dev| {
            dev.arg("--entry")
                .arg(workspace().join("bench/collecting.mjs"))
                .env("MINIFLARE_WORKERD_V8_FLAGS", "--expose-gc");
        })
    }

    fn start_with(choose: impl FnOnce(&mut Command)) -> Result<Self, String> {
        let state = tempfile::Builder::new()
            .prefix("oriel-tests-")
            .tempdir()
            .map_err(|error| format!("no state folder: {error}"))?;
        let log = artifact_folder("test-logs")?.join(log_name("edge"));
        let stderr = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let program = xtask()?;
        let port = free_pair().ok_or("no two free ports in a row")?;
        let mut dev = Command::new(&program);
        // What visitors get is what is tested.
        dev.args([
            "dev",
            "--json",
            "--release",
            "--port",
            &port.to_string(),
            "--state",
        ])
        .arg(state.path())
        .current_dir(workspace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr);
        choose(&mut dev);
        let mut child = dev
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        processes::started(child.id());

        let (send, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    // Read on when nobody listens any more: a full pipe would stop the process.
                    let _nobody = send.send(line);
                }
            });
        }
        let line = first_line(&mut child, &lines);
        let ready = line.and_then(|line| {
            serde_json::from_str::<Ready>(&line)
                .map_err(|error| format!("{error} in its first line: {line}"))
        });
        let ready = match ready {
            Ok(ready) => ready,
            Err(why) => {
                stop(&mut child);
                return Err(format!("{why}\n{}", tail(&log, 60)));
            }
        };
        let mut edge = Self {
            ready,
            child,
            state,
            log,
            organisations: Mutex::default(),
            held_key: String::new(),
            connections: Mutex::default(),
        };
        // Before the first test runs: a second program that writes to the same file makes the runtime's own writes fail.
        let made = database::make(&edge, N_ORGANISATIONS, N_CONNECTIONS);
        edge.organisations = Mutex::new(made.organisations);
        edge.held_key = made.demo_site;
        edge.connections = Mutex::new(made.connections);
        Ok(edge)
    }

    /// A team of an organisation that nobody else uses.
    ///
    /// # Panics
    /// When this binary's tests have used them all.
    pub fn another_team(&self) -> Team {
        let key = self
            .organisations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        Team::new(
            self.client(),
            &key.expect("as many organisations as tests that want one"),
        )
    }

    /// Whoever holds a key of the demo organisation that is held to the demo site.
    pub fn team_of_demo_site(&self) -> Team {
        Team::new(self.client(), &self.held_key)
    }

    /// A connection of the demo organisation that nobody else uses, and its one delivery: their ids.
    ///
    /// # Panics
    /// When this binary's tests have used them all.
    pub fn spare_connection(&self) -> (String, String) {
        let spare = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        spare.expect("as many connections as tests want")
    }

    /// What its wasm holds, garbage aside; of an edge that counts.
    #[track_caller]
    pub fn wasm_contents(&self) -> WasmContents {
        self.client().get("/alive").send().expect(200).json()
    }

    /// Calls it.
    pub fn client(&self) -> Client {
        Client::new(&self.ready.edge)
    }

    /// The demo organisation's team.
    pub fn team(&self) -> Team {
        Team::new(self.client(), &self.ready.admin_key)
    }

    /// Everything that it keeps.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The last lines of its log.
    pub fn log_tail(&self, n_lines: usize) -> String {
        tail(&self.log, n_lines)
    }

    /// Whether any file that it keeps holds these bytes, its log aside.
    ///
    /// # Panics
    /// When the state cannot be read.
    pub fn stores(&self, needle: &str) -> bool {
        !files_with(&self.state().join("wrangler"), needle).is_empty()
    }

    /// What the runtime wrote on its log so far.
    pub fn runtime_log(&self) -> String {
        let bytes = fs::read(self.state().join("edge.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits for the security event that `wanted` wants.
    ///
    /// # Panics
    /// When it was not logged soon.
    #[track_caller]
    pub fn security_event(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        until("a security event", SOON, || {
            self.runtime_log()
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line.trim()).ok())
                .find(|event| event["event"] == "security" && wanted(event))
        })
    }

    /// Kills the runtime under it, as a crash would: SIGKILL to workerd, and waits until it is gone.
    ///
    /// # Panics
    /// When there is no runtime to kill.
    #[track_caller]
    pub fn kill_runtime(&self) {
        let victims = processes::descendants(self.child.id(), "workerd");
        assert!(
            !victims.is_empty(),
            "no workerd below process {}",
            self.child.id()
        );
        for pid in &victims {
            processes::signal(*pid, Signal::SIGKILL);
        }
        until("the killed runtime to be gone", SOON, || {
            let alive = processes::descendants(self.child.id(), "workerd");
            victims.iter().all(|pid| !alive.contains(pid)).then_some(())
        });
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// The files below a folder that hold these bytes.
///
/// # Panics
/// When the folder cannot be read.
pub(crate) fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("its own folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // Files come and go while the runtime works.
            let bytes = fs::read(&path).unwrap_or_default();
            if bytes
                .windows(needle.len())
                .any(|window| window == needle.as_bytes())
            {
                found.push(path);
            }
        }
    }
    found
}

/// SIGTERM, and SIGKILL to the one process if that was not enough.
fn stop(child: &mut Child) {
    processes::stopped(child.id());
    processes::signal(child.id(), Signal::SIGTERM);
    let deadline = Deadline::after(STOPPED_WITHIN);
    while deadline.left().is_some() {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    eprintln!("the edge did not stop within {STOPPED_WITHIN:?} of SIGTERM and was killed");
    let _gone = child.kill();
    let _gone = child.wait();
}

/// The ready line, or why there is none.
fn first_line(child: &mut Child, lines: &mpsc::Receiver<String>) -> Result<String, String> {
    let deadline = Deadline::after(READY_WITHIN);
    while deadline.left().is_some() {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => return Ok(line),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = child
                    .wait()
                    .map_or_else(|error| error.to_string(), |status| status.to_string());
                return Err(format!("it ended before it was ready: {status}"));
            }
        }
    }
    Err(format!("it was not ready within {READY_WITHIN:?}"))
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A folder under `target/` for what a test leaves to be looked at.
pub(crate) fn artifact_folder(name: &str) -> Result<PathBuf, String> {
    let folder = workspace().join("target").join(name);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// A name for the log of one more edge of this test binary: `visitor-edge-1.log`.
pub(crate) fn log_name(kind: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    // Cargo calls a binary `visitor-0123456789abcdef`.
    let program = std::env::current_exe().unwrap_or_default();
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    let binary = stem.split('-').next().unwrap_or_default();
    format!("{binary}-{kind}-{n}.log")
}

/// The program that `cargo xtask` runs.
///
/// # Errors
/// When it was not built.
pub fn xtask() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("ORIEL_XTASK") {
        return Ok(PathBuf::from(path));
    }
    let built = workspace().join("target/debug/xtask");
    if built.is_file() {
        return Ok(built);
    }
    Err(format!(
        "{} is not there: run `cargo xtask test`, or name the program in ORIEL_XTASK",
        built.display()
    ))
}

/// A free port whose next one is free too. Somebody may take it before it is used; the caller would see that.
fn free_pair() -> Option<u16> {
    (0..50).find_map(|_| {
        let first = TcpListener::bind("127.0.0.1:0").ok()?;
        let port = first.local_addr().ok()?.port();
        let next = port.checked_add(1)?;
        TcpListener::bind(("127.0.0.1", next)).ok()?;
        Some(port)
    })
}

fn tail(path: &Path, n_lines: usize) -> String {
    let text = fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(n_lines)..].join("\n")
}
