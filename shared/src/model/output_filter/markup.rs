//! Markdown's marks, read one at a time while the text arrives: links become their words, what only lays out goes.

use super::citations::citation;
use crate::model::links::ADDRESS_MAX;

/// A longer run in brackets is no link's text.
const LABEL_MAX: usize = 600;

/// What to do with the beginning of a text.
pub(super) enum Step {
    /// So many bytes are no mark.
    Keep(usize),
    /// So many bytes are one.
    Drop(usize),
    /// In the place of so many bytes stand fewer, which are read again.
    Reread(usize, String),
    /// So many bytes name passages.
    Cite(usize, Vec<usize>),
    /// It cannot be known yet.
    Wait,
}

pub(super) fn step(text: &str) -> Step {
    let Some(c) = text.chars().next() else {
        return Step::Wait;
    };
    match c {
        '!' if text.len() == 1 => Step::Wait,
        // An image: its description is read next.
        '!' if text.starts_with("![") => Step::Drop(1),
        '[' => bracket(text),
        '<' => tag(text),
        '*' | '`' if text.len() == 1 => Step::Wait,
        // Strong words and code; a single star may be a bullet.
        '*' if text.starts_with("**") => Step::Drop(2),
        '`' => Step::Drop(1),
        c => Step::Keep(c.len_utf8()),
    }
}

/// Reads a link, a citation, or just a bracket.
fn bracket(text: &str) -> Step {
    let Some(end) = closing(text, '[', ']', LABEL_MAX) else {
        return wait_up_to(text, LABEL_MAX);
    };
    let label = text.get(1..end).unwrap_or_default();
    match text.as_bytes().get(end + 1) {
        None => Step::Wait,
        Some(b'(') => {
            let target = text.get(end + 1..).unwrap_or_default();
            match closing(target, '(', ')', ADDRESS_MAX) {
                Some(n) => {
                    let n = end + 1 + n + 1;
                    match citation(&text[..=end]) {
                        Some((_, numbers)) => Step::Cite(n, numbers),
                        None => Step::Reread(n, label.to_owned()),
                    }
                }
                None => wait_up_to(target, ADDRESS_MAX),
            }
        }
        Some(_) => match citation(text) {
            Some((n, numbers)) => Step::Cite(n, numbers),
            None => Step::Keep(1),
        },
    }
}

/// Reads angle brackets: an address in them becomes a bare one, and a tag is dropped.
fn tag(text: &str) -> Step {
    match text.as_bytes().get(1) {
        None => return Step::Wait,
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!') => {}
        Some(_) => return Step::Keep(1),
    }
    match text.find(['>', '\n']) {
        Some(end) if text.as_bytes().get(end) == Some(&b'>') => {
            let inside = text.get(1..end).unwrap_or_default();
            if inside.contains("://") && !inside.contains(char::is_whitespace) {
                Step::Reread(end + 1, format!("{inside} "))
            } else {
                Step::Drop(end + 1)
            }
        }
        Some(_) => Step::Keep(1),
        None => wait_up_to(text, ADDRESS_MAX),
    }
}

fn wait_up_to(text: &str, max: usize) -> Step {
    if text.len() > max {
        Step::Keep(1)
    } else {
        Step::Wait
    }
}

/// Finds where what the first character opens is closed, within `max` bytes and one paragraph.
fn closing(text: &str, open: char, close: char, max: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut was_line_end = false;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= max) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if c == '\n' && was_line_end {
            return None;
        }
        was_line_end = c == '\n';
    }
    None
}
