//! A site's one colour, made legible: which ink stands on it, and how it has to change to be read on paper.
//!
//! Contrast is that of WCAG 2.2. Luminance is reckoned by a polynomial instead of a power, because the power would cost
//! every visitor more bytes than all the rest of this file; [`SURE`] is more than it is ever off by, and the tests hold
//! the results against the exact formula.

use crate::digits::digit;

/// Red, green and blue, 0 to 255 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

/// Least contrast of words: WCAG 2.2, 1.4.3.
pub const TEXT: f32 = 4.5;
/// Least contrast of what is not words, such as the edge of a control: WCAG 2.2, 1.4.11.
pub const GRAPHICS: f32 = 3.0;
/// The darkest surface of the chat that accented words stand on while it is light.
pub const LIGHT_PAPER: Rgb = Rgb([0xe3, 0xe2, 0xdf]);
/// The lightest one while it is dark.
pub const DARK_PAPER: Rgb = Rgb([0x33, 0x34, 0x32]);
const BLACK: Rgb = Rgb([0; 3]);
const WHITE: Rgb = Rgb([255; 3]);
/// What is asked for beyond the least contrast, to make up for the polynomial.
const SURE: f32 = 1.02;
/// How finely a colour is moved towards black or white.
const STEPS: u16 = 32;

/// What the widget makes of an accent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// The accent itself, for surfaces.
    pub fill: Rgb,
    /// Words and signs on it: black or white.
    pub ink: Rgb,
    /// The accent as words, rings and rules while the chat is light.
    pub on_light: Rgb,
    /// The accent as words, rings and rules while the chat is dark.
    pub on_dark: Rgb,
}

impl Shades {
    /// Makes all shades of one accent.
    pub fn of(accent: Rgb) -> Self {
        Self {
            fill: accent,
            ink: ink_on(accent),
            on_light: legible(accent, LIGHT_PAPER, TEXT),
            on_dark: legible(accent, DARK_PAPER, TEXT),
        }
    }
}

impl Rgb {
    /// Reads `#rrggbb`, in either case. Nothing else is a colour here: no names, no functions, no short forms.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 6] = text.as_bytes().strip_prefix(b"#")?.try_into().ok()?;
        let mut channels = [0; 3];
        for (at, digit) in digits.iter().enumerate() {
            let digit = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                b'A'..=b'F' => digit - b'A' + 10,
                _ => return None,
            };
            channels[at / 2] = channels[at / 2] << 4 | digit;
        }
        Some(Self(channels))
    }

    /// Writes `#rrggbb`, in lower case.
    pub fn hex(self) -> String {
        let mut text = String::from("#");
        for channel in &self.0 {
            for value in &[channel >> 4, channel & 15] {
                text.push_str(digit((*value).into()));
            }
        }
        text
    }

    /// Returns the relative luminance, 0 to 1.
    fn luminance(self) -> f32 {
        let linear = |channel: u8| {
            let c = f32::from(channel) / 255.0;
            c * (c * (c * 0.305_306 + 0.682_171_1) + 0.012_522_9)
        };
        let [r, g, b] = self.0;
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    /// Mixes this colour, `step` of [`STEPS`] of the way to another.
    fn towards(self, other: Self, step: u16) -> Self {
        let mix = |channel: u8, end: u8| {
            ((u16::from(channel) * (STEPS - step) + u16::from(end) * step) / STEPS) as u8
        };
        let ([r, g, b], [to_r, to_g, to_b]) = (self.0, other.0);
        Self([mix(r, to_r), mix(g, to_g), mix(b, to_b)])
    }
}

/// Returns the contrast of two colours, 1 to 21, nearly.
fn contrast(one: Rgb, other: Rgb) -> f32 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Returns black or white, whichever is read more easily on a colour. One of them always reaches [`TEXT`].
pub fn ink_on(fill: Rgb) -> Rgb {
    if contrast(fill, WHITE) >= contrast(fill, BLACK) {
        WHITE
    } else {
        BLACK
    }
}

/// Makes a colour darker or lighter until its contrast with `paper` is at least `least`; as it is when that holds
/// already.
pub fn legible(colour: Rgb, paper: Rgb, least: f32) -> Rgb {
    let end = ink_on(paper);
    for step in 0..STEPS {
        let moved = colour.towards(end, step);
        if contrast(moved, paper) >= least * SURE {
            return moved;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The formula of WCAG 2.2, to the letter.
    fn exact(one: Rgb, other: Rgb) -> f64 {
        let luminance = |colour: Rgb| {
            let [r, g, b] = colour.0.map(|channel| {
                let c = f64::from(channel) / 255.0;
                if c <= 0.04045 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn holds(accent: Rgb) -> Result<(), String> {
        let shades = Shades::of(accent);
        let pairs = [
            ("ink on the accent", shades.ink, shades.fill),
            ("accent on light", shades.on_light, LIGHT_PAPER),
            ("accent on dark", shades.on_dark, DARK_PAPER),
        ];
        for (what, one, other) in pairs {
            let contrast = exact(one, other);
            if contrast < f64::from(TEXT) {
                return Err(format!("{what}: {} has {contrast}", accent.hex()));
            }
        }
        for paper in [LIGHT_PAPER, DARK_PAPER] {
            let edge = legible(accent, paper, GRAPHICS);
            let contrast = exact(edge, paper);
            if contrast < f64::from(GRAPHICS) {
                return Err(format!("edge of {}: {contrast}", accent.hex()));
            }
        }
        Ok(())
    }

    #[test]
    fn every_grey_and_every_pure_colour_is_made_legible() {
        for level in 0..=255 {
            for on in 1..8_u8 {
                let channel = |bit: u8| if on >> bit & 1 == 1 { level } else { 0 };
                assert_eq!(holds(Rgb([channel(0), channel(1), channel(2)])), Ok(()));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn every_colour_is_made_legible(channels: [u8; 3]) {
            prop_assert_eq!(holds(Rgb(channels)), Ok(()));
        }

        #[test]
        fn what_is_written_is_read(channels: [u8; 3]) {
            let colour = Rgb(channels);
            prop_assert_eq!(Rgb::parse(&colour.hex()), Some(colour));
            prop_assert_eq!(Rgb::parse(&colour.hex().to_uppercase()), Some(colour));
        }
    }

    #[test]
    fn a_colour_that_is_legible_stays_as_it_is() {
        let navy = Rgb([0x10, 0x20, 0x60]);
        assert_eq!(Shades::of(navy).on_light, navy);
        assert_eq!(Shades::of(navy).ink, WHITE);
        let yellow = Rgb([0xff, 0xd4, 0x00]);
        assert_eq!(Shades::of(yellow).on_dark, yellow);
        assert_eq!(Shades::of(yellow).ink, BLACK);
        // And where it is not, it is still that colour: darker, and yellow.
        let [r, g, b] = Shades::of(yellow).on_light.0;
        assert!(r > g && g > b && b == 0, "{r} {g} {b}");
    }

    #[test]
    fn nothing_but_six_digits_is_a_colour() {
        for text in [
            "",
            "#",
            "#fff",
            "#ffff",
            "#12345",
            "#1234567",
            "#12345678",
            "123456",
            "#12345g",
            "#+12345",
            "# 12345",
            "#12345 ",
            "red",
            "transparent",
            "rgb(0,0,0)",
            "var(--x)",
            "#000;}*{",
            "#000000;background:url(https://evil.example)",
            "url(#aaaaaa)",
            "#\u{ff11}23456",
            "#é1234",
        ] {
            assert_eq!(Rgb::parse(text), None, "{text:?}");
        }
    }
}
