//! The widget's languages: `widget/locales/{tag}.json`, checked against each other and made into what is served.
//!
//! A file has four parts. `shell` is what the frame's document says before the program runs; `chat` is what the program
//! says, and the document too where it says the same; `list` is what the list of conversations says beside that; `page`
//! is what is said on the host page. The program knows its words by their place in the order of their names, so a
//! language that lacks one, or has one more, must never be served.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use oriel_shared::wire::embed::Shell;
use serde::Deserialize;

use super::files::File;

/// What the number of a plural is written for.
const NUMBER: char = '#';

/// One language, as it is served.
pub struct Language {
    /// As BCP 47 writes it.
    pub tag: String,
    /// What the program says.
    pub words: File,
    /// What the document says.
    pub shell: Shell,
    /// What the list of conversations says.
    pub list: BTreeMap<String, String>,
    /// What is said on the host page.
    pub page: BTreeMap<String, String>,
}

/// A file of the folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    shell: BTreeMap<String, String>,
    chat: BTreeMap<String, Words>,
    list: BTreeMap<String, String>,
    page: BTreeMap<String, String>,
}

/// What the list of conversations says in words of the program's, and what it calls them.
const SHARED: [(&str, &str); 2] = [("conversations", "title"), ("failed", "failed")];

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    /// By plural category.
    Plural(BTreeMap<String, String>),
}

/// The plural categories of a language, as `Intl.PluralRules` tells them apart, and those among them that stand for a
/// single number: their words may say it without a digit. Source: CLDR 48, plural rules for cardinals.
fn categories(tag: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match tag {
        "ar" => (
            &["few", "many", "one", "other", "two", "zero"],
            &["one", "two", "zero"],
        ),
        "de" | "en" => (&["one", "other"], &["one"]),
        // 0 and 1,5 are "one" too.
        "fr" | "pt-BR" => (&["many", "one", "other"], &[]),
        "es" => (&["many", "one", "other"], &["one"]),
        "he" => (&["one", "other", "two"], &["one", "two"]),
        "ja" | "zh-Hans" => (&["other"], &[]),
        _ => return None,
    })
}

/// Reads the languages of a folder, in the order of their tags.
///
/// # Errors
/// When a file is none of a language, or says something else than the others; the message names it.
pub fn read(folder: &Path) -> Result<Vec<Language>> {
    let sources = sources(folder)?;
    let english = sources.get("en").context("there is no en.json")?;
    let mut languages = Vec::new();
    for (tag, source) in &sources {
        check(tag, source, english).with_context(|| format!("widget/locales/{tag}.json"))?;
        languages.push(language(tag, source)?);
    }
    Ok(languages)
}

fn sources(folder: &Path) -> Result<BTreeMap<String, Source>> {
    let mut sources = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.display().to_string();
        let tag = path.file_stem().and_then(|stem| stem.to_str());
        let text = fs::read(&path).with_context(|| name.clone())?;
        let source = serde_json::from_slice(&text).with_context(|| name.clone())?;
        sources.insert(tag.context(name)?.to_owned(), source);
    }
    Ok(sources)
}

/// Whether a language says the same as English.
fn check(tag: &str, source: &Source, english: &Source) -> Result<()> {
    let (categories, of_one_number) =
        categories(tag).context("its plural categories are not known here")?;
    same_names(source.shell.keys(), english.shell.keys())?;
    same_names(source.chat.keys(), english.chat.keys())?;
    same_names(source.list.keys(), english.list.keys())?;
    same_names(source.page.keys(), english.page.keys())?;
    for (name, text) in source.list.iter().chain(&source.page) {
        check_text(name, text)?;
    }
    for (name, text) in &source.shell {
        check_text(name, text)?;
        ensure!(!source.chat.contains_key(name), "{name} is in both parts");
    }
    for (name, words) in &source.chat {
        match (words, english.chat.get(name)) {
            (Words::One(text), Some(Words::One(_))) => {
                check_text(name, text)?;
                ensure!(!text.contains(NUMBER), "{name} has a number and no plural");
            }
            (Words::Plural(forms), Some(Words::Plural(_))) => {
                let has: Vec<&str> = forms.keys().map(String::as_str).collect();
                ensure!(
                    has == categories,
                    "{name} is for {has:?}, not {categories:?}"
                );
                for (category, text) in forms {
                    check_text(name, text)?;
                    let n_numbers = text.matches(NUMBER).count();
                    let may_lack = of_one_number.contains(&&**category);
                    ensure!(
                        n_numbers == 1 || (n_numbers == 0 && may_lack),
                        "{name} has {n_numbers} numbers for {category}"
                    );
                }
            }
            _ => anyhow::bail!("{name} is a plural in one language and not in the other"),
        }
    }
    Ok(())
}

fn same_names<'a>(
    names: impl Iterator<Item = &'a String>,
    english: impl Iterator<Item = &'a String>,
) -> Result<()> {
    let (names, english): (BTreeSet<_>, BTreeSet<_>) = (names.collect(), english.collect());
    let lacks: Vec<_> = english.difference(&names).collect();
    let has: Vec<_> = names.difference(&english).collect();
    ensure!(
        lacks.is_empty() && has.is_empty(),
        "lacks {lacks:?}; English lacks {has:?}"
    );
    Ok(())
}

fn check_text(name: &str, text: &str) -> Result<()> {
    ensure!(!text.trim().is_empty(), "{name} is empty");
    // A line feed parts the forms of a plural.
    ensure!(
        !text.contains(char::is_control),
        "{name} holds a control character"
    );
    Ok(())
}

