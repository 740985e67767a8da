//! The endpoints as OpenAPI 3.1.
//!
//! Source: OpenAPI Specification 3.1.1.

use std::collections::BTreeMap;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::codes::{ANY_PROBLEMS, HOST_PAGE_PROBLEMS};
use super::description::{Content, schema_of};
use super::endpoint::Caller::{self, Anybody, Frame, HostPage, Team, Visitor};
use super::{Endpoint, FILES, endpoints};
use crate::wire::admin::PAGE_ITEMS_MAX;
use crate::wire::problem::{Code, ProblemDocument};
use crate::wire::visitor::{ClientFrame, ServerFrame};

/// The whole description.
///
/// Source: OpenAPI Specification 3.1.1.
pub fn openapi() -> Value {
    let Described {
        paths,
        read: mut definitions,
        written,
    } = described();
    definitions.extend(written);
    let bearer = |what: &str| json!({ "type": "http", "scheme": "bearer", "description": what });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Oriel",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A chat widget for any website, and the API behind it. Errors are problem documents (RFC 9457); \
                their `code` is stable. Unknown members of a body and unknown query parameters are refused; clients \
                ignore unknown members of an answer.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "api_key": bearer("An API key of the organisation, or of one site."),
                "access_token": bearer("The access token of the session."),
                "subprotocol": {
                    "type": "apiKey", "in": "header", "name": "Sec-WebSocket-Protocol",
                    "description": "`oriel.v1` and the access token of the session, as the two subprotocols that are offered.",
                },
                "refresh_cookie": {
                    "type": "apiKey", "in": "cookie", "name": "__Secure-oriel-{key}",
                    "description": "Set by the session endpoints, one cookie a site; out of reach of scripts.",
                },
            },
        },
    })
}

/// The endpoints, and the schemas of what they carry.
pub(super) struct Described {
    paths: BTreeMap<&'static str, Map<String, Value>>,
    pub read: Map<String, Value>,
    pub written: Map<String, Value>,
}

pub(super) fn described() -> Described {
    // What the edge reads and what it writes differ in which members have to be there.
    let schemas = |settings: SchemaSettings| {
        settings
            .with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
            .into_generator()
    };
    let mut read = schemas(SchemaSettings::draft2020_12().for_deserialize());
    let mut written = schemas(SchemaSettings::draft2020_12().for_serialize());
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for endpoint in endpoints().chain(FILES) {
        let methods = paths.entry(endpoint.path.as_str()).or_default();
        let name = endpoint.method.name().to_ascii_lowercase();
        methods.insert(name, endpoint.describe(&mut read, &mut written));
        if let Some(preflight) = endpoint.described_preflight() {
            methods.insert("options".to_owned(), preflight);
        }
    }
    let _named_by_hand = written.subschema_for::<ProblemDocument>();
    Described {
        paths,
        read: read.take_definitions(true),
        written: written.take_definitions(true),
    }
}

impl Endpoint {
    fn describe(&self, read: &mut SchemaGenerator, written: &mut SchemaGenerator) -> Value {
        let mut responses = BTreeMap::new();
        for (status, content) in self.description.replies() {
            let answer = self.answer(content, read, written);
            let described = responses
                .entry(status.to_string())
                .or_insert_with(|| answer.clone());
            // One status may come in several media types.
            let types = described.get_mut("content").and_then(Value::as_object_mut);
            if let (Some(types), Some(more)) = (types, answer["content"].as_object()) {
                types.extend(more.clone());
            }
        }
        for (status, problem) in problems(&self.codes()) {
            // A status may come with an answer of its own and as a problem: `readyz` says 503 with its parts.
            responses.entry(status).or_insert(problem);
        }
        let mut described = json!({
            "operationId": self.name,
            "summary": self.description.summary,
            "tags": [tag(self.caller)],
            "security": self.security(),
            "responses": responses,
        });
        let parameters = self.described_parameters();
        if !parameters.is_empty() {
            described["parameters"] = parameters.into();
        }
        if let (Some(body), Some(schema)) = (self.body, self.description.body) {
            described["requestBody"] = json!({
                "required": !body.is_optional,
                "x-max-bytes": body.max_bytes,
                "content": { "application/json": { "schema": schema(read) } },
            });
        }
        described
    }

