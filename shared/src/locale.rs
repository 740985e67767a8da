//! Which of the widget's languages a visitor gets: their preferences in order, against the languages that there are.
//!
//! A preference is whatever a page, a browser or a site wrote. What cannot be read is passed over, never an error: a
//! chat in the wrong language is better than none. Sources: BCP 47 (RFC 5646), lookup after RFC 4647 section 3.4,
//! `Accept-Language` after RFC 9110 section 12.5.4.

use crate::text;

/// The language of everybody whose preferences name none of the widget's.
pub const FALLBACK: &str = "en";

/// Wishes that are looked at in one list: browsers send five at the most, and nobody shall make us read thousands.
const PREFERENCES_MAX: usize = 10;

/// Languages written from right to left, in the scripts that they are usually written in. Source: CLDR 48, layout.
const RIGHT_TO_LEFT: [&str; 8] = ["ar", "ckb", "dv", "fa", "he", "ps", "ur", "yi"];

/// What a visitor gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated<'a> {
    /// One of the languages that there are.
    pub words: &'a str,
    /// The language as the document names it and as dates and numbers are written in: with the visitor's region, where
    /// the words are good for any region.
    pub lang: String,
}

/// Chooses for preferences in falling order, each as [`text::locale`] or a sloppy page writes it.
pub fn negotiate<'a, 'w>(
    available: &[&'a str],
    preferences: impl Iterator<Item = &'w str>,
) -> Negotiated<'a> {
    preferences
        .filter_map(read)
        .find_map(|preference| grant(available, preference))
        .unwrap_or_else(|| {
            let words = available.iter().find(|words| **words == FALLBACK);
            Negotiated {
                words: words.or(available.first()).unwrap_or(&""),
                lang: FALLBACK.to_owned(),
            }
        })
}

fn grant<'a>(available: &[&'a str], preference: String) -> Option<Negotiated<'a>> {
    let exactly = available.iter().find(|words| **words == preference);
    // Another region or script of the same language is understood better than another language.
    let words = *exactly.or_else(|| {
        available
            .iter()
            .find(|words| language(words) == language(&preference))
    })?;
    // Words that are of one region or script are not those of another one, whatever was wished for.
    let is_of_any_region = !words.contains('-');
    Some(Negotiated {
        words,
        lang: if is_of_any_region {
            preference
        } else {
            words.to_owned()
        },
    })
}

/// Returns the preferences of a comma-separated list, in falling order of their weight: `Accept-Language`, and the
/// parameter `lang` of the frame, which has no weights.
pub fn preferences(list: &str) -> Vec<&str> {
    let mut preferences: Vec<(&str, f32)> = list
        .split(',')
        .take(PREFERENCES_MAX)
        .map(|preference| {
            let (tag, parameters) = preference.split_once(';').unwrap_or((preference, ""));
            let weight = parameters.trim().strip_prefix("q=");
            // A weight that is not a number is passed over.
            let weight = weight.and_then(|weight| weight.trim().parse().ok());
            (tag.trim(), weight.unwrap_or(1.0))
        })
        // NaN and what is not wanted at all.
        .filter(|(tag, weight)| !tag.is_empty() && *weight > 0.0)
        .collect();
    // Stable: of two that weigh the same, the first.
    preferences.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    preferences.into_iter().map(|(tag, _)| tag).collect()
}

/// Tells whether a language is written from right to left.
pub fn is_right_to_left(tag: &str) -> bool {
    RIGHT_TO_LEFT.contains(&language(tag))
}

/// Returns a preference in its usual form.
fn read(preference: &str) -> Option<String> {
    // How dates are counted and what else extensions say is nobody's language. Some pages write an underscore.
    let preference = preference.replace('_', "-");
    let mut end = 0;
    for subtag in preference.split('-') {
        if subtag.len() == 1 && end > 0 {
            break;
        }
        end += subtag.len() + 1;
    }
    let preference = text::locale::locale(preference.get(..end.saturating_sub(1))?).ok()?;
    // Language, script and region. Variants (spellings, dialects) would change nothing.
    let is_variant = |subtag: &&str| {
        subtag.len() > 4 || (subtag.len() == 4 && subtag.starts_with(char::is_numeric))
    };
    let (language, rest) = preference.split_once('-').unwrap_or((&preference, ""));
    let rest: Vec<&str> = rest
        .split('-')
        .filter(|subtag| !is_variant(subtag))
        .collect();
    let preference = joined(language, &rest.join("-"));
    // Names that were given up, and the one language that most people know by its family's name.
    Some(
        match preference.split_once('-').unwrap_or((&preference, "")) {
            ("iw", region) => joined("he", region),
            ("cmn", region) => joined("zh", region),
            _ => preference,
        },
    )
}

fn joined(language: &str, rest: &str) -> String {
    match rest {
        "" => language.to_owned(),
        rest => format!("{language}-{rest}"),
    }
}

