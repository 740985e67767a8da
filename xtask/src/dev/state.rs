//! The state folder: everything that outlives a run. It holds secrets of a development site, so only its owner reads it.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::digest;

/// Without these the edge answers nothing but its health.
const NEEDED_SECRETS: [&str; 2] = ["TOKEN_KEY", "VAULT_KEY"];

/// What was seeded, so that a second start on the same folder says the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Id of the demo organisation.
    pub organisation: String,
    /// Id of its API key.
    pub admin_key_id: String,
    /// The API key itself; the database holds its hash only.
    pub admin_key: String,
    /// Whether both are in the database.
    #[serde(default)]
    pub in_database: bool,
    /// Id of the demo site, once it was made.
    #[serde(default)]
    pub site: Option<String>,
    /// Its signing key, once it was made.
    #[serde(default)]
    pub signing_key: Option<SigningKey>,
    /// Its documents by path in the workspace.
    #[serde(default)]
    pub documents: BTreeMap<String, KeptDocument>,
}

/// A key that signs visitor tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKey {
    /// Names it in a token's header.
    pub kid: String,
    /// Its text.
    pub secret: String,
}

/// A document as it was posted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptDocument {
    /// For the management API.
    pub id: String,
    /// Hash of what was posted.
    pub digest: String,
}

impl Kept {
    fn new() -> Result<Self> {
        Ok(Self {
            organisation: format!("org_{}", digest::random_text::<16>()?),
            admin_key_id: format!("key_{}", digest::random_text::<16>()?),
            admin_key: format!("ok_{}", digest::random_text::<32>()?),
            in_database: false,
            site: None,
            signing_key: None,
            documents: BTreeMap::new(),
        })
    }
}

/// An open state folder. No other process has it open.
pub struct State {
    folder: PathBuf,
    /// What was seeded.
    pub kept: Kept,
    _lock: File,
}

impl State {
    /// Opens a folder, makes it and its secrets when they are not there.
    ///
    /// # Errors
    /// When another process has it, or it cannot be read or written.
    pub fn open(folder: &Path) -> Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("no state folder at {}", folder.display()))?;
        let folder = folder
            .canonicalize()
            .with_context(|| folder.display().to_string())?;
        let lock =
            File::create(folder.join("lock")).with_context(|| folder.display().to_string())?;
        if lock.try_lock().is_err() {
            bail!(
                "another cargo xtask dev is using {}; stop it, or choose another folder with --state",
                folder.display()
            );
        }
        let state = Self {
            kept: read_or_make(&folder)?,
            folder,
            _lock: lock,
        };
        state.save()?;
        let secrets = state.secrets();
        if !secrets.is_file() {
            let mut text = String::new();
            for name in NEEDED_SECRETS {
                text.push_str(&format!("{name}={}\n", digest::random_key()?));
            }
            write_private(&secrets, text.as_bytes())?;
        }
        check_secrets(&secrets)?;
        Ok(state)
    }

    /// Puts a new key of the vault in the place of the present one, which is kept to open what it sealed.
    ///
    /// # Errors
    /// When there is no present one, or the folder cannot be written.
    pub fn rotate_vault(&self) -> Result<()> {
        let path = self.secrets();
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let (mut others, mut vault_keys) = (String::new(), Vec::new());
        for line in text.lines() {
            match line.split_once('=') {
                Some(("VAULT_KEY", key)) => vault_keys.insert(0, key),
                Some(("VAULT_KEY_PREVIOUS", keys)) => vault_keys.push(keys),
                _ => others.push_str(&format!("{line}\n")),
            }
        }
        if vault_keys.is_empty() {
            bail!("{} has no VAULT_KEY", path.display());
        }
        let secrets = format!(
            "{others}VAULT_KEY={}\nVAULT_KEY_PREVIOUS={}\n",
            digest::random_key()?,
            vault_keys.join(",")
        );
        write_private(&path, secrets.as_bytes())
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Databases and objects.
    pub fn data(&self) -> PathBuf {
        self.folder.join("wrangler")
    }

    /// The worker's secrets, as `wrangler --env-file` reads them.
    pub fn secrets(&self) -> PathBuf {
        self.folder.join("secrets.env")
    }

    /// What the edge says.
    pub fn log(&self) -> PathBuf {
        self.folder.join("edge.log")
    }

    /// A file of ours in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes down what was seeded.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self) -> Result<()> {
        let mut text = serde_json::to_vec_pretty(&self.kept)?;
        text.push(b'\n');
        write_private(&self.folder.join("dev.json"), &text)
    }
}

