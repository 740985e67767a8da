//! The databases before the edge starts: migrations, and the one key that cannot be made through the API that asks for it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::state::{State, write_private};
use crate::fingerprint::{self, Record};
use crate::progress::{self, Step};
use crate::setup::node;
use crate::workspace::Workspace;
use crate::{clock, command, digest};

/// A binding of wrangler.toml and what its schema is made from.
struct Database {
    binding: &'static str,
    migrations: &'static str,
    /// A folder inside that belongs to another database.
    except: &'static [&'static str],
}

const MAIN: Database = Database {
    binding: "DB",
    migrations: "migrations",
    except: &["migrations/search"],
};
const SEARCH: Database = Database {
    binding: "SEARCH",
    migrations: "migrations/search",
    except: &[],
};

/// Applies the migrations that are missing, and puts the demo organisation and its API key in.
///
/// # Errors
/// When wrangler fails.
pub fn prepare(workspace: &Workspace, state: &mut State) -> Result<()> {
    let is_new = !state.data().exists();
    let records = [
        record(workspace, state, &MAIN)?,
        record(workspace, state, &SEARCH)?,
    ];
    if !is_new && records.iter().all(Record::holds) && state.kept.in_database {
        return Ok(());
    }
    let step = progress::step("prepare the databases");
    if is_new {
        copy_empty(workspace, state, &step)?;
    }
    // One after the other: two wranglers on one folder lock each other out (SQLITE_BUSY).
    for (database, record) in [&MAIN, &SEARCH].into_iter().zip(records) {
        if !record.holds() {
            if !is_new {
                migrate(workspace, &state.data(), database, &step)?;
            }
            record.write()?;
        }
    }
    insert_key(workspace, state, &step)?;
    state.kept.in_database = true;
    state.save()?;
    step.done();
    Ok(())
}

/// Which migrations the state has.
fn record(workspace: &Workspace, state: &State, database: &Database) -> Result<Record> {
    let sources = fingerprint::of_sources(workspace, &[database.migrations], database.except)?;
    Ok(Record::new(
        state.file(&format!("{}.migrations", database.binding)),
        sources,
    ))
}

/// Puts databases with all their tables and no rows into a new state folder. They are made once and then copied: each run
/// of wrangler takes seconds, and every file of tests begins with new data.
fn copy_empty(workspace: &Workspace, state: &State, step: &Step) -> Result<()> {
    let folder = workspace.scratch().join("databases");
    let empty = folder.join("data");
    let _lock = fingerprint::lock(workspace)?;
    // Wrangler names the files by what its configuration says.
    let sources = ["migrations", "wrangler.toml", "package-lock.json"];
    let sources = fingerprint::of_sources(workspace, &sources, &[])?;
    let record = Record::new(folder.join("inputs"), sources);
    if !record.holds() {
        record.remove();
        let _was_not_there = fs::remove_dir_all(&empty);
        for database in [&MAIN, &SEARCH] {
            migrate(workspace, &empty, database, step)?;
        }
        record.write()?;
    }
    let incomplete = state.file("incomplete");
    let _was_not_there = fs::remove_dir_all(&incomplete);
    let mut files = Vec::new();
    fingerprint::collect(&empty, &[], &mut files)?;
    for file in files {
        let copy = incomplete.join(file.strip_prefix(&empty)?);
        if let Some(its_folder) = copy.parent() {
            fs::create_dir_all(its_folder).with_context(|| its_folder.display().to_string())?;
        }
        fs::copy(&file, &copy).with_context(|| copy.display().to_string())?;
    }
    fs::rename(&incomplete, state.data()).with_context(|| state.data().display().to_string())
}

fn migrate(workspace: &Workspace, data: &Path, database: &Database, step: &Step) -> Result<()> {
    let mut wrangler = node::wrangler(workspace)?;
    wrangler.args(["d1", "migrations", "apply", database.binding]);
    run(data, step, wrangler).with_context(|| {
        format!(
            "the migrations of {} could not be applied",
            database.binding
        )
    })
}

/// Safe to repeat: a start that was broken off here does it again with the same key.
fn insert_key(workspace: &Workspace, state: &State, step: &Step) -> Result<()> {
    if state.kept.in_database {
        return Ok(());
    }
    let kept = &state.kept;
    let now = clock::unix_ms();
    let hash = digest::sha256_hex(kept.admin_key.as_bytes());
    // Ids and hashes are of our own making, base64url and hex: nothing to quote.
    let sql = format!(
        "INSERT OR IGNORE INTO organisations (id, name, created_at) VALUES ('{org}', 'Demo', {now});\n\
         INSERT OR IGNORE INTO api_keys (id, org_id, site_id, name, hash, created_at) \
         VALUES ('{key}', '{org}', NULL, 'cargo xtask dev', '{hash}', {now});\n",
        org = kept.organisation,
        key = kept.admin_key_id,
    );
    let file = state.file("seed.sql");
    write_private(&file, sql.as_bytes())?;
    let mut wrangler = node::wrangler(workspace)?;
    wrangler
        .args(["d1", "execute", MAIN.binding, "--yes", "--file"])
        .arg(&file);
    run(&state.data(), step, wrangler)
        .context("the demo organisation could not be put into the database")?;
    fs::remove_file(&file).with_context(|| file.display().to_string())
}

fn run(data: &Path, step: &Step, mut wrangler: Command) -> Result<()> {
    wrangler.arg("--local").arg("--persist-to").arg(data);
    command::run(step, &wrangler).map(drop)
}
