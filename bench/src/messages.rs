//! Messages: accepted → acknowledged, a hundred visitors at once, Oriel beside an agent of Cloudflare's Agents SDK; and
//! what one message costs, counted.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use oriel_shared::id::ConversationId;
use oriel_shared::wire::visitor::Status;

use crate::Rounds;
use crate::chat::{self, Chat};
use crate::commits::Logs;
use crate::comparison::{self, Series, met};
use crate::cpu;
use crate::load;
use crate::server::{Implementation, Server};
use crate::visitor::Browser;
use xtask::dev::edge::Serving;
use xtask::workspace::Workspace;
use xtask::{clock, digest, progress};

/// Oriel's rate over the agent's, at least; and its slowest hundredth over its median, at most.
const GOAL: f64 = 2.0;
const GOAL_P99: f64 = 5.0;
/// Messages of one visitor over which calls and commits are counted.
const N_COUNTED: u32 = 20;
/// What `bench/counting.mjs` counts, and what it is called in the table.
const COUNTED: [(&str, &str); 9] = [
    ("worker", "requests to the worker"),
    ("frames", "frames that the object receives"),
    ("calls_in", "calls to the object"),
    ("calls_out", "calls of the object to others"),
    ("statements", "statements of the object"),
    ("rows_written", "rows written, indexes included"),
    ("alarms_set", "alarms set"),
    ("alarms", "alarms run"),
    ("d1", "calls to D1"),
];
/// Commits to disk: what they are called, where their files are, and whether they are the runtime's own of alarms.
const COMMITTED: [(&str, &str, bool); 3] = [
    ("commits of the object", "-Visitor/", false),
    ("commits of the runtime's list of alarms", "-Visitor/", true),
    ("commits of D1", "/d1/", false),
];
/// A conversation is in the management API within two seconds of its first message; a busy machine gets more.
const KEPT_WITHIN: Duration = Duration::from_secs(30);
/// Longer than what a message leaves to be done later takes.
const SETTLED_AFTER: Duration = Duration::from_secs(3);
/// Between two looks whether it is there.
const LOOK: Duration = Duration::from_millis(100);

/// Who listens to Oriel's visitors.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// A person: nothing is answered by itself, as the agent answers nothing.
    Person,
    /// The assistant, who looks everything up and answers.
    Assistant,
}

impl Listener {
    const fn name(self) -> &'static str {
        match self {
            Self::Person => "Oriel",
            Self::Assistant => "Oriel, said → answered",
        }
    }

    const fn profile_name(self) -> &'static str {
        match self {
            Self::Person => "messages",
            Self::Assistant => "answers",
        }
    }

    /// What one visitor does again and again.
    fn turn(self, chat: &mut Chat) -> Result<(), String> {
        match self {
            Self::Person => chat.say_next(),
            Self::Assistant => chat.ask(&chat.next()).map(drop),
        }
    }
}

/// Compares, then counts.
///
/// # Errors
/// When something cannot be built, started or measured.
pub fn run(workspace: &Workspace, n_visitors: usize, rounds: &Rounds) -> Result<()> {
    let (n_rounds, length) = (rounds.n, rounds.length());
    let ceiling = ceiling(n_visitors, length.min(Duration::from_secs(3)))?;
    let oriel = Server::start(workspace, Implementation::Oriel)?;
    let agents = Server::start(workspace, Implementation::Agents)?;
    let bare = Server::start(workspace, Implementation::Bare)?;
    let step = progress::step(format!("open {n_visitors} chats with each"));
    let mut quiet = chats(&oriel, n_visitors, Listener::Person)?;
    let mut answered = chats(&oriel, n_visitors, Listener::Assistant)?;
    let mut echoed = chats(&agents, n_visitors, Listener::Person)?;
    let mut floor = chats(&bare, n_visitors, Listener::Person)?;
    step.done();
    let mut all_series = [
        series(
            Listener::Person.name(),
            &oriel,
            &mut quiet,
            Listener::Person,
        ),
        series(
            Listener::Assistant.name(),
            &oriel,
            &mut answered,
            Listener::Assistant,
        ),
        series(
            Implementation::Agents.name(),
            &agents,
            &mut echoed,
            Listener::Person,
        ),
        series(
            Implementation::Bare.name(),
            &bare,
            &mut floor,
            Listener::Person,
        ),
    ];
    comparison::run(&mut all_series, rounds)?;
    let [own, _, peer, floor] = &all_series;
    let all = own.all();
    let spread = all.percentile(0.99) / all.percentile(0.5);
    println!(
        "\nMessages accepted → acknowledged, {n_visitors} visitors at once, {n_rounds} rounds of {} s each, in turns\n\n{}\n\
         {}{}{:<50}{spread:>6.2}   goal ≤ {GOAL_P99}: {}\n\n\
         The client alone manages {ceiling:.0} messages/s against an echo.{}",
        length.as_secs(),
        comparison::table(&all_series, "messages/s"),
        comparison::verdict(own, peer, GOAL),
        comparison::beside(own, floor),
        "Oriel's p99 / its p50",
        met(spread <= GOAL_P99),
        comparison::load_average(),
    );
    drop(all_series);
    drop((agents, bare));
    drop(oriel);
    println!("{}", count(workspace)?);
    Ok(())
}

