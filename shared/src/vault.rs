//! Confidential values at rest: AES-256-GCM under a key that only the worker holds.
//!
//! A sealed value is `v1.` and the base64 of nonce and ciphertext. What it belongs to (its row) is bound as associated
//! data, so a sealed value copied into another row does not open. Source: NIST SP 800-38D; nonces are 96 random bits,
//! fit for far more values under one key than a database of signing keys holds.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;

const NONCE_BYTES: usize = 12;
const PREFIX: &str = "v1.";

/// A sealed value that does not open: another key, another row, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct Unsealable;

/// The key to confidential values. Cannot be printed.
pub struct Vault(Aes256Gcm);

impl Vault {
    /// A vault under a 256-bit key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals `value` for the row named `row`. `nonce` is fresh random bytes.
    ///
    /// # Errors
    /// [`Unsealable`] only if the value is beyond what the cipher takes (64 GiB).
    pub fn seal(
        &self,
        row: &str,
        value: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<String, Unsealable> {
        let payload = Payload {
            msg: value,
            aad: row.as_bytes(),
        };
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Unsealable)?;
        Ok(format!(
            "{PREFIX}{}",
            BASE64.encode([nonce.as_slice(), &sealed].concat())
        ))
    }

    /// Opens what [`Vault::seal`] made for the same row.
    ///
    /// # Errors
    /// [`Unsealable`] when it does not open.
    pub fn open(&self, row: &str, sealed: &str) -> Result<Vec<u8>, Unsealable> {
        let bytes = sealed
            .strip_prefix(PREFIX)
            .and_then(|text| BASE64.decode(text).ok())
            .ok_or(Unsealable)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Unsealable)?;
        let payload = Payload {
            msg: ciphertext,
            aad: row.as_bytes(),
        };
        self.0
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| Unsealable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_in_its_own_row_under_its_own_key_only() {
        let vault = Vault::new(&[7; 32]);
        let sealed = vault
            .seal("kid_a", b"secret", [1; 12])
            .expect("it is short");
        assert_eq!(
            vault.open("kid_a", &sealed).as_deref(),
            Ok(b"secret".as_slice())
        );
        assert_eq!(vault.open("kid_b", &sealed), Err(Unsealable));
        assert_eq!(Vault::new(&[8; 32]).open("kid_a", &sealed), Err(Unsealable));
        for damaged in [
            "",
            "v1.",
            "v1.AAAA",
            &sealed[3..],
            &sealed[..sealed.len() - 2],
        ] {
            assert_eq!(vault.open("kid_a", damaged), Err(Unsealable), "{damaged}");
        }
    }
}
