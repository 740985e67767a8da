//! A CPU profile of the worker, through the runtime's inspector (the Chrome DevTools protocol), summed by function.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::net::TcpStream;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// Between two samples; the default of 1 ms sees little in a few seconds.
const INTERVAL_US: u32 = 200;
/// Functions shown.
const TOP: usize = 40;

/// A profiler that is sampling.
pub struct Profiler {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    n_calls: u32,
}

/// Self time by function, largest first.
#[derive(Debug)]
pub struct Profile {
    rooms: BTreeMap<&'static str, f64>,
    functions: Vec<(String, f64)>,
}

/// Attaches to the worker behind an inspector port and begins to sample.
///
/// # Errors
/// When the inspector does not do it.
pub fn attach(port: u16) -> Result<Profiler> {
    #[derive(Deserialize)]
    struct Target {
        #[serde(rename = "webSocketDebuggerUrl")]
        url: String,
    }
    let targets: Vec<Target> = ureq::get(format!("http://127.0.0.1:{port}/json"))
        .call()
        .context("the inspector does not answer")?
        .body_mut()
        .read_json()?;
    let target = targets
        .first()
        .context("the inspector knows of no worker")?;
    let (socket, _) = tungstenite::connect(&target.url).with_context(|| target.url.clone())?;
    let mut profiler = Profiler { socket, n_calls: 0 };
    profiler.call("Profiler.enable", &json!({}))?;
    let interval = json!({ "interval": INTERVAL_US });
    profiler.call("Profiler.setSamplingInterval", &interval)?;
    profiler.call("Profiler.start", &json!({}))?;
    Ok(profiler)
}

impl Profiler {
    /// Ends sampling and sums up.
    ///
    /// # Errors
    /// When the inspector does not hand over the samples.
    pub fn stop(mut self) -> Result<Profile> {
        let mut result = self.call("Profiler.stop", &json!({}))?;
        let samples: Samples = serde_json::from_value(result["profile"].take())?;
        Ok(samples.sum())
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.n_calls += 1;
        let id = self.n_calls;
        let call = json!({ "id": id, "method": method, "params": params });
        self.socket.send(Message::text(call.to_string()))?;
        loop {
            let Message::Text(text) = self.socket.read()? else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&text)?;
            // Wrangler's proxy also sends back what we sent, and answers to calls of its own.
            if answer["id"] != id || answer["method"].is_string() {
                continue;
            }
            if answer["error"].is_object() {
                bail!("{method}: {}", answer["error"]);
            }
            return answer
                .get_mut("result")
                .map(Value::take)
                .ok_or_else(|| anyhow!("{method} was answered without a result: {answer}"));
        }
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
