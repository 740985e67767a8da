//! Confidential values at rest: AES-256-GCM under keys that only the worker holds.
//!
//! A sealed value is `v2.`, the id of its key, `.` and the base64 of nonce and ciphertext; values of the first version
//! (`v1.`, without a key's id) still open. What a value belongs to (its row) is bound as associated data, so a sealed
//! value copied into another row does not open. One key is current and seals; keys before it only open, until no value
//! is under them any more ([`Vault::is_current`]). Source: NIST SP 800-38D; nonces are 96 random bits, fit for far more
//! values under one key than a database of secrets holds.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD as BASE64, BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const NONCE_BYTES: usize = 12;
const FIRST_VERSION: &str = "v1.";
const VERSION: &str = "v2.";
/// Tells apart the handful of keys that a vault ever has; says nothing about a key of 256 random bits.
const KEY_ID_BYTES: usize = 6;

/// A sealed value that does not open: another key, another row, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct UnsealError;

/// The keys to confidential values. Cannot be printed.
pub struct Vault {
    current: Key,
    previous: Vec<Key>,
}

struct Key {
    id: String,
    cipher: Aes256Gcm,
}

impl Key {
    fn new(key: &[u8; 32]) -> Self {
        let digest = Sha256::new()
            .chain_update("oriel vault key id\n")
            .chain_update(key)
            .finalize();
        Self {
            id: BASE64_URL_SAFE_NO_PAD.encode(&digest[..KEY_ID_BYTES]),
            cipher: Aes256Gcm::new(key.into()),
        }
    }

    fn open(&self, row: &str, bytes: &[u8]) -> Result<Vec<u8>, UnsealError> {
        let (nonce, ciphertext) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(UnsealError)?;
        let payload = Payload {
            msg: ciphertext,
            aad: row.as_bytes(),
        };
        self.cipher
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| UnsealError)
    }
}

impl Vault {
    /// Makes a vault that seals under the 256-bit key `current` and still opens what `previous` sealed.
    pub fn new(current: &[u8; 32], previous: &[[u8; 32]]) -> Self {
        Self {
            current: Key::new(current),
            previous: previous.iter().map(Key::new).collect(),
        }
    }

    /// Returns what every value under the current key begins with.
    pub fn current_prefix(&self) -> String {
        format!("{VERSION}{}.", self.current.id)
    }

    /// Tells whether a value is sealed under the current key, by its form.
    pub fn is_current(&self, sealed: &str) -> bool {
        sealed.starts_with(&self.current_prefix())
    }

    /// Seals `value` for the row named `row`. `nonce` is fresh random bytes.
    ///
    /// # Errors
    /// [`UnsealError`] only if the value is beyond what the cipher takes (64 GiB).
    pub fn seal(
        &self,
        row: &str,
        value: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<String, UnsealError> {
        let payload = Payload {
            msg: value,
            aad: row.as_bytes(),
        };
        let sealed = self
            .current
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| UnsealError)?;
        Ok(format!(
            "{}{}",
            self.current_prefix(),
            BASE64.encode([nonce.as_slice(), &sealed].concat())
        ))
    }

    /// Opens what [`Vault::seal`] made for the same row, under the current key or one before it.
    ///
    /// # Errors
    /// [`UnsealError`] when it does not open.
    pub fn open(&self, row: &str, sealed: &str) -> Result<Vec<u8>, UnsealError> {
        let mut keys = std::iter::once(&self.current).chain(&self.previous);
        let decode = |text: &str| BASE64.decode(text).map_err(|_| UnsealError);
        if let Some(text) = sealed.strip_prefix(FIRST_VERSION) {
            let bytes = decode(text)?;
            return keys
                .find_map(|key| key.open(row, &bytes).ok())
                .ok_or(UnsealError);
        }
        let (id, text) = sealed
            .strip_prefix(VERSION)
            .and_then(|rest| rest.split_once('.'))
            .ok_or(UnsealError)?;
        keys.find(|key| key.id == id)
            .ok_or(UnsealError)?
            .open(row, &decode(text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        Vault::new(&[7; 32], &[])
    }

    #[test]
    fn a_value_opens_in_its_own_row_under_its_own_key_only() {
        let sealed = vault()
            .seal("kid_a", b"secret", [1; 12])
            .expect("it is short");
        assert_eq!(
            vault().open("kid_a", &sealed).as_deref(),
            Ok(b"secret".as_slice())
        );
        assert_eq!(vault().open("kid_b", &sealed), Err(UnsealError));
        let other = Vault::new(&[8; 32], &[[9; 32]]);
        assert_eq!(other.open("kid_a", &sealed), Err(UnsealError));
        let prefix = vault().current_prefix();
        for damaged in [
            "",
            "v1.",
            "v2.",
            &prefix,
            "v1.AAAA",
            &format!("{prefix}AAAA"),
            &sealed[3..],
            &sealed[..sealed.len() - 2],
            &sealed.replace("v2.", "v1."),
            &sealed.replace(&prefix, &other.current_prefix()),
        ] {
            assert_eq!(
                vault().open("kid_a", damaged),
                Err(UnsealError),
                "{damaged}"
            );
        }
    }

    #[test]
    fn the_stored_form_is_pinned_and_the_first_one_still_opens() {
        let sealed = vault()
            .seal("kid_a", b"secret", [1; 12])
            .expect("it is short");
        assert_eq!(
            sealed,
            "v2.EmwR9ngB.AQEBAQEBAQEBAQEBBYTqxfXLi3eV/MO2Udbfw7NzKcKVPw"
        );
        assert_eq!(
            vault()
                .open("kid_a", "v1.AQEBAQEBAQEBAQEBBYTqxfXLi3eV/MO2Udbfw7NzKcKVPw")
                .as_deref(),
            Ok(b"secret".as_slice())
        );
    }

    #[test]
    fn after_a_rotation_old_values_open_and_new_ones_are_under_the_new_key() {
        let old = vault().seal("con_a", b"secret", [1; 12]).expect("short");
        let rotated = Vault::new(&[8; 32], &[[9; 32], [7; 32]]);
        assert!(!rotated.is_current(&old) && vault().is_current(&old));
        let value = rotated.open("con_a", &old).expect("a key before it opens");
        let new = rotated.seal("con_a", &value, [2; 12]).expect("short");
        assert!(rotated.is_current(&new));
        assert_eq!(vault().open("con_a", &new), Err(UnsealError));
        // Once every value is moved the old key is not needed.
        let alone = Vault::new(&[8; 32], &[]);
        assert_eq!(
            alone.open("con_a", &new).as_deref(),
            Ok(b"secret".as_slice())
        );
        assert_eq!(alone.open("con_a", &old), Err(UnsealError));
    }
}
