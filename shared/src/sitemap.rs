//! Sitemaps: what one lists, and what becomes of each entry.
//!
//! Keeps true: a sitemap leads to its own host and nowhere else; an import is of [`PAGES_MAX`] pages at most; what is
//! left out is counted or named with its reason. A page's document is removed only when the whole list was read and the
//! page is not in it. Where an entry may be fetched at all is the way out's to decide, as for any page.
//!
//! Source: sitemaps.org protocol 0.9. Read by an HTML tokenizer: it knows no entities of a document's own making,
//! builds no tree, and takes any soup, which is what an XML reader for strangers' files has to be made into first.

use std::collections::HashSet;

use html5gum::{Token, Tokenizer};
use url::Url;

use crate::text::link::LINK_MAX;

/// Pages of one import.
pub const PAGES_MAX: usize = 200;
/// Sitemaps that an index of sitemaps may lead to.
pub const SITEMAPS_MAX: usize = 10;
/// Entries of a sitemap, by the protocol.
pub const ENTRIES_MAX: usize = 50_000;

/// What a sitemap holds: addresses as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sitemap {
    /// Pages.
    Pages(Vec<String>),
    /// Other sitemaps.
    Sitemaps(Vec<String>),
}

/// Reads a sitemap. `None` for anything else.
pub fn read(text: &str) -> Option<Sitemap> {
    let mut is_index = None;
    let mut prefix = Vec::new();
    let mut entry = None::<String>;
    let mut entries = Vec::new();
    for Ok(token) in Tokenizer::new(text) {
        match token {
            Token::StartTag(tag) => {
                let name = tag.name.as_slice();
                if is_index.is_none() {
                    let at = name.iter().position(|&byte| byte == b':');
                    let (space, local) = name.split_at(at.map_or(0, |at| at + 1));
                    is_index = Some(match local {
                        b"urlset" => false,
                        b"sitemapindex" => true,
                        _ => return None,
                    });
                    prefix = space.to_vec();
                } else if name.strip_prefix(prefix.as_slice()) == Some(b"loc") {
                    entry = Some(String::new());
                }
            }
            Token::String(text) => {
                if let Some(entry) = &mut entry {
                    entry.push_str(&String::from_utf8_lossy(&text));
                }
            }
            // The tokenizer takes CDATA for a comment, as browsers do outside SVG.
            Token::Comment(comment) => {
                let comment = String::from_utf8_lossy(&comment);
                let data = comment
                    .strip_prefix("[CDATA[")
                    .and_then(|data| data.strip_suffix("]]"));
                if let (Some(entry), Some(data)) = (&mut entry, data) {
                    entry.push_str(data);
                }
            }
            Token::EndTag(_) => {
                if let Some(entry) = entry.take()
                    && entries.len() <= ENTRIES_MAX
                {
                    entries.push(entry.trim().to_owned());
                }
            }
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    Some(match is_index? {
        false => Sitemap::Pages(entries),
        true => Sitemap::Sitemaps(entries),
    })
}

/// Why an entry is not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SitemapError {
    /// Not a URL.
    #[error("is not a web address")]
    Malformed,
    /// A sitemap speaks for its own host.
    #[error("is on another host than the sitemap")]
    OtherHost,
    /// An index that leads to an index, or to too many.
    #[error("is one sitemap too many, or an index inside of an index")]
    TooManySitemaps,
    /// A sitemap that an index leads to.
    #[error("is not a sitemap that can be read")]
    Unreadable,
}

/// Returns what an entry leads to, as it will be kept: in its normal form, without a fragment.
///
/// # Errors
/// A [`SitemapError`], with what may be shown of the entry.
pub fn entry(sitemap: &Url, text: &str) -> Result<Url, (String, SitemapError)> {
    let shown = || text.chars().take(LINK_MAX).collect();
    let mut url = Url::parse(text).map_err(|_| (shown(), SitemapError::Malformed))?;
    url.set_fragment(None);
    if url.as_str().len() > LINK_MAX {
        return Err((shown(), SitemapError::Malformed));
    }
    if url.host() != sitemap.host() {
        return Err((shown(), SitemapError::OtherHost));
    }
    Ok(url)
}

/// What an import does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportPlan {
    /// Pages to fetch, in the order of the list.
    pub pages: Vec<String>,
    /// Entries that are not fetched, and why.
    pub errors: Vec<(String, SitemapError)>,
    /// Different entries in all.
    pub found: usize,
    listed: HashSet<String>,
    is_whole: bool,
}

impl ImportPlan {
    /// Makes an empty plan.
    pub fn new() -> Self {
        Self {
            is_whole: true,
            ..Self::default()
        }
    }

    /// Takes over the entries of one sitemap.
    pub fn add(&mut self, sitemap: &Url, entries: &[String]) {
        if self.listed.len() + entries.len() > ENTRIES_MAX {
            self.is_whole = false;
        }
        for text in entries {
            let (key, entry) = match entry(sitemap, text) {
                Ok(url) => (url.to_string(), Ok(())),
                Err((shown, error)) => (shown, Err(error)),
            };
            if self.listed.len() >= ENTRIES_MAX || !self.listed.insert(key.clone()) {
                continue;
            }
            self.found += 1;
            if self.pages.len() + self.errors.len() < PAGES_MAX {
                match entry {
                    Ok(()) => self.pages.push(key),
                    Err(error) => self.errors.push((key, error)),
                }
            }
        }
    }

