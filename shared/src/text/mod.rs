//! Validators, one file per kind of input, and Markdown to rich text. Limits are constants that carry their reason.
//!
//! A validator takes what a stranger sent and gives back what will be kept, in one normal form, or says why not. Given
//! its own output it returns it unchanged.
//!
//! - [`chat`]: what people say, and the ids that clients give it
//! - [`cursor`]: places in a list
//! - [`document`]: the text of a document
//! - [`email`], [`phone`], [`name`], [`traits`]: what a visitor or a customer says about a visitor
//! - [`external_id`]: ids that other systems made
//! - [`frame`]: frames from the widget
//! - [`html`]: text inside HTML that the edge writes
//! - [`json`]: depth and repetitions, before anything is read
//! - [`label`]: one line that people read
//! - [`link`]: addresses that are shown as links
//! - [`locale`]: which language somebody reads
//! - [`markdown`]: Markdown to rich text
//! - [`phrase`]: words that an owner listed, in what somebody says
//! - [`preview`]: how a message begins
//! - [`settings`]: the settings of a site
//! - [`transcript`]: a conversation as text, for whoever may take it along

pub mod chat;
pub mod context;
pub mod cursor;
pub mod document;
pub mod email;
pub mod external_id;
pub mod frame;
pub mod html;
pub mod json;
pub mod label;
pub mod link;
pub mod locale;
pub mod markdown;
pub mod name;
pub mod page;
pub mod phone;
pub mod phrase;
pub mod preview;
pub mod settings;
pub mod traits;
pub mod transcript;
pub(crate) mod unicode;

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
    /// Accents and other marks that stand on nothing or on each other.
    #[error("has marks without a letter, or too many on one")]
    Marks,
    /// Not of the form that this kind has.
    #[error("must be {expected}")]
    Form {
        /// What would be right.
        expected: &'static str,
    },
}