/// Says which secret is missing before the edge starts without it.
fn check_secrets(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let is_set = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .any(|(its_name, value)| its_name.trim() == name && !value.trim().is_empty())
    };
    match NEEDED_SECRETS.iter().find(|name| !is_set(name)) {
        None => Ok(()),
        Some(name) => bail!(
            "the secret {name} is missing in {}; put it back, or remove the file to have all of them made anew (which \
             ends every session and makes signing keys unreadable)",
            path.display()
        ),
    }
}

fn read_or_make(folder: &Path) -> Result<Kept> {
    let path = folder.join("dev.json");
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).with_context(|| {
            format!(
                "{} does not read; remove the folder to begin anew",
                path.display()
            )
        }),
        Err(_) => Kept::new(),
    }
}

/// Writes a file that only its owner reads; whoever looks meanwhile sees the old one or the new one.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let incomplete = path.with_extension("incomplete");
    let _was_not_there = fs::remove_file(&incomplete);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&incomplete)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| incomplete.display().to_string())?;
    fs::rename(&incomplete, path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_second_start_finds_what_the_first_one_kept_and_secrets_are_private() {
        let folder = std::env::temp_dir().join(format!("oriel-state-{}", std::process::id()));
        let first = State::open(&folder).expect("a fresh folder opens");
        let secrets = fs::read(first.secrets()).expect("secrets were made");
        let key = first.kept.admin_key.clone();
        assert_eq!((key.len(), first.kept.organisation.len()), (3 + 43, 4 + 22));
        assert!(State::open(&folder).is_err(), "two at once");
        drop(first);

        let second = State::open(&folder).expect("it opens again");
        assert_eq!(second.kept.admin_key, key);
        assert_eq!(fs::read(second.secrets()).ok(), Some(secrets));
        for file in ["dev.json", "secrets.env"] {
            let mode =
                fs::metadata(folder.join(file)).map(|file| file.permissions().mode() & 0o777);
            assert_eq!(mode.ok(), Some(0o600), "{file}");
        }

        // Every key of the vault before the present one stays, the latest first.
        let value = |name: &str| {
            let text = fs::read_to_string(second.secrets()).expect("text");
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{name}=")));
            line.map(str::to_owned).expect("it is set")
        };
        let (token, first_key) = (value("TOKEN_KEY"), value("VAULT_KEY"));
        second.rotate_vault().expect("a first time");
        let second_key = value("VAULT_KEY");
        second.rotate_vault().expect("a second time");
        assert_eq!(
            value("VAULT_KEY_PREVIOUS"),
            format!("{second_key},{first_key}")
        );
        assert!(![first_key, second_key].contains(&value("VAULT_KEY")));
        assert_eq!(value("TOKEN_KEY"), token);

        let secrets = second.secrets();
        drop(second);
        let token_key = fs::read_to_string(&secrets).expect("readable");
        let token_key = token_key.lines().next().expect("a line").to_owned();
        for text in ["", "VAULT_KEY=\n", &token_key] {
            fs::write(&secrets, text).expect("ours to write");
            let refused = State::open(&folder).err().expect("a secret is missing");
            let missing = if text == token_key {
                "VAULT_KEY"
            } else {
                "TOKEN_KEY"
            };
            assert!(refused.to_string().contains(missing), "{refused}");
        }
        fs::remove_dir_all(&folder).expect("ours to remove");
    }
}
