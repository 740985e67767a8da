//! Server-sent events as a client reads them: over a connection of its own, that can be cut like a network is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::confidential;
use crate::wait::{Deadline, SOON};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The place to come back to, when it has one.
    pub id: Option<String>,
    /// What it holds.
    pub data: String,
}

impl Event {
    /// What it holds, as JSON of this shape.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {}", self.data))
    }
}

/// An open stream. Holds back what was read while something else was waited for.
pub struct Events {
    stream: TcpStream,
    arriving: Receiver<Event>,
    read: Vec<Event>,
}

/// Why a stream did not open.
#[derive(Debug)]
pub enum StreamError {
    /// The edge answered with another status than 200, and this.
    Answered(u16, String),
    /// No answer, or a broken one.
    Broken(String),
}

impl Events {
    /// Opens one with a bearer token; `after` is the `Last-Event-ID`.
    ///
    /// # Panics
    /// When it did not open.
    #[track_caller]
    pub fn open(edge: &str, path: &str, token: &str, after: Option<&str>) -> Self {
        Self::try_open(edge, path, token, after)
            .unwrap_or_else(|why| panic!("no stream at {path}: {why:?}"))
    }

    /// Opens one while the edge may be away.
    ///
    /// # Errors
    /// Why it did not open.
    pub fn try_open(
        edge: &str,
        path: &str,
        token: &str,
        after: Option<&str>,
    ) -> Result<Self, StreamError> {
        let broken = |error: &dyn std::fmt::Display| StreamError::Broken(error.to_string());
        let authority = edge
            .strip_prefix("http://")
            .ok_or_else(|| broken(&"the edge is not on http here"))?;
        confidential::note(token);
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {token}\r\n\
             accept: text/event-stream\r\nconnection: close\r\n"
        );
        if let Some(after) = after {
            request.push_str(&format!("last-event-id: {after}\r\n"));
        }
        request.push_str("\r\n");
        let mut stream = TcpStream::connect(authority).map_err(|error| broken(&error))?;
        stream
            .set_read_timeout(Some(SOON))
            .and_then(|()| stream.write_all(request.as_bytes()))
            .map_err(|error| broken(&error))?;
        let mut reader = BufReader::new(stream.try_clone().map_err(|error| broken(&error))?);
        let (status, is_chunked) = head(&mut reader).map_err(|error| broken(&error))?;
        let mut body = Body {
            reader,
            is_chunked,
            left: 0,
        };
        if status != 200 {
            let mut text = String::new();
            body.read_to_string(&mut text).ok();
            return Err(StreamError::Answered(status, text));
        }
        stream
            .set_read_timeout(None)
            .map_err(|error| broken(&error))?;
        let (send, arriving) = channel();
        std::thread::spawn(move || {
            let (mut id, mut data) = (None, String::new());
            for line in BufReader::new(body).lines().map_while(Result::ok) {
                confidential::note_received(line.as_bytes());
                if let Some(text) = line.strip_prefix("id: ") {
                    id = Some(text.to_owned());
                } else if let Some(text) = line.strip_prefix("data: ") {
                    data.push_str(text);
                } else if line.is_empty() && !data.is_empty() {
                    let data = std::mem::take(&mut data);
                    let id = id.take();
                    if send.send(Event { id, data }).is_err() {
                        return;
                    }
                }
            }
        });
        Ok(Self {
            stream,
            arriving,
            read: Vec::new(),
        })
    }

    /// Waits for the event in which `look` finds something, and takes it out of what was read.
    ///
    /// # Panics
    /// When it did not come; the message shows what came instead.
    #[track_caller]
    pub fn event<T>(&mut self, what: &str, look: impl Fn(&Event) -> Option<T>) -> T {
        match self.try_event(SOON, look) {
            Ok(Some(found)) => found,
            Ok(None) => panic!("waited {SOON:?} for {what}; unread: {:#?}", self.read),
            Err(()) => panic!(
                "the stream ended while waiting for {what}; unread: {:#?}",
                self.read
            ),
        }
    }

    /// Waits for the event that `look` wants; `None` when it did not come `within` the time.
    ///
    /// # Errors
    /// When the stream ended.
    #[allow(clippy::result_unit_err, reason = "there is nothing to say of an end")]
    pub fn try_event<T>(
        &mut self,
        within: Duration,
        look: impl Fn(&Event) -> Option<T>,
    ) -> Result<Option<T>, ()> {
        let deadline = Deadline::after(within);
        let mut at = 0;
        loop {
            while let Some(event) = self.read.get(at) {
                if let Some(found) = look(event) {
                    self.read.remove(at);
                    return Ok(Some(found));
                }
                at += 1;
            }
            let Some(left) = deadline.left() else {
                return Ok(None);
            };
            match self.arriving.recv_timeout(left) {
                Ok(event) => self.read.push(event),
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => return Err(()),
            }
        }
    }

    /// What was read and not taken.
    pub fn unread(&self) -> &[Event] {
        &self.read
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // Ends the reader's thread too.
        self.stream.shutdown(Shutdown::Both).ok();
    }
}

/// Status, and whether the body comes in chunks.
fn head(reader: &mut impl BufRead) -> std::io::Result<(u16, bool)> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|text| text.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other(format!("`{line}` is no status")))?;
    let mut is_chunked = false;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            return Ok((status, is_chunked));
        }
        is_chunked |= header == "transfer-encoding: chunked";
    }
}

/// A body, whole or in chunks (RFC 9112, section 7.1).
struct Body<R> {
    reader: R,
    is_chunked: bool,
    /// Bytes of this chunk that were not read yet.
    left: usize,
}

impl<R: BufRead> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.is_chunked {
            return self.reader.read(buffer);
        }
        if self.left == 0 {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            // The line end of the chunk before.
            if line == "\r\n" {
                line.clear();
                self.reader.read_line(&mut line)?;
            }
            self.left = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            if self.left == 0 {
                return Ok(0);
            }
        }
        let wanted = buffer.len().min(self.left);
        let n_read = self.reader.read(&mut buffer[..wanted])?;
        self.left -= n_read;
        Ok(n_read)
    }
}
