//! A frame is understood in one way or not at all, and the texts in it come out in bounds.

use oriel_shared::text::{chat, frame, json};
use oriel_shared::wire::visitor::ClientFrame;
use serde_json::Value;

/// Panics when the property does not hold for `input`.
pub fn hold(input: &[u8]) {
    if json::check_unique(input).is_ok() {
        assert!(serde_json::from_slice::<Value>(input).is_ok());
    }
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(read) = frame::parse(text) else {
        return;
    };
    let value: Value = serde_json::from_str(text).expect("a frame is JSON");
    let written = serde_json::to_value(&read).expect("a frame can be written");
    // Nothing was skipped: what was understood is all that was said.
    assert_eq!(value, written);
    if let ClientFrame::Send { id, text, .. } = read {
        if chat::check_client_id(&id).is_ok() {
            assert!(id.len() <= chat::CLIENT_ID_MAX && id.is_ascii());
        }
        if let Ok(message) = chat::message(&text) {
            assert_eq!(chat::message(&message).as_ref(), Ok(&message));
            assert!((1..=chat::MESSAGE_MAX).contains(&message.chars().count()));
            assert!(
                !message
                    .chars()
                    .any(|c| (c.is_control() && !matches!(c, '\n' | '\t'))
                        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
            );
        }
    }
}
