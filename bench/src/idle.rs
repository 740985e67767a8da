//! Chats that are open and silent: what the runtime's memory is before them, with all of them at work, and once their
//! objects sleep.
//!
//! Memory that is not given back is of three kinds, and a number from the kernel does not tell them apart: what somebody
//! still holds, garbage that V8 has not collected, free pieces that the allocator keeps. So everything is done twice, the
//! second time with a V8 that collects all the time; there what somebody holds is left, and the rest of the difference
//! was garbage. What Oriel's wasm holds is counted. A bare object, asked the same, shows what is the runtime's own.

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde::Deserialize;
use serde_json::json;

use crate::chat::Chat;
use crate::comparison::load_average;
use crate::inspector::Inspector;
use crate::load::Spread;
use crate::messages::{self, Listener};
use crate::server::{Alive, Implementation, Server};
use xtask::dev::edge::Serving;
use xtask::workspace::Workspace;
use xtask::{clock, command, progress};

/// After these the memory is looked at. Objects sleep after ten seconds without an event, and what they brought to D1
/// was done long before.
const IDLE_FOR_S: [u64; 2] = [15, 60];
/// So many of the sleepers are woken at the end.
const N_WOKEN: usize = 20;

/// Chats of the warm-up.
const N_WARM: usize = 20;
/// Chats that say something at the same time.
const AT_ONCE: usize = 16;

/// How V8 collects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collecting {
    /// When it thinks that it should, which on a machine with memory is late.
    AsItRuns,
    /// All garbage, in every worker of the runtime, whenever a megabyte was allocated; and when asked.
    Eagerly,
}

impl Collecting {
    const fn flags(self) -> Option<&'static str> {
        match self {
            Self::AsItRuns => None,
            Self::Eagerly => Some(
                "--expose-gc --gc-global --min-semi-space-size=1 --max-semi-space-size=1 --semi-space-growth-factor=1",
            ),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::AsItRuns => "as it runs",
            Self::Eagerly => "garbage collected eagerly",
        }
    }
}

/// The runtime at one moment.
struct Snapshot {
    when: String,
    /// Of the process that the worker runs in, as the kernel sees it.
    memory: Option<u64>,
    /// Of wrangler's own worker in front of it, which every socket goes through.
    in_front: Option<u64>,
    /// Objects of JavaScript in use, garbage included.
    heap: u64,
    /// In the wasm, if the worker has one.
    alive: Option<Alive>,
    /// Every object that is awake has its database open.
    n_awake: Option<u64>,
}

/// What a chat that is silent still takes, in bytes.
struct Retained {
    whose: String,
    memory: Option<i64>,
    in_front: Option<i64>,
    heap: i64,
    wasm: Option<i64>,
}

/// Opens the chats, lets them idle, wakes some, closes them and opens as many again.
///
/// # Errors
/// When something cannot be built, started or opened.
pub fn run(workspace: &Workspace, n_chats: usize) -> Result<()> {
    let mut kept = Vec::new();
    for collecting in [Collecting::AsItRuns, Collecting::Eagerly] {
        for who in [Implementation::Oriel, Implementation::Bare] {
            let serving = serving(workspace, who, collecting);
            let server = Server::start_as(workspace, who, serving)?;
            let whose = format!("{}, {}", who.name(), collecting.name());
            let (text, of_it) = watch(&server, whose, n_chats)?;
            println!("{text}");
            kept.push(of_it);
        }
    }
    println!("{}\n{}", summary(&kept), load_average().trim_start());
    Ok(())
}

fn serving(workspace: &Workspace, who: Implementation, collecting: Collecting) -> Serving {
    let v8_flags = collecting.flags();
    match who {
        Implementation::Bare => Serving {
            config: Some(workspace.join("bench/bare/idle.toml")),
            v8_flags,
            ..Serving::default()
        },
        _ => Serving {
            entry: Some(workspace.join("bench/collecting.mjs")),
            v8_flags,
            ..Serving::default()
        },
    }
}

fn watch(server: &Server, whose: String, n_chats: usize) -> Result<(String, Retained)> {
    // Code that has run takes memory that is nobody's chat.
    drop(messages::chats(server, N_WARM, Listener::Assistant)?);
    let step = progress::step("warm up");
    pass(IDLE_FOR_S[0]);
    step.done();
    let mut snapshots = vec![Snapshot::at(server, "before".to_owned())?];
    let mut chats = at_work(server, n_chats, "open", &mut snapshots)?;
    let mut passed = 0;
    let step = progress::step("let them idle");
    for seconds in IDLE_FOR_S {
        pass(seconds - passed);
        passed = seconds;
        snapshots.push(Snapshot::at(server, format!("idle for {seconds} s"))?);
    }
    step.done();
    let kept = Retained::between(whose, &snapshots, n_chats);
    let woken = wake(&mut chats, n_chats.div_ceil(N_WOKEN))?;
    drop(chats);
    let step = progress::step("close them");
    pass(IDLE_FOR_S[0]);
    step.done();
    snapshots.push(Snapshot::at(server, "all closed".to_owned())?);
    // What the runtime keeps for itself is used by those who come next; what is lost is not.
    drop(at_work(
        server,
        n_chats,
        "open as many as before",
        &mut snapshots,
    )?);
    let text = format!(
        "\n{}\n{}\nA sleeper acknowledges its next message in {:.1} ms (median of {}; {:.1}–{:.1}).",
        kept.whose,
        report(&snapshots),
        woken.median,
        n_chats.min(N_WOKEN),
        woken.min,
        woken.max,
    );
    Ok((text, kept))
}

