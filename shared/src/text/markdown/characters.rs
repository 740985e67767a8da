//! Characters that may be shown.

use std::borrow::Cow;

use crate::text::unicode;

/// Drops the characters of `text` that control, hide or reorder.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let is_shown = |c: char| {
        matches!(c, '\n' | '\t')
            || !(c.is_control() || c == '\u{feff}' || unicode::is_hidden_order(c))
    };
    if text.chars().all(is_shown) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_shown(*c)).collect())
    }
}
