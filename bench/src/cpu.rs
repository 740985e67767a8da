//! A CPU profile of the worker, through the runtime's inspector (the Chrome DevTools protocol), summed by function.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use anyhow::Result;
use serde::Deserialize;
use serde_json::json;

use crate::inspector::Inspector;
use crate::load::Measured;
use crate::server::{Implementation, Server};
use xtask::progress;
use xtask::workspace::Workspace;

/// Between two samples; the default of 1 ms sees little in a few seconds.
const INTERVAL_US: u32 = 200;
/// Functions shown.
const TOP: usize = 40;

/// Oriel's worker as it is deployed, but before the last pass of its build, which strips the names of functions.
///
/// # Errors
/// When it cannot be built or started.
pub fn with_names(workspace: &Workspace) -> Result<Server> {
    xtask::build::worker::build_with_names(workspace)?;
    Server::start(workspace, Implementation::Oriel)
}

/// Shows where inside a worker the time goes under a load, once it is warm.
///
/// # Errors
/// When the inspector does not say.
pub fn sample(server: &Server, unit: &str, mut load: impl FnMut() -> Measured) -> Result<()> {
    load();
    let step = progress::step("sample the worker");
    let profiler = attach(server.inspector_port)?;
    let measured = load();
    let profile = profiler.stop()?;
    step.done();
    println!(
        "\nWhere inside the worker the time goes, sampled at {:.0} {unit}\n\n{profile}",
        measured.rate
    );
    Ok(())
}

/// A profiler that is sampling.
struct Profiler(Inspector);

/// Self time by function, largest first.
#[derive(Debug)]
struct Profile {
    rooms: BTreeMap<&'static str, f64>,
    functions: Vec<(String, f64)>,
}

/// Attaches to the worker behind an inspector port and begins to sample.
fn attach(port: u16) -> Result<Profiler> {
    let mut inspector = Inspector::attach(port)?;
    inspector.call("Profiler.enable", &json!({}))?;
    let interval = json!({ "interval": INTERVAL_US });
    inspector.call("Profiler.setSamplingInterval", &interval)?;
    inspector.call("Profiler.start", &json!({}))?;
    Ok(Profiler(inspector))
}

impl Profiler {
    /// Ends sampling and sums up.
    fn stop(mut self) -> Result<Profile> {
        let mut result = self.0.call("Profiler.stop", &json!({}))?;
        let samples: Samples = serde_json::from_value(result["profile"].take())?;
        Ok(samples.sum())
    }
}

/// `Profiler.Profile`, as far as it is needed.
#[derive(Deserialize)]
struct Samples {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    call_frame: Frame,
    #[serde(default)]
    hit_count: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    function_name: String,
    url: String,
}

impl Frame {
    /// Which part of the program it belongs to.
    fn room(&self) -> &'static str {
        match self.function_name.as_str() {
            "(garbage collector)" => "garbage collector",
            "(program)" => "runtime, outside JavaScript",
            _ if self.url.contains("wasm") => "wasm",
            _ if self.url.is_empty() => "runtime, called from JavaScript",
            _ => "JavaScript glue",
        }
    }
}

impl Samples {
    fn sum(self) -> Profile {
        let mut functions: BTreeMap<String, f64> = BTreeMap::new();
        let mut rooms: BTreeMap<&'static str, f64> = BTreeMap::new();
        let busy: Vec<Node> = self
            .nodes
            .into_iter()
            .filter(|node| !matches!(node.call_frame.function_name.as_str(), "(idle)" | "(root)"))
            .collect();
        let total = f64::from(busy.iter().map(|node| node.hit_count).sum::<u32>().max(1));
        for node in busy {
            let share = 100.0 * f64::from(node.hit_count) / total;
            *rooms.entry(node.call_frame.room()).or_default() += share;
            *functions.entry(node.call_frame.function_name).or_default() += share;
        }
        let mut functions: Vec<(String, f64)> = functions.into_iter().collect();
        functions.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Profile { rooms, functions }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        for (room, share) in &self.rooms {
            writeln!(out, "{share:>6.1} %  {room}")?;
        }
        out.push('\n');
        for (function, share) in self.functions.iter().take(TOP) {
            let name: String = function.chars().take(110).collect();
            writeln!(out, "{share:>6.1} %  {name}")?;
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_busy_time_and_add_up_over_a_functions_callers() {
        let samples: Samples = serde_json::from_value(json!({ "nodes": [
            { "id": 1, "callFrame": { "functionName": "(idle)", "url": "" }, "hitCount": 900 },
            { "id": 2, "callFrame": { "functionName": "sign", "url": "wasm://wasm/1" }, "hitCount": 30 },
            { "id": 3, "callFrame": { "functionName": "sign", "url": "wasm://wasm/1" }, "hitCount": 30 },
            { "id": 4, "callFrame": { "functionName": "fetch", "url": "index.js" }, "hitCount": 40 },
        ]}))
        .expect("a profile");
        let profile = samples.sum();
        assert_eq!(
            profile.functions,
            [("sign".to_owned(), 60.0), ("fetch".to_owned(), 40.0)]
        );
        assert_eq!(profile.rooms["wasm"], 60.0);
        assert_eq!(profile.rooms["JavaScript glue"], 40.0);
    }
}
