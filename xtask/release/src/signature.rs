//! A signature over the manifest, which has the digests of all files.
//!
//! In the format of minisign (Ed25519), so that anybody can check it with a tool that is not ours:
//! `minisign -Vm manifest.json -P KEY`.

use std::fs;
use std::io::Cursor;

use anyhow::{Context, Result, anyhow};
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox, SignatureBox};

use xtask::build::SIGNATURE_PATH;
use xtask::workspace::Workspace;

/// The secret key, as minisign writes it into a file.
const SECRET: &str = "ORIEL_MANIFEST_KEY";
/// Its password, if it has one.
const PASSWORD: &str = "ORIEL_MANIFEST_KEY_PASSWORD";
/// The public key, one line.
pub const PUBLIC: &str = "ORIEL_MANIFEST_PUBLIC_KEY";

/// Makes a new pair of keys. Returns it as text that explains what to do with it.
///
/// # Errors
/// When the system gives no randomness.
pub fn new_pair() -> Result<String> {
    let KeyPair { pk, sk } = KeyPair::generate_unencrypted_keypair()?;
    let secret = sk.to_box(Some("oriel manifest key"))?.into_string();
    Ok(format!(
        "Keep this in the secret {SECRET} of whoever publishes, and nowhere else:\n\n{}\n\n\
         Show this to everybody; it is {PUBLIC} for `cargo xtask bundle --verify`:\n\n{}",
        secret.trim_end(),
        pk.to_base64()
    ))
}

/// Signs the manifest of the build with the key from the environment. Without a key, a signature of an earlier build is
/// removed, and the task reports that there is none.
///
/// # Errors
/// When there is a key that cannot be used.
pub fn sign_manifest(workspace: &Workspace) -> Result<()> {
    let place = workspace
        .public()
        .join(SIGNATURE_PATH.trim_start_matches('/'));
    let secret = std::env::var(SECRET).unwrap_or_default();
    if secret.trim().is_empty() {
        if place.exists() {
            fs::remove_file(&place).with_context(|| place.display().to_string())?;
        }
        println!("the manifest is not signed: {SECRET} is not set");
        return Ok(());
    }
    let key = secret_key(&secret, std::env::var(PASSWORD).ok())?;
    let manifest = fs::read(workspace.public().join("manifest.json"))?;
    let signature = sign(&key, &manifest)?;
    fs::write(&place, signature).with_context(|| place.display().to_string())?;
    let public = PublicKey::from_secret_key(&key)?.to_base64();
    println!("the manifest is signed; the public key is {public}");
    Ok(())
}

fn secret_key(text: &str, password: Option<String>) -> Result<SecretKey> {
    let unusable = |error: minisign::PError| anyhow!("{SECRET} cannot be used: {error}");
    let boxed = SecretKeyBox::from_string(text.trim()).map_err(unusable)?;
    // minisign would ask on the terminal for a password that was not given.
    match password {
        Some(password) => boxed.into_secret_key(Some(password)),
        None => boxed.into_unencrypted_secret_key(),
    }
    .map_err(unusable)
}

fn sign(key: &SecretKey, manifest: &[u8]) -> Result<String> {
    // The trusted comment is signed too. No date: what is signed is the same whenever it was.
    let comment = format!("oriel {} manifest.json", env!("CARGO_PKG_VERSION"));
    let signed = minisign::sign(
        None,
        key,
        Cursor::new(manifest),
        Some(&comment),
        Some("signature of oriel's manifest"),
    )?;
    Ok(signed.into_string())
}

/// Whether the signature is the key's, over exactly these bytes.
///
/// # Errors
/// When it is not, or when key or signature cannot be read.
pub fn check(public_key: &str, manifest: &[u8], signature: &[u8]) -> Result<()> {
    let key = PublicKey::from_base64(public_key.trim())
        .map_err(|error| anyhow!("the public key cannot be read: {error}"))?;
    let signature = std::str::from_utf8(signature)
        .context("the signature is no text")
        .and_then(|text| {
            SignatureBox::from_string(text)
                .map_err(|error| anyhow!("the signature cannot be read: {error}"))
        })?;
    minisign::verify(&key, &signature, Cursor::new(manifest), true, false, false)
        .map_err(|error| anyhow!("the manifest is not signed by this key: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> Result<(SecretKey, String)> {
        let KeyPair { pk, sk } = KeyPair::generate_unencrypted_keypair()?;
        let text = sk.to_box(None)?.into_string();
        Ok((secret_key(&text, None)?, pk.to_base64()))
    }

    #[test]
    fn a_signature_holds_for_its_key_and_its_bytes_only() -> Result<()> {
        let (secret, public) = pair()?;
        let (_, other) = pair()?;
        let signature = sign(&secret, b"{}")?;
        assert!(check(&public, b"{}", signature.as_bytes()).is_ok());
        assert!(check(&public, b"{ }", signature.as_bytes()).is_err());
        assert!(check(&other, b"{}", signature.as_bytes()).is_err());
        for broken in ["", "x", &signature.replace("oriel 0", "oriel 9")] {
            assert!(
                check(&public, b"{}", broken.as_bytes()).is_err(),
                "{broken}"
            );
        }
        assert!(check("", b"{}", signature.as_bytes()).is_err());
        Ok(())
    }

    #[test]
    fn a_key_with_a_password_needs_it() -> Result<()> {
        let pair = KeyPair::generate_encrypted_keypair(Some("long and secret".to_owned()))?;
        let text = pair.sk.to_box(None)?.into_string();
        assert!(secret_key(&text, Some("long and secret".to_owned())).is_ok());
        assert!(secret_key(&text, Some("wrong".to_owned())).is_err());
        assert!(secret_key(&text, None).is_err());
        assert!(secret_key("nonsense", None).is_err());
        Ok(())
    }
}
