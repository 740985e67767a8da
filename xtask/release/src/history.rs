//! The manifests of all releases whose files are served, newest first.
//!
//! Pages pin the loader of the day they were written, and a chat that was open during a deployment asks for files of
//! the release before. A deployment replaces all files, so the old ones have to travel along: the edge that serves them
//! is where they come from, and each is held to the digest that its own manifest gives.

use std::fs;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fetch::Edge;
use xtask::build::{self, RELEASES_PATH};
use xtask::digest;
use xtask::workspace::Workspace;

/// Older ones are let go. A release is about 200 KB of files, most of which do not change.
const MAX_RELEASES: usize = 50;

/// The list. Manifests as they were: a release knows nothing of what later ones add.
#[derive(Default, Deserialize, Serialize)]
pub struct Releases {
    /// Newest first.
    pub releases: Vec<Value>,
}

/// A file that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where in the manifest, as in `loader`.
    pub what: String,
    /// Path on the edge.
    pub path: String,
    /// Size as brotli, quality 11.
    pub brotli: u64,
    /// `sha384-…`
    pub integrity: String,
}

/// All files that a manifest of any release names, in the order of their names.
///
/// # Errors
/// When one has a path that no release of ours gave: such a file is not fetched, and not written.
pub fn files(manifest: &Value) -> Result<Vec<Named>> {
    let mut found = Vec::new();
    collect("", manifest, &mut found)?;
    if found.is_empty() {
        bail!("the manifest names no files");
    }
    Ok(found)
}

fn collect(what: &str, value: &Value, found: &mut Vec<Named>) -> Result<()> {
    let members = match value {
        Value::Object(members) => members,
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                // A list is of things that have a name, such as languages.
                let name = item.get("tag").and_then(Value::as_str);
                let name = name.map_or_else(|| place.to_string(), str::to_owned);
                collect(&format!("{what} {name}"), item, found)?;
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let (Some(path), Some(integrity)) = (text("path"), text("integrity")) {
        if !is_ours(path) {
            bail!("the manifest names {path:?}, which is no path of a file of ours");
        }
        found.push(Named {
            what: what.to_owned(),
            path: path.to_owned(),
            brotli: members.get("brotli").and_then(Value::as_u64).unwrap_or(0),
            integrity: integrity.to_owned(),
        });
        return Ok(());
    }
    for (name, value) in members {
        let what = if what.is_empty() {
            name.clone()
        } else {
            format!("{what} {name}")
        };
        collect(&what, value, found)?;
    }
    Ok(())
}

/// `/assets/` and one plain name.
fn is_ours(path: &str) -> bool {
    path.strip_prefix("/assets/").is_some_and(|name| {
        name.contains('.')
            && !name.starts_with('.')
            && !name.contains("..")
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    })
}

/// What an edge lists; an edge of before there were lists has one release.
pub fn of_edge(edge: &Edge) -> Result<Releases> {
    if let Some(list) = edge.find(RELEASES_PATH)? {
        return serde_json::from_slice(&list.bytes).context(RELEASES_PATH);
    }
    let manifest = edge.get("/manifest.json")?;
    let manifest = serde_json::from_slice(&manifest.bytes).context("/manifest.json")?;
    Ok(Releases {
        releases: vec![manifest],
    })
}

/// Puts the files of an edge's releases beside those of the build, and lists both. Answers with the earlier ones,
/// newest first.
///
/// # Errors
/// When one cannot be read or is not what its manifest says: nothing is listed then.
pub fn keep(workspace: &Workspace, address: &str) -> Result<Vec<Value>> {
    let edge = Edge::at(address)?;
    let own = serde_json::to_value(build::manifest(workspace)?)?;
    let mut earlier = of_edge(&edge)?.releases;
    earlier.retain(|manifest| *manifest != own);
    earlier.truncate(MAX_RELEASES - 1);
    for manifest in &earlier {
        for file in files(manifest)? {
            let place = workspace.public().join(file.path.trim_start_matches('/'));
            if place.is_file() {
                continue;
            }
            let served = edge.get(&file.path)?;
            if digest::integrity(&served.bytes) != file.integrity {
                bail!(
                    "{}{}: not the file that its manifest names",
                    address,
                    file.path
                );
            }
            fs::write(&place, &served.bytes).with_context(|| place.display().to_string())?;
        }
    }
    let releases = Releases {
        releases: std::iter::once(own)
            .chain(earlier.iter().cloned())
            .collect(),
    };
    build::write_public(workspace, RELEASES_PATH, &releases)?;
    println!(
        "kept the files of {} earlier release{} of {address}",
        earlier.len(),
        if earlier.len() == 1 { "" } else { "s" }
    );
    Ok(earlier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(path: &str) -> Value {
        json!({"version": "1", "loader": {"path": path, "brotli": 7, "integrity": "sha384-x"}})
    }

    #[test]
    fn files_are_found_at_any_depth_and_named_by_their_place() -> Result<()> {
        let manifest = json!({
            "version": "1",
            "loader": {"path": "/assets/a.0.js", "bytes": 9, "brotli": 7, "integrity": "sha384-x"},
            "fonts": {"mono": {"path": "/assets/mono.0.woff2", "integrity": "sha384-y", "new": {}}},
            "locales": [{"tag": "pt-BR", "words": {"path": "/assets/pt-BR.0.json", "integrity": "sha384-z"}}],
            "lists": [[{"path": "/assets/b.0.js", "integrity": "sha384-b"}]],
        });
        let found = files(&manifest)?;
        let places: Vec<_> = found.iter().map(|file| file.what.as_str()).collect();
        let expected = ["fonts mono", "lists 0 0", "loader", "locales pt-BR words"];
        assert_eq!(places, expected);
        assert_eq!((found[0].brotli, found[2].brotli), (0, 7));
        Ok(())
    }

    #[test]
    fn a_manifest_cannot_name_a_file_elsewhere() {
        assert!(files(&named("/assets/oriel.0123.js")).is_ok());
        for path in [
            "/assets/../../etc/passwd.js",
            "/assets/..js",
            "/assets/.htaccess",
            "/assets/a/b.js",
            "/assets/a\\b.js",
            "/assets/",
            "/assets/noend",
            "/oriel.js",
            "assets/a.js",
            "https://elsewhere.example/assets/a.js",
            "/assets/a.js?x",
            "/assets/a.js\n",
        ] {
            assert!(files(&named(path)).is_err(), "{path}");
        }
        assert!(files(&json!({"version": "1"})).is_err());
        assert!(files(&json!([])).is_err());
    }
}
