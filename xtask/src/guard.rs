//! A small parent for every program that we start: when we die, however we die, what we started dies too.
//!
//! `xtask guard PROGRAM …` runs the program in a process group of its own and holds the read end of a pipe whose only
//! write end is ours. The kernel closes that when we end, SIGKILL included; the guard then ends the whole group. It
//! also ends what the program left behind when it ended by itself: a wrangler that crashed leaves workerd running.
//! Not done with `prctl(PR_SET_PDEATHSIG)`: that reaches one process only, follows the thread and not the process, and
//! needs unsafe code.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Name of the hidden task.
const NAME: &str = "guard";

/// How long a program may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);
/// How often to look whether it has.
const LOOK: Duration = Duration::from_millis(20);

/// The command that runs `command` under a guard. Its standard input is the pipe that keeps it running: hold it open.
pub fn wrap(own_program: &std::path::Path, command: &Command) -> Command {
    let mut guarded = Command::new(own_program);
    guarded
        .arg(NAME)
        .arg("--")
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => guarded.env(name, value),
            None => guarded.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        guarded.current_dir(folder);
    }
    // Away from the terminal's group: ctrl-C is for us, and we decide how the others end.
    guarded.process_group(0).stdin(Stdio::piped());
    guarded
}

/// Is the guard, when the command line says so.
pub fn run_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let is_asked = arguments.next().is_some_and(|first| first == NAME);
    is_asked.then(|| run(&arguments.skip(1).collect::<Vec<_>>()))
}

fn run(program: &[OsString]) -> ExitCode {
    let Some((name, arguments)) = program.split_first() else {
        return ExitCode::FAILURE;
    };
    let started = Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{}: {error}", name.display());
            return ExitCode::from(127);
        }
    };
    let Ok(group) = i32::try_from(child.id()).map(Pid::from_raw) else {
        return ExitCode::FAILURE;
    };
    // Told to end ourselves: as when the pipe is closed. That there is a handler is what keeps us alive to do it.
    let _cannot_fail_twice = ctrlc::set_handler(move || end(group));
    thread::spawn(move || {
        let mut nothing = [0; 64];
        while matches!(std::io::stdin().read(&mut nothing), Ok(read) if read > 0) {}
        end(group);
    });
    let status = child.wait();
    end(group);
    match status {
        Ok(status) => {
            let code = status
                .code()
                .or_else(|| status.signal().map(|signal| 128 + signal));
            ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
        }
        Err(_) => ExitCode::FAILURE,
    }
}

/// Ends every process of the group, politely first. Returns when none is left.
fn end(group: Pid) {
    if killpg(group, Signal::SIGTERM) == Err(Errno::ESRCH) {
        return;
    }
    let mut waited = Duration::ZERO;
    while waited < GRACE {
        thread::sleep(LOOK);
        waited += LOOK;
        if killpg(group, None) == Err(Errno::ESRCH) {
            return;
        }
    }
    let _gone = killpg(group, Signal::SIGKILL);
}
