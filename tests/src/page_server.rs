//! Customer pages on origins of their own: a small HTTP server on a free port, reached as `localhost` or any name
//! below it, all of which browsers resolve to this machine.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use oriel_shared::wire::admin::{CspLine, Embed};

use crate::wait::SOON;

/// What the server answers on one path.
#[derive(Clone, Debug)]
pub struct PageReply {
    media_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl PageReply {
    /// A page under this Content-Security-Policy.
    pub fn page(csp: &str, html: &str) -> Self {
        Self {
            media_type: "text/html; charset=utf-8",
            headers: vec![("content-security-policy", csp.to_owned())],
            body: html.as_bytes().to_vec(),
        }
    }

    /// A page without a policy.
    pub fn open_page(html: &str) -> Self {
        Self {
            media_type: "text/html; charset=utf-8",
            headers: Vec::new(),
            body: html.as_bytes().to_vec(),
        }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// A script that pages of all origins may load with integrity.
    pub fn script(bytes: &[u8]) -> Self {
        Self {
            media_type: "text/javascript",
            headers: vec![("access-control-allow-origin", "*".to_owned())],
            body: bytes.to_vec(),
        }
    }
}

/// A running server. Dropping it stops it.
pub struct PageServer {
    port: u16,
    replies: Arc<Mutex<HashMap<String, PageReply>>>,
    ended: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl PageServer {
    /// Starts one.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let replies = Arc::<Mutex<HashMap<String, PageReply>>>::default();
        let ended = Arc::<AtomicBool>::default();
        let (their_replies, their_ended) = (Arc::clone(&replies), Arc::clone(&ended));
        let listener = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if their_ended.load(Ordering::SeqCst) {
                    return;
                }
                let replies = Arc::clone(&their_replies);
                std::thread::spawn(move || {
                    // A browser that went away is no fault of the test.
                    let _gone = answer(&stream, &replies);
                });
            }
        });
        Self {
            port,
            replies,
            ended,
            listener: Some(listener),
        }
    }

    /// The origin under a name: `localhost` or one below it.
    pub fn origin(&self, name: &str) -> String {
        format!("http://{name}:{}", self.port)
    }

    /// Puts an answer on a path.
    pub fn serve(&self, path: &str, reply: PageReply) {
        self.replies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), reply);
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the listener, so that it sees that it has ended.
        let _woken = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(listener) = self.listener.take() {
            let _ended = listener.join();
        }
    }
}

fn answer(
    mut stream: &TcpStream,
    replies: &Mutex<HashMap<String, PageReply>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(SOON))?;
    let mut lines = BufReader::new(stream.take(64 << 10)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let target = request.split(' ').nth(1).unwrap_or("/");
    let path = target.split('?').next().unwrap_or(target);
    let reply = replies
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(path)
        .cloned();
    let (status, reply) = match reply {
        Some(reply) => ("200 OK", reply),
        // Browsers ask for it by themselves.
        None if path == "/favicon.ico" => ("204 No Content", PageReply::open_page("")),
        None => ("404 Not Found", PageReply::open_page("nothing here")),
    };
    let mut head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {}\r\ncontent-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n",
        reply.media_type,
        reply.body.len()
    );
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&reply.body)
}

/// `default-src 'none'` and only what the embed answer lists.
pub fn strict_csp(lines: &[CspLine]) -> String {
    let mut directives: Vec<(String, Vec<String>)> =
        vec![("default-src".to_owned(), vec!["'none'".to_owned()])];
    for CspLine { directive, source } in lines {
        match directives.iter_mut().find(|(name, _)| name == directive) {
            Some((_, sources)) => sources.push(source.clone()),
            None => directives.push((directive.clone(), vec![source.clone()])),
        }
    }
    directives
        .iter()
        .map(|(name, sources)| format!("{name} {}", sources.join(" ")))
        .collect::<Vec<_>>()
        .join("; ")
}

/// A customer's page with the embed code where its owner would paste it. Its icon is empty, so that the browser asks
/// for none.
pub fn customer_page(embed_code: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Tidewater Boats</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n</head>\n<body>\n\
         <h1>Tidewater Boats</h1>\n<p>We build small boats and look after them.</p>\n\
         <p><a href=\"#hire\">Hire a boat</a></p>\n{embed_code}\n</body>\n</html>\n"
    )
}

/// The page that a site owner gets by doing exactly what the embed answer says.
pub fn embedded(embed: &Embed) -> PageReply {
    PageReply::page(&strict_csp(&embed.csp), &customer_page(&embed.snippet))
}
