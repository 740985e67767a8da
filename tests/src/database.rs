//! The edge's D1 files and its objects', for what no API may do: bring a second organisation or a narrow key, or break.
//!
//! The workspace's own Node speaks SQLite, so that the tests need no other program and compile no C.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, str};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oriel_shared::id::VisitorId;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::edge::{Edge, workspace};
use crate::wait::{SOON, until};

/// Runs statements one after the other and prints the rows of the last one. The runtime may hold the file for a
/// moment: SQLite waits for it.
const SCRIPT: &str = "
const { DatabaseSync } = require('node:sqlite');
const [file, ...statements] = process.argv.slice(1);
const database = new DatabaseSync(file);
database.exec('PRAGMA busy_timeout = 10000');
let rows = [];
for (const statement of statements) rows = database.prepare(statement).all();
database.close();
console.log(JSON.stringify(rows));
";

/// All that a conversation needs in D1, and all that leads to it.
pub const TABLES: [&str; 7] = [
    "organisations",
    "sites",
    "api_keys",
    "signing_keys",
    "documents",
    "conversations",
    "messages",
];

/// One of the D1 databases, or the storage of an object.
#[derive(Clone, Debug)]
pub struct Database(PathBuf);

impl Database {
    /// The one that holds `table`.
    ///
    /// # Panics
    /// When there is none.
    pub fn with_table(edge: &Edge, table: &str) -> Self {
        let databases = Self::all_with_table(&edge.state().join("wrangler/v3/d1"), table);
        let found = databases.into_iter().next();
        found.unwrap_or_else(|| panic!("no database with a table `{table}`"))
    }

    /// A fresh one in this file, with the schema of the main database.
    ///
    /// # Panics
    /// When a migration fails.
    pub fn scratch(file: &Path) -> Self {
        const MIGRATE: &str = "
const { DatabaseSync } = require('node:sqlite');
const { readdirSync, readFileSync } = require('node:fs');
const [file, folder] = process.argv.slice(1);
const database = new DatabaseSync(file);
for (const name of readdirSync(folder).filter((name) => name.endsWith('.sql')).sort())
  database.exec(readFileSync(`${folder}/${name}`, 'utf8'));
";
        let output = Command::new(node())
            .args(["--no-warnings", "-e", MIGRATE, "--"])
            .arg(file)
            .arg(workspace().join("migrations"))
            .output()
            .expect("the workspace's Node");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        Self(file.to_path_buf())
    }

    /// The storage of every object that holds `table`.
    pub fn of_objects(edge: &Edge, table: &str) -> Vec<Self> {
        Self::all_with_table(&edge.state().join("wrangler/v3/do"), table)
    }

    /// Of objects' storage, that of a visitor's.
    ///
    /// # Panics
    /// When it is not among them.
    #[track_caller]
    pub fn of_visitor(objects: Vec<Self>, visitor: &VisitorId) -> Self {
        let its = format!("SELECT 1 AS one FROM conversation WHERE visitor_id = '{visitor}'");
        let mut found = objects.into_iter().filter(|object| {
            object
                .run(&[&its])
                .is_ok_and(|rows| rows.as_array().is_some_and(|rows| !rows.is_empty()))
        });
        found.next().expect("the visitor's object")
    }

    /// Every database of an edge and the storage of every object of it; `state` is what it keeps.
    pub fn everywhere(state: &Path) -> Vec<Self> {
        let mut files = Vec::new();
        sqlite_files(state, &mut files);
        files.into_iter().map(Self).collect()
    }

    /// Names of the tables with any of these texts in a row.
    ///
    /// # Panics
    /// When it cannot be read.
    #[track_caller]
    pub fn tables_with(&self, needles: &[&str]) -> Vec<String> {
        const SEARCH: &str = "
const { DatabaseSync } = require('node:sqlite');
const [file, ...needles] = process.argv.slice(1);
const database = new DatabaseSync(file, { readOnly: true });
database.exec('PRAGMA busy_timeout = 10000');
const text = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value));
const found = [];
for (const { name } of database.prepare(\"SELECT name FROM sqlite_master WHERE type = 'table'\").all()) {
  const rows = database.prepare(`SELECT * FROM \"${name}\"`);
  rows.setReadBigInts(true);
  for (const row of rows.all())
    if (Object.values(row).some((value) => needles.some((needle) => text(value).includes(needle)))) {
      found.push(name);
      break;
    }
}
console.log(JSON.stringify(found));
";
        let output = Command::new(node())
            .args(["--no-warnings", "-e", SEARCH, "--"])
            .arg(&self.0)
            .args(needles)
            .output()
            .expect("the workspace's Node");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", self.0.display());
        serde_json::from_slice(&output.stdout).expect("a list of names")
    }

    fn all_with_table(folder: &Path, table: &str) -> Vec<Self> {
        let mut files = Vec::new();
        sqlite_files(folder, &mut files);
        let holds = format!("SELECT name FROM sqlite_master WHERE name = '{table}'");
        files
            .into_iter()
            .map(Self)
            .filter(|database| {
                database
                    .run(&[&holds])
                    .is_ok_and(|rows| rows.as_array().is_some_and(|a| !a.is_empty()))
            })
            .collect()
    }

    /// Runs the statements; the rows of the last one.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn run(&self, statements: &[&str]) -> Result<Value, String> {
        let output = Command::new(node())
            .args(["--no-warnings", "-e", SCRIPT, "--"])
            .arg(&self.0)
            .args(statements)
            .output()
            .map_err(|error| format!("{}: {error}", node().display()))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    }

    /// Takes these tables away until the guard is dropped: every statement that needs them fails.
    ///
    /// # Panics
    /// When that did not work.
    pub fn without(&self, tables: &[&str]) -> Broken<'_> {
        self.rename(tables, "", "_away");
        Broken {
            database: self,
            tables: tables.iter().map(|&table| table.to_owned()).collect(),
        }
    }

    fn rename(&self, tables: &[&str], from: &str, to: &str) {
        // Without the legacy rules SQLite would rewrite the foreign keys of the other tables too, and check every view.
        let mut statements: Vec<String> = [
            "PRAGMA foreign_keys = OFF",
            "PRAGMA legacy_alter_table = ON",
            "BEGIN IMMEDIATE",
        ]
        .map(str::to_owned)
        .to_vec();
        statements.extend(
            tables
                .iter()
                .map(|table| format!("ALTER TABLE {table}{from} RENAME TO {table}{to}")),
        );
        statements.push("COMMIT".to_owned());
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        until("the database file to be free for a change", SOON, || {
            self.run(&statements)
                .inspect_err(|error| eprintln!("{error}"))
                .ok()
        });
    }
}

