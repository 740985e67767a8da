//! Outgoing webhooks: signatures, identities and the pace of retries.
//!
//! Keeps true: the same event for the same connection has the same id, however often it is made. Leaves to others:
//! sending, and the shapes of the bodies ([`crate::wire::webhook`]).
//!
//! Source: Standard Webhooks, github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::id::EventId;

/// What every secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// The standard's bounds of a secret, in bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Not a secret of the standard's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `whsec_` and the base64 of 24 to 64 bytes")]
pub struct SecretError;

/// A connection's signing secret. Cannot be printed.
pub struct SigningSecret(Hmac<Sha256>);

impl SigningSecret {
    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// [`SecretError`] for any other form.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes = text
            .strip_prefix(SECRET_PREFIX)
            .and_then(|rest| BASE64_STANDARD.decode(rest).ok())
            .filter(|bytes| SECRET_BYTES.contains(&bytes.len()))
            .ok_or(SecretError)?;
        Hmac::new_from_slice(&bytes)
            .map(Self)
            .map_err(|_| SecretError)
    }

    /// Makes the text of a new secret from random bytes.
    pub fn make(random: [u8; 32]) -> String {
        format!("{SECRET_PREFIX}{}", BASE64_STANDARD.encode(random))
    }

    /// Returns the `webhook-signature` of a delivery. `secs` is the `webhook-timestamp`: unix seconds.
    pub fn sign(&self, id: &str, secs: u64, body: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{secs}.").as_bytes());
        mac.update(body.as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// Returns the id of an event: what happened in a conversation, or to an organisation, under a name that is used once
/// there.
pub fn event_id(place: &impl std::fmt::Display, what: &str) -> EventId {
    let digest: [u8; 32] = Sha256::digest(format!("{place}/{what}")).into();
    let (half, _) = digest.split_at(16);
    EventId(format!(
        "{}{}",
        EventId::PREFIX,
        BASE64_URL_SAFE_NO_PAD.encode(half)
    ))
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Waits after failed attempts, about a day together. The first ones forgive a restart, the last ones a night.
const RETRIES_MS: [u64; 10] = [
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    8 * HOUR,
];

/// Tells how long to wait after the `n_attempts`th attempt has failed; `None` when it was the last. `random` moves the
/// wait by up to a tenth either way, so that what failed together does not come back together.
pub fn retry_after_ms(n_attempts: u32, random: u8) -> Option<u64> {
    let at = usize::try_from(n_attempts.checked_sub(1)?).ok()?;
    let wait = RETRIES_MS.get(at)?;
    let tenth = wait / 10;
    Some(wait - tenth + 2 * tenth * u64::from(random) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ConversationId;

    #[test]
    fn the_published_example_is_signed_byte_for_byte() {
        // From the reference libraries of Standard Webhooks (rust, `test_sign`).
        let secret =
            SigningSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").expect("a secret");
        let signature = secret.sign(
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            r#"{"email":"test@example.com","username":"test_user"}"#,
        );
        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn secrets_have_the_form_of_the_standard() {
        assert!(SigningSecret::parse(&SigningSecret::make([7; 32])).is_ok());
        let of = |n_bytes| format!("whsec_{}", BASE64_STANDARD.encode(vec![7; n_bytes]));
        assert!(SigningSecret::parse(&of(24)).is_ok() && SigningSecret::parse(&of(64)).is_ok());
        for text in [
            "",
            "whsec_",
            "whsec_!",
            &of(23),
            &of(65),
            &of(32)[6..],
            &of(32).to_uppercase(),
        ] {
            assert_eq!(
                SigningSecret::parse(text).err(),
                Some(SecretError),
                "{text}"
            );
        }
    }

    #[test]
    fn an_event_has_one_id() {
        let conversation = ConversationId("cnv_a".into());
        let id = event_id(&conversation, "message/1");
        assert!(EventId::is_wellformed(id.as_str()));
        assert_eq!(id, event_id(&conversation, "message/1"));
        assert_ne!(id, event_id(&conversation, "message/2"));
        assert_ne!(id, event_id(&ConversationId("cnv_b".into()), "message/1"));
    }

    #[test]
    fn retries_grow_over_about_a_day_and_end() {
        let waits: Vec<u64> = (1..).map_while(|n| retry_after_ms(n, 128)).collect();
        assert_eq!(waits.len(), RETRIES_MS.len());
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        let total = waits.iter().sum::<u64>();
        assert!((22 * HOUR..26 * HOUR).contains(&total), "{total} ms");
        for n in 1..=10 {
            let plain = RETRIES_MS[n as usize - 1];
            for random in 0..=255 {
                let wait = retry_after_ms(n, random).expect("there is another attempt");
                assert!(wait.abs_diff(plain) <= plain / 10, "{n}: {wait}");
            }
        }
        assert_eq!((retry_after_ms(0, 0), retry_after_ms(11, 0)), (None, None));
    }
}
