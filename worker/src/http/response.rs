//! The one way out for answers: whatever a handler returns, and whatever goes wrong, leaves through [`response`] with
//! the security headers of `oriel_shared::headers`.

use futures_util::stream::LocalBoxStream;
use futures_util::{Stream, StreamExt};
use oriel_shared::headers::{Header, api_headers, frame_headers};
use oriel_shared::id::RequestId;
use oriel_shared::wire::problem::Code;
use serde::Serialize;
use worker::{Headers, Response, ResponseBody, ResponseBuilder, WebSocket};

use super::EVENTS_MEDIA_TYPE;
use super::problem::Problem;

/// The answer of a handler. [`response`] adds the headers that every answer has.
pub struct HttpReply {
    status: u16,
    body: Body,
    headers: Vec<Header>,
}

enum Body {
    Empty,
    Json(String),
    /// Plain text.
    Text(String),
    /// The frame document, who may frame it, and the source that admits its own style rule.
    Frame {
        html: String,
        embedders: Vec<String>,
        style: Option<String>,
    },
    /// Sent as it is made.
    Stream {
        media_type: &'static str,
        chunks: LocalBoxStream<'static, worker::Result<Vec<u8>>>,
    },
    Socket(WebSocket),
    /// Server-sent events.
    Events(ResponseBody),
}

/// What handlers return.
pub type HandlerResult = Result<HttpReply, Problem>;

impl HttpReply {
    /// 200 with JSON.
    pub fn ok(body: &impl Serialize) -> HandlerResult {
        Self::json(200, body)
    }

    /// 201 with the thing that was made.
    pub fn created(body: &impl Serialize) -> HandlerResult {
        Self::json(201, body)
    }

    /// JSON with a status of the handler's choice.
    pub fn json(status: u16, body: &impl Serialize) -> HandlerResult {
        Ok(Self {
            status,
            body: Body::Json(serde_json::to_string(body)?),
            headers: Vec::new(),
        })
    }

    /// 200 with plain text.
    pub fn text(text: String) -> Self {
        Self {
            status: 200,
            body: Body::Text(text),
            headers: Vec::new(),
        }
    }

    /// 204.
    pub fn empty() -> Self {
        Self {
            status: 204,
            body: Body::Empty,
            headers: Vec::new(),
        }
    }

    /// 200 with the frame document. `style` is the source that admits its own style rule, if it has one.
    pub fn frame(html: String, embedders: Vec<String>, style: Option<String>) -> Self {
        Self {
            status: 200,
            body: Body::Frame {
                html,
                embedders,
                style,
            },
            headers: Vec::new(),
        }
    }

    /// 200 with a body that is sent as it is made. An error in it breaks the answer off.
    pub fn stream(
        media_type: &'static str,
        chunks: impl Stream<Item = worker::Result<Vec<u8>>> + 'static,
    ) -> Self {
        Self {
            status: 200,
            body: Body::Stream {
                media_type,
                chunks: chunks.boxed_local(),
            },
            headers: Vec::new(),
        }
    }

    /// 101 with the caller's end of a socket.
    pub fn socket(socket: WebSocket) -> Self {
        Self {
            status: 101,
            body: Body::Socket(socket),
            headers: Vec::new(),
        }
    }

    /// 200 with server-sent events, as they happen.
    pub fn events(stream: ResponseBody) -> Self {
        Self {
            status: 200,
            body: Body::Events(stream),
            // A proxy that buffers would hold the events back.
            headers: vec![("x-accel-buffering", "no".to_owned())],
        }
    }

    /// This answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Makes the response of an outcome: every failure becomes a problem document, and every answer gets its headers.
pub fn response(outcome: HandlerResult, request_id: &RequestId) -> Response {
    let reply = match outcome {
        Ok(reply) => reply,
        Err(problem) => {
            problem.log(request_id);
            problem_reply(&problem, request_id)
        }
    };
    match build_response(reply, request_id) {
        Ok(response) => response,
        // This happens when a handler sets a header to what is no header value. The crash answer has none of its
        // headers.
        Err(error) => {
            worker::console_error!(
                "{}",
                serde_json::json!({"event": "failure", "cause": error.to_string()})
            );
            Response::builder().with_status(500).empty()
        }
    }
}

/// What is answered when the wasm has crashed, as JSON for `entry.mjs`, which puts an id in the place of
/// `req_unknown`.
pub fn crash() -> String {
    let request_id = RequestId("req_unknown".to_owned());
    let document = Problem::refused(Code::Internal).document(&request_id);
    let mut headers = api_headers();
    headers.push(("content-type", PROBLEM_JSON.to_owned()));
    headers.push(("x-request-id", request_id.to_string()));
    serde_json::json!({
        "status": document.status,
        "headers": headers,
        "body": serde_json::to_string(&document).unwrap_or_default(),
    })
    .to_string()
}

const JSON: &str = "application/json";
const PROBLEM_JSON: &str = "application/problem+json";

fn problem_reply(problem: &Problem, request_id: &RequestId) -> HttpReply {
    let body = serde_json::to_string(&problem.document(request_id)).unwrap_or_default();
    let mut headers = problem.response_headers();
    headers.push(("content-type", PROBLEM_JSON.to_owned()));
    HttpReply {
        status: problem.code.status(),
        body: Body::Json(body),
        headers,
    }
}

fn build_response(reply: HttpReply, request_id: &RequestId) -> worker::Result<Response> {
    let HttpReply {
        status,
        body,
        headers: own,
    } = reply;
    let headers = Headers::new();
    let policy = match &body {
        Body::Frame {
            embedders, style, ..
        } => frame_headers(embedders, style.as_deref()),
        _ => api_headers(),
    };
    for (name, value) in policy {
        headers.set(name, &value)?;
    }
    headers.set("x-request-id", request_id.as_str())?;
    match &body {
        Body::Json(_) => headers.set("content-type", JSON)?,
        Body::Text(_) => headers.set("content-type", "text/plain; charset=utf-8")?,
        Body::Frame { .. } => headers.set("content-type", "text/html; charset=utf-8")?,
        Body::Events(_) => headers.set("content-type", EVENTS_MEDIA_TYPE)?,
        Body::Stream { media_type, .. } => headers.set("content-type", media_type)?,
        Body::Empty | Body::Socket(_) => {}
    }
    for (name, value) in own {
        // Each cookie is a header of its own. Every other header is there once.
        if name == "set-cookie" {
            headers.append(name, &value)?
        } else {
            headers.set(name, &value)?
        }
    }
    let builder = ResponseBuilder::new()
        .with_status(status)
        .with_headers(headers);
    Ok(match body {
        Body::Empty => builder.empty(),
        // The text is sent as bytes, because a text body would set a content type of its own.
        Body::Json(text) | Body::Text(text) | Body::Frame { html: text, .. } => {
            builder.fixed(text.into_bytes())
        }
        Body::Stream { chunks, .. } => builder.from_stream(chunks)?,
        Body::Socket(socket) => builder.with_websocket(socket).empty(),
        Body::Events(stream) => builder.body(stream),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_answers_with_every_header_and_a_problem_document() {
        let crash: serde_json::Value = serde_json::from_str(&crash()).expect("JSON");
        assert_eq!(crash["status"], 500);
        let sent = crash["headers"].as_array().expect("a list");
        for (name, value) in api_headers() {
            assert!(sent.contains(&serde_json::json!([name, value])), "{name}");
        }
        let body: serde_json::Value =
            serde_json::from_str(crash["body"].as_str().expect("text")).expect("JSON");
        assert_eq!(body["code"], "internal");
    }
}
