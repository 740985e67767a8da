//! Fetches a page of the web through the egress policy and reads it as a document, by its media type.

use std::fmt::Display;

use oriel_shared::event::Actor;
use oriel_shared::sitemap::{self, Sitemap};
use oriel_shared::text::page;
use oriel_shared::wire::admin::DocumentFormat;
use oriel_shared::wire::problem::Code;
use worker::{Env, Url};

use crate::http::problem::Problem;
use crate::outbound::{self, OutboundError, Page};

const ACCEPT: &str = "text/markdown, text/html, text/plain;q=0.9";
const ACCEPT_SITEMAP: &str = "application/xml, text/xml";

/// The text of a document as it was uploaded or fetched.
pub struct Read {
    /// The title that the text has in itself.
    pub title: Option<String>,
    /// How it is written.
    pub format: DocumentFormat,
    /// Its text.
    pub content: String,
}

/// Fetches a page.
///
/// # Errors
/// 422 `egress_blocked` when it may not be called; 422 `page_unreadable` when it does not answer well, is too large, or
/// is neither HTML nor Markdown nor plain text in UTF-8.
pub async fn read(env: &Env, by: &Actor, url: &str) -> Result<Read, Problem> {
    let page = fetch(env, by, url, ACCEPT).await?;
    decode(url, &page.media_type, page.body).map_err(|why| unreadable(&why))
}

/// Fetches a sitemap. Returns where it was found, too.
///
/// # Errors
/// Those of [`read`], and 422 `page_unreadable` when it is no sitemap.
pub async fn sitemap(env: &Env, by: &Actor, url: &str) -> Result<(Url, Sitemap), Problem> {
    let page = fetch(env, by, url, ACCEPT_SITEMAP).await?;
    let text = String::from_utf8(page.body).map_err(|_| unreadable(&"is not written in UTF-8"))?;
    let sitemap = sitemap::read(&text).ok_or_else(|| unreadable(&"is not a sitemap"))?;
    Ok((
        Url::parse(page.target.as_str()).map_err(|error| Problem::ours("url", &error))?,
        sitemap,
    ))
}

async fn fetch(env: &Env, by: &Actor, url: &str, accept: &str) -> Result<Page, Problem> {
    let fetched = async {
        let target = outbound::target(by, url)?;
        outbound::read_page(env, by, &target, accept).await
    };
    let page = fetched.await.map_err(|failure| {
        let code = match failure {
            OutboundError::Blocked(_) => Code::EgressBlocked,
            _ => Code::PageUnreadable,
        };
        Problem::new(code, format!("`url` {failure}."))
    })?;
    if page.status != 200 {
        return Err(unreadable(&format!("answered with status {}", page.status)));
    }
    Ok(page)
}

/// The address by which a page is recognised when it is imported again: without the fragment, which no server sees.
pub fn source(url: &str) -> String {
    url.split('#').next().unwrap_or_default().to_owned()
}

fn unreadable(why: &impl Display) -> Problem {
    Problem::new(Code::PageUnreadable, format!("`url` {why}."))
}

/// Reads a body by its media type, or says why it cannot be read.
fn decode(url: &str, media_type: &str, body: Vec<u8>) -> Result<Read, String> {
    let media_type = media_type.to_ascii_lowercase();
    let (essence, parameters) = media_type.split_once(';').unwrap_or((&media_type, ""));
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (name.trim() == "charset").then(|| value.trim().trim_matches('"'))
    });
    let is_known = charset.is_none_or(|name| matches!(name, "utf-8" | "utf8" | "us-ascii"));
    let text = String::from_utf8(body)
        .ok()
        .filter(|_| is_known)
        .ok_or("is not written in UTF-8");
    let markdown = |content: String| Read {
        title: page::markdown_title(&content),
        format: DocumentFormat::Markdown,
        content,
    };
    Ok(match essence.trim() {
        "text/html" | "application/xhtml+xml" => {
            let page::Page {
                title,
                markdown: content,
            } = page::html(&text?);
            Read {
                title,
                format: DocumentFormat::Markdown,
                content,
            }
        }
        "text/markdown" | "text/x-markdown" => markdown(text?),
        // Hosts of raw files send Markdown as plain text.
        "text/plain" if is_markdown_file(url) => markdown(text?),
        "text/plain" => {
            let content = text?;
            Read {
                title: page::text_title(&content),
                format: DocumentFormat::Text,
                content,
            }
        }
        "application/pdf" => return Err("is a PDF, and PDF is not read".to_owned()),
        _ => return Err("is neither HTML nor Markdown nor plain text".to_owned()),
    })
}

fn is_markdown_file(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.ends_with(".md") || path.ends_with(".markdown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_by_its_media_type() {
        let read = |url: &str, media_type: &str, body: &str| decode(url, media_type, body.into());
        for (url, media_type, body, format, title) in [
            (
                "/a",
                "text/html",
                "<h1>A</h1>b",
                DocumentFormat::Markdown,
                "A",
            ),
            (
                "/a",
                "Text/HTML; Charset=\"UTF-8\"",
                "<title>A</title>b",
                DocumentFormat::Markdown,
                "A",
            ),
            (
                "/a",
                "text/markdown;charset=utf-8",
                "# A\n\nb",
                DocumentFormat::Markdown,
                "A",
            ),
            (
                "/a.md?raw",
                "text/plain",
                "# A\n\nb",
                DocumentFormat::Markdown,
                "A",
            ),
            (
                "/a.txt",
                "text/plain",
                "# A\n\nb",
                DocumentFormat::Text,
                "# A",
            ),
        ] {
            let page = read(url, media_type, body).expect("it reads");
            assert_eq!((page.format, page.title.as_deref()), (format, Some(title)));
        }
        for media_type in [
            "",
            "application/pdf",
            "image/svg+xml",
            "text/html; charset=iso-8859-1",
        ] {
            assert!(
                read("/a", media_type, "<h1>A</h1>").is_err(),
                "{media_type}"
            );
        }
        assert!(decode("/a", "text/html", vec![0xff]).is_err());
    }
}
