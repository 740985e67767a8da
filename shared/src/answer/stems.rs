//! Words to stems, by which a word is found whatever its ending is.
//!
//! Words are folded before they are cut to stems, so that they are found whether accents were typed or not; the
//! stemmers get back the few accents that an ending must have had. Source: <https://snowballstem.org/algorithms/>.

use rust_stemmers::{Algorithm, Stemmer};

use super::language::Language;
use super::words::words;

/// Cuts words to their stems.
pub struct Stems([Stemmer; 4]);

impl Default for Stems {
    fn default() -> Self {
        Self([
            Stemmer::create(Algorithm::English),
            Stemmer::create(Algorithm::German),
            Stemmer::create(Algorithm::French),
            Stemmer::create(Algorithm::Spanish),
        ])
    }
}

impl Stems {
    /// Returns the stem of a folded word. Words with anything but ASCII letters keep their form.
    pub fn of(&self, folded: &str, language: Language) -> String {
        let Self([english, german, french, spanish]) = self;
        if folded.len() <= 2 || !folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return folded.to_owned();
        }
        match language {
            Language::English => english.stem(folded).into_owned(),
            Language::German => german.stem(folded).into_owned(),
            Language::French => {
                let accented = match folded {
                    _ if folded.ends_with("ee") => with_ending(folded, "ee", "ée"),
                    _ if folded.ends_with("ees") => with_ending(folded, "ees", "ées"),
                    _ => folded.to_owned(),
                };
                plain(&french.stem(&accented))
            }
            Language::Spanish => {
                let accented = if folded.ends_with("ion") {
                    with_ending(folded, "ion", "ión")
                } else {
                    folded.to_owned()
                };
                plain(&spanish.stem(&accented))
            }
            Language::Other => folded.to_owned(),
        }
    }
}

fn with_ending(word: &str, ending: &str, other: &str) -> String {
    word.strip_suffix(ending)
        .map_or_else(|| word.to_owned(), |base| format!("{base}{other}"))
}

/// Returns a stem without the accents that it was given.
fn plain(stem: &str) -> String {
    stem.replace('é', "e").replace('ó', "o")
}

/// Writes a text as the index is given it: the stems of its words, with a blank between two.
pub fn for_index(text: &str, language: Language, stems: &Stems) -> String {
    let mut all = String::with_capacity(text.len());
    for word in words(text) {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(&stems.of(&word.folded, language));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_family_share_a_stem() {
        let stems = Stems::default();
        for (language, family) in [
            (Language::English, ["origin", "origins", "origin"]),
            (Language::English, ["delete", "deleting", "deleted"]),
            (Language::English, ["cookie", "cookies", "cookie"]),
            (Language::German, ["rechnung", "rechnungen", "rechnung"]),
            (Language::German, ["kosten", "koste", "kosten"]),
            (Language::French, ["livree", "livrees", "livrer"]),
            (Language::French, ["facture", "factures", "facturer"]),
            (
                Language::Spanish,
                ["devolucion", "devoluciones", "devolucion"],
            ),
            (Language::Spanish, ["envio", "envios", "enviar"]),
        ] {
            let [first, second, third] = family.map(|word| stems.of(word, language));
            assert!(first == second && second == third, "{family:?}");
        }
        for language in Language::UNDERSTOOD {
            assert_eq!(stems.of("d1", language), "d1");
            assert_eq!(stems.of("価格", language), "価格");
            assert_eq!(Language::from_tag(language.tag()), language);
        }
        assert_eq!(stems.of("rechnungen", Language::Other), "rechnungen");
    }

    #[test]
    fn the_index_gets_stems_with_blanks_between() {
        let stems = Stems::default();
        assert_eq!(
            for_index("Deleting `API-Keys`, 鍵も!", Language::English, &stems),
            "delet api key 鍵 も"
        );
        assert_eq!(for_index(" … ", Language::English, &stems), "");
    }
}
