//! How a site's chat looks: a closed set of values in their normal form, never CSS.

use super::error::InvalidSetting;
use super::values::{between, optional_line};
use crate::colour::Rgb;
use crate::text::TextError;
use crate::theme::RADIUS_MAX;
use crate::wire::theme::{Launcher, Theme};

/// Farther from the corner, the launcher is in the middle of a phone.
const OFFSET_MAX: u16 = 200;
/// What a pill says, on one line of a phone.
const LAUNCHER_LABEL_MAX: usize = 24;

/// Returns a theme in its normal form.
pub(super) fn theme(theme: Theme) -> Result<Theme, InvalidSetting> {
    // Taken apart whole, so that a new field does not compile until it is checked here.
    let Theme {
        accent,
        scheme,
        radius,
        position,
        offset,
        launcher,
    } = theme;
    if let Some(radius) = radius {
        between("theme.radius", radius.into(), 0, RADIUS_MAX.into())?;
    }
    for (at, distance) in offset.into_iter().flatten().enumerate() {
        let field = format!("theme.offset[{at}]");
        between(&field, distance.into(), 0, OFFSET_MAX.into())?;
    }
    Ok(Theme {
        accent: accent.as_deref().map(colour).transpose()?,
        scheme,
        radius,
        position,
        offset,
        launcher: launcher.map(self::launcher).transpose()?,
    })
}

fn colour(text: &str) -> Result<String, InvalidSetting> {
    let expected = "a colour as #rrggbb";
    Rgb::parse(text)
        .map(Rgb::hex)
        .ok_or_else(|| InvalidSetting::new("theme.accent", TextError::Form { expected }))
}

fn launcher(launcher: Launcher) -> Result<Launcher, InvalidSetting> {
    let Launcher { shape, label } = launcher;
    Ok(Launcher {
        shape,
        label: optional_line("theme.launcher.label", label.as_deref(), LAUNCHER_LABEL_MAX)?,
    })
}
