//! A stand-in for hosts else: the resolver and every public host, as an edge reaches them from a test.
//!
//! An [`OnlineEdge`](crate::online_edge::OnlineEdge) hands each request that it sends to others to a [`FakeInternet`] on a
//! loopback port, with its address and headers word for word. So the guard is tested as it is deployed, on public names and
//! addresses, and nothing leaves the machine.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::wait::{LONGER_THAN_ANYBODY_WAITS, SOON};

/// The resolver that wrangler.toml names.
const RESOLVER: &str = "cloudflare-dns.com";

/// A request that reached the internet.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    /// Its method.
    pub method: String,
    /// Its whole address.
    pub url: String,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl ReceivedRequest {
    /// A header's value.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(its, _)| its == name);
        &found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1
    }

    /// Names of its headers, in order.
    pub fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Its body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    fn host(&self) -> &str {
        let rest = self.url.split("://").nth(1).unwrap_or_default();
        rest.split(['/', '?']).next().unwrap_or_default()
    }
}

/// What a host answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// At once.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers; the length is added.
        headers: Vec<(&'static str, String)>,
        /// Its body.
        body: Vec<u8>,
    },
    /// Nothing for a long time.
    Silence,
    /// A page without end.
    Flood,
    /// 200 with a body that is made while it is read.
    Streamed {
        /// Its media type.
        media_type: &'static str,
        /// Writes it.
        body: BodyStream,
    },
}

/// Writes the body of a [`Reply::Streamed`], and says whether that was all of it; what is cut breaks off.
#[derive(Clone)]
pub struct BodyStream(pub Arc<dyn Fn(&mut BodyWriter<'_>) -> BodyEnd + Send + Sync>);

impl std::fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BodyStream")
    }
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// As it should.
    Whole,
    /// In the middle.
    Cut,
}

/// The way to whoever reads a body while it is made.
pub struct BodyWriter<'s>(&'s TcpStream);

impl BodyWriter<'_> {
    /// Says the next bytes. Tells whether somebody is still there.
    pub fn say(&mut self, bytes: &[u8]) -> bool {
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.0
            .write_all(&chunk)
            .and_then(|()| self.0.flush())
            .is_ok()
            && !self.is_gone()
    }

    /// Whether nobody is there any more.
    pub fn is_gone(&self) -> bool {
        self.wait(Duration::from_millis(1))
    }

    /// Waits. Tells whether nobody is there any more, as soon as that is so.
    pub fn wait(&self, time: Duration) -> bool {
        // Nothing more comes from the other side but its end.
        self.0.set_read_timeout(Some(time)).ok();
        let mut byte = [0];
        match self.0.peek(&mut byte) {
            Ok(n) => n == 0,
            Err(error) => !matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ),
        }
    }
}

impl Reply {
    /// A status and nothing else.
    pub fn status(status: u16) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// 200 with a body.
    pub fn page(media_type: &str, body: &str) -> Self {
        Self::Answer {
            status: 200,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.into(),
        }
    }

    /// A redirect.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::Answer {
            status,
            headers: vec![("location", location.to_owned())],
            body: b"moved".to_vec(),
        }
    }
}

type Host = Arc<dyn Fn(&ReceivedRequest) -> Reply + Send + Sync>;

/// What the resolver says of a name.
enum Named {
    Addresses(Vec<String>),
    /// That it failed.
    Failure,
    /// Nothing for a long time.
    Silence,
}

#[derive(Default)]
struct Hosts {
    names: HashMap<String, Named>,
    hosts: HashMap<String, Host>,
    seen: Vec<ReceivedRequest>,
}

/// The resolver and every public host.
#[derive(Clone, Default)]
pub struct FakeInternet(Arc<Mutex<Hosts>>);

impl FakeInternet {
    fn lock(&self) -> MutexGuard<'_, Hosts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a host answers like this. It gets a public address, unless it has been named before.
    pub fn host(
        &self,
        name: &str,
        reply: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
    ) {
        let mut hosts = self.lock();
        hosts.hosts.insert(name.to_owned(), Arc::new(reply));
        hosts
            .names
            .entry(name.to_owned())
            .or_insert_with(|| Named::Addresses(vec!["93.184.215.14".to_owned()]));
    }