/// A database that lacks tables. Dropping it brings them back.
#[must_use = "the tables come back when it is dropped"]
pub struct Broken<'d> {
    database: &'d Database,
    tables: Vec<String>,
}

impl Drop for Broken<'_> {
    fn drop(&mut self) {
        let tables: Vec<&str> = self.tables.iter().map(String::as_str).collect();
        self.database.rename(&tables, "_away", "");
    }
}

/// What no call makes.
pub(crate) struct Made {
    /// One of each of so many new organisations.
    pub organisations: Vec<String>,
    /// Of the demo organisation, held to the demo site.
    pub demo_site: String,
    /// Ids of connections of the demo organisation, and of one parked delivery of each: the way out of these edges leads
    /// nowhere, and no connection is saved that did not answer.
    pub connections: Vec<(String, String)>,
}

/// Makes organisations with one key each, and a key that is held to one site, as an operator would; and connections.
///
/// # Panics
/// When the database refused.
pub(crate) fn make(edge: &Edge, n_organisations: usize, n_connections: usize) -> Made {
    let id = |prefix: &str| format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random::<16>()));
    let mut statements = vec!["BEGIN IMMEDIATE".to_owned()];
    let mut make_key = |org: &str, site: &str| {
        let (row, key) = (
            id("key_"),
            format!("ok_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>())),
        );
        let hash = key_hash(&key);
        statements.push(format!(
            "INSERT INTO api_keys (id, org_id, site_id, name, hash, created_at) \
             VALUES ('{row}', {org}, {site}, 'test', '{hash}', 1)"
        ));
        key
    };
    let site = format!("'{}'", edge.ready.site_id);
    let its_org = format!("(SELECT org_id FROM sites WHERE id = {site})");
    let demo_site = make_key(&its_org, &site);
    let orgs: Vec<String> = (0..n_organisations).map(|_| id("org_")).collect();
    let organisations = orgs
        .iter()
        .map(|org| make_key(&format!("'{org}'"), "NULL"))
        .collect();
    // Ahead of their keys.
    let orgs = orgs.iter().map(|org| {
        format!("INSERT INTO organisations (id, name, created_at) VALUES ('{org}', 'Another', 1)")
    });
    statements.splice(1..1, orgs);
    let mut connections = Vec::new();
    for _ in 0..n_connections {
        let (connection, delivery, event) = (id("con_"), id("dlv_"), id("evt_"));
        statements.push(format!(
            "INSERT INTO connections (id, org_id, site_id, kind, url, events, sealed, enabled, verified_at, created_at) \
             VALUES ('{connection}', {its_org}, NULL, 'model', 'https://models.example.com/', '[]', NULL, 1, 1, 1)"
        ));
        statements.push(format!(
            "INSERT INTO deliveries (id, org_id, connection_id, event_id, event, payload, status, attempts, next_at, \
                                     outcome, created_at, updated_at) \
             VALUES ('{delivery}', {its_org}, '{connection}', '{event}', 'message.created', '{{}}', 'parked', 10, NULL, \
                     'timeout', 1, 1)"
        ));
        connections.push((connection, delivery));
    }
    statements.push("COMMIT".to_owned());
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    let database = Database::with_table(edge, "api_keys");
    until("more organisations", SOON, || {
        database
            .run(&statements)
            .inspect_err(|error| eprintln!("{error}"))
            .ok()
    });
    Made {
        organisations,
        demo_site,
        connections,
    }
}

/// An API key as it is stored.
pub(crate) fn key_hash(key: &str) -> String {
    Sha256::digest(key.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let mut source = fs::File::open("/dev/urandom").expect("a source of randomness");
    std::io::Read::read_exact(&mut source, &mut bytes).expect("random bytes");
    bytes
}

/// The pinned Node of `package.json`.
pub fn node() -> PathBuf {
    workspace().join("node_modules/.bin/node")
}

fn sqlite_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            sqlite_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "sqlite")
        {
            found.push(path);
        }
    }
}
