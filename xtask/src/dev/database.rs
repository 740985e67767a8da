//! The databases before the edge starts: migrations, and the one key that cannot be made through the API that asks for it.

use std::process::Command;

use anyhow::{Context, Result};

use super::state::{State, write_private};
use crate::progress::{self, Step};
use crate::setup::node;
use crate::workspace::Workspace;
use crate::{clock, command, digest, stamp};

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
    let main = stale(workspace, state, &MAIN)?;
    let search = stale(workspace, state, &SEARCH)?;
    if main.is_none() && search.is_none() && state.kept.in_database {
        return Ok(());
    }
    let step = progress::step("prepare the databases");
    // One after the other: two wranglers on one folder lock each other out (SQLITE_BUSY).
    for (database, sources) in [(&MAIN, main), (&SEARCH, search)] {
        if let Some(sources) = sources {
            migrate(workspace, state, database, &sources, &step)?;
        }
    }
    insert_key(workspace, state, &step)?;
    state.kept.in_database = true;
    state.save()?;
    step.done();
    Ok(())
}

/// Hash of the migrations when the state does not have them all.
fn stale(workspace: &Workspace, state: &State, database: &Database) -> Result<Option<String>> {
    let sources = stamp::of_sources(workspace, &[database.migrations], database.except)?;
    Ok((!stamp::holds(&stamp_of(state, database), &sources)).then_some(sources))
}

fn stamp_of(state: &State, database: &Database) -> std::path::PathBuf {
    state.file(&format!("{}.migrations", database.binding))
}

fn migrate(
    workspace: &Workspace,
    state: &State,
    database: &Database,
    sources: &str,
    step: &Step,
) -> Result<()> {
    let mut wrangler = node::wrangler(workspace)?;
    wrangler.args(["d1", "migrations", "apply", database.binding]);
    run(state, step, wrangler).with_context(|| {
        format!(
            "the migrations of {} could not be applied",
            database.binding
        )
    })?;
    stamp::keep(&stamp_of(state, database), sources)
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
    run(state, step, wrangler)
        .context("the demo organisation could not be put into the database")?;
    std::fs::remove_file(&file).with_context(|| file.display().to_string())
}

fn run(state: &State, step: &Step, mut wrangler: Command) -> Result<()> {
    wrangler
        .arg("--local")
        .arg("--persist-to")
        .arg(state.data());
    command::run(step, &wrangler).map(drop)
}
