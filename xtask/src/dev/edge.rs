//! The edge as a process: `wrangler dev` on the state folder, started again when it dies.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::state::State;
use crate::clock;
use crate::command::{self, Line, Running};
use crate::setup::node;
use crate::workspace::Workspace;

/// A start takes seconds; more than this on a busy machine is a failure.
const READY_WITHIN: Duration = Duration::from_secs(90);
/// How often to look, and how long an answer may take.
const LOOK: Duration = Duration::from_millis(100);
const HEALTH_EVERY: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// It reads and writes databases that were just opened.
const HOURLY_JOB_WITHIN: Duration = Duration::from_secs(30);
/// What wrangler says when a workerd died. It starts another one by itself, yet of its two, the one in front may then
/// wait for ever for the one behind (seen with 4.164.0, both killed). All anew takes three seconds and always works.
const CRASHED: &str = "The Workers runtime crashed unexpectedly";
/// A runtime that refuses connections or answers 5xx for this long does not come back by itself.
const FAILING_FOR: Duration = Duration::from_secs(6);
/// One that does not answer at all may only be busy.
const UNRESPONSIVE_FOR: Duration = Duration::from_secs(45);
/// Pause before starting again: doubled with each death in a row, forgotten after a good while.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const GOOD_WHILE: Duration = Duration::from_secs(30);
/// Lines shown when it does not start.
const TAIL: usize = 40;

/// A running edge.
pub struct Edge {
    launch: Launch,
    running: Running,
    log: Log,
}

/// What is served, where it is not the edge as `dev` serves it.
#[derive(Clone, Default)]
pub struct Serving {
    /// Another worker's `wrangler.toml`.
    pub config: Option<PathBuf>,
    /// Another entry than the configuration's.
    pub entry: Option<PathBuf>,
    /// Where a debugger may attach; any free port when zero.
    pub inspector_port: u16,
    /// Leaves out wrangler's line for each request.
    pub quiet: bool,
    /// Flags of V8, for every worker of the runtime.
    pub v8_flags: Option<&'static str>,
}

/// All that is needed to start it again.
struct Launch {
    workspace: Workspace,
    serving: Serving,
    data: PathBuf,
    secrets: PathBuf,
    registry: PathBuf,
    port: u16,
    health: ureq::Agent,
}

/// What a health check of the edge found.
enum Health {
    Good,
    /// It refuses, or answers that it is broken.
    Failing,
    /// It does not answer.
    Unresponsive,
}

/// Where its lines go: to a file always, to the screen once it runs.
struct Log {
    file: File,
    tail: Vec<String>,
    show: bool,
    crashed: bool,
}

impl Edge {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When it does not; the error has the last lines that it wrote.
    pub fn start(
        workspace: &Workspace,
        state: &State,
        port: u16,
        serving: Serving,
    ) -> Result<Self> {
        let launch = Launch {
            workspace: workspace.clone(),
            serving,
            data: state.data(),
            secrets: state.secrets(),
            registry: state.file("registry"),
            port,
            health: ureq::Agent::config_builder()
                .timeout_global(Some(ANSWER_WITHIN))
                .http_status_as_error(false)
                // A connection that is kept would outlive the process behind it.
                .max_idle_connections(0)
                .build()
                .into(),
        };
        let path = state.log();
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| path.display().to_string())?;
        let mut log = Log {
            file,
            tail: Vec::new(),
            show: false,
            crashed: false,
        };
        let running = launch.start(&mut log)?;
        Ok(Self {
            launch,
            running,
            log,
        })
    }

    /// The process that the runtime is below.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// Fires the hourly cron trigger once: on one machine nothing else does.
    ///
    /// # Errors
    /// When the edge does not answer.
    pub fn run_hourly_job(&self) -> Result<()> {
        let address = format!(
            "http://127.0.0.1:{}/cdn-cgi/local/scheduled?cron=17+*+*+*+*",
            self.launch.port
        );
        let answer = self.launch.health.get(address);
        let answer = answer
            .config()
            .timeout_global(Some(HOURLY_JOB_WITHIN))
            .build()
            .call()
            .context("the hourly job")?;
        ensure!(answer.status().is_success(), "the hourly job failed");
        Ok(())
    }

    /// Starts it again whenever it dies. Returns when we are told to stop.
    pub fn supervise(&mut self) {
        let mut pause = FIRST_PAUSE;
        let mut began = clock::now();
        // Lines that it wrote while it was seeded are not shown.
        self.log.take(&self.running);
        self.log.show = true;
        loop {
            let why = self.watch();
            if command::stopping() {
                return;
            }
            if began.elapsed() > GOOD_WHILE {
                pause = FIRST_PAUSE;
            }
            eprintln!("\nThe edge {why}; starting it again on the same data.");
            self.running.stop();
            loop {
                thread::sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
                if command::stopping() {
                    return;
                }
                match self.launch.start(&mut self.log) {
                    Ok(running) => {
                        self.running = running;
                        break;
                    }
                    Err(error) => eprintln!("It did not start: {error:#}"),
                }
            }
            began = clock::now();
            eprintln!("The edge is back.");
        }
    }

    /// Watches until it is dead or as good as dead, and says which.
    fn watch(&mut self) -> String {
        let mut looked = clock::now();
        let mut well = clock::now();
        loop {
            thread::sleep(LOOK);
            self.log.take(&self.running);
            if command::stopping() {
                return String::new();
            }
            if let Some(status) = self.running.ended() {
                self.log.take(&self.running);
                return format!("ended ({status})");
            }
            if self.log.crashed {
                return "crashed".to_owned();
            }
            if looked.elapsed() < HEALTH_EVERY {
                continue;
            }
            match self.launch.health() {
                Health::Good => well = clock::now(),
                Health::Failing if well.elapsed() > FAILING_FOR => {
                    return "does not work any more".to_owned();
                }
                Health::Unresponsive if well.elapsed() > UNRESPONSIVE_FOR => {
                    return "does not answer any more".to_owned();
                }
                Health::Failing | Health::Unresponsive => {}
            }
            looked = clock::now();
        }
    }
}

