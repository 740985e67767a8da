//! The description that the edge serves, as the tests that walk it read it: by OpenAPI alone, nothing of it compiled in.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::client::Client;

/// Where it is served.
pub const PATH: &str = "/v1/openapi.json";

/// Methods that a path may have.
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A call as it is described.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`.
    pub name: String,
    /// In upper case.
    pub method: String,
    /// With its parameters in braces.
    pub path: String,
    /// `Team`, `Frame`, …
    pub caller: String,
    /// Whether it takes a body, and whether it has to.
    pub takes: Option<RequestBody>,
    /// Statuses that come with what was asked for.
    pub good: Vec<u16>,
    /// Codes of its problems, by status.
    pub codes: BTreeMap<u16, Vec<String>>,
    /// Media types of the answers that have a schema, by status.
    media_types: BTreeMap<u16, String>,
}

/// A body.
#[derive(Clone, Copy, Debug)]
pub struct RequestBody {
    /// Whether the call is refused without one.
    pub is_needed: bool,
    /// The longest that is read, in bytes.
    pub max_bytes: usize,
}

/// The whole of it.
pub struct Description {
    /// As it was served.
    pub document: Value,
    /// Every call.
    pub calls: Vec<Operation>,
}

impl Operation {
    /// Whether the platform serves it without asking the worker: then nothing of ours can fail.
    pub fn is_file(&self) -> bool {
        self.codes.is_empty()
    }

    /// Leads to the schema of a JSON answer.
    pub fn schema_of(&self, status: u16) -> Option<String> {
        let media_type = self.media_types.get(&status)?;
        let path = self.path.replace('~', "~0").replace('/', "~1");
        let method = self.method.to_ascii_lowercase();
        let pointer = format!(
            "/paths/{path}/{method}/responses/{status}/content/{}/schema",
            media_type.replace('/', "~1")
        );
        media_type.ends_with("json").then_some(pointer)
    }
}

impl Description {
    /// Reads it from the edge.
    ///
    /// # Panics
    /// When it is not there, or not to be read.
    #[track_caller]
    pub fn read(client: &Client) -> Self {
        let document: Value = client.get(PATH).send().expect(200).json();
        let paths = document["paths"].as_object().expect("`paths`");
        let calls: Vec<Operation> = paths
            .iter()
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().expect("methods by name");
                methods
                    .iter()
                    .map(|(method, call)| described(path, method, call))
            })
            .collect();
        Self { document, calls }
    }

    /// The methods of a path.
    pub fn methods_of(&self, path: &str) -> Vec<&str> {
        let its = self.calls.iter().filter(|call| call.path == path);
        its.map(|call| call.method.as_str()).collect()
    }
}

fn described(path: &str, method: &str, call: &Value) -> Operation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut good = Vec::new();
    let mut codes = BTreeMap::new();
    let mut media_types = BTreeMap::new();
    for (status, answer) in call["responses"].as_object().into_iter().flatten() {
        let status: u16 = status.parse().expect("a status");
        let content = answer["content"].as_object();
        let media_type = content.and_then(|content| content.iter().next());
        if let Some((media_type, _)) = media_type.filter(|(_, its)| its.get("schema").is_some()) {
            media_types.insert(status, media_type.clone());
        }
        match answer.pointer("/content/application~1problem+json/schema/properties/code/enum") {
            Some(named) => {
                let named = named.as_array().into_iter().flatten().map(text).collect();
                codes.insert(status, named);
            }
            None => good.push(status),
        }
    }
    let takes = call.get("requestBody").map(|body| RequestBody {
        is_needed: body["required"] == Value::Bool(true),
        max_bytes: body["x-max-bytes"]
            .as_u64()
            .and_then(|bytes| usize::try_from(bytes).ok())
            .expect("how many bytes"),
    });
    Operation {
        name: text(&call["operationId"]),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        caller: text(&call["tags"][0]),
        takes,
        good,
        codes,
        media_types,
    }
}
