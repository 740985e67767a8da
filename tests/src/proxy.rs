//! An HTTP proxy as some offices have it: requests pass, sockets do not, until somebody opens the way. It can hold a file
//! back, as a slow line does, or lose it.
//!
//! A browser asks a proxy for a socket with `CONNECT`, and for everything else with the whole address.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What becomes of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sockets {
    /// It is refused at once.
    Refused,
    /// Nothing is heard of it again.
    Swallowed,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// It does not come until it is let go.
    Held,
    /// It is answered with an error.
    Lost,
}

/// A running proxy. Dropping it stops it.
pub struct Proxy {
    port: u16,
    state: Arc<State>,
    listener: Option<JoinHandle<()>>,
}

struct State {
    sockets: Sockets,
    is_open: AtomicBool,
    n_asked: AtomicUsize,
    has_ended: AtomicBool,
    /// Part of an address, and what becomes of it.
    trouble: Mutex<Option<(String, Files)>>,
}

impl State {
    fn trouble(&self, request: &str) -> Option<Files> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, kind) = trouble
            .as_ref()
            .filter(|(part, _)| request.contains(part))?;
        Some(*kind)
    }
}

impl Proxy {
    /// Starts one.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start(sockets: Sockets) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let state = Arc::new(State {
            sockets,
            is_open: AtomicBool::default(),
            n_asked: AtomicUsize::default(),
            has_ended: AtomicBool::default(),
            trouble: Mutex::default(),
        });
        let theirs = Arc::clone(&state);
        let listener = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if theirs.has_ended.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&theirs);
                // Whoever has gone is no fault of the test.
                thread::spawn(move || drop(pass(&stream, &state)));
            }
        });
        Self {
            port,
            state,
            listener: Some(listener),
        }
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// From now on sockets pass.
    pub fn open(&self) {
        self.state.is_open.store(true, Ordering::SeqCst);
    }

    /// From now on files whose address holds `part` have trouble; without one, none has any more.
    pub fn trouble(&self, part: Option<(&str, Files)>) {
        let part = part.map(|(part, kind)| (part.to_owned(), kind));
        *self
            .state
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = part;
    }

    /// How many sockets were asked for.
    pub fn n_sockets_asked(&self) -> usize {
        self.state.n_asked.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.has_ended.store(true, Ordering::SeqCst);
        // Wakes the listener, so that it sees that it has ended.
        let _woken = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(listener) = self.listener.take() {
            let _ended = listener.join();
        }
    }
}

/// Passes one request on, and its answer back for as long as that takes.
fn pass(mut browser: &TcpStream, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(browser);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let had = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
        // One request a connection: the next one may be for somebody else.
        let line = head.get(had..).unwrap_or_default().to_ascii_lowercase();
        if line.starts_with("connection:") || line.starts_with("proxy-connection:") {
            head.truncate(had);
        }
    }
    if let Some(address) = request.strip_prefix("CONNECT ") {
        state.n_asked.fetch_add(1, Ordering::SeqCst);
        if state.is_open.load(Ordering::SeqCst) {
            let edge = connect(address.split(' ').next().unwrap_or_default())?;
            browser.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
            return join(reader, browser, &edge);
        }
        if state.sockets == Sockets::Refused {
            return browser.write_all(b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
        }
        // Until the browser has had enough.
        return reader.read_to_end(&mut Vec::new()).map(drop);
    }
    while state.trouble(&request) == Some(Files::Held) {
        if state.has_ended.load(Ordering::SeqCst) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    if state.trouble(&request) == Some(Files::Lost) {
        return browser.write_all(b"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n");
    }
    let (method, address) = request.split_once(" http://").unwrap_or_default();
    let (authority, rest) = address.split_once('/').unwrap_or_default();
    let edge = connect(authority)?;
    (&edge).write_all(format!("{method} /{rest}connection: close\r\n{head}").as_bytes())?;
    join(reader, browser, &edge)
}

/// Every name in these tests is this machine's.
fn connect(authority: &str) -> std::io::Result<TcpStream> {
    let port = authority.split_once(':').map_or("80", |(_, port)| port);
    TcpStream::connect(format!("127.0.0.1:{port}"))
}

/// Carries both ways until one end has gone.
fn join(
    mut reader: BufReader<&TcpStream>,
    browser: &TcpStream,
    mut edge: &TcpStream,
) -> std::io::Result<()> {
    let (from, to) = (edge.try_clone()?, browser.try_clone()?);
    let back = thread::spawn(move || {
        let _gone = std::io::copy(&mut &from, &mut &to);
        let _gone = to.shutdown(Shutdown::Both);
    });
    let _gone = std::io::copy(&mut reader, &mut edge);
    let _gone = edge.shutdown(Shutdown::Both);
    let _ended = back.join();
    Ok(())
}
