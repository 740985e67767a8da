//! How often SQLite committed to disk, counted in its write-ahead logs: what no worker can see, and none can hide.
//!
//! Source: sqlite.org/fileformat2.html, section 4.1 and 4.2. Every page written is a frame; the last frame of a commit
//! says how many pages the database has then, all others say 0. A log that is begun anew has another salt.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The logs in a folder and those below it at one moment.
pub struct Logs(BTreeMap<PathBuf, Log>);

/// One log.
#[derive(Debug, PartialEq, Eq)]
struct Log {
    salt: Vec<u8>,
    n_commits: u64,
}

impl Logs {
    /// Reads them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut logs = BTreeMap::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)?.flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().ends_with(".sqlite-wal")
                    // A database that was just closed takes its log along.
                    && let Ok(bytes) = fs::read(&path)
                    && let Some(log) = Log::parse(&bytes)
                {
                    logs.insert(path, log);
                }
            }
        }
        Ok(Self(logs))
    }

    /// Commits since an earlier reading, in the files that are wanted.
    ///
    /// # Errors
    /// When a log was begun anew meanwhile: then its older frames are gone.
    pub fn since(&self, earlier: &Self, is_wanted: impl Fn(&str) -> bool) -> Result<u64> {
        let mut n_commits = 0;
        for (path, log) in &self.0 {
            if !is_wanted(&path.to_string_lossy()) {
                continue;
            }
            n_commits += log.n_commits;
            if let Some(before) = earlier.0.get(path) {
                ensure!(before.salt == log.salt, "{} began anew", path.display());
                n_commits -= before.n_commits;
            }
        }
        Ok(n_commits)
    }
}

impl Log {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let page = usize::try_from(number(8)?).ok()?;
        let salt = bytes.get(16..24)?;
        let mut log = Self {
            salt: salt.to_vec(),
            n_commits: 0,
        };
        let mut at = LOG_HEADER;
        // Frames of before the log was begun anew may follow its own.
        while page > 0 && bytes.get(at + 8..at + 16) == Some(salt) {
            log.n_commits += u64::from(number(at + 4)? > 0);
            at += FRAME_HEADER + page;
        }
        Some(log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 512;

    /// A log of frames that say how many pages the database has after them, with their salt.
    fn log(salt: u64, frames: &[(u32, u64)]) -> Vec<u8> {
        let mut bytes = vec![0; LOG_HEADER];
        bytes[8..12].copy_from_slice(&u32::to_be_bytes(PAGE as u32));
        bytes[16..24].copy_from_slice(&salt.to_be_bytes());
        for (n_pages, salt) in frames {
            bytes.extend(1_u32.to_be_bytes());
            bytes.extend(n_pages.to_be_bytes());
            bytes.extend(salt.to_be_bytes());
            bytes.extend([0; FRAME_HEADER - 16 + PAGE]);
        }
        bytes
    }

    #[test]
    fn a_commit_is_its_last_frame_and_old_frames_are_nobodys() {
        let bytes = log(7, &[(0, 7), (3, 7), (4, 7), (5, 6)]);
        assert_eq!(Log::parse(&bytes).expect("a log").n_commits, 2);
        assert!(Log::parse(&bytes[..16]).is_none(), "cut short");
    }

    #[test]
    fn commits_are_counted_between_two_readings_and_a_log_begun_anew_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.sqlite-wal");
        let read = |bytes| {
            fs::write(&file, bytes).expect("ours to write");
            Logs::read(folder.path()).expect("readable")
        };
        let before = read(log(7, &[(2, 7)]));
        let after = read(log(7, &[(2, 7), (0, 7), (3, 7), (4, 7)]));
        let anew = read(log(8, &[(2, 8)]));
        assert_eq!(
            after
                .since(&before, |path| path.contains("a.sqlite"))
                .expect("one log"),
            2
        );
        assert_eq!(
            after
                .since(&before, |path| path.contains("b.sqlite"))
                .expect("no log"),
            0
        );
        assert!(anew.since(&after, |_| true).is_err());
    }
}
