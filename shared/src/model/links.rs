//! Where the words of a model may lead.
//!
//! Keeps true: an address stays only when its origin is one of the documents' that the answer was given, or one that
//! the site lists; of every other link the words stay, and of a bare address that it was removed. Mail and telephone
//! links become their words as well: a model that was talked into it would put the thief's there.

use url::Url;

use crate::i18n::{Catalog, ENGLISH};
use crate::origin;
use crate::text::markdown;
use crate::wire::rich_text::{Block, Inline};

/// A longer run of characters is no address that anybody follows.
pub const ADDRESS_MAX: usize = 2_048;

/// The origins to which links may lead.
#[derive(Clone, Debug)]
pub struct LinkPolicy {
    origins: Vec<String>,
    /// Stands where an address stood.
    pub(super) removed: &'static str,
}

impl LinkPolicy {
    /// Admits the site's list (origins in their normal form) and the origins of documents' addresses.
    pub fn new<'a>(listed: &[String], documents: impl Iterator<Item = &'a str>) -> Self {
        let mut origins = listed.to_vec();
        origins.extend(documents.filter_map(|address| origin_of(&Url::parse(address).ok()?)));
        Self {
            origins,
            removed: ENGLISH.link_removed,
        }
    }

    /// Says in the language of the visitor that an address was removed.
    #[must_use]
    pub fn in_language(mut self, sentences: &Catalog) -> Self {
        self.removed = sentences.link_removed;
        self
    }

    /// Tells whether a link may lead to this address.
    pub fn admits(&self, address: &str) -> bool {
        let Some(address) = markdown::checked_link(address) else {
            return false;
        };
        let origin = Url::parse(&address).ok().as_ref().and_then(origin_of);
        origin.is_some_and(|origin| origin::admits(&self.origins, &origin))
    }

    /// Returns what may stand for a bare address: itself, or that it was removed.
    pub(super) fn shown<'t>(&self, address: &'t str) -> &'t str {
        let is_admitted = if starts_with(address, "www.") {
            self.admits(&format!("https://{address}"))
        } else {
            self.admits(address)
        };
        if is_admitted { address } else { self.removed }
    }

    /// Removes the bare addresses of a text that may not stand.
    pub fn text(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let (found, after) = match last_address(clean.chars().next_back(), rest) {
                Some(end) => rest.split_at(end),
                None => rest.split_at(c.len_utf8()),
            };
            let is_address = found.len() > c.len_utf8();
            clean.push_str(if is_address { self.shown(found) } else { found });
            rest = after;
        }
        clean
    }

    /// Removes the links of rich text that may not stay; their words stay.
    pub fn blocks(&self, blocks: Vec<Block>) -> Vec<Block> {
        let clean = |block| match block {
            Block::Paragraph { content } => Block::Paragraph {
                content: self.inlines(content),
            },
            Block::List { ordered, items } => {
                let items = items.into_iter().map(|item| self.blocks(item)).collect();
                Block::List { ordered, items }
            }
            Block::Code { language, text } => Block::Code {
                language,
                text: self.text(&text),
            },
            Block::Quote { content } => Block::Quote {
                content: self.blocks(content),
            },
            Block::Table { head, rows } => {
                let cells = |row: Vec<_>| row.into_iter().map(|cell| self.inlines(cell)).collect();
                Block::Table {
                    head: cells(head),
                    rows: rows.into_iter().map(cells).collect(),
                }
            }
        };
        blocks.into_iter().map(clean).collect()
    }

    fn inlines(&self, content: Vec<Inline>) -> Vec<Inline> {
        let mut clean = Vec::with_capacity(content.len());
        for inline in content {
            match inline {
                Inline::Text { text } => clean.push(Inline::Text {
                    text: self.text(&text),
                }),
                Inline::Code { text } => clean.push(Inline::Code {
                    text: self.text(&text),
                }),
                Inline::Strong { content } => clean.push(Inline::Strong {
                    content: self.inlines(content),
                }),
                Inline::Emphasis { content } => clean.push(Inline::Emphasis {
                    content: self.inlines(content),
                }),
                Inline::Link { href, content } if self.admits(&href) => {
                    clean.push(Inline::Link {
                        href,
                        content: self.inlines(content),
                    });
                }
                Inline::Link { content, .. } => clean.extend(self.inlines(content)),
            }
        }
        clean
    }
}

