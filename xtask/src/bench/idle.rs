//! Chats that are open and silent: what the runtime's memory is before them, with all of them at work, and once their
//! objects sleep.

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde::Deserialize;
use serde_json::json;

use super::chat::Chat;
use super::contender::{Contender, Who};
use super::inspector::Inspector;
use super::lanes::load_average;
use super::load::Spread;
use super::messages::{self, Listener};
use crate::workspace::Workspace;
use crate::{bundle, clock, command, progress, setup};

/// After these the memory is looked at. Objects sleep after ten seconds without an event, and what they brought to D1
/// was done long before.
const IDLE_FOR_S: [u64; 3] = [15, 30, 60];
/// So many of the sleepers are woken at the end.
const N_WOKEN: usize = 20;

/// Chats of the warm-up.
const N_WARM: usize = 20;
/// Chats that say something at the same time.
const AT_ONCE: usize = 16;

/// One look at the runtime.
struct Look {
    when: String,
    /// Of the runtime's processes, as the kernel sees it.
    memory: Option<u64>,
    /// Objects of JavaScript in use, garbage included.
    heap: u64,
    /// What JavaScript holds outside of its heap: the memory of the wasm, above all.
    buffers: u64,
    /// Every object that is awake has its database open.
    n_awake: Option<u64>,
}

/// Opens the chats, lets them idle, wakes some.
///
/// # Errors
/// When something cannot be built, started or opened.
pub fn run(workspace: &Workspace, n_chats: usize) -> Result<()> {
    setup::for_builds(workspace)?;
    bundle::build_all(workspace)?;
    // The second shows what of it is the runtime's own.
    for who in [Who::Oriel, Who::Bare] {
        let contender = Contender::start(workspace, who)?;
        println!("{}", watch(&contender, n_chats)?);
    }
    println!("{}", load_average().trim_start());
    Ok(())
}

fn watch(contender: &Contender, n_chats: usize) -> Result<String> {
    // Code that has run takes memory that is nobody's chat.
    drop(messages::chats(contender, N_WARM, Listener::Assistant)?);
    let step = progress::step("warm up");
    pass(IDLE_FOR_S[0]);
    step.done();
    let mut looks = vec![Look::at(contender, "before".to_owned())?];
    let step = progress::step(format!("open {n_chats} chats"));
    let mut chats = messages::chats(contender, n_chats, Listener::Assistant)?;
    // The first of them may sleep already.
    say_all(&mut chats)?;
    step.done();
    looks.push(Look::at(contender, format!("{n_chats} chats at work"))?);
    let mut passed = 0;
    let step = progress::step("let them idle");
    for seconds in IDLE_FOR_S {
        pass(seconds - passed);
        passed = seconds;
        looks.push(Look::at(contender, format!("idle for {seconds} s"))?);
    }
    step.done();
    // What the runtime keeps for itself is used by those who come next; what is lost is not.
    let step = progress::step(format!("open {n_chats} more"));
    let mut more = messages::chats(contender, n_chats, Listener::Assistant)?;
    say_all(&mut more)?;
    step.done();
    looks.push(Look::at(contender, format!("{n_chats} more at work"))?);
    let woken = wake(&mut chats, n_chats.div_ceil(N_WOKEN))?;
    Ok(format!(
        "\n{}\n{}\nA sleeper acknowledges its next message in {:.1} ms (median of {}; {:.1}–{:.1}).",
        contender.who.name(),
        report(&looks),
        woken.median,
        n_chats.min(N_WOKEN),
        woken.least,
        woken.most,
    ))
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
            .map(|part| scope.spawn(|| part.iter_mut().try_for_each(Chat::say)))
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
        chat.say()
            .map_err(|error| anyhow!("a sleeper did not wake: {error}"))?;
        woken.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(Spread::of(&woken))
}

impl Look {
    fn at(contender: &Contender, when: String) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Heap {
            used_size: f64,
            backing_storage_size: f64,
        }
        let runtime = contender.runtime();
        let class = if contender.who == Who::Bare {
            "Bare"
        } else {
            "Visitor"
        };
        let heap = Inspector::attach(contender.inspector_port)?
            .call("Runtime.getHeapUsage", &json!({}))?;
        let heap: Heap = serde_json::from_value(heap)?;
        Ok(Self {
            when,
            memory: runtime.memory(),
            heap: heap.used_size as u64,
            buffers: heap.backing_storage_size as u64,
            n_awake: runtime.open_objects(class),
        })
    }
}

fn report(looks: &[Look]) -> String {
    let mut out = format!(
        "\n{:<24}{:>14}{:>14}{:>16}{:>16}\n",
        "", "memory MiB", "JS heap MiB", "wasm etc. MiB", "objects awake"
    );
    let shown = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let mib = |bytes: u64| bytes >> 20;
    for look in looks {
        let _infallible = writeln!(
            out,
            "{:<24}{:>14}{:>14}{:>16}{:>16}",
            look.when,
            shown(look.memory.map(mib)),
            mib(look.heap),
            mib(look.buffers),
            shown(look.n_awake)
        );
    }
    out
}
