//! Puts the files of one build where they are served from.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result};
use oriel_shared::wire::api;
use oriel_shared::wire::embed::{Asset, Locale, Manifest};
use serde::Serialize;

use super::headers;
use super::widget::Built;
use crate::digest;
use crate::release::{self, RELEASES_PATH};
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

    fn asset(&self) -> Result<Asset> {
        Ok(Asset {
            path: self.path(),
            bytes: self.bytes.len() as u64,
            brotli: brotli_size(&self.bytes)?,
            integrity: digest::integrity(&self.bytes),
        })
    }
}

/// Writes `dist/public`. Files of earlier builds are removed, last: until the manifest is new, the old ones are served.
pub fn publish(workspace: &Workspace, built: &Built) -> Result<()> {
    let public = workspace.public();
    let assets = public.join("assets");
    fs::create_dir_all(&assets).with_context(|| assets.display().to_string())?;
    let mut kept = BTreeSet::new();
    let words = built.locales.iter().map(|locale| &locale.words);
    for file in [
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
    {
        let path = file.path();
        write(&public.join(path.trim_start_matches('/')), &file.bytes)?;
        kept.insert(path);
    }
    let locales: Result<Vec<Locale>> = built
        .locales
        .iter()
        .map(|locale| {
            Ok(Locale {
                tag: locale.tag.clone(),
                words: locale.words.asset()?,
                shell: locale.shell.clone(),
            })
        })
        .collect();
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        loader: built.loader.asset()?,
        panel: built.panel.asset()?,
        page_api: built.page_api.asset()?,
        frame_script: built.script.asset()?,
        frame_list: built.list.asset()?,
        frame_wasm: built.wasm.asset()?,
        frame_style: built.style.asset()?,
        locales: locales?,
    };
    write(&public.join("oriel.js"), &built.loader.bytes)?;
    write(
        &public.join(api::TYPES_PATH.trim_start_matches('/')),
        &built.types,
    )?;
    write(&public.join("_headers"), headers::file().as_bytes())?;
    let description = public.join(api::DESCRIPTION_PATH.trim_start_matches('/'));
    fs::create_dir_all(description.with_file_name(""))?;
    write(&description, &json(&api::openapi())?)?;
    write(
        &public.join(RELEASES_PATH.trim_start_matches('/')),
        &json(&release::history_of_one(&manifest)?)?,
    )?;
    write(&public.join("manifest.json"), &json(&manifest)?)?;
    for entry in fs::read_dir(&assets)? {
        let entry = entry?;
        if !kept.contains(&format!("/assets/{}", entry.file_name().display())) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// As people read it.
pub fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

/// Writes a file so that a reader sees the old one or the new one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let half_made = path.with_extension("half-made");
    fs::write(&half_made, bytes).with_context(|| half_made.display().to_string())?;
    fs::rename(&half_made, path).with_context(|| path.display().to_string())
}

/// Size as brotli, quality 11, as edges serve immutable files.
fn brotli_size(bytes: &[u8]) -> Result<u64> {
    let mut small = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut Cursor::new(bytes), &mut small, &parameters)?;
    Ok(small.len() as u64)
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

    #[test]
    fn the_brotli_size_can_be_unpacked_to_what_went_in() {
        let text = "so it goes, and so it goes. ".repeat(100);
        let size = brotli_size(text.as_bytes()).unwrap_or_default();
        assert!((10..100).contains(&size), "{size}");
    }
}