fn language(tag: &str, source: &Source) -> Result<Language> {
    let said: Vec<String> = source.chat.values().map(Words::flat).collect();
    let shell = source.shell.clone().into_iter();
    let chat = source.chat.iter();
    let all: BTreeMap<String, String> = shell
        .chain(chat.map(|(name, words)| (name.clone(), words.flat())))
        .collect();
    let shell = serde_json::from_value(serde_json::to_value(all)?)
        .with_context(|| format!("the document's words in {tag}"))?;
    let mut list = source.list.clone();
    for (name, called) in SHARED {
        let words = source.chat.get(name);
        let words = words.with_context(|| format!("{tag} does not say {name}"))?;
        list.insert(called.to_owned(), words.flat());
    }
    Ok(Language {
        list,
        page: source.page.clone(),
        tag: tag.to_owned(),
        words: File::new(&format!("words-{tag}"), "json", serde_json::to_vec(&said)?),
        shell,
    })
}

impl Words {
    /// A plural is a line for each category: `one:# second`.
    fn flat(&self) -> String {
        match self {
            Self::One(text) => text.clone(),
            Self::Plural(forms) => {
                let lines = forms
                    .iter()
                    .map(|(category, text)| format!("{category}:{text}"));
                lines.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../widget/locales")
    }

    #[test]
    fn every_language_says_all_that_english_says() -> Result<()> {
        let tags: Vec<String> = read(&folder())?.into_iter().map(|one| one.tag).collect();
        for tag in ["ar", "de", "en", "es", "fr", "he", "ja", "pt-BR", "zh-Hans"] {
            assert!(tags.iter().any(|there| there == tag), "{tag}");
        }
        Ok(())
    }

    /// Words that were left in English, or were copied from a language that is near.
    #[test]
    fn no_language_borrows_whole_sentences_of_another() -> Result<()> {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (tag, source) in sources(&folder())? {
            let chat = source.chat.iter().map(|(name, words)| (name, words.flat()));
            let shell = source.shell.iter().map(|(name, text)| (name, text.clone()));
            let others = source.list.iter().chain(&source.page);
            let others = others.map(|(name, text)| (name, text.clone()));
            for (name, text) in chat.chain(shell).chain(others) {
                let is_sentence = text.matches(' ').count() > 2;
                if let Some(other) = seen.insert(text.clone(), tag.clone())
                    && is_sentence
                {
                    assert_eq!(other, tag, "{name}: {text}");
                }
            }
        }
        Ok(())
    }

    #[test]
    fn the_words_are_in_the_order_of_their_names_and_a_plural_is_a_line_a_category() -> Result<()> {
        let english = r##"{"shell": {}, "list": {}, "page": {}, "chat": {"b": "B", "c": {"one": "# x", "other": "# y"}, "a": "A"}}"##;
        let source: Source = serde_json::from_str(english)?;
        let said: Vec<String> = source.chat.values().map(Words::flat).collect();
        assert_eq!(said, ["A", "B", "one:# x\nother:# y"]);
        Ok(())
    }

    #[test]
    fn a_language_that_says_something_else_is_not_served() -> Result<()> {
        let english: Source = serde_json::from_str(
            r##"{"shell": {"s": "S"}, "list": {"l": "L"}, "page": {"p": "P"}, "chat": {"a": "A", "n": {"one": "one", "other": "# days"}}}"##,
        )?;
        let refusal = |tag: &str, json: &str| {
            let source: Source = serde_json::from_str(json).expect("a language");
            check(tag, &source, &english)
                .err()
                .map(|error| error.to_string())
        };
        let good = r##"{"shell": {"s": "S"}, "list": {"l": "L"}, "page": {"p": "P"}, "chat": {"a": "A", "n": {"one": "ein", "other": "# Tage"}}}"##;
        assert_eq!(refusal("de", good), None);
        for (tag, from, to, why) in [
            ("de", r#""a": "A", "#, "", "lacks"),
            ("de", r#""a""#, r#""z": "Z", "a""#, "English lacks"),
            ("de", r#""A""#, r#"" ""#, "empty"),
            ("de", r#""A""#, r#""A\nB""#, "control"),
            ("de", r#""A""#, r##""A #""##, "no plural"),
            ("de", r##""# Tage""##, r#""Tage""#, "0 numbers"),
            ("de", r##""# Tage""##, r##""# # Tage""##, "2 numbers"),
            ("de", r#""one": "ein", "#, "", "is for"),
            ("de", r#""one""#, r##""few": "#", "one""##, "is for"),
            (
                "de",
                r##"{"one": "ein", "other": "# Tage"}"##,
                r#""Tage""#,
                "a plural in one",
            ),
            ("de", r#""s": "S""#, r#""t": "S""#, "lacks"),
            ("de", r#""l": "L""#, "", "lacks"),
            ("de", r#""L""#, r#"" ""#, "empty"),
            ("de", r#""p": "P""#, "", "lacks"),
            ("de", r#""P""#, r#"" ""#, "empty"),
            (
                "fr",
                r#""one": "ein""#,
                r##""many": "# d", "one": "un""##,
                "0 numbers",
            ),
            ("ja", "", "", "is for"),
            ("tlh", "", "", "not known"),
        ] {
            let bad = good.replacen(from, to, 1);
            let refused = refusal(tag, &bad);
            assert!(
                refused.as_ref().is_some_and(|text| text.contains(why)),
                "{tag}: {bad}: {refused:?}"
            );
        }
        Ok(())
    }
}