    /// Notes that a part of the list could not be read: nothing is known to be gone then.
    pub fn skip_sitemap(&mut self, sitemap: &str, error: SitemapError) {
        self.is_whole = false;
        self.found += 1;
        if self.pages.len() + self.errors.len() < PAGES_MAX {
            self.errors
                .push((sitemap.chars().take(LINK_MAX).collect(), error));
        }
    }

    /// Tells whether a page that was imported through this sitemap before is not in it any more.
    pub fn is_gone(&self, source: &str) -> bool {
        self.is_whole && !self.listed.contains(source)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sitemap() -> Url {
        Url::parse("https://shop.example.com/sitemap.xml").expect("a URL")
    }

    #[test]
    fn pages_are_read_in_whatever_way_they_are_written() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- <urlset><loc>https://a/no</loc> -->\n\
            <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:image=\"…\">\n\
            <url>\n<loc> https://shop.example.com/a?b=1&amp;copy=2 </loc><lastmod>2026-01-01</lastmod>\
            <image:image><image:loc>https://cdn.example.com/no.png</image:loc></image:image></url>\
            <url><loc><![CDATA[https://shop.example.com/b?c=1&d=2]]></loc><priority>0.5</priority></url>\
            <url><loc/></url></urlset>";
        assert_eq!(
            read(text),
            Some(Sitemap::Pages(vec![
                "https://shop.example.com/a?b=1&copy=2".into(),
                "https://shop.example.com/b?c=1&d=2".into(),
                String::new(),
            ]))
        );
        let prefixed =
            "<s:sitemapindex><s:sitemap><s:loc>https://x/1</s:loc></s:sitemap><loc>no</loc>";
        assert_eq!(
            read(prefixed),
            Some(Sitemap::Sitemaps(vec!["https://x/1".into()]))
        );
    }

    #[test]
    fn what_is_no_sitemap_is_not_taken_for_one() {
        for text in [
            "",
            "https://shop.example.com/",
            "<html><urlset><loc>https://x/</loc></urlset>",
            "<rss><loc>https://x/</loc></rss>",
            "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_entity_of_the_documents_own_is_no_more_than_its_name() {
        let text = "<!DOCTYPE urlset [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>\
            <urlset><url><loc>https://x/&b;</loc></url></urlset>";
        let read = read(text);
        assert_eq!(read, Some(Sitemap::Pages(vec!["https://x/&b;".into()])));
    }

    #[test]
    fn a_sitemap_leads_to_its_own_host_alone() {
        let mut plan = ImportPlan::new();
        let entries: Vec<String> = [
            "https://shop.example.com/a#top",
            "HTTPS://SHOP.example.com:443/a",
            "https://shop.example.com/b",
            "https://169.254.169.254/latest/meta-data/",
            "https://example.com/",
            "https://shop.example.com.evil.example/",
            "https://shop.example.com@evil.example/",
            "/relative",
            "javascript:alert(1)",
            "",
        ]
        .map(str::to_owned)
        .into();
        plan.add(&sitemap(), &entries);
        assert_eq!(
            plan.pages,
            ["https://shop.example.com/a", "https://shop.example.com/b"]
        );
        let errors: Vec<SitemapError> = plan.errors.iter().map(|(_, error)| *error).collect();
        use SitemapError::{Malformed, OtherHost};
        assert_eq!(
            errors,
            [
                OtherHost, OtherHost, OtherHost, OtherHost, Malformed, OtherHost, Malformed
            ]
        );
        assert_eq!(plan.found, 9);
    }

    #[test]
    fn a_page_is_gone_only_from_a_list_that_was_read_to_its_end() {
        let page = |n: usize| format!("https://shop.example.com/{n}");
        let mut plan = ImportPlan::new();
        plan.add(&sitemap(), &(0..250).map(page).collect::<Vec<_>>());
        assert_eq!((plan.pages.len(), plan.found), (PAGES_MAX, 250));
        // What is past the bound is not taken over, and not gone either.
        assert!(!plan.is_gone(&page(249)));
        assert!(plan.is_gone(&page(250)));
        plan.skip_sitemap("https://shop.example.com/2.xml", SitemapError::Unreadable);
        assert!(!plan.is_gone(&page(250)));

        let mut endless = ImportPlan::new();
        endless.add(&sitemap(), &(0..=ENTRIES_MAX).map(page).collect::<Vec<_>>());
        assert_eq!(endless.found, ENTRIES_MAX);
        assert!(!endless.is_gone(&page(ENTRIES_MAX + 7)));
    }

    proptest! {
        #[test]
        fn no_soup_breaks_it(soup in "(<|>|/|!|\\[|\\]|-|urlset|sitemapindex|loc|CDATA|&|;|:|https://x/| ){0,60}") {
            let _any = read(&soup);
            let _any = read(&format!("<urlset>{soup}"));
        }
    }
}
