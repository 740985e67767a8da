//! A document's passages: pieces small enough to quote and whole enough to understand.
//!
//! Markdown is cut at headings, then at [`TARGET_BYTES`] between blocks; a list is cut between items, a table between
//! rows, code between lines, and only when one of them alone is larger than [`pieces::LARGEST_BYTES`]. A paragraph that
//! ends with a colon stays with what it introduces. Plain text is cut between paragraphs.
//!
//! Keeps true: every word that a reader of the document would see is in some passage; the number and size of passages
//! is bounded by the size of the document, whatever it holds.
//!
//! - `sections`: what stands between two headings
//! - `pieces`: blocks that are too large, cut; neighbours that are small, joined
//! - `plain_text`: documents that are not Markdown

mod pieces;
mod plain_text;
mod sections;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use self::pieces::{TARGET_BYTES, gather};
use self::plain_text::paragraphs;
use self::sections::{Section, sections};
use crate::text::{page, unicode};
use crate::wire::admin::DocumentFormat;

/// Sections beyond this number are joined with their neighbours until they reach [`TARGET_BYTES`]: a document of a
/// hundred thousand headings must not become as many rows.
const MANY: usize = 2_000;

/// A piece of a document, as the index holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Place in the document, from 0.
    pub ordinal: u32,
    /// The headings it stands under, outermost first, joined with ` › `; without the document's title; may be empty.
    pub heading: String,
    /// The words, Markdown (whatever the document's format is).
    pub text: String,
}

/// Cuts a document into passages. A document without words has none. They are in Unicode's composed form, as questions
/// are, so that a word is found however its accents were typed.
pub fn passages(format: DocumentFormat, title: &str, content: &str) -> Vec<Passage> {
    let content = match format {
        DocumentFormat::Html => Cow::Owned(page::html(content).markdown),
        DocumentFormat::Markdown | DocumentFormat::Text => Cow::Borrowed(content),
    };
    let content = &*unicode::nfc(&content);
    let mut sections = match format {
        DocumentFormat::Markdown | DocumentFormat::Html => sections(title, content),
        DocumentFormat::Text => vec![Section {
            path: Vec::new(),
            blocks: paragraphs(content),
        }],
    };
    if sections.len() > MANY {
        sections = join(sections);
    }
    let mut passages = Vec::new();
    for section in sections {
        let heading = section.path.join(" › ");
        for text in pack(section.blocks) {
            let ordinal = u32::try_from(passages.len()).unwrap_or(u32::MAX);
            passages.push(Passage {
                ordinal,
                heading: heading.clone(),
                text,
            });
        }
    }
    passages
}

/// Packs a section's blocks into texts of about the target size.
fn pack(blocks: Vec<String>) -> Vec<String> {
    // A lead-in and what it introduces count as one block; a run of lead-ins introduces nothing.
    let mut whole: Vec<String> = Vec::new();
    let mut is_led_in = false;
    for block in blocks {
        let is_lead_in = block.trim_end().ends_with(':') && block.len() < TARGET_BYTES / 2;
        match whole.last_mut() {
            Some(lead_in) if is_led_in => lead_in.push_str(&format!("\n\n{block}")),
            _ => whole.push(block),
        }
        is_led_in = is_lead_in && !is_led_in;
    }
    gather(whole, "\n\n", "")
}

/// Joins neighbouring sections until each reaches the target size; their headings become words of the text.
fn join(sections: Vec<Section>) -> Vec<Section> {
    let mut joined: Vec<Section> = Vec::new();
    let mut size = usize::MAX;
    for section in sections {
        let its_size: usize = section.blocks.iter().map(|block| block.len() + 2).sum();
        match joined.last_mut() {
            Some(last) if size < TARGET_BYTES => {
                if let Some(words) = section.path.last() {
                    last.blocks.push(format!("**{words}**"));
                    size += words.len() + 6;
                }
                last.blocks.extend(section.blocks);
                size += its_size;
            }
            _ => {
                size = its_size;
                joined.push(section);
            }
        }
    }
    joined
}