fn origin_of(url: &Url) -> Option<String> {
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// Whether an address stands at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// Yes, of so many bytes.
    Ends(usize),
    /// All of the text may be the beginning of one.
    Begins,
    /// No.
    None,
}

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Looks at the beginning of a text for what people and their programs take for an address.
pub(super) fn address(before: Option<char>, text: &str) -> Address {
    let is_word_start = !before.is_some_and(char::is_alphanumeric);
    let begins = SCHEMES.iter().any(|scheme| starts_with(text, scheme))
        || (is_word_start && starts_with(text, "www."));
    if !begins {
        let may = SCHEMES.iter().any(|scheme| starts_with(scheme, text))
            || (is_word_start && starts_with("www.", text));
        return if may { Address::Begins } else { Address::None };
    }
    let run = text.find(is_end).unwrap_or(text.len());
    if run == text.len() {
        return match text.len() {
            0..=ADDRESS_MAX => Address::Begins,
            _ => Address::Ends(run),
        };
    }
    Address::Ends(end_of(text, run))
}

/// Returns how many bytes at the beginning are an address, of a text that nothing follows.
pub(super) fn last_address(before: Option<char>, text: &str) -> Option<usize> {
    match address(before, text) {
        Address::Ends(end) => Some(end),
        Address::Begins => {
            let has_begun = SCHEMES
                .iter()
                .chain(&["www."])
                .any(|prefix| starts_with(text, prefix));
            has_begun.then(|| end_of(text, text.len()))
        }
        Address::None => None,
    }
}

/// Returns where the address in a run ends: punctuation after it belongs to the sentence.
fn end_of(text: &str, run: usize) -> usize {
    let run = text.get(..run).unwrap_or_default();
    run.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '*', '_', '\''])
        .len()
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^')
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.as_bytes()
        .get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links() -> LinkPolicy {
        let listed = [
            "https://*.shop.example".to_owned(),
            "https://www.help.example".to_owned(),
        ];
        LinkPolicy::new(
            &listed,
            ["https://docs.example/guide?x=1", "not an address"].into_iter(),
        )
    }

    #[test]
    fn links_lead_to_listed_origins_and_those_of_documents() {
        for (address, expected) in [
            ("https://docs.example/other", true),
            ("HTTPS://Docs.Example", true),
            ("https://eu.shop.example/a", true),
            ("https://www.help.example", true),
            ("http://docs.example/", false),
            ("https://docs.example:8443/", false),
            ("https://docs.example.evil.example/", false),
            ("https://docs.example@evil.example/", false),
            ("https://evil.example/?https://docs.example/", false),
            ("https://shop.example/", false),
            ("mailto:help@help.example", false),
            ("tel:+41000000", false),
            ("javascript:alert(1)", false),
            ("//docs.example/", false),
            ("/relative", false),
        ] {
            assert_eq!(links().admits(address), expected, "{address}");
        }
    }

    #[test]
    fn a_bare_address_that_leads_elsewhere_is_removed_and_the_sentence_stays() {
        for (text, expected) in [
            ("See https://docs.example/a.", "See https://docs.example/a."),
            (
                "See https://evil.example/?q=1, now",
                "See (link removed), now",
            ),
            ("(HTTP://EVIL.EXAMPLE)", "((link removed))"),
            ("xhttps://evil.example", "x(link removed)"),
            (
                "www.evil.example and www.help.example",
                "(link removed) and www.help.example",
            ),
            ("awww.cute", "awww.cute"),
            (
                "https is a scheme, http:// is none",
                "https is a scheme, (link removed) is none",
            ),
            ("no link, no http", "no link, no http"),
        ] {
            assert_eq!(links().text(text), expected, "{text}");
        }
    }

    #[test]
    fn rich_text_keeps_the_words_of_links_that_go() {
        let blocks = markdown::blocks(
            "[ours](https://docs.example/a) [theirs **now**](https://evil.example/) <https://evil.example/x> \
             <a@evil.example> `https://evil.example`\n\n- > [x][y]\n\n[y]: https://evil.example\n\n![pixel](https://docs.example/p.png)",
        );
        let blocks = links().blocks(blocks);
        let json = serde_json::to_string(&blocks).expect("it serialises");
        assert!(
            json.contains("\"href\":\"https://docs.example/a\""),
            "{json}"
        );
        assert_eq!(json.matches("href").count(), 1, "{json}");
        assert!(!json.contains("evil.example/"), "{json}");
        assert!(json.contains("theirs") && json.contains("pixel"), "{json}");
    }

    proptest! {
        #[test]
        fn no_foreign_address_stands_in_any_text(text in "(?s)(https?://|www\\.|evil\\.example|docs\\.example|[a./ :<)]){0,12}") {
            let clean = links().text(&text);
            let mut rest = clean.as_str();
            while let Some(at) = rest.find("://") {
                let Some(start) = rest[..at].rfind("http") else {
                    rest = &rest[at + 3..];
                    continue;
                };
                let address = rest[start..].split(is_end).next().unwrap_or_default();
                let address = &address[..end_of(address, address.len())];
                prop_assert!(links().admits(address), "{text:?} became {clean:?}");
                // What stands in its path leads nowhere else.
                rest = &rest[start + address.len().max(at - start + 3)..];
            }
        }
    }
}
