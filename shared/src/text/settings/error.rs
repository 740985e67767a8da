//! Which setting was refused, and why.

use crate::hours::HoursError;
use crate::origin::EntryError;
use crate::text::TextError;

/// A setting that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSetting {
    /// The field, with the place in it for lists: `safelist[2]`.
    pub field: String,
    /// What is wrong with it.
    pub why: SettingError,
}

impl InvalidSetting {
    pub(super) fn new(field: impl Into<String>, why: impl Into<SettingError>) -> Self {
        Self {
            field: field.into(),
            why: why.into(),
        }
    }
}

/// Why a setting was refused, as the end of a sentence that begins with the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// The text has a fault.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The entry does not name an origin.
    #[error("is refused: {0}")]
    Entry(#[from] EntryError),
    /// The list is too long.
    #[error("must have at most {max} entries")]
    Entries {
        /// The bound.
        max: usize,
    },
    /// The number is out of its bounds.
    #[error("must be {min} to {max}")]
    Between {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// The hours have a fault.
    #[error(transparent)]
    Hours(#[from] HoursError),
    /// A model or an embedding model lacks what its provider needs.
    #[error("is needed with this `provider`")]
    Needed,
    /// A form asks for nothing.
    #[error("must not be empty without `consent`")]
    EmptyForm,
    /// A form asks for one thing twice.
    #[error("is asked for twice")]
    Twice,
    /// The time is out of its bounds.
    #[error("must be 1 to {max} seconds")]
    Seconds {
        /// The bound.
        max: u32,
    },
}
