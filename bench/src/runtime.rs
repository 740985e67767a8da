//! What the runtime's processes take, as the kernel counts it (proc(5)). Elsewhere than on Linux nothing is known.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Clock ticks a second in `/proc`, whatever the kernel's own clock does.
const TICKS: f64 = 100.0;
const NAME: &str = "workerd";

/// The processes of one server's runtime.
#[derive(Clone)]
pub struct Runtime(Vec<u32>);

impl Runtime {
    /// Those below a process.
    pub fn below(pid: u32) -> Self {
        let mut all = vec![pid];
        let mut at = 0;
        while let Some(&pid) = all.get(at) {
            at += 1;
            let threads = fs::read_dir(format!("/proc/{pid}/task"))
                .into_iter()
                .flatten();
            for thread in threads.flatten() {
                let children = fs::read_to_string(thread.path().join("children"));
                let children = children.unwrap_or_default();
                all.extend(
                    children
                        .split_whitespace()
                        .filter_map(|pid| pid.parse::<u32>().ok()),
                );
            }
        }
        all.retain(|pid| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == NAME)
        });
        Self(all)
    }

    /// The process that listens on this port, and the others: wrangler's own worker stands in front of the one that is served.
    pub fn in_front(&self, port: u16) -> (Self, Self) {
        let address = format!("=127.0.0.1:{port}");
        let (front, behind) = self.0.iter().partition(|&&pid| {
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split('\0')
                .any(|argument| argument.ends_with(&address))
        });
        (Self(front), Self(behind))
    }

    /// Processor time so far, in milliseconds.
    pub fn cpu_ms(&self) -> Option<f64> {
        let ticks: u64 = self.sum(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name stands in parentheses and may hold anything; user and system time are fields 14 and 15.
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
            let mut next = || fields.next()?.parse::<u64>().ok();
            Some(next()? + next()?)
        })?;
        Some(ticks as f64 * 1000.0 / TICKS)
    }

    /// Memory that is in use and not shared, in bytes.
    pub fn memory(&self) -> Option<u64> {
        self.sum(|pid| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
            let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kib * 1024)
        })
    }

    /// Databases of objects of this class that are open. A file may be open more than once.
    pub fn open_objects(&self, class: &str) -> Option<u64> {
        let folder = format!("-{class}");
        self.sum(|pid| {
            let files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
            let open: BTreeSet<PathBuf> = files
                .flatten()
                .filter_map(|file| fs::read_link(file.path()).ok())
                .filter(|path| {
                    let is_class = path.parent().is_some_and(|parent| {
                        parent.as_os_str().to_string_lossy().ends_with(&folder)
                    });
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    // Beside the objects' there is the runtime's own, of their alarms.
                    is_class && name.ends_with(".sqlite") && name != "metadata.sqlite"
                })
                .collect();
            u64::try_from(open.len()).ok()
        })
    }

    fn sum(&self, of: impl Fn(u32) -> Option<u64>) -> Option<u64> {
        if self.0.is_empty() {
            return None;
        }
        self.0.iter().map(|&pid| of(pid)).sum()
    }
}