    /// From now on a name has these addresses.
    pub fn name(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|&text| text.to_owned()).collect();
        self.lock()
            .names
            .insert(name.to_owned(), Named::Addresses(addresses));
    }

    /// From now on the resolver fails when it is asked for this name.
    pub fn fail_to_resolve(&self, name: &str) {
        self.lock().names.insert(name.to_owned(), Named::Failure);
    }

    /// From now on the resolver says nothing when it is asked for this name.
    pub fn never_resolve(&self, name: &str) {
        self.lock().names.insert(name.to_owned(), Named::Silence);
    }

    /// The requests that a host got, first to last.
    pub fn seen(&self, host: &str) -> Vec<ReceivedRequest> {
        let hosts = self.lock();
        let of_host = hosts.seen.iter().filter(|seen| seen.host() == host);
        of_host.cloned().collect()
    }

    pub(crate) fn listen(&self) -> std::io::Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let internet = self.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let internet = internet.clone();
                std::thread::spawn(move || {
                    // An edge that went away is no fault of a host's.
                    let _gone = internet.serve(&stream);
                });
            }
        });
        Ok(port)
    }

    fn serve(&self, stream: &TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(SOON))?;
        let seen = read(stream)?;
        let reply = if seen.host() == RESOLVER {
            self.resolve(&seen.url)
        } else {
            let host = {
                let mut hosts = self.lock();
                hosts.seen.push(seen.clone());
                hosts.hosts.get(seen.host()).cloned()
            };
            host.map_or_else(|| Reply::status(502), |host| host(&seen))
        };
        answer(stream, &reply)
    }

    /// As the resolver's documentation shows it.
    fn resolve(&self, url: &str) -> Reply {
        let param = |wanted: &str| {
            let query = url.split('?').nth(1).unwrap_or_default();
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value)
        };
        let (name, kind) = (param("name").unwrap_or_default(), param("type"));
        let (number, is_kind): (u16, fn(&String) -> bool) = match kind {
            Some("AAAA") => (28, |address| address.contains(':')),
            _ => (1, |address| !address.contains(':')),
        };
        let body = match self.lock().names.get(name) {
            None => json!({ "Status": 3 }),
            Some(Named::Failure) => json!({ "Status": 2 }),
            Some(Named::Silence) => return Reply::Silence,
            Some(Named::Addresses(addresses)) => {
                let records: Vec<Value> = addresses
                    .iter()
                    .filter(|&address| is_kind(address))
                    .map(|address| json!({ "name": name, "type": number, "TTL": 60, "data": address }))
                    .collect();
                json!({ "Status": 0, "TC": false, "Answer": records })
            }
        };
        Reply::page("application/dns-json", &body.to_string())
    }
}

/// Reads what the fixture hands over.
fn read(stream: &TcpStream) -> std::io::Result<ReceivedRequest> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let method = line.split(' ').next().unwrap_or_default().to_owned();
    let mut fields = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        fields.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let mut body = vec![0; field("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(ReceivedRequest {
        method,
        url: field("x-url"),
        headers: serde_json::from_str(&field("x-headers")).unwrap_or_default(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn answer(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut head = format!("HTTP/1.1 {status} Played\r\nconnection: close\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
            stream.write_all(head.as_bytes())?;
            stream.write_all(body)
        }
        Reply::Silence => {
            std::thread::sleep(LONGER_THAN_ANYBODY_WAITS);
            Ok(())
        }
        Reply::Flood => {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n",
            )?;
            // Ends when the edge hangs up.
            loop {
                stream.write_all(&[b'x'; 64 << 10])?;
            }
        }
        Reply::Streamed { media_type, body } => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
            );
            stream.set_nodelay(true)?;
            stream.write_all(head.as_bytes())?;
            match body.0(&mut BodyWriter(stream)) {
                BodyEnd::Whole => stream.write_all(b"0\r\n\r\n"),
                BodyEnd::Cut => Ok(()),
            }
        }
    }
}