fn language(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THERE_ARE: [&str; 9] = ["ar", "de", "en", "es", "fr", "he", "ja", "pt-BR", "zh-Hans"];

    fn chosen(preferences: &[&str]) -> (&'static str, String) {
        let Negotiated { words, lang } = negotiate(&THERE_ARE, preferences.iter().copied());
        (words, lang)
    }

    #[test]
    fn a_wish_is_granted_in_the_nearest_language_that_there_is() {
        for (preference, words, lang) in [
            ("de", "de", "de"),
            ("de-AT", "de", "de-AT"),
            ("DE-at", "de", "de-AT"),
            ("de_CH", "de", "de-CH"),
            ("de-DE-u-co-phonebk", "de", "de-DE"),
            ("de-x-private", "de", "de"),
            ("de-1996", "de", "de"),
            ("de-AT-1996-x-a", "de", "de-AT"),
            ("sr-Latn-ekavsk", "en", "en"),
            ("en-GB", "en", "en-GB"),
            ("es-419", "es", "es-419"),
            ("fr-Latn-CA", "fr", "fr-Latn-CA"),
            ("pt", "pt-BR", "pt-BR"),
            ("pt-PT", "pt-BR", "pt-BR"),
            ("pt-br", "pt-BR", "pt-BR"),
            ("zh", "zh-Hans", "zh-Hans"),
            ("zh-CN", "zh-Hans", "zh-Hans"),
            ("zh-TW", "zh-Hans", "zh-Hans"),
            ("zh-Hant-HK", "zh-Hans", "zh-Hans"),
            ("zh-hans-sg", "zh-Hans", "zh-Hans"),
            ("cmn-Hans", "zh-Hans", "zh-Hans"),
            ("iw", "he", "he"),
            ("iw-IL", "he", "he-IL"),
            ("ar-EG", "ar", "ar-EG"),
            ("ja-JP", "ja", "ja-JP"),
        ] {
            assert_eq!(
                chosen(&[preference]),
                (words, lang.to_owned()),
                "{preference}"
            );
        }
    }

    #[test]
    fn the_first_wish_that_can_be_granted_counts() {
        assert_eq!(chosen(&["tlh", "fr-CA", "de"]).0, "fr");
        assert_eq!(chosen(&["", "nonsense!", "he"]).0, "he");
        // Not the language that merely begins the same.
        assert_eq!(chosen(&["deu-DE", "enm", "ja"]).0, "ja");
    }

    #[test]
    fn nothing_that_can_be_granted_is_english() {
        let english = ("en", "en".to_owned());
        for preferences in [&[][..], &["tlh"], &["und"], &["*"], &["i-klingon"]] {
            assert_eq!(chosen(preferences), english, "{preferences:?}");
        }
        let Negotiated { words, lang } = negotiate(&[], ["de"].into_iter());
        assert_eq!((words, &*lang), ("", "en"));
    }

    #[test]
    fn hostile_wishes_are_passed_over() {
        let long = "de-".repeat(10_000);
        for preference in [
            "\"><script>alert(1)</script>",
            "../../manifest",
            "de\0",
            "de\r\nset-cookie: a=b",
            "ｄｅ",
            "de-",
            "-de",
            "-",
            "--",
            "de--AT",
            "d",
            "\u{202e}de",
            "de AT",
            "____",
            &long,
        ] {
            assert_eq!(chosen(&[preference]).0, "en", "{preference:.40?}");
        }
    }

    #[test]
    fn lists_are_read_by_weight() {
        for (list, read) in [
            ("", vec![]),
            (",, ,", vec![]),
            ("de", vec!["de"]),
            ("de, en", vec!["de", "en"]),
            ("de,,fr", vec!["de", "fr"]),
            ("da, en-GB;q=0.8, en;q=0.7", vec!["da", "en-GB", "en"]),
            ("en;q=0.2, de;q=0.9, fr", vec!["fr", "de", "en"]),
            ("en;q=0, de;q=0.1", vec!["de"]),
            ("en;q=, de;q=x, fr;q=0.5", vec!["en", "de", "fr"]),
            ("en;q=NaN, de", vec!["de"]),
            ("en;q=-1, de;q=-inf, fr;q=0.1", vec!["fr"]),
            ("*, de;q=0.5", vec!["*", "de"]),
        ] {
            assert_eq!(preferences(list), read, "{list}");
        }
        assert_eq!(preferences(&"de,".repeat(100_000)).len(), PREFERENCES_MAX);
    }

    #[test]
    fn arabic_and_hebrew_are_written_from_the_right() {
        let right = THERE_ARE.iter().filter(|tag| is_right_to_left(tag));
        assert_eq!(right.collect::<Vec<_>>(), [&"ar", &"he"]);
        assert!(is_right_to_left("ar-EG") && !is_right_to_left("arn"));
    }

    proptest! {
        /// Whatever is wished for: one of ours comes out, and a name of it that a document can bear.
        #[test]
        fn every_wish_ends_in_one_of_ours(list in "(?s).{0,80}") {
            let Negotiated { words, lang } = negotiate(&THERE_ARE, preferences(&list).into_iter());
            prop_assert!(THERE_ARE.contains(&words));
            prop_assert_eq!(language(&lang), language(words));
            prop_assert!(lang.len() <= 35 && lang.bytes().all(|b| b == b'-' || b.is_ascii_alphanumeric()), "{}", lang);
        }
    }
}
