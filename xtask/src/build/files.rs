//! Puts the files of one build where they are served from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use oriel_shared::wire::api;
use oriel_shared::wire::embed::{Asset, Locale, Manifest};
use serde::Serialize;
use serde_json::json;

use super::widget::Built;
use super::{RELEASES_PATH, headers, packed};
use crate::digest;
use crate::progress::Step;
use crate::workspace::Workspace;

/// A file with its final bytes.
pub struct File {
    name: String,
    extension: &'static str,
    /// What is served.
    pub bytes: Vec<u8>,
}

impl File {
    /// A file called `name.{hash}.extension`.
    pub fn new(name: &str, extension: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            extension,
            bytes,
        }
    }

    /// Where the edge serves it.
    pub fn path(&self) -> String {
        format!(
            "/assets/{}.{}.{}",
            self.name,
            digest::name_hash(&self.bytes),
            self.extension
        )
    }
}

/// Writes `dist/public`. Files of earlier builds are removed, last: until the manifest is new, the old ones are served.
pub fn publish(workspace: &Workspace, step: &Step, built: &Built) -> Result<()> {
    let public = workspace.public();
    let assets = public.join("assets");
    fs::create_dir_all(&assets).with_context(|| assets.display().to_string())?;
    let words = built.locales.iter().map(|locale| &locale.words);
    let files: Vec<&File> = [
        &built.loader,
        &built.panel,
        &built.page_api,
        &built.script,
        &built.list,
        &built.wasm,
        &built.style,
    ]
    .into_iter()
    .chain(words)
    .collect();
    let places: Vec<PathBuf> = files
        .iter()
        .map(|file| public.join(file.path().trim_start_matches('/')))
        .collect();
    for (file, place) in files.iter().zip(&places) {
        write(place, &file.bytes)?;
    }
    let packed = packed::brotli(workspace, step, &places)?;
    let mut described: BTreeMap<String, Asset> = BTreeMap::new();
    for (file, brotli) in files.iter().zip(packed) {
        let asset = Asset {
            path: file.path(),
            bytes: file.bytes.len() as u64,
            brotli,
            integrity: digest::integrity(&file.bytes),
        };
        described.insert(asset.path.clone(), asset);
    }
    let asset = |file: &File| described[&file.path()].clone();
    let locales = built.locales.iter().map(|locale| Locale {
        tag: locale.tag.clone(),
        words: asset(&locale.words),
        shell: locale.shell.clone(),
    });
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        loader: asset(&built.loader),
        panel: asset(&built.panel),
        page_api: asset(&built.page_api),
        frame_script: asset(&built.script),
        frame_list: asset(&built.list),
        frame_wasm: asset(&built.wasm),
        frame_style: asset(&built.style),
        locales: locales.collect(),
    };
    write(&public.join("oriel.js"), &built.loader.bytes)?;
    write(
        &public.join(api::TYPES_PATH.trim_start_matches('/')),
        &built.types,
    )?;
    write(&public.join("_headers"), headers::file().as_bytes())?;
    let description = public.join(api::DESCRIPTION_PATH.trim_start_matches('/'));
    fs::create_dir_all(description.with_file_name(""))?;
    write(&description, &pretty(&api::openapi())?)?;
    // The list that a build begins with: itself.
    write_public(
        workspace,
        RELEASES_PATH,
        &json!({ "releases": [&manifest] }),
    )?;
    write(&public.join("manifest.json"), &pretty(&manifest)?)?;
    for entry in fs::read_dir(&assets)? {
        let entry = entry?;
        if !places.contains(&entry.path()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a JSON file below `dist/public`.
///
/// # Errors
/// When it cannot be written.
pub fn write_public(workspace: &Workspace, path: &str, value: &impl Serialize) -> Result<()> {
    let place = workspace.public().join(path.trim_start_matches('/'));
    write(&place, &pretty(value)?)
}

/// As people read it.
fn pretty(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

/// Writes a file so that a reader sees the old one or the new one.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let incomplete = path.with_extension("incomplete");
    fs::write(&incomplete, bytes).with_context(|| incomplete.display().to_string())?;
    fs::rename(&incomplete, path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_hash_of_its_bytes() {
        let file = File::new("oriel", "js", b"abc".to_vec());
        assert_eq!(file.path(), "/assets/oriel.ba7816bf8f01cfea.js");
        let other = File::new("oriel", "js", b"abd".to_vec());
        assert_ne!(file.path(), other.path());
    }
}
