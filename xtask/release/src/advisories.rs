//! Holds every crate of `Cargo.lock` against the known weaknesses of crates: the RustSec database of
//! `testdata/advisories`, which is dated and needs no network.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rustsec::advisory::Informational;
use rustsec::report::Settings;
use rustsec::{Database, Lockfile, Report};
use xtask::workspace::Workspace;
use xtask::{clock, command};

/// What the name of the database begins with; its date and `.tar.gz` follow.
const NAME: &str = "rustsec-advisory-db-";

/// Writes how old the database is and what it says of our dependencies. That one is not maintained is only a note.
///
/// # Errors
/// When a dependency has a known vulnerability or is unsound, or the database cannot be read.
pub fn check(workspace: &Workspace, out: &mut impl Write) -> Result<()> {
    let (archive, date) = newest(&workspace.join("testdata/advisories"))?;
    let database = open(&archive)?;
    let lockfile = Lockfile::load(workspace.join("Cargo.lock"))?;
    let found = known_weaknesses(&database, &lockfile);
    writeln!(
        out,
        "{} crates of Cargo.lock against {} advisories of {date}, {} days old",
        lockfile.packages.len(),
        database.iter().count(),
        age_in_days(date),
    )?;
    for note in &found.notes {
        writeln!(out, "  {note}")?;
    }
    ensure!(
        found.faults.is_empty(),
        "update or replace:\n  {}",
        found.faults.join("\n  ")
    );
    Ok(())
}

/// The newest database of a folder, and its date.
fn newest(folder: &Path) -> Result<(PathBuf, Date)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(date) = name
            .strip_prefix(NAME)
            .and_then(|rest| rest.strip_suffix(".tar.gz"))
        {
            let date: Date = date.parse().with_context(|| path.display().to_string())?;
            found.push((date, path));
        }
    }
    let (date, path) = found
        .into_iter()
        .max()
        .with_context(|| format!("{} has no database", folder.display()))?;
    Ok((path, date))
}

fn open(archive: &Path) -> Result<Database> {
    let folder = tempfile::Builder::new()
        .prefix("oriel-advisories-")
        .tempdir()?;
    let mut tar = command::program("tar");
    tar.arg("-xzf").arg(archive).arg("-C").arg(folder.path());
    command::output(&mut tar)?;
    Ok(Database::open(folder.path())?)
}

fn age_in_days(date: Date) -> i64 {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    let since = date
        .to_zoned(TimeZone::UTC)
        .map(|then| then.timestamp().as_millisecond());
    let now = i64::try_from(clock::unix_ms()).unwrap_or(i64::MAX);
    since.map_or(0, |since| (now - since) / DAY_MS)
}

/// What is known, a line each.
struct Found {
    /// What has to be mended.
    faults: Vec<String>,
    /// What is good to know.
    notes: Vec<String>,
}

fn known_weaknesses(database: &Database, lockfile: &Lockfile) -> Found {
    let settings = Settings {
        informational_warnings: vec![Informational::Unmaintained, Informational::Unsound],
        ..Settings::default()
    };
    let report = Report::generate(database, lockfile, &settings);
    let line = |package: &rustsec::package::Package, advisory: &rustsec::advisory::Metadata| {
        format!(
            "{} {}: {} ({})",
            package.name, package.version, advisory.title, advisory.id
        )
    };
    let mut found = Found {
        faults: report
            .vulnerabilities
            .list
            .iter()
            .map(|it| line(&it.package, &it.advisory))
            .collect(),
        notes: Vec::new(),
    };
    for warning in report.warnings.into_values().flatten() {
        let Some(advisory) = &warning.advisory else {
            continue;
        };
        let said = line(&warning.package, advisory);
        if advisory.informational == Some(Informational::Unsound) {
            found.faults.push(said);
        } else {
            found.notes.push(said);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written past the test harness, which would swallow it: whoever runs the tests shall see how old the database is.
    #[test]
    fn no_dependency_has_a_known_weakness() -> Result<()> {
        check(&Workspace::find()?, &mut std::io::stderr())
    }

    #[test]
    fn a_vulnerable_version_is_a_fault_and_the_patched_one_is_not() -> Result<()> {
        let (archive, _) = newest(&Workspace::find()?.join("testdata/advisories"))?;
        let database = open(&archive)?;
        let faults = |version: &str| -> Result<Vec<String>> {
            let text = format!(
                "version = 4\n\n[[package]]\nname = \"idna\"\nversion = \"{version}\"\n\
                 source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
            );
            Ok(known_weaknesses(&database, &text.parse()?).faults)
        };
        let of_old = faults("0.5.0")?;
        assert!(
            of_old
                .iter()
                .any(|fault| fault.contains("RUSTSEC-2024-0421")),
            "{of_old:?}"
        );
        assert!(faults("1.0.3")?.is_empty());
        Ok(())
    }

    #[test]
    fn the_newest_database_of_a_folder_counts() -> Result<()> {
        let folder = tempfile::tempdir()?;
        assert!(newest(folder.path()).is_err(), "none");
        for date in ["2025-12-31", "2026-08-21", "2026-03-01"] {
            fs::write(folder.path().join(format!("{NAME}{date}.tar.gz")), "")?;
        }
        assert_eq!(newest(folder.path())?.1.to_string(), "2026-08-21");
        Ok(())
    }
}