impl Launch {
    fn start(&self, log: &mut Log) -> Result<Running> {
        let mut wrangler = node::wrangler(&self.workspace)?;
        wrangler.arg("dev");
        // This comes first: behind an option that takes a list it would be taken for an entry of that.
        if let Some(entry) = &self.serving.entry {
            wrangler.arg(entry);
        }
        wrangler
            .args([
                "--local",
                "--ip",
                "127.0.0.1",
                "--port",
                &self.port.to_string(),
            ])
            .args([
                "--inspector-port",
                &self.serving.inspector_port.to_string(),
                "--show-interactive-dev-session=false",
            ])
            .arg("--persist-to")
            .arg(&self.data)
            .arg("--env-file")
            .arg(&self.secrets)
            // The registry is this folder's own: workers of other folders must not find each other.
            .env("WRANGLER_REGISTRY_PATH", &self.registry);
        if let Some(config) = &self.serving.config {
            wrangler.arg("--config").arg(config);
        }
        if let Some(flags) = self.serving.v8_flags {
            wrangler.env("MINIFLARE_WORKERD_V8_FLAGS", flags);
        }
        if self.serving.quiet {
            wrangler.args(["--log-level", "warn"]);
        }
        let mut running = command::start(&wrangler)?;
        log.tail.clear();
        log.crashed = false;
        let began = clock::now();
        while !matches!(self.health(), Health::Good) {
            log.take(&running);
            if command::stopping() {
                bail!("told to stop");
            }
            if let Some(status) = running.ended() {
                // The last lines may still be on their way through the pipe.
                thread::sleep(LOOK);
                log.take(&running);
                bail!(
                    "the edge ended before it was ready ({status}):\n\n{}",
                    log.end()
                );
            }
            if began.elapsed() > READY_WITHIN {
                bail!(
                    "the edge was not ready within {READY_WITHIN:?}:\n\n{}",
                    log.end()
                );
            }
            thread::sleep(LOOK);
        }
        log.take(&running);
        Ok(running)
    }

    fn health(&self) -> Health {
        match self
            .health
            .get(format!("http://127.0.0.1:{}/healthz", self.port))
            .call()
        {
            Ok(answer) if answer.status().is_success() => Health::Good,
            Err(ureq::Error::Timeout(_)) => Health::Unresponsive,
            Ok(_) | Err(_) => Health::Failing,
        }
    }
}

impl Log {
    /// Takes the lines that are there.
    fn take(&mut self, running: &Running) {
        for line in running.lines_so_far() {
            let (Line::Out(text) | Line::Err(text)) = &line;
            // These are the health checks, one a second.
            if text.contains("GET /healthz") {
                continue;
            }
            self.crashed |= text.contains(CRASHED);
            let _no_disk_no_log = writeln!(self.file, "{text}");
            if self.show && !text.trim().is_empty() {
                eprintln!("edge | {text}");
            }
            if self.tail.len() == TAIL {
                self.tail.remove(0);
            }
            self.tail.push(text.clone());
        }
    }

    fn end(&self) -> String {
        self.tail.join("\n")
    }
}
