//! Validators, one file per kind of input, and Markdown to rich text. Limits are constants that carry their reason.

pub mod chat;
pub mod label;
pub mod link;
pub mod markdown;

/// Why a text was refused. The sentence names the bound, never the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Too many characters.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The bound.
        max: usize,
    },
    /// A control character, or one that hides or reorders text.
    #[error("has a character that cannot be shown")]
    Unprintable,
    /// Not of the form that this kind has.
    #[error("must be {expected}")]
    Form {
        /// What would be right.
        expected: &'static str,
    },
}

/// Characters that reorder or hide their neighbours: names made of them pass for other names.
/// Source: Unicode TR 36, section 3; the bidirectional and zero-width format characters.
fn is_trickery(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
