//! How the chat of a site looks and begins: colours and shapes, suggested questions, the form before the first message.
//! All of it is optional; what is absent is the widget's own.

use serde::{Deserialize, Serialize};

/// Colours and shapes. Replaced whole by a change that names it. Values, never CSS: the widget makes every shade that it
/// needs of one accent, and keeps words on it and in it legible.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Theme {
    /// The site's colour: `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// Light, dark, or as the visitor's device is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// How round corners are, 0 to 24 CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<u16>,
    /// Which side of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// CSS pixels from that side, and from the lower edge, 0 to 200 each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<[u16; 2]>,
    /// The button that opens the chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launcher: Option<Launcher>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// As the visitor's device is.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A side of the page, by the direction in which it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Where lines begin.
    Start,
    /// Where lines end.
    End,
}

impl Position {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// The button that opens the chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Launcher {
    /// Its shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// What it says, 1 to 24 characters: shown on a pill, read to those who hear a round one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The launcher's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A sign in a circle.
    Round,
    /// A sign and words.
    Pill,
}

impl Shape {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::Pill => "pill",
        }
    }
}

/// The form before the first message, for sites that want one. Replaced whole by a change that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prechat {
    /// What it asks for, in this order; each name once.
    pub fields: Vec<PrechatField>,
    /// What the visitor has to agree to before the first message, 1 to 400 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrechatField {
    /// What is asked for.
    pub name: PrechatName,
    /// The words beside it, 1 to 40 characters; absent for the widget's own in the visitor's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether the chat begins without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// What the form may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PrechatName {
    /// What the visitor is called.
    Name,
    /// Where to write.
    Email,
    /// Where to call.
    Phone,
    /// For whom they come.
    Company,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        let named = [
            (serde_json::to_value(Scheme::Auto), Scheme::Auto.name()),
            (serde_json::to_value(Scheme::Light), Scheme::Light.name()),
            (serde_json::to_value(Scheme::Dark), Scheme::Dark.name()),
            (
                serde_json::to_value(Position::Start),
                Position::Start.name(),
            ),
            (serde_json::to_value(Position::End), Position::End.name()),
            (serde_json::to_value(Shape::Round), Shape::Round.name()),
            (serde_json::to_value(Shape::Pill), Shape::Pill.name()),
        ];
        for (written, name) in named {
            assert_eq!(written.expect("JSON"), name);
        }
    }

    #[test]
    fn what_is_absent_is_not_written() {
        assert_eq!(
            serde_json::to_string(&Theme::default()).expect("JSON"),
            "{}"
        );
        assert_eq!(
            serde_json::from_str::<Theme>("{}").expect("a theme"),
            Theme::default()
        );
    }
}
