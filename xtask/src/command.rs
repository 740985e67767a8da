//! Runs other programs, each under a [`guard`], and ends them all when we are told to end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::guard;
use crate::progress::Step;

/// What a failed program leaves on the screen.
const TAIL: usize = 40;
/// What is kept of a program's lines in case it fails.
const KEPT: usize = 4_000;
/// After this a guard that has not ended is left to its own deadline.
const STOPPED_WITHIN: Duration = Duration::from_secs(8);

/// The pipes to all running guards: closing one ends its program.
static CONTROL_PIPES: Mutex<BTreeMap<u32, Option<ChildStdin>>> = Mutex::new(BTreeMap::new());
static STOPPING: AtomicBool = AtomicBool::new(false);
/// 130 is what shells expect of a program that ctrl-C ended.
static EXIT_CODE: AtomicI32 = AtomicI32::new(130);

/// The `main` of every program here: does a task under a signal handler, and tells why it failed.
pub fn run_task(task: impl FnOnce() -> Result<ExitCode>) -> ExitCode {
    if let Some(code) = guard::run_if_asked() {
        return code;
    }
    let outcome = stop_on_signals().and_then(|()| task());
    // A signal ends what we were doing; its failure is then no news, and the handler chooses the exit code.
    leave_if_stopping();
    outcome.unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}

/// From now on SIGINT, SIGTERM and SIGHUP end everything that was started here, and then us.
///
/// # Errors
/// When the system refuses the handler.
fn stop_on_signals() -> Result<()> {
    // Kept now: on Linux the path of a program that was built anew meanwhile reads "… (deleted)".
    own_program()?;
    ctrlc::set_handler(|| {
        STOPPING.store(true, Ordering::SeqCst);
        let mut waited = Duration::ZERO;
        let look = Duration::from_millis(20);
        while waited < STOPPED_WITHIN {
            {
                let mut pipes = CONTROL_PIPES.lock().unwrap_or_else(PoisonError::into_inner);
                if pipes.is_empty() {
                    break;
                }
                for pipe in pipes.values_mut() {
                    drop(pipe.take());
                }
            }
            thread::sleep(look);
            waited += look;
        }
        std::process::exit(EXIT_CODE.load(Ordering::SeqCst));
    })
    .context("no signal handler")
}

/// Being told to stop is the usual end of this task, not a failure.
pub fn stopping_is_success() {
    EXIT_CODE.store(0, Ordering::SeqCst);
}

/// Whether we were told to end.
pub fn stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

/// Hands over to the signal handler, which ends the process, when a signal came.
pub fn leave_if_stopping() {
    while stopping() {
        thread::sleep(Duration::from_millis(50));
    }
}

/// The path of this program.
///
/// # Errors
/// When the system does not know it.
pub fn own_program() -> Result<&'static Path> {
    static OWN: OnceLock<PathBuf> = OnceLock::new();
    if OWN.get().is_none() {
        let path = std::env::current_exe().context("our own path is unknown")?;
        let _kept_by_another_thread = OWN.set(path);
    }
    OWN.get()
        .map(PathBuf::as_path)
        .context("our own path is unknown")
}

/// A program, found in `PATH` unless it is a path, without what `cargo run` set for us and means nothing to others.
pub fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A running program and the lines that it writes.
pub struct Running {
    child: Child,
    lines: Receiver<Line>,
}

/// One line of a program's output.
pub enum Line {
    /// From standard output.
    Out(String),
    /// From standard error.
    Err(String),
}

impl Line {
    /// Whichever it was.
    pub fn text(&self) -> &str {
        match self {
            Self::Out(text) | Self::Err(text) => text,
        }
    }
}

/// Starts a program under a guard.
///
/// # Errors
/// When it cannot be started, or we are being told to stop.
pub fn start(command: &Command) -> Result<Running> {
    let mut guarded = guard::wrap(own_program()?, command);
    guarded.stdout(Stdio::piped()).stderr(Stdio::piped());
    // Under the lock, so that a signal either sees the new pipe or keeps us from starting.
    let mut pipes = CONTROL_PIPES.lock().unwrap_or_else(PoisonError::into_inner);
    if stopping() {
        bail!("told to stop");
    }
    let mut child = guarded
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    pipes.insert(child.id(), child.stdin.take());
    drop(pipes);
    let (send, lines) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        read_lines(stdout, send.clone(), Line::Out);
    }
    if let Some(stderr) = child.stderr.take() {
        read_lines(stderr, send, Line::Err);
    }
    Ok(Running { child, lines })
}

fn read_lines(stream: impl Read + Send + 'static, send: Sender<Line>, kind: fn(String) -> Line) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while matches!(reader.read_until(b'\n', &mut bytes), Ok(read) if read > 0) {
            let text = String::from_utf8_lossy(&bytes);
            // Read on when nobody listens any more: a full pipe would stop the program.
            let _nobody = send.send(kind(text.trim_end_matches(['\n', '\r']).to_owned()));
            bytes.clear();
        }
    });
}

impl Running {
    /// The next line, `None` when there will be none.
    pub fn next_line(&self) -> Option<Line> {
        self.lines.recv().ok()
    }

    /// The lines that are there already.
    pub fn lines_so_far(&self) -> impl Iterator<Item = Line> {
        self.lines.try_iter()
    }

    /// The guard; the program and all that it starts are below it.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten();
        if status.is_some() {
            self.forget();
        }
        status
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the system lost it.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait();
        self.forget();
        Ok(status?)
    }

    /// Ends it, and waits until it and all that it started are gone.
    pub fn stop(&mut self) {
        if let Some(pipe) = CONTROL_PIPES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(&self.child.id())
        {
            drop(pipe.take());
        }
        let _gone = self.wait();
    }

    fn forget(&self) {
        CONTROL_PIPES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.child.id());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs a program to its end and returns what it wrote to standard output; the step shows its last line meanwhile.
///
/// # Errors
/// When it cannot be started or fails; the message carries the end of what it wrote.
pub fn run(step: &Step, command: &Command) -> Result<String> {
    let mut running = start(command)?;
    let mut out = String::new();
    let mut log: Vec<String> = Vec::new();
    while let Some(line) = running.next_line() {
        step.line(line.text());
        if log.len() == KEPT {
            log.drain(..KEPT / 2);
        }
        log.push(line.text().to_owned());
        if let Line::Out(text) = line {
            out.push_str(&text);
            out.push('\n');
        }
    }
    let status = running.wait()?;
    if status.success() {
        return Ok(out);
    }
    Err(failure(command, status, &log))
}

/// Runs a program that ends by itself in a moment, without a guard, and returns what it wrote to standard output.
///
/// # Errors
/// When it cannot be started or fails; the message carries what it wrote to standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command
        .output()
        .with_context(|| format!("{name} cannot be started"))?;
    if !output.status.success() {
        bail!(
            "{name} failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program to its end, hands over each line as it comes, and tells whether it succeeded.
///
/// # Errors
/// When it cannot be started.
pub fn follow(command: &Command, mut line: impl FnMut(&Line)) -> Result<bool> {
    let mut running = start(command)?;
    while let Some(next) = running.next_line() {
        line(&next);
    }
    Ok(running.wait()?.success())
}

fn failure(command: &Command, status: ExitStatus, log: &[String]) -> anyhow::Error {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let tail = log[log.len().saturating_sub(TAIL)..].join("\n");
    anyhow!(
        "{} failed ({status}); the end of what it wrote:\n\n{tail}",
        name.display()
    )
}

/// Where a program is found in `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
