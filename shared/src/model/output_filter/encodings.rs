//! The forms of a text that must not come out: backwards, turned by thirteen letters, as numbers, encoded.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::text::phrase::Phrase;

/// Returns the forms in which the canary is looked for. Case and what stands between letters do not matter
/// to [`crate::text::phrase`].
pub(super) fn encoded_forms(canary: &str) -> Vec<Phrase> {
    let rot13 = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
        other => other,
    };
    let mut forms = vec![
        canary.to_owned(),
        canary.chars().rev().collect(),
        canary.chars().map(rot13).collect(),
        canary.bytes().map(|byte| byte.to_string()).collect(),
    ];
    // `71`, `%71` and `71 `; `\x71`; `0x71`; `\u0071`.
    for mark in ["", "x", "0x", "u00"] {
        forms.push(
            canary
                .bytes()
                .map(|byte| format!("{mark}{byte:02x}"))
                .collect(),
        );
    }
    // Inside a longer text that was encoded, it begins at one of three places of a group; its ends depend on
    // neighbours.
    for n_before in 0..3 {
        let padded = [vec![0; n_before], canary.as_bytes().to_vec()].concat();
        let encoded = BASE64_STANDARD.encode(&padded);
        let whole = encoded.get(if n_before == 0 { 0 } else { 4 }..padded.len() / 3 * 4);
        forms.extend(whole.map(str::to_owned));
    }
    forms.iter().filter_map(|form| Phrase::run(form)).collect()
}