/// Shows where inside the worker the time of a message goes.
///
/// # Errors
/// As [`run`].
pub fn profile(workspace: &Workspace, n_visitors: usize, length: Duration) -> Result<()> {
    let named = cpu::with_names(workspace)?;
    for listener in [Listener::Person, Listener::Assistant] {
        println!("\n{}", listener.name());
        let mut chats = chats(&named, n_visitors, listener)?;
        cpu::sample(workspace, &named, listener.profile_name(), || {
            load::run(length, &mut chats, |chat| listener.turn(chat))
        })?;
    }
    Ok(())
}

fn series<'a>(
    name: &'static str,
    server: &Server,
    chats: &'a mut [Chat],
    listener: Listener,
) -> Series<'a> {
    let runtime = server.runtime();
    Series::new(name, move |length| {
        // What the series before left to be done later is not this one's.
        thread::sleep(SETTLED_AFTER);
        let before = runtime.cpu_ms();
        let mut measured = load::run(length, chats, |chat| listener.turn(chat));
        let taken = before.zip(runtime.cpu_ms());
        measured.cpu_ms = taken.map(|(before, after)| (after - before) / measured.n_done() as f64);
        measured
    })
}

/// What the client manages when nobody keeps it waiting.
fn ceiling(n_visitors: usize, length: Duration) -> Result<f64> {
    let step = progress::step("measure the load client itself");
    let edge = chat::echo()?;
    let mut chats: Vec<Chat> = (0..n_visitors)
        .map(|_| Chat::open(Implementation::Agents, &edge, "token"))
        .collect::<Result<_>>()?;
    let measured = load::run(length, &mut chats, Chat::say_next);
    step.done();
    Ok(measured.rate)
}

/// Opens chats of new visitors and sends one message in each.
pub fn chats(server: &Server, n_visitors: usize, listener: Listener) -> Result<Vec<Chat>> {
    let Server {
        who, edge, site, ..
    } = server;
    let browser = Browser::new(edge);
    let mut chats = Vec::new();
    let mut conversations = Vec::new();
    for _ in 0..n_visitors {
        let token = if *who == Implementation::Bare {
            digest::random_text::<16>()?
        } else {
            let session = browser.pair(site).map_err(|error| anyhow!(error))?;
            conversations.push(session.conversation);
            session.access_token
        };
        let mut chat = Chat::open(*who, edge, &token)?;
        chat.say_next().map_err(|error| anyhow!(error))?;
        chats.push(chat);
    }
    if *who == Implementation::Oriel && listener == Listener::Person {
        for conversation in &conversations {
            take_over(server, conversation)?;
        }
    }
    Ok(chats)
}

/// A person of the team takes the conversation, as soon as the management API has it.
fn take_over(server: &Server, conversation: &ConversationId) -> Result<()> {
    let api = server.management();
    let began = clock::now();
    loop {
        match api.change_status(conversation.as_str(), Status::Agent) {
            Ok(_) => return Ok(()),
            Err(error) if began.elapsed() > KEPT_WITHIN => return Err(error),
            Err(_) => thread::sleep(LOOK),
        }
    }
}

/// Counts what one visitor's messages ask of the runtime, and what reaches the disk: until each is acknowledged, and in
/// total, when they come as slowly as people type.
fn count(workspace: &Workspace) -> Result<String> {
    let serving = Serving {
        entry: Some(workspace.join("bench/counting.mjs")),
        ..Serving::default()
    };
    let server = Server::start_as(workspace, Implementation::Oriel, serving)?;
    let step = progress::step("count");
    let until_acknowledged = counted(&server, None)?;
    let all_told = counted(&server, Some(Duration::from_secs(1)))?;
    step.done();
    let mut out = format!(
        "\n{:<42}{:>20}{:>24}\n\n",
        "For each of one visitor's messages", "until acknowledged", "one a second, all told"
    );
    for ((what, until), (_, all)) in until_acknowledged.into_iter().zip(all_told) {
        out += &format!("{what:<42}{until:>20.2}{all:>24.2}\n");
    }
    Ok(out)
}

/// With a pause after each message, what it leaves to be done later is counted too.
fn counted(server: &Server, pause: Option<Duration>) -> Result<Vec<(&'static str, f64)>> {
    let mut chat = chats(server, 1, Listener::Person)?
        .pop()
        .context("one chat")?;
    thread::sleep(SETTLED_AFTER);
    let _from_zero = server.counts()?;
    let before = Logs::read(&server.data())?;
    for _ in 0..N_COUNTED {
        chat.say_next().map_err(|error| anyhow!(error))?;
        thread::sleep(pause.unwrap_or_default());
    }
    if pause.is_some() {
        thread::sleep(SETTLED_AFTER);
    }
    let after = Logs::read(&server.data())?;
    let calls = server.counts()?;
    let each = |total: u64| total as f64 / f64::from(N_COUNTED);
    let mut all: Vec<(&str, f64)> = COUNTED
        .iter()
        .map(|(name, what)| (*what, each(calls.get(*name).copied().unwrap_or_default())))
        .collect();
    for (what, folder, is_alarms) in COMMITTED {
        let n = after.since(&before, |path| {
            path.contains(folder) && path.contains("metadata.sqlite") == is_alarms
        })?;
        all.push((what, each(n)));
    }
    Ok(all)
}
