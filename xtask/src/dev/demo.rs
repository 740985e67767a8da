//! A customer's web site: two pages that embed the chat exactly as `GET …/embed` says, on another origin than the edge.
//!
//! The pages run under `default-src 'none'` plus their own style sheet plus only the lines that the embed answer lists,
//! so a loader that needs more than it says breaks here first. Serves GET and HEAD of four paths to this machine, and
//! nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use oriel_shared::wire::admin::{CspLine, Embed};

const STYLE: &str = include_str!("../../demo/style.css");
const LAYOUT: &str = include_str!("../../demo/layout.html");
const HOME: &str = include_str!("../../demo/home.html");
const CONTACT: &str = include_str!("../../demo/contact.html");

/// What the site itself needs, chat or no chat.
const OWN_CSP: [(&str, &str); 5] = [
    ("default-src", "'none'"),
    ("style-src", "'self'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
    ("frame-ancestors", "'none'"),
];

/// A request line and headers longer than this are not a browser's.
const HEAD_LIMIT: u64 = 32 * 1024;
const READ_WITHIN: Duration = Duration::from_secs(10);

/// Takes the port on every address that `localhost` may mean.
///
/// # Errors
/// When it is taken.
pub fn listen(port: u16) -> Result<Vec<TcpListener>> {
    let mut listeners = vec![TcpListener::bind((Ipv4Addr::LOCALHOST, port))?];
    // Machines without IPv6 have no ::1, and no browser that would ask there.
    listeners.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, port)));
    Ok(listeners)
}

/// The site as it is served.
struct Site {
    csp: String,
    snippet: String,
}

/// Serves on threads of its own until the process ends.
pub fn serve(listeners: Vec<TcpListener>, embed: &Embed) {
    let site = Arc::new(Site {
        csp: csp(&embed.csp),
        snippet: embed.snippet.clone(),
    });
    for listener in listeners {
        let site = Arc::clone(&site);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = Arc::clone(&site);
                thread::spawn(move || {
                    // A browser that hangs up is not our failure.
                    let _hung_up = answer(&stream, &site);
                });
            }
        });
    }
}

/// The policy of the pages: their own needs and the lines that the embed answer lists.
fn csp(lines: &[CspLine]) -> String {
    let mut directives: Vec<(&str, Vec<&str>)> = OWN_CSP
        .iter()
        .map(|&(directive, source)| (directive, vec![source]))
        .collect();
    for line in lines {
        match directives
            .iter_mut()
            .find(|(directive, _)| *directive == line.directive)
        {
            // 'none' means nothing beside another source.
            Some((_, sources)) => {
                sources.retain(|source| *source != "'none'" && *source != line.source);
                sources.push(&line.source);
            }
            None => directives.push((&line.directive, vec![&line.source])),
        }
    }
    let directives: Vec<String> = directives
        .iter()
        .map(|(directive, sources)| format!("{directive} {}", sources.join(" ")))
        .collect();
    directives.join("; ")
}

/// An answer before it is written.
struct Answer {
    status: &'static str,
    kind: &'static str,
    body: String,
}

impl Site {
    fn answer(&self, path: &str) -> Answer {
        let html = |status, title: &str, main: &str| Answer {
            status,
            kind: "text/html; charset=utf-8",
            body: self.page(title, main),
        };
        match path.split(['?', '#']).next().unwrap_or(path) {
            "/" => html("200 OK", "Fernhill Web Studio", HOME),
            "/contact" => html("200 OK", "Contact · Fernhill Web Studio", CONTACT),
            "/style.css" => Answer {
                status: "200 OK",
                kind: "text/css; charset=utf-8",
                body: STYLE.to_owned(),
            },
            "/favicon.ico" => Answer {
                status: "204 No Content",
                kind: "image/x-icon",
                body: String::new(),
            },
            _ => html(
                "404 Not Found",
                "Not found · Fernhill Web Studio",
                "<h1>Not found</h1>\n<p><a href=\"/\">To the start</a></p>",
            ),
        }
    }

