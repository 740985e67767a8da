//! The calls as OpenAPI 3.1.
//!
//! Source: OpenAPI Specification 3.1.1.

use std::collections::BTreeMap;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::operation::Caller::{Anybody, Frame, HostPage, Team, Visitor};
use super::operation::{Body, Content, Operation, schema_of};
use super::operations;
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
                their `code` is stable. Unknown members of a body are refused; clients ignore those of an answer.",
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

/// The calls, and the schemas of what they carry.
struct Described {
    paths: BTreeMap<&'static str, Map<String, Value>>,
    read: Map<String, Value>,
    written: Map<String, Value>,
}

fn described() -> Described {
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
    for operation in operations() {
        let method = operation.method.to_ascii_lowercase();
        paths
            .entry(operation.path)
            .or_default()
            .insert(method, operation.describe(&mut read, &mut written));
    }
    let _named_by_hand = written.subschema_for::<ProblemDocument>();
    Described {
        paths,
        read: read.take_definitions(true),
        written: written.take_definitions(true),
    }
}

impl Operation {
    fn describe(&self, read: &mut SchemaGenerator, written: &mut SchemaGenerator) -> Value {
        let mut responses = BTreeMap::new();
        for (status, content) in &self.gives {
            let answer = self.answer(*content, read, written);
            let described = responses
                .entry(status.to_string())
                .or_insert_with(|| answer.clone());
            // One status may come in several media types.
            let types = described.get_mut("content").and_then(Value::as_object_mut);
            if let (Some(types), Some(more)) = (types, answer["content"].as_object()) {
                types.extend(more.clone());
            }
        }
        for (status, problem) in self.problems() {
            // A status may come with an answer of its own and as a problem: `readyz` says 503 with its parts.
            responses.entry(status).or_insert(problem);
        }
        let mut described = json!({
            "operationId": self.name,
            "summary": self.summary,
            "tags": [self.tag()],
            "security": self.security(),
            "responses": responses,
        });
        let parameters = self.parameters();
        if !parameters.is_empty() {
            described["parameters"] = parameters.into();
        }
        if let Some(Body {
            content: Content::Json(schema),
            is_optional,
            max_bytes,
        }) = self.takes
        {
            described["requestBody"] = json!({
                "required": !is_optional,
                "x-max-bytes": max_bytes,
                "content": { "application/json": { "schema": schema(read) } },
            });
        }
        described
    }

    fn tag(&self) -> &'static str {
        match self.caller {
            Anybody => "Anybody",
            HostPage => "Host page",
            Frame => "Frame",
            Visitor => "Visitor",
            Team => "Team",
        }
    }

    fn security(&self) -> Value {
        let is_socket = matches!(self.gives.as_slice(), [(_, Content::Socket)]);
        match self.caller {
            Team => json!([{ "api_key": [] }]),
            Visitor if is_socket => json!([{ "subprotocol": [] }]),
            Visitor => json!([{ "access_token": [] }]),
            // The ticket is in the body.
            Frame if self.takes.is_some_and(|body| body.is_optional) => {
                json!([{ "refresh_cookie": [] }])
            }
            _ => json!([]),
        }
    }

    fn parameters(&self) -> Vec<Value> {
        let text = json!({ "type": "string" });
        let in_path = self
            .path_parameters()
            .into_iter()
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": text }));
        let in_query = self.query.iter().map(|(name, is_needed)| {
            let schema = match *name {
                "limit" => json!({ "type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX }),
                _ => text.clone(),
            };
            json!({ "name": name, "in": "query", "required": is_needed, "schema": schema })
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
            Content::Nothing => json!({ "description": "Done." }),
            Content::Json(schema) => json!({
                "description": self.summary,
                "content": { "application/json": { "schema": schema(written) } },
            }),
            Content::Bytes(media_type) => {
                json!({ "description": self.summary, "content": { media_type: {} } })
            }
            Content::Socket => json!({
                "description": "A socket; each text frame is one of these.",
                "x-frames": {
                    "from_client": schema_of::<ClientFrame>(read),
                    "from_edge": schema_of::<ServerFrame>(written),
                },
            }),
        };
        if self.sets_cookie {
            answer["headers"] = json!({ "Set-Cookie": {
                "description": "The refresh cookie; empty when the session has ended.",
                "schema": { "type": "string" },
            } });
        }
        answer
    }

    /// The refusals by status. One status may stand for several codes.
    fn problems(&self) -> BTreeMap<String, Value> {
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in self.codes() {
            let codes = by_status.entry(code.status()).or_default();
            if !codes.contains(&code) {
                codes.push(code);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_schema() {
        fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = openapi();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50, "{}", found.len());
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn unknown_members_are_refused_in_what_is_read_and_allowed_in_what_is_written() {
        let document = openapi();
        let schema = |content: &Value| {
            let reference = content["schema"]["$ref"].as_str().unwrap_or_default();
            document
                .pointer(reference.trim_start_matches('#'))
                .cloned()
                .unwrap_or_default()
        };
        let mut n_read = 0;
        for operation in document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, path)| path.as_object().into_iter().flatten())
            .map(|(_, operation)| operation)
        {
            let name = &operation["operationId"];
            if let Some(body) = operation.pointer("/requestBody/content/application~1json") {
                let schema = schema(body);
                // An object, or one of several.
                let forms = schema["oneOf"]
                    .as_array()
                    .map_or_else(|| std::slice::from_ref(&schema).to_vec(), Clone::clone);
                for form in forms {
                    let is_closed = ["additionalProperties", "unevaluatedProperties"]
                        .iter()
                        .any(|word| form.get(word) == Some(&Value::Bool(false)));
                    assert!(is_closed, "{name}: {form}");
                }
                n_read += 1;
            }
            for answer in operation["responses"]
                .as_object()
                .into_iter()
                .flat_map(Map::values)
            {
                if let Some(body) = answer.pointer("/content/application~1json") {
                    assert_eq!(schema(body).get("additionalProperties"), None, "{name}");
                }
            }
        }
        let n_taking = operations()
            .iter()
            .filter(|operation| operation.takes.is_some())
            .count();
        assert_eq!(n_read, n_taking);
    }

    #[test]
    fn a_type_that_is_read_and_written_has_one_schema() {
        let Described { read, written, .. } = described();
        let shared: Vec<_> = read
            .iter()
            .filter(|(name, _)| written.contains_key(*name))
            .collect();
        assert!(shared.len() >= 3, "{shared:?}");
        for (name, schema) in shared {
            assert_eq!(schema, &written[name], "{name}");
        }
    }
}
