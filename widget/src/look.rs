//! The site's theme, put on the frame's root as the style sheet wants it: values that are checked here, and nothing
//! else of what they came in.

use oriel_shared::{
    colour::{Rgb, Shades},
    wire::look::Theme,
};

use crate::{dom::PAGE, reading::decimal};

/// Rounder than this, nothing gets.
const RADIUS_MAX: u16 = 24;

/// Applies what a theme names; the rest stays as it is. What is no value of its kind is passed over.
pub fn apply(theme: &Theme) {
    if let Some(scheme) = theme.scheme {
        PAGE.set("data-scheme", scheme.name());
    }
    if let Some(accent) = theme.accent.as_deref().and_then(Rgb::parse) {
        let Shades {
            fill,
            ink,
            on_light,
            on_dark,
        } = Shades::of(accent);
        PAGE.style("--fill", &fill.hex());
        PAGE.style("--on-fill", &ink.hex());
        let accent = ["light-dark(", &on_light.hex(), ",", &on_dark.hex(), ")"].concat();
        PAGE.style("--accent", &accent);
    }
    if let Some(radius) = theme.radius {
        PAGE.style(
            "--r",
            &[&decimal(radius.min(RADIUS_MAX).into()), "px"].concat(),
        );
    }
}
