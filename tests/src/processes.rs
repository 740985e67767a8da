//! Signals to processes that a test started, and to nobody else.

use std::fs;
use std::sync::{Mutex, Once, PoisonError};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Sends a signal to exactly this process. One that is gone already is no error.
pub fn signal(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _gone = kill(Pid::from_raw(pid), signal);
    }
}

/// What this test started and has not stopped yet.
static STARTED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Notes a process that has to end when this one is told to end.
pub fn started(pid: u32) {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        let handled = ctrlc::set_handler(|| {
            for pid in std::mem::take(&mut *STARTED.lock().unwrap_or_else(PoisonError::into_inner))
            {
                signal(pid, Signal::SIGTERM);
            }
            std::process::exit(130);
        });
        handled.expect("no other handler is set in a test");
    });
    STARTED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(pid);
}

/// Notes that a process is being stopped by who started it.
pub fn stopped(pid: u32) {
    STARTED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .retain(|&started| started != pid);
}

/// A process and its parent, as the kernel lists them.
struct Entry {
    pid: u32,
    parent: u32,
    name: String,
}

/// Every process of this machine. Source: proc(5), `/proc/pid/stat`.
fn list() -> Vec<Entry> {
    let Ok(folder) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    folder
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name stands in parentheses and may hold spaces and parentheses of its own.
            let (head, tail) = stat.rsplit_once(')')?;
            let mut rest = tail.split_whitespace();
            let state = rest.next()?;
            let parent = rest.next()?.parse().ok()?;
            let name = head.split_once('(')?.1.to_owned();
            (state != "Z").then_some(Entry { pid, parent, name })
        })
        .collect()
}

/// The processes called `name` that descend from `root`.
pub fn descendants(root: u32, name: &str) -> Vec<u32> {
    let all = list();
    let descends = |mut pid: u32| {
        // As deep as the list is long: a chain of parents cannot be longer.
        for _ in 0..all.len() {
            let Some(entry) = all.iter().find(|entry| entry.pid == pid) else {
                return false;
            };
            if entry.parent == root {
                return true;
            }
            pid = entry.parent;
        }
        false
    };
    all.iter()
        .filter(|entry| entry.name == name && descends(entry.pid))
        .map(|entry| entry.pid)
        .collect()
}
