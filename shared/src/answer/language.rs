//! Languages whose words are understood: English, German, French and Spanish.
//!
//! Text in another language that puts blanks between words is found as it is written; scripts without blanks are cut by
//! [`super::words`] and need none of this.

/// A language whose words are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// None of these: words count as they are written.
    Other,
}

impl Language {
    /// Those that are understood.
    pub const UNDERSTOOD: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// As the index keeps it (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Other => "und",
        }
    }

    /// Reads a tag that [`Self::tag`] wrote.
    pub fn from_tag(tag: &str) -> Self {
        let all = Self::UNDERSTOOD.into_iter();
        all.into_iter()
            .find(|language| language.tag() == tag)
            .unwrap_or(Self::Other)
    }
}
