//! What no log may hold: every secret that the tests saw and every word that they said. [`note`] is called by whoever
//! sends or receives such a thing; at the end of each file the harness looks for all of it in the edge's log.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// Shorter texts are in every log by chance.
const MIN_LENGTH: usize = 12;
/// Members whose text is a secret, whoever says it.
const SECRETS: [&str; 4] = ["access_token", "secret", "ticket", "token"];
/// Members whose text is somebody's words. What the edge answers is not: it quotes the project's own pages, and the log
/// may well hold a line of those.
const WORDS: [&str; 5] = ["content", "email", "greeting", "phone", "text"];

static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Notes a text.
pub fn note(text: &str) {
    // As the log would write it: one line, escaped as JSON does.
    let text = text.trim();
    // A site's public key and an origin are in every page, whatever place a test puts them in.
    let is_public = ["pk_", "http://", "https://"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    if text.len() >= MIN_LENGTH && !is_public {
        NOTED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(text.to_owned());
    }
}

/// Notes the secrets and the words in a JSON text that a test sends; anything else is left alone.
pub fn note_sent(json: &[u8]) {
    note_members(json, &|name| {
        SECRETS.contains(&name) || WORDS.contains(&name)
    });
}

/// Notes the secrets in a JSON text that the edge sends.
pub fn note_received(json: &[u8]) {
    note_members(json, &|name| SECRETS.contains(&name));
}

fn note_members(json: &[u8], is_confidential: &dyn Fn(&str) -> bool) {
    if let Ok(value) = serde_json::from_slice(json) {
        visit(&value, is_confidential);
    }
}

fn visit(value: &Value, is_confidential: &dyn Fn(&str) -> bool) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, is_confidential)),
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(text) if is_confidential(name) => note(text),
                    _ => visit(value, is_confidential),
                }
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
