//! What no log may hold: every secret that the tests saw and every word that they said. [`note`] is called by whoever
//! sends or receives such a thing; at the end of each file the harness looks for all of it in the edge's log.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// Shorter texts are in every log by chance.
const MIN_LENGTH: usize = 12;
/// Members whose text is a secret, or somebody's words.
const MEMBERS: [&str; 10] = [
    "access_token",
    "content",
    "email",
    "greeting",
    "phone",
    "secret",
    "text",
    "ticket",
    "token",
    "traits",
];

static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Notes a text.
pub fn note(text: &str) {
    // As the log would write it: one line, escaped as JSON does.
    let text = text.trim();
    if text.len() >= MIN_LENGTH {
        NOTED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(text.to_owned());
    }
}

/// Notes what is confidential in a JSON text; anything else is left alone.
pub fn note_members(json: &[u8]) {
    if let Ok(value) = serde_json::from_slice(json) {
        visit(&value, false);
    }
}

fn visit(value: &Value, is_confidential: bool) {
    match value {
        Value::String(text) if is_confidential => note(text),
        Value::Array(items) => items.iter().for_each(|item| visit(item, is_confidential)),
        Value::Object(members) => {
            for (name, value) in members {
                visit(value, is_confidential || MEMBERS.contains(&name.as_str()));
            }
        }
        _ => {}
    }
}

/// What of it is in a log. The texts are cut short here too: a failing test must not print a key.
pub fn leaks(log: &str) -> Vec<String> {
    let noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    let escaped = |text: &str| {
        let json = Value::from(text).to_string();
        json.trim_matches('"').to_owned()
    };
    noted
        .iter()
        .filter(|text| log.contains(text.as_str()) || log.contains(&escaped(text)))
        .map(|text| text.chars().take(MIN_LENGTH / 2).collect::<String>() + "…")
        .collect()
}

/// How many texts were noted.
pub fn n_noted() -> usize {
    NOTED.lock().unwrap_or_else(PoisonError::into_inner).len()
}
