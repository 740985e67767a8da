//! Public lists of cross-site scripting payloads, given to everything that takes text from strangers.

#[path = "../../fuzz/properties/tree.rs"]
mod tree;

use oriel_shared::text::label::{NAME_MAX, SENTENCE_MAX, TITLE_MAX, label};
use oriel_shared::text::link::web_address;
use oriel_shared::text::markdown::{blocks, checked_link, paragraph};
use oriel_shared::text::{TextError, chat, email, external_id, locale, name, phone};
use oriel_shared::theme;
use oriel_shared::wire::theme::Theme;

const LISTS: [&str; 10] = [
    include_str!("../../testdata/xss/0xcela_event_handlers.txt"),
    include_str!("../../testdata/xss/BRUTELOGIC-XSS-JS.txt"),
    include_str!("../../testdata/xss/BRUTELOGIC-XSS-STRINGS.txt"),
    include_str!("../../testdata/xss/IntrudersXSS.txt"),
    include_str!("../../testdata/xss/JHADDIX_XSS.txt"),
    include_str!("../../testdata/xss/MarioXSSVectors.txt"),
    include_str!("../../testdata/xss/RSNAKE_XSS.txt"),
    include_str!("../../testdata/xss/XSS_Polyglots.txt"),
    include_str!("../../testdata/xss/port_swigger_xss_cheatsheet_event_handlers.txt"),
    include_str!("../../testdata/xss/xss_payloads_quick.txt"),
];

/// Every line that says something, and each list as a whole: some payloads need several lines.
fn payloads() -> Vec<&'static str> {
    let lines = LISTS.iter().flat_map(|list| list.lines());
    let payloads: Vec<_> = lines
        .filter(|line| !line.trim().is_empty())
        .chain(LISTS)
        .collect();
    assert!(payloads.len() > 1_000, "{} payloads", payloads.len());
    payloads
}

#[test]
fn a_payload_as_markdown_is_allowed_nodes_with_safe_links() {
    for payload in payloads() {
        for markdown in [
            payload.to_owned(),
            format!("[words]({payload})"),
            format!("[words](<{payload}>)"),
            format!("[words](https://a.example/{payload})"),
            format!("[{payload}](https://a.example/)"),
            format!("[words][ref]\n\n[ref]: {payload}"),
            format!("[words][ref]\n\n[ref]: <{payload}> \"{payload}\""),
            format!("<{payload}>"),
            format!("![{payload}]({payload})"),
            format!("`{payload}`"),
            format!("```{payload}\n{payload}\n```"),
            format!("> - {payload}"),
            format!("| {payload} | b | c |\n|-|-|-|\n| {payload} | {payload} | {payload} |"),
            format!("<div>\n{payload}\n</div>"),
        ] {
            tree::hold(&markdown, &blocks(&markdown));
        }
    }
}

#[test]
fn a_payload_as_a_message_is_words_as_they_were_typed() {
    let mut n_kept = 0;
    for payload in payloads() {
        match chat::message(payload) {
            Ok(kept) => {
                tree::hold(&kept, &[paragraph(&kept)]);
                assert!(
                    payload
                        .trim()
                        .contains(kept.lines().next().unwrap_or_default())
                );
                n_kept += 1;
            }
            Err(error) => assert!(
                matches!(error, TextError::Unprintable | TextError::TooLong { .. }),
                "{error}: {payload:?}"
            ),
        }
    }
    assert!(n_kept > 1_000, "{n_kept}");
}

#[test]
fn a_payload_as_a_link_leads_to_the_web_or_nowhere() {
    for payload in payloads() {
        for address in [
            payload.to_owned(),
            format!("https://a.example/{payload}"),
            format!("https://{payload}"),
            format!("javascript:{payload}"),
            format!("data:text/html,{payload}"),
            format!("mailto:{payload}"),
        ] {
            if let Ok(href) = web_address(&address) {
                tree::hold_link(&href);
                assert!(
                    href.starts_with("https://") || href.starts_with("http://"),
                    "{href}"
                );
            }
            if let Some(href) = checked_link(&address) {
                tree::hold_link(&href);
            }
        }
        assert_eq!(checked_link(&format!("javascript:{payload}")), None);
        assert_eq!(checked_link(&format!("data:text/html,{payload}")), None);
        assert_eq!(checked_link(&format!("vbscript:{payload}")), None);
    }
}

#[test]
fn a_payload_as_a_name_or_setting_is_plain_text_or_refused() {
    let mut n_kept = 0;
    for payload in payloads() {
        for max in [NAME_MAX, TITLE_MAX, SENTENCE_MAX] {
            if let Ok(kept) = label(payload, max) {
                assert_eq!(kept, payload.trim(), "a label is kept as it was written");
                assert!(!kept.chars().any(char::is_control));
                n_kept += 1;
            }
        }
        if let Ok(kept) = name::name(payload) {
            assert!(!kept.chars().any(char::is_control));
        }
    }
    assert!(n_kept > 2_000, "{n_kept}");
}

#[test]
fn a_payload_is_no_colour_and_makes_no_style() {
    for payload in payloads() {
        for accent in [
            payload.to_owned(),
            format!("#123456{payload}"),
            format!("{payload}#123456"),
        ] {
            let theme = Theme {
                accent: Some(accent),
                ..Theme::default()
            };
            assert_eq!(theme::rule(&theme), "", "{theme:?}");
        }
    }
}

#[test]
fn a_payload_is_no_address_number_or_language() {
    for payload in payloads() {
        assert!(phone::phone(payload).is_err(), "{payload}");
        if let Ok(kept) = email::email(payload) {
            let is_plain = !kept.contains(['<', '>', '"', '(', ')', ' ', ':', ',', ';', '\\']);
            assert!(is_plain, "{kept}");
        }
        if let Ok(kept) = locale::locale(payload) {
            assert!(
                kept.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                "{kept}"
            );
        }
        if external_id::check(payload).is_ok() {
            assert!(!payload.chars().any(char::is_control));
        }
    }
}
