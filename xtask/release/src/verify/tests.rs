//! A whole deployment on a port of its own, and what happens when one thing of it is not right.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use minisign::KeyPair;
use serde_json::json;

use super::*;

/// Serves files from memory, as pinned ones are served. Ends with the test's process.
struct Deployment {
    address: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    immutable: Arc<Mutex<&'static str>>,
}

const LOADER: &[u8] = b"the loader";
const WASM: &[u8] = b"\0asm and more";

fn manifest_of_release(version: &str) -> Value {
    let file = |path: &str, bytes: &[u8]| json!({"path": path, "bytes": bytes.len(), "brotli": 5, "integrity": digest::integrity(bytes)});
    json!({
        "version": version,
        "loader": file("/assets/oriel.0.js", LOADER),
        "frame_wasm": file("/assets/frame.0.wasm", WASM),
    })
}

impl Deployment {
    fn start() -> Result<Self> {
        let manifest = manifest_of_release("1.0.0");
        let mut files = BTreeMap::new();
        for (path, bytes) in [
            ("/oriel.js", LOADER.to_vec()),
            ("/assets/oriel.0.js", LOADER.to_vec()),
            ("/assets/frame.0.wasm", WASM.to_vec()),
            ("/manifest.json", serde_json::to_vec(&manifest)?),
            (
                RELEASES_PATH,
                serde_json::to_vec(&json!({"releases": [manifest]}))?,
            ),
        ] {
            files.insert(path.to_owned(), bytes);
        }
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let deployment = Self {
            address: format!("http://{}", listener.local_addr()?),
            files: Arc::new(Mutex::new(files)),
            immutable: Arc::new(Mutex::new("public, max-age=31536000, immutable")),
        };
        let (files, immutable) = (deployment.files.clone(), deployment.immutable.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                while lines.next().is_some_and(|line| !line.is_empty()) {}
                drop(lines);
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                let body = files
                    .lock()
                    .ok()
                    .and_then(|files| files.get(&path).cloned());
                let cache = immutable.lock().map(|cache| *cache).unwrap_or_default();
                let (status, body) = match body {
                    Some(body) => ("200 OK", body),
                    None => ("404 Not Found", Vec::new()),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\ncache-control: {cache}\r\n\
                     access-control-allow-origin: *\r\ncross-origin-resource-policy: cross-origin\r\n\
                     x-content-type-options: nosniff\r\n\r\n",
                    body.len()
                );
                let _gone = (&stream).write_all(&[head.as_bytes(), &body].concat());
            }
        });
        Ok(deployment)
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        if let Ok(mut files) = self.files.lock() {
            files.insert(path.to_owned(), bytes.to_vec());
        }
    }

    fn remove(&self, path: &str) {
        if let Ok(mut files) = self.files.lock() {
            files.remove(path);
        }
    }

    /// What `--verify` makes of it, with the manifest that its operator has.
    fn verify(&self, public_key: Option<&str>) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("manifest.json");
        fs::write(
            &file,
            serde_json::to_vec_pretty(&manifest_of_release("1.0.0"))?,
        )?;
        run(&self.address, &file, public_key)
    }
}

#[test]
fn a_deployment_of_exactly_these_files_passes() -> Result<()> {
    Deployment::start()?.verify(None)
}

#[test]
fn one_byte_more_anywhere_fails() -> Result<()> {
    for path in ["/oriel.js", "/assets/oriel.0.js", "/assets/frame.0.wasm"] {
        let deployment = Deployment::start()?;
        deployment.put(path, b"the loader, and more");
        assert!(deployment.verify(None).is_err(), "{path}");
    }
    Ok(())
}

#[test]
fn a_file_that_is_missing_fails() -> Result<()> {
    for path in ["/oriel.js", "/assets/oriel.0.js", "/manifest.json"] {
        let deployment = Deployment::start()?;
        deployment.remove(path);
        assert!(deployment.verify(None).is_err(), "{path}");
    }
    Ok(())
}

#[test]
fn a_manifest_that_goes_with_tampered_files_fails_too() -> Result<()> {
    let deployment = Deployment::start()?;
    let mut manifest = manifest_of_release("1.0.0");
    manifest["loader"]["integrity"] = digest::integrity(b"evil").into();
    let releases = json!({"releases": [manifest]});
    deployment.put("/manifest.json", &serde_json::to_vec(&manifest)?);
    deployment.put(RELEASES_PATH, &serde_json::to_vec(&releases)?);
    deployment.put("/assets/oriel.0.js", b"evil");
    deployment.put("/oriel.js", b"evil");
    assert!(deployment.verify(None).is_err());
    Ok(())
}

#[test]
fn pinned_files_have_to_be_served_as_such() -> Result<()> {
    let deployment = Deployment::start()?;
    if let Ok(mut cache) = deployment.immutable.lock() {
        *cache = "no-cache";
    }
    assert!(deployment.verify(None).is_err());
    Ok(())
}

#[test]
fn an_earlier_release_whose_file_is_gone_or_changed_fails() -> Result<()> {
    let old = json!({"version": "0.9.0", "loader": {
        "path": "/assets/oriel.old.js", "integrity": digest::integrity(b"old"),
    }});
    let list = json!({"releases": [manifest_of_release("1.0.0"), old]});
    let deployment = Deployment::start()?;
    deployment.put(RELEASES_PATH, &serde_json::to_vec(&list)?);
    assert!(deployment.verify(None).is_err(), "gone");
    deployment.put("/assets/oriel.old.js", b"old");
    deployment.verify(None)?;
    deployment.put("/assets/oriel.old.js", b"0ld");
    assert!(deployment.verify(None).is_err(), "changed");
    Ok(())
}

#[test]
fn a_key_asks_for_a_signature_of_its_own_over_what_is_served() -> Result<()> {
    let KeyPair { pk, sk } = KeyPair::generate_unencrypted_keypair()?;
    let stranger = KeyPair::generate_unencrypted_keypair()?;
    let deployment = Deployment::start()?;
    let key = pk.to_base64();
    assert!(deployment.verify(Some(&key)).is_err(), "not signed");

    let manifest = serde_json::to_vec(&manifest_of_release("1.0.0"))?;
    let signed_by = |key: &minisign::SecretKey| {
        minisign::sign(None, key, std::io::Cursor::new(&manifest), None, None)
            .map(|signature| signature.into_string())
    };
    deployment.put(SIGNATURE_PATH, signed_by(&stranger.sk)?.as_bytes());
    assert!(deployment.verify(Some(&key)).is_err(), "a stranger's");
    deployment.put(SIGNATURE_PATH, signed_by(&sk)?.as_bytes());
    deployment.verify(Some(&key))
}

#[test]
fn what_is_no_address_of_an_edge_is_refused() {
    for address in [
        "",
        "chat.example.com",
        "ftp://chat.example.com",
        "https://",
        "https://chat.example.com/path",
        "https://user@chat.example.com",
    ] {
        assert!(Edge::at(address).is_err(), "{address}");
    }
}
