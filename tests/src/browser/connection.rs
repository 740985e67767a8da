//! The one socket to the browser: calls, their answers, and the events that come between them.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Error, Message, WebSocket};

use crate::wait::Deadline;

/// Chromium answers at once or is stuck.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What every page and frame is asked to tell, before its first script runs.
const WATCHED: [&str; 7] = [
    "Page.enable",
    "Network.enable",
    "Runtime.enable",
    "Log.enable",
    "Audits.enable",
    "DOM.enable",
    "Accessibility.enable",
];

/// Something that happened in a page or frame.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Where.
    pub session: String,
    /// What.
    pub method: String,
    /// How.
    pub parameters: Value,
}

/// A page or a frame in a process of its own.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// Its name.
    pub id: String,
    /// Its target, for a frame also the frame's id.
    pub target: String,
    /// `page`, `iframe`, `worker`, …
    pub kind: String,
    /// The session that it is part of; `None` for a page.
    pub parent: Option<String>,
    /// Whether it is there still.
    pub live: bool,
}

pub(super) struct Connection {
    socket: WebSocket<TcpStream>,
    last_id: u64,
    answers: HashMap<u64, Result<Value, String>>,
    /// Calls whose answer nobody waits for.
    unheard: HashSet<u64>,
    /// Everything that happened, oldest first.
    pub events: Vec<Event>,
    /// Pages and frames, in the order in which they appeared.
    pub sessions: Vec<Session>,
    /// The page that is in front.
    front: Option<String>,
}

impl Connection {
    /// Connects to `host:port/path`.
    pub fn open(address: &str) -> Result<Self, String> {
        let authority = address.split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(authority).map_err(|error| error.to_string())?;
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        stream
            .set_read_timeout(Some(ANSWER_WITHIN))
            .map_err(|error| error.to_string())?;
        let (socket, _) = tungstenite::client(format!("ws://{address}"), stream)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            socket,
            last_id: 0,
            answers: HashMap::new(),
            unheard: HashSet::new(),
            events: Vec::new(),
            sessions: Vec::new(),
            front: None,
        })
    }

    /// Sends a call and waits for its answer.
    pub fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<Value, String> {
        let id = self.send(session, method, parameters)?;
        self.unheard.remove(&id);
        let deadline = Deadline::after(ANSWER_WITHIN);
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            // What was asked of a frame that goes meanwhile is never answered.
            if session.is_some_and(|id| self.session(id).is_some_and(|session| !session.live)) {
                return Err(format!("the frame is gone: {method}"));
            }
            if !self.read(deadline)? {
                return Err(format!("no answer to {method} within {ANSWER_WITHIN:?}"));
            }
        }
    }

    /// Sends a call whose answer nobody waits for.
    pub fn send(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<u64, String> {
        self.last_id += 1;
        let mut call = json!({ "id": self.last_id, "method": method, "params": parameters });
        if let Some(session) = session {
            call["sessionId"] = json!(session);
        }
        self.unheard.insert(self.last_id);
        self.socket
            .send(Message::text(call.to_string()))
            .map_err(|error| error.to_string())?;
        Ok(self.last_id)
    }

    /// Reads what comes within the time.
    pub fn listen(&mut self, time: Duration) -> Result<(), String> {
        let deadline = Deadline::after(time);
        while self.read(deadline)? {}
        Ok(())
    }

    /// Watches a page that was attached to by hand, as frames are watched by themselves.
    pub fn watch(&mut self, session: Session) -> Result<(), String> {
        let id = session.id.clone();
        self.sessions.push(session);
        for method in WATCHED {
            self.send(Some(&id), method, &json!({}))?;
        }
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        self.send(Some(&id), "Target.setAutoAttach", &attach)?;
        self.send(Some(&id), "Runtime.runIfWaitingForDebugger", &json!({}))?;
        Ok(())
    }

    /// Reads one message and takes it in. False when the deadline passed first.
    fn read(&mut self, deadline: Deadline) -> Result<bool, String> {
        let Some(left) = deadline.left() else {
            return Ok(false);
        };
        self.socket
            .get_ref()
            .set_read_timeout(Some(left))
            .map_err(|error| error.to_string())?;
        match self.socket.read() {
            Ok(Message::Text(text)) => {
                let message = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                self.take_in(message)?;
                Ok(true)
            }
            Ok(_) => Ok(true),
            Err(Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn take_in(&mut self, mut message: Value) -> Result<(), String> {
        if let Some(id) = message["id"].as_u64() {
            if !self.unheard.remove(&id) {
                let answer = match message.get("error") {
                    Some(error) => Err(error.to_string()),
                    None => Ok(message["result"].take()),
                };
                self.answers.insert(id, answer);
            }
            return Ok(());
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let event = Event {
            session: text(&message["sessionId"]),
            method: text(&message["method"]),
            parameters: message["params"].take(),
        };
        match event.method.as_str() {
            "Target.attachedToTarget" if !event.session.is_empty() => {
                let parameters = &event.parameters;
                self.watch(Session {
                    id: text(&parameters["sessionId"]),
                    target: text(&parameters["targetInfo"]["targetId"]),
                    kind: text(&parameters["targetInfo"]["type"]),
                    parent: Some(event.session.clone()),
                    live: true,
                })?;
            }
            "Target.detachedFromTarget" => {
                let gone = text(&event.parameters["sessionId"]);
                for session in self
                    .sessions
                    .iter_mut()
                    .filter(|session| session.id == gone)
                {
                    session.live = false;
                }
            }
            _ => {}
        }
        self.events.push(event);
        Ok(())
    }

    /// Shows this page, as a click on its tab does.
    pub fn bring_to_front(&mut self, page: &str) {
        if self.front.as_deref() != Some(page) {
            // A page that is gone cannot be shown; what is done to it will say so.
            let _gone = self.call(Some(page), "Page.bringToFront", &json!({}));
            self.front = Some(page.to_owned());
        }
    }

    /// Returns the events of one name in a page and its frames.
    pub fn events_of(&self, page: &str, method: &str) -> Vec<Event> {
        let is_its = |event: &&Event| event.method == method && self.root(&event.session) == page;
        self.events.iter().filter(is_its).cloned().collect()
    }

    /// Forgets what happened in a page and its frames so far.
    pub fn forget(&mut self, page: &str) {
        let events = std::mem::take(&mut self.events);
        let others = events
            .into_iter()
            .filter(|event| self.root(&event.session) != page)
            .collect();
        self.events = others;
    }

    /// A session by its name.
    pub fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }

    /// The page that a session is part of.
    pub fn root<'s>(&'s self, id: &'s str) -> &'s str {
        match self
            .session(id)
            .and_then(|session| session.parent.as_deref())
        {
            Some(parent) => self.root(parent),
            None => id,
        }
    }
}