    /// What a browser asks before it lets a host page call.
    fn described_preflight(&self) -> Option<Value> {
        let (name, summary) = self.description.preflight?;
        let mut responses = problems(&[&HOST_PAGE_PROBLEMS[..], &ANY_PROBLEMS].concat());
        responses.insert("204".to_owned(), nothing());
        Some(json!({
            "operationId": name,
            "summary": summary,
            "tags": [tag(self.caller)],
            "security": [],
            "responses": responses,
            "parameters": self.described_parameters(),
        }))
    }

    fn security(&self) -> Value {
        match self.caller {
            Team => json!([{ "api_key": [] }]),
            Visitor if self.is_socket => json!([{ "subprotocol": [] }]),
            Visitor => json!([{ "access_token": [] }]),
            Frame if self.description.reads_cookie => json!([{ "refresh_cookie": [] }]),
            _ => json!([]),
        }
    }

    fn described_parameters(&self) -> Vec<Value> {
        let text = json!({ "type": "string" });
        let in_path = self
            .path
            .parameters()
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": text }));
        let in_query = self.parameters().map(|parameter| {
            let schema = match parameter.name {
                "limit" => json!({ "type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX }),
                _ => text.clone(),
            };
            json!({
                "name": parameter.name, "in": "query", "required": parameter.is_required, "schema": schema,
            })
        });
        in_path.chain(in_query).collect()
    }

    fn answer(
        &self,
        content: Content,
        read: &mut SchemaGenerator,
        written: &mut SchemaGenerator,
    ) -> Value {
        let mut answer = match content {
            Content::Nothing => nothing(),
            Content::Json(schema) => json!({
                "description": self.description.summary,
                "content": { "application/json": { "schema": schema(written) } },
            }),
            Content::Bytes(media_type) => {
                json!({ "description": self.description.summary, "content": { media_type: {} } })
            }
            Content::Socket => json!({
                "description": "A socket; each text frame is one of these.",
                "x-frames": {
                    "from_client": schema_of::<ClientFrame>(read),
                    "from_edge": schema_of::<ServerFrame>(written),
                },
            }),
        };
        if self.description.sets_cookie {
            answer["headers"] = json!({ "Set-Cookie": {
                "description": "The refresh cookie; empty when the session has ended.",
                "schema": { "type": "string" },
            } });
        }
        answer
    }
}

fn tag(caller: Caller) -> &'static str {
    match caller {
        Anybody => "Anybody",
        HostPage => "Host page",
        Frame => "Frame",
        Visitor => "Visitor",
        Team => "Team",
    }
}

fn nothing() -> Value {
    json!({ "description": "Done." })
}

/// The refusals by status. One status may stand for several codes.
fn problems(all: &[Code]) -> BTreeMap<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in all {
        let codes = by_status.entry(code.status()).or_default();
        if !codes.contains(code) {
            codes.push(*code);
        }
    }
    by_status
        .into_iter()
        .map(|(status, codes)| {
            let words: Vec<String> = codes
                .iter()
                .map(|code| format!("`{}`: {}.", code.name(), code.title()))
                .collect();
            let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
            let mut problem = json!({
                "description": words.join(" "),
                "content": { "application/problem+json": { "schema": {
                    "$ref": "#/components/schemas/ProblemDocument",
                    "properties": { "status": { "const": status }, "code": { "enum": names } },
                } } },
            });
            if status == Code::RateLimited.status() {
                problem["headers"] = json!({ "Retry-After": {
                        "description": "Seconds to wait.",
                        "schema": { "type": "integer", "minimum": 1 },
                    } });
            }
            (status.to_string(), problem)
        })
        .collect()
}
