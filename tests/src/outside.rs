//! An edge whose way out leads here: the test plays the resolver and every public host.
//!
//! `fixtures/outside.mjs` runs the built worker in the real runtime and hands each request that it sends to others to a
//! [`World`] on a loopback port, with its address and headers word for word. So the guard is tested as it is deployed, on
//! public names and addresses, and nothing leaves the machine.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::database::{node, random};
use crate::edge::{files_with, keepsakes, workspace};
use crate::processes;
use crate::team::Team;
use crate::wait::{LONGER_THAN_ANYBODY_WAITS, SOON, until};

/// The cron triggers of wrangler.toml.
pub const EVERY_MINUTE: &str = "* * * * *";
/// See [`EVERY_MINUTE`].
pub const EVERY_HOUR: &str = "17 * * * *";
/// The resolver that wrangler.toml names.
const RESOLVER: &str = "cloudflare-dns.com";
/// Organisations, each with a key.
const N_ORGANISATIONS: usize = 8;

/// A request that reached the world.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its method.
    pub method: String,
    /// Its whole address.
    pub url: String,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Seen {
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
    Told {
        /// Its media type.
        media_type: &'static str,
        /// Says it.
        tell: Tell,
    },
}

/// Says the body of a [`Reply::Told`], and whether that was all of it; what is cut breaks off.
#[derive(Clone)]
pub struct Tell(pub Arc<dyn Fn(&mut Line<'_>) -> Told + Send + Sync>);

impl std::fmt::Debug for Tell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tell")
    }
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// As it should.
    Whole,
    /// In the middle.
    Cut,
}

/// The way to whoever reads a body while it is made.
pub struct Line<'s>(&'s TcpStream);

impl Line<'_> {
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

type Host = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// What the resolver says of a name.
enum Named {
    Addresses(Vec<String>),
    /// That it failed.
    Failure,
    /// Nothing for a long time.
    Silence,
}

#[derive(Default)]
struct Everybody {
    names: HashMap<String, Named>,
    hosts: HashMap<String, Host>,
    seen: Vec<Seen>,
}

/// The resolver and every public host.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<Everybody>>);