    fn page(&self, title: &str, main: &str) -> String {
        let mut page = LAYOUT.to_owned();
        // The snippet last: nothing in it is a place of ours.
        for (place, content) in [
            ("<!-- title -->", title),
            ("<!-- main -->", main),
            ("<!-- snippet -->", &self.snippet),
        ] {
            page = page.replacen(place, content, 1);
        }
        page
    }
}

fn answer(mut stream: &TcpStream, site: &Site) -> std::io::Result<()> {
    stream.set_read_timeout(Some(READ_WITHIN))?;
    stream.set_write_timeout(Some(READ_WITHIN))?;
    let mut reader = BufReader::new(stream.take(HEAD_LIMIT));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let answer = match method {
        "GET" | "HEAD" => site.answer(path),
        _ => Answer {
            status: "405 Method Not Allowed",
            kind: "text/plain",
            body: String::new(),
        },
    };
    let headers = BTreeMap::from([
        ("connection", "close"),
        ("cache-control", "no-cache"),
        ("content-security-policy", &site.csp),
        ("content-type", answer.kind),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        // For https, where a real site would be; browsers pass over it on plain http.
        (
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        ),
        ("x-content-type-options", "nosniff"),
    ]);
    let mut text = format!(
        "HTTP/1.1 {}\r\ncontent-length: {}\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    if method != "HEAD" {
        text.push_str(&answer.body);
    }
    stream.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(directive: &str, source: &str) -> CspLine {
        CspLine {
            directive: directive.into(),
            source: source.into(),
        }
    }

    fn site() -> Site {
        Site {
            csp: csp(&[]),
            snippet: "<script async src=\"https://edge.example/x.js\"></script>".into(),
        }
    }

    #[test]
    fn the_policy_allows_what_is_listed_and_nothing_more() {
        assert_eq!(
            csp(&[]),
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let edge = "http://127.0.0.1:8787";
        assert_eq!(
            csp(&[
                line("script-src", edge),
                line("frame-src", edge),
                line("style-src", edge)
            ]),
            "default-src 'none'; style-src 'self' http://127.0.0.1:8787; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'; script-src http://127.0.0.1:8787; frame-src http://127.0.0.1:8787"
        );
    }

    #[test]
    fn a_listed_source_replaces_none_and_is_named_once() {
        let policy = csp(&[
            line("form-action", "https://a.example"),
            line("form-action", "https://a.example"),
        ]);
        assert!(
            policy.contains("form-action https://a.example;"),
            "{policy}"
        );
    }

    #[test]
    fn every_page_carries_the_snippet_once_and_nothing_that_the_policy_forbids() {
        for path in ["/", "/contact", "/?from=mail", "/nowhere"] {
            let Answer { body, .. } = site().answer(path);
            assert_eq!(body.matches("<script").count(), 1, "{path}");
            assert!(body.contains(&site().snippet), "{path}");
            for forbidden in ["<style", " style=", " onclick=", "<img", "<!-- "] {
                assert!(!body.contains(forbidden), "{path} has {forbidden}");
            }
        }
    }

    #[test]
    fn the_pages_are_served_to_a_real_client_with_their_policy() {
        let listeners = listen(0).expect("some port is free");
        let address = listeners[0].local_addr().expect("it has an address");
        let embed = Embed {
            snippet: site().snippet,
            integrity: String::new(),
            csp: vec![line("script-src", "https://edge.example")],
        };
        serve(listeners, &embed);
        let mut answer = ureq::get(format!("http://{address}/contact"))
            .call()
            .expect("it answers");
        let policy = answer.headers().get("content-security-policy").cloned();
        assert!(policy.is_some_and(|policy| {
            policy
                .to_str()
                .is_ok_and(|policy| policy.ends_with("script-src https://edge.example"))
        }));
        assert!(
            answer
                .body_mut()
                .read_to_string()
                .is_ok_and(|body| body.contains("Fernhill"))
        );
        let post = ureq::post(format!("http://{address}/")).send_empty();
        assert!(matches!(post, Err(ureq::Error::StatusCode(405))));
    }
}