/// Chats of which each has asked something just now, and how the runtime is then.
fn at_work(
    server: &Server,
    n_chats: usize,
    what: &str,
    snapshots: &mut Vec<Snapshot>,
) -> Result<Vec<Chat>> {
    let step = progress::step(format!("{what}: {n_chats} chats"));
    let mut chats = messages::chats(server, n_chats, Listener::Assistant)?;
    // The first of them may sleep already.
    say_all(&mut chats)?;
    step.done();
    snapshots.push(Snapshot::at(server, format!("{n_chats} chats at work"))?);
    Ok(chats)
}

fn pass(seconds: u64) {
    let began = clock::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        thread::sleep(Duration::from_millis(200));
        command::leave_if_stopping();
    }
}

/// Every chat says one thing, some of them at once.
fn say_all(chats: &mut [Chat]) -> Result<()> {
    let part = chats.len().div_ceil(AT_ONCE);
    let outcomes: Vec<Result<(), String>> = thread::scope(|scope| {
        let threads: Vec<_> = chats
            .chunks_mut(part)
            .map(|part| scope.spawn(|| part.iter_mut().try_for_each(Chat::say_next)))
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    outcomes
        .into_iter()
        .collect::<Result<(), String>>()
        .map_err(|error| anyhow!(error))
}

/// Milliseconds until every so many-th chat has its next message acknowledged.
fn wake(chats: &mut [Chat], every: usize) -> Result<Spread> {
    let mut woken = Vec::new();
    for chat in chats.iter_mut().step_by(every) {
        let began = clock::now();
        chat.say_next()
            .map_err(|error| anyhow!("a sleeper did not wake: {error}"))?;
        woken.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(Spread::of(&woken))
}

impl Snapshot {
    fn at(server: &Server, when: String) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Heap {
            used_size: f64,
        }
        let (class, alive) = match server.who {
            Implementation::Bare => ("Bare", None),
            // First: it collects, if it may.
            _ => ("Visitor", Some(server.alive()?)),
        };
        let heap =
            Inspector::attach(server.inspector_port)?.call("Runtime.getHeapUsage", &json!({}))?;
        let heap: Heap = serde_json::from_value(heap)?;
        let (in_front, behind) = server.runtime().in_front(server.port);
        Ok(Self {
            when,
            memory: behind.memory(),
            in_front: in_front.memory(),
            heap: heap.used_size as u64,
            alive,
            n_awake: behind.open_objects(class),
        })
    }
}

impl Retained {
    /// From before the chats until they were silent for longest.
    fn between(whose: String, snapshots: &[Snapshot], n_chats: usize) -> Self {
        let each = |of: &dyn Fn(&Snapshot) -> Option<u64>| {
            let (before, after) = (of(snapshots.first()?)?, of(snapshots.last()?)?);
            Some((after as i64 - before as i64) / n_chats as i64)
        };
        Self {
            whose,
            memory: each(&|snapshot| snapshot.memory),
            in_front: each(&|snapshot| snapshot.in_front),
            heap: each(&|snapshot| Some(snapshot.heap)).unwrap_or_default(),
            wasm: each(&|snapshot| snapshot.alive.as_ref().map(|alive| alive.memory)),
        }
    }
}

fn shown<N: ToString>(number: Option<N>) -> String {
    number.map_or_else(|| "–".to_owned(), |n| n.to_string())
}

fn report(snapshots: &[Snapshot]) -> String {
    let mut out = format!(
        "\n{:<22}{:>12}{:>14}{:>13}{:>11}{:>14}{:>15}{:>14}\n",
        "",
        "worker MiB",
        "in front MiB",
        "JS heap MiB",
        "wasm KiB",
        "Rust objects",
        "JS held there",
        "objects awake"
    );
    let mib = |bytes: u64| bytes >> 20;
    for snapshot in snapshots {
        let alive = snapshot.alive.as_ref();
        let _infallible = writeln!(
            out,
            "{:<22}{:>12}{:>14}{:>13.1}{:>11}{:>14}{:>15}{:>14}",
            snapshot.when,
            shown(snapshot.memory.map(mib)),
            shown(snapshot.in_front.map(mib)),
            snapshot.heap as f64 / f64::from(1 << 20),
            shown(alive.map(|alive| alive.memory >> 10)),
            shown(alive.map(|alive| alive.objects.values().sum::<u64>())),
            shown(alive.map(|alive| alive.references)),
            shown(snapshot.n_awake)
        );
    }
    out
}

fn summary(kept: &[Retained]) -> String {
    let mut out = format!(
        "\n{:<44}{:>12}{:>14}{:>13}{:>11}\n",
        "A silent chat with an open socket keeps, KiB",
        "worker",
        "in front",
        "of JS heap",
        "of wasm"
    );
    let kib = |bytes: i64| format!("{:.1}", bytes as f64 / 1024.0);
    for of in kept {
        let _infallible = writeln!(
            out,
            "{:<44}{:>12}{:>14}{:>13}{:>11}",
            of.whose,
            shown(of.memory.map(kib)),
            shown(of.in_front.map(kib)),
            kib(of.heap),
            shown(of.wasm.map(kib))
        );
    }
    out
}
