//! Every failure leaves as a problem document (RFC 9457).
//!
//! Three kinds: the caller's fault (a code and a sentence), refused (little detail), ours (logged with its cause,
//! answered without). `?` converts; nobody builds a status by hand elsewhere.
//!
//! It is also the one error of calls to objects: it crosses as JSON, without what only this side knows (the cause,
//! which is logged where it happened, and headers that a handler adds), and a socket's `error` frame is made from it
//! too.

use std::fmt::Display;

use oriel_shared::id::RequestId;
use oriel_shared::rate::Limited;
use oriel_shared::wire::problem::{Code, ProblemDocument};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A failure on its way out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code.
    #[serde(serialize_with = "write_code", deserialize_with = "read_code")]
    pub code: Code,
    /// One sentence for the caller. Holds no secret and no cause.
    pub detail: String,
    /// The query parameter at fault, where one is.
    #[serde(skip)]
    pub field: Option<String>,
    /// For the log, when it is our fault. Never sent.
    #[serde(skip)]
    cause: Option<String>,
    /// Seconds to wait, when waiting helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The limit that was met, when it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Box<LimitFields>>,
    /// Headers that belong to this failure: `Allow`, `Set-Cookie`.
    #[serde(skip)]
    pub headers: Vec<(&'static str, String)>,
}

/// What the fields `RateLimit-Policy` and `RateLimit` say of a limit.
#[derive(Debug, Serialize, Deserialize)]
struct LimitFields {
    policy: String,
    state: String,
}

impl Problem {
    /// The caller's fault, with a sentence that helps.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            field: None,
            cause: None,
            retry_after: None,
            limit: None,
            headers: Vec::new(),
        }
    }

    /// A refusal that says no more than its code does.
    pub fn refused(code: Code) -> Self {
        Self::new(code, format!("{}.", code.title()))
    }

    /// Our fault: `doing` and `cause` go to the log, the caller learns only that it happened.
    pub fn ours(doing: &str, cause: &impl Display) -> Self {
        Self {
            cause: Some(format!("{doing}: {cause}")),
            ..Self::refused(Code::Internal)
        }
    }

    /// A part of the edge does not answer now: a database, an object.
    pub fn unavailable(part: &str, cause: &impl Display) -> Self {
        Self {
            cause: Some(format!("{part}: {cause}")),
            ..Self::new(
                Code::Unavailable,
                format!("The {part} does not answer now. Try again in a moment."),
            )
        }
    }

    /// Over a limit, with the fields that say which and for how long.
    pub fn limited(limited: &Limited) -> Self {
        let wait_secs = limited.retry_after_secs();
        let mut problem = Self::new(
            Code::RateLimited,
            format!("Too many requests: wait {wait_secs} s."),
        );
        problem.retry_after = Some(wait_secs);
        problem.limit = Some(Box::new(LimitFields {
            policy: limited.quota.policy(),
            state: limited.state(),
        }));
        problem
    }

    /// A field whose value is refused, by its name.
    pub fn field(name: &str, why: &impl Display) -> Self {
        Self::new(Code::InvalidField, format!("`{name}` {why}."))
    }

    /// A query parameter that is refused, by its name.
    pub fn parameter(name: &str, why: &impl Display) -> Self {
        Self {
            field: Some(name.to_owned()),
            ..Self::new(Code::InvalidQuery, format!("`{name}` {why}."))
        }
    }

    /// This problem with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// This problem, for a caller who may try again after some seconds.
    #[must_use]
    pub fn with_retry_after(mut self, secs: u32) -> Self {
        self.retry_after = Some(secs);
        self
    }

    /// Whether it is our fault, with a cause that nobody has logged yet.
    pub fn is_ours(&self) -> bool {
        self.cause.is_some()
    }

    /// This problem after its cause was logged: what is left is for the caller.
    #[must_use]
    pub fn after_logging(mut self) -> Self {
        self.cause = None;
        self
    }

    /// The headers of the answer that say more about this failure.
    pub fn response_headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = self.headers.clone();
        headers.extend(
            self.retry_after
                .map(|secs| ("retry-after", secs.to_string())),
        );
        if let Some(LimitFields { policy, state }) = self.limit.as_deref() {
            headers.push(("ratelimit-policy", policy.clone()));
            headers.push(("ratelimit", state.clone()));
        }
        headers
    }

    /// What the log may say: the cause when it is our fault, else the code.
    pub fn cause(&self) -> &str {
        self.cause.as_deref().unwrap_or_else(|| self.code.name())
    }

    /// Logs a failure of ours, once, where it is handled.
    pub fn log(&self, request_id: &RequestId) {
        if let Some(cause) = &self.cause {
            let line = serde_json::json!({
                "event": "failure", "code": self.code.name(), "cause": cause, "request_id": request_id,
            });
            worker::console_error!("{line}");
        }
    }

    /// The document that the caller gets.
    pub fn document(&self, request_id: &RequestId) -> ProblemDocument {
        ProblemDocument {
            kind: format!("urn:oriel:problem:{}", self.code.name()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            code: self.code.name().to_owned(),
            detail: self.detail.clone(),
            field: self.field.clone(),
            request_id: request_id.to_string(),
        }
    }
}

fn write_code<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

fn read_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let name = String::deserialize(deserializer)?;
    let code = Code::ALL.iter().find(|code| code.name() == name);
    code.copied()
        .ok_or_else(|| serde::de::Error::custom("an unknown code"))
}

impl From<worker::Error> for Problem {
    fn from(error: worker::Error) -> Self {
        Self::ours("runtime", &error)
    }
}

impl From<getrandom::Error> for Problem {
    fn from(error: getrandom::Error) -> Self {
        Self::ours("random bytes", &error)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        // The error is not logged as it is: its message quotes what it could not read.
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        Self::ours("json", &format!("{kind:?} at {line}:{column}"))
    }
}

#[cfg(test)]
mod tests {
    use oriel_shared::id::UnixMs;
    use oriel_shared::rate::{Quota, UnixUs};

    use super::*;

    #[test]
    fn a_problem_crosses_an_object_boundary_with_all_that_its_caller_is_told_and_no_cause() {
        let quota = Quota::per_minute("messages", 1, 1);
        let now = UnixMs(1_000_000);
        let next = quota.admit(UnixUs::default(), now).expect("the first one");
        let limited = quota.admit(next, now).expect_err("one too many");
        let sent = Problem::limited(&limited);
        let json = serde_json::to_string(&sent).expect("it serialises");
        let received: Problem = serde_json::from_str(&json).expect("it reads");
        assert_eq!(received.code, Code::RateLimited);
        assert_eq!(received.detail, sent.detail);
        assert_eq!(received.retry_after, sent.retry_after);
        assert_eq!(received.response_headers(), sent.response_headers());
        assert_eq!(received.response_headers().len(), 3);

        let ours = Problem::ours("storage", &"a secret place");
        let json = serde_json::to_string(&ours).expect("it serialises");
        assert!(ours.is_ours() && !json.contains("secret"), "{json}");
        let unknown = json.replace("internal", "none_of_ours");
        assert!(serde_json::from_str::<Problem>(&unknown).is_err());
    }
}
