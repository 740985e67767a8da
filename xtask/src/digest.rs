//! Hashes as text, and randomness from the system.

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256, Sha384};

/// SHA-256 as lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// What goes into the name of a file that never changes under that name.
pub fn name_hash(bytes: &[u8]) -> String {
    let mut hash = sha256_hex(bytes);
    hash.truncate(16);
    hash
}

/// As the `integrity` attribute wants it.
pub fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(bytes)))
}

/// A shorter integrity, for a file whose every byte counts: SHA-256 is no weaker where nobody chooses both files.
pub fn short_integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(bytes)))
}

/// `N` random bytes as base64url without padding: 16 make 22 characters, 32 make 43.
///
/// # Errors
/// When the system gives no randomness.
pub fn random_text<const N: usize>() -> Result<String> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<N>()?))
}

/// A key of 32 random bytes as base64, as the worker's secrets are written.
///
/// # Errors
/// When the system gives no randomness.
pub fn random_key() -> Result<String> {
    Ok(BASE64_STANDARD.encode(random::<32>()?))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow!("no randomness from the system: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_match_the_published_examples() {
        // FIPS 180-2, the message "abc".
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(name_hash(b"abc"), "ba7816bf8f01cfea");
        // The script in the W3C's SRI recommendation, section 3.1.
        assert_eq!(
            integrity(b"alert('Hello, world.');"),
            "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"
        );
    }

    #[test]
    fn random_texts_have_the_length_of_ids_and_keys_and_differ() {
        let texts: Vec<String> = (0..100).map_while(|_| random_text::<16>().ok()).collect();
        assert_eq!(texts.len(), 100);
        assert!(texts.iter().all(|text| text.len() == 22));
        assert_eq!(
            texts
                .iter()
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            100
        );
        assert_eq!(random_text::<32>().map(|text| text.len()).ok(), Some(43));
    }
}
