//! The theme that the page asks for, put on the iframe's root over the site's own, which the document came with.

use oriel_shared::{theme, wire::theme::Theme};

use crate::dom::PAGE;

/// Applies what a theme names; the rest stays as it is. Invalid values are passed over.
pub fn apply(theme: &Theme) {
    if let Some(scheme) = theme.scheme {
        PAGE.set("data-scheme", scheme.name());
    }
    theme::properties(theme, |name, value| PAGE.style(name, value));
}
