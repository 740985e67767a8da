//! A site's theme as the frame's style sheet takes it: custom properties on the root, made of values that are checked
//! here, and of nothing else of what they came in.
//!
//! The edge writes them into the frame's document, so that the first thing that is drawn has them; the program sets
//! those that the page asks for instead. `widget/styles/base.css` says what each of them is.

#[cfg(feature = "edge")]
use base64::Engine;
#[cfg(feature = "edge")]
use base64::prelude::BASE64_STANDARD;
#[cfg(feature = "edge")]
use sha2::{Digest, Sha256};

use crate::colour::{Rgb, Shades};
use crate::digits::decimal;
use crate::wire::theme::Theme;

/// Rounder than this, a field of one line is a circle.
pub const RADIUS_MAX: u16 = 24;

/// Hands over each property that a theme names, and its value. What is no value of its kind is passed over.
pub fn properties(theme: &Theme, mut set: impl FnMut(&str, &str)) {
    let Theme {
        accent,
        radius,
        // An attribute of the root, which the frame's document and the widget write.
        scheme: _,
        // These are the launcher's, which stands on the host page: the embed code carries them.
        position: _,
        offset: _,
        launcher: _,
    } = theme;
    if let Some(accent) = accent.as_deref().and_then(Rgb::parse) {
        let Shades {
            fill,
            ink,
            on_light,
            on_dark,
        } = Shades::of(accent);
        set("--fill", &fill.hex());
        set("--on-fill", &ink.hex());
        let accent = ["light-dark(", &on_light.hex(), ",", &on_dark.hex(), ")"].concat();
        set("--accent", &accent);
    }
    if let Some(radius) = *radius {
        let radius = decimal(radius.min(RADIUS_MAX).into());
        set("--r", &[&radius, "px"].concat());
    }
}

/// Writes the properties as a rule of CSS; empty when there are none.
#[cfg(feature = "edge")]
pub fn rule(theme: &Theme) -> String {
    let mut rule = String::new();
    properties(theme, |name, value| {
        let start = if rule.is_empty() { ":root{" } else { ";" };
        rule += &[start, name, ":", value].concat();
    });
    if !rule.is_empty() {
        rule += "}";
    }
    rule
}

/// Returns the source that admits a rule of the document's own, and nothing else, in a `style-src` (CSP Level 3, hash
/// sources).
#[cfg(feature = "edge")]
pub fn source(rule: &str) -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(rule));
    ["'sha256-", &hash, "'"].concat()
}

#[cfg(all(test, feature = "edge"))]
mod tests {
    use super::*;

    fn theme(accent: Option<&str>, radius: Option<u16>) -> Theme {
        Theme {
            accent: accent.map(str::to_owned),
            radius,
            ..Theme::default()
        }
    }

    #[test]
    fn a_theme_is_one_rule_and_none_is_none() {
        assert_eq!(rule(&Theme::default()), "");
        assert_eq!(rule(&theme(None, Some(0))), ":root{--r:0px}");
        assert_eq!(
            rule(&theme(Some("#102060"), Some(4))),
            ":root{--fill:#102060;--on-fill:#ffffff;--accent:light-dark(#102060,#969db9);--r:4px}"
        );
    }

    #[test]
    fn a_rule_is_admitted_by_its_hash() {
        // printf '' | openssl dgst -sha256 -binary | base64
        assert_eq!(
            source(""),
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
        );
    }

    #[test]
    fn what_is_no_value_of_its_kind_is_not_in_the_rule() {
        for accent in [
            "red",
            "#fff",
            "#000000;background:url(https://evil.example)",
            "</style><script>alert(1)</script>",
        ] {
            assert_eq!(rule(&theme(Some(accent), None)), "", "{accent}");
        }
        assert_eq!(rule(&theme(None, Some(9_999))), ":root{--r:24px}");
    }
}
