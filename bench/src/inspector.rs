//! The runtime's inspector: the Chrome DevTools protocol, as much of it as profiles and counts need.

use std::net::TcpStream;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// A session with the worker behind an inspector port.
pub struct Inspector {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    n_calls: u32,
}

impl Inspector {
    /// Attaches.
    ///
    /// # Errors
    /// When nothing answers there, or knows of no worker.
    pub fn attach(port: u16) -> Result<Self> {
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
        Ok(Self { socket, n_calls: 0 })
    }

    /// Calls a method and waits for its result.
    ///
    /// # Errors
    /// What the inspector says against it.
    pub fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.n_calls += 1;
        let id = self.n_calls;
        let call = serde_json::json!({ "id": id, "method": method, "params": params });
        self.socket.send(Message::text(call.to_string()))?;
        loop {
            let Message::Text(text) = self.socket.read()? else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&text)?;
            // Wrangler's proxy has calls of its own under way.
            if answer["id"] != id {
                continue;
            }
            if answer["error"].is_object() {
                bail!("{method}: {}", answer["error"]);
            }
            // What workerd itself answers, and not V8, is the call sent back, with a result if there is one.
            return Ok(answer["result"].take());
        }
    }
}
