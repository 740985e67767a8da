//! `cargo xtask rotate-vault`: a new key for confidential values.
//!
//! The edge moves the values by itself (worker/src/jobs/reseal.rs): it holds both keys, and nobody else has to. What is left
//! to do is to hand it the new one. For a deployed edge this prints how, since its secrets can be set and never be read;
//! for a development edge it is done.

use std::path::Path;

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use oriel_shared::vault::Vault;

use crate::dev::state::State;
use crate::digest;

/// Changes the key of a state folder, or prints the steps for a deployed edge.
///
/// # Errors
/// When the system gives no randomness, or the state folder is in use or cannot be written.
pub fn rotate(state: Option<&Path>) -> Result<()> {
    if let Some(folder) = state {
        State::open(folder)?.rotate_vault()?;
        println!(
            "{} has a new VAULT_KEY; the one before is in VAULT_KEY_PREVIOUS. The next `cargo xtask dev` on it moves every\n\
             value under the new key.",
            folder.display()
        );
        return Ok(());
    }
    println!("{}", steps(&digest::random_key()?)?);
    Ok(())
}

/// What an operator does with a new key.
fn steps(key: &str) -> Result<String> {
    let bytes = BASE64_STANDARD.decode(key)?;
    let bytes = bytes
        .try_into()
        .map_err(|_| anyhow!("a key has 32 bytes"))?;
    let prefix = Vault::new(&bytes, &[]).current_prefix();
    let left = |table: &str| {
        let length = prefix.len();
        format!("(SELECT count(*) FROM {table} WHERE substr(sealed, 1, {length}) <> '{prefix}')")
    };
    let (signing_keys, connections) = (left("signing_keys"), left("connections"));
    Ok(format!(
        "A new key, shown this once; keep a copy in a safe place:

  {key}

1. Hand it to the edge, together with the present one in the place of PRESENT_KEY:

  printf '{{\"VAULT_KEY\": \"%s\", \"VAULT_KEY_PREVIOUS\": \"%s\"}}' '{key}' 'PRESENT_KEY' | npx wrangler secret bulk

2. Within the hour every value is under the new key. This counts what is left:

  npx wrangler d1 execute oriel --remote --command \\
    \"SELECT {signing_keys} + {connections} AS left_over\"

3. When nothing is left, throw the old key away:

  npx wrangler secret delete VAULT_KEY_PREVIOUS
"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_hand_over_the_key_and_count_what_is_not_under_it() {
        let key = BASE64_STANDARD.encode([7; 32]);
        let steps = steps(&key).expect("a key");
        // As the worker writes it under this key, see shared/src/vault.rs.
        assert_eq!(
            steps
                .matches("substr(sealed, 1, 12) <> 'v2.EmwR9ngB.'")
                .count(),
            2
        );
        assert_eq!(steps.matches(&key).count(), 2);
        assert!(super::steps("c2hvcnQ=").is_err());
    }
}