impl World {
    fn lock(&self) -> MutexGuard<'_, Everybody> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a host answers like this. It gets a public address, unless it has been named before.
    pub fn host(&self, name: &str, reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) {
        let mut everybody = self.lock();
        everybody.hosts.insert(name.to_owned(), Arc::new(reply));
        everybody
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
    pub fn break_name(&self, name: &str) {
        self.lock().names.insert(name.to_owned(), Named::Failure);
    }

    /// From now on the resolver says nothing when it is asked for this name.
    pub fn hush_name(&self, name: &str) {
        self.lock().names.insert(name.to_owned(), Named::Silence);
    }

    /// The requests that a host got, first to last.
    pub fn seen(&self, host: &str) -> Vec<Seen> {
        let everybody = self.lock();
        let of_host = everybody.seen.iter().filter(|seen| seen.host() == host);
        of_host.cloned().collect()
    }

    fn listen(&self) -> std::io::Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let world = self.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let world = world.clone();
                std::thread::spawn(move || {
                    // An edge that went away is no fault of the world.
                    let _gone = world.serve(&stream);
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
                let mut everybody = self.lock();
                everybody.seen.push(seen.clone());
                everybody.hosts.get(seen.host()).cloned()
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
fn read(stream: &TcpStream) -> std::io::Result<Seen> {
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
    Ok(Seen {
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
        Reply::Told { media_type, tell } => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
            );
            stream.set_nodelay(true)?;
            stream.write_all(head.as_bytes())?;
            match tell.0(&mut Line(stream)) {
                Told::Whole => stream.write_all(b"0\r\n\r\n"),
                Told::Cut => Ok(()),
            }
        }
    }
}

/// What an edge keeps: its data, its secrets and the keys of its organisations.
pub struct Estate {
    state: tempfile::TempDir,
    /// The worker's secrets.
    pub secrets: HashMap<&'static str, String>,
    keys: Vec<String>,
}

impl Estate {
    /// A new one.
    ///
    /// # Panics
    /// When there is no folder for it.
    pub fn new() -> Self {
        let secrets = ["TOKEN_KEY", "VAULT_KEY"].map(|name| (name, random_key()));
        let keys = (0..N_ORGANISATIONS)
            .map(|_| format!("ok_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>())));
        Self {
            state: tempfile::tempdir().expect("a state folder"),
            secrets: secrets.into(),
            keys: keys.collect(),
        }
    }

    fn seed(&self) -> Vec<String> {
        let seed = |(at, key): (usize, &String)| {
            [
                format!(
                    "INSERT INTO organisations (id, name, created_at) VALUES ('org_{at}', 'One', 1)"
                ),
                insert_key(&format!("key_{at}"), &format!("org_{at}"), None, key),
            ]
        };
        self.keys.iter().enumerate().flat_map(seed).collect()
    }
}

impl Default for Estate {
    fn default() -> Self {
        Self::new()
    }
}

fn insert_key(id: &str, org: &str, site: Option<&str>, key: &str) -> String {
    let hash: String = Sha256::digest(key.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let site = site.map_or("NULL".to_owned(), |site| format!("'{site}'"));
    format!(
        "INSERT INTO api_keys (id, org_id, site_id, name, hash, created_at) \
         VALUES ('{id}', '{org}', {site}, 'test', '{hash}', 1)"
    )
}

/// 32 bytes as a secret of the worker holds them.
pub fn random_key() -> String {
    BASE64_STANDARD.encode(random::<32>())
}

/// A running edge in a [`World`]. Dropping it stops exactly the process that was started.
pub struct Outside {
    /// Everybody else.
    pub world: World,
    origin: String,
    keys: Vec<String>,
    state: PathBuf,
    child: Child,
    wire: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    log: PathBuf,
}

impl Outside {
    /// Starts one on an estate; `is_new` makes its database.
    ///
    /// # Errors
    /// Why it did not become ready.
    pub fn start(estate: &Estate, is_new: bool) -> Result<Self, String> {
        Self::start_in(World::default(), estate, is_new)
    }

    /// The same in a world that is there before it.
    ///
    /// # Errors
    /// As [`Outside::start`].
    pub fn start_in(world: World, estate: &Estate, is_new: bool) -> Result<Self, String> {
        Self::run(world, estate, is_new, &json!({}))
    }

    /// Starts one that has a binding for Workers AI, behind which the world answers as `workers-ai.example.com`.
    ///
    /// # Errors
    /// As [`Outside::start`].
    pub fn start_with_ai(estate: &Estate) -> Result<Self, String> {
        Self::run(World::default(), estate, true, &json!({ "ai": true }))
    }

    /// Starts one without the platform's limiter, as when that fails.
    ///
    /// # Errors
    /// As [`Outside::start`].
    pub fn start_without_shield(estate: &Estate) -> Result<Self, String> {
        Self::run(World::default(), estate, true, &json!({ "shield": false }))
    }

    fn run(world: World, estate: &Estate, is_new: bool, parts: &Value) -> Result<Self, String> {
        let port = world.listen().map_err(|error| error.to_string())?;
        let options = json!({
            "state": estate.state.path(),
            "world": format!("127.0.0.1:{port}"),
            "secrets": estate.secrets,
            "seed": is_new.then(|| estate.seed()),
            "parts": parts,
        });
        let name = format!("outside-{port}.log");
        let log = keepsakes("test-logs")?.join(name);
        let stderr = File::create(&log).map_err(|error| error.to_string())?;
        let mut child = Command::new(node())
            .args(["--no-warnings", "tests/fixtures/outside.mjs"])
            .arg(options.to_string())
            .current_dir(workspace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|error| error.to_string())?;
        processes::started(child.id());
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        let read = stdout.read_line(&mut line);
        let ready = serde_json::from_str::<Value>(&line).ok();
        let Some(origin) = ready.as_ref().and_then(|ready| ready["edge"].as_str()) else {
            stop(&mut child);
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            return Err(format!("it did not become ready: {read:?} {line}\n{said}"));
        };
        Ok(Self {
            world,
            origin: origin.to_owned(),
            keys: estate.keys.clone(),
            state: estate.state.path().to_path_buf(),
            child,
            wire: Mutex::new((stdin, stdout)),
            log,
        })
    }

    /// Calls it.
    pub fn client(&self) -> Client {
        Client::new(&self.origin)
    }

    /// The team of the first organisation.
    pub fn team(&self) -> Team {
        Team::new(self.client(), &self.keys[0])
    }

    /// The team of another organisation.
    pub fn another_team(&self) -> Team {
        Team::new(self.client(), &self.keys[1])
    }

    /// The team of one of the organisations, from 0: for what an organisation has one of.
    pub fn team_of_organisation(&self, at: usize) -> Team {
        Team::new(self.client(), &self.keys[at])
    }

    /// Somebody of the first organisation whose key is held to one site.
    pub fn team_of_site(&self, site: &str) -> Team {
        let key = format!("ok_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()));
        self.sql(&insert_key(
            &format!("key_{site}"),
            "org_0",
            Some(site),
            &key,
        ));
        Team::new(self.client(), &key)
    }

    /// Kills the runtime in the middle of whatever it does, and what started it. The estate stays.
    ///
    /// # Panics
    /// When there is no runtime to kill.
    pub fn kill(mut self) {
        let runtimes = processes::descendants(self.child.id(), "workerd");
        assert!(!runtimes.is_empty(), "no runtime runs");
        for pid in runtimes {
            processes::signal(pid, Signal::SIGKILL);
        }
        processes::stopped(self.child.id());
        self.child.kill().expect("it runs");
    }

    /// Fires a cron trigger and waits for its end.
    pub fn fire(&self, cron: &str) {
        let outcome = self.ask(&json!({ "cron": cron }));
        assert_eq!(outcome["outcome"], "ok", "{outcome}");
    }

    /// Everything that it keeps.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The files that hold these bytes.
    ///
    /// # Panics
    /// When the state cannot be read.
    pub fn files_with(&self, needle: &str) -> Vec<PathBuf> {
        files_with(&self.state, needle)
    }

    /// Runs a statement on the main database.
    pub fn sql(&self, sql: &str) -> Value {
        self.ask(&json!({ "sql": sql, "binding": "DB" }))
    }

    /// Runs a statement on the index.
    pub fn index_sql(&self, sql: &str) -> Value {
        self.ask(&json!({ "sql": sql, "binding": "SEARCH" }))
    }

    /// What it wrote to its log so far.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// Waits for a line in the log that has this in it.
    #[track_caller]
    pub fn logged(&self, part: &str) -> String {
        until(&format!("{part} in the log"), SOON, || {
            let log = self.log();
            log.lines()
                .rfind(|line| line.contains(part))
                .map(str::to_owned)
        })
    }

    fn ask(&self, question: &Value) -> Value {
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = &mut *wire;
        writeln!(stdin, "{question}").expect("it reads");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).unwrap_or_else(|error| {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            panic!("{question}: {error} in {line:?}\n{log}")
        })
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

fn stop(child: &mut Child) {
    processes::stopped(child.id());
    processes::signal(child.id(), Signal::SIGTERM);
    let _ended = child.wait();
}
