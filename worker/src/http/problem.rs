//! Every failure leaves as a problem document (RFC 9457).
//!
//! Three kinds: the caller's fault (a code and a sentence), refused (little detail), ours (logged with its cause,
//! answered without). `?` converts; nobody builds a status by hand elsewhere.

use std::fmt::Display;

use oriel_shared::id::RequestId;
use oriel_shared::rate::Limited;
use oriel_shared::wire::problem::{Code, ProblemDocument};
use serde::{Deserialize, Serialize};

/// A failure on its way out.
#[derive(Debug)]
pub struct Problem {
    /// Stable code.
    pub code: Code,
    /// One sentence for the caller. Holds no secret and no cause.
    pub detail: String,
    /// For the log, when it is our fault. Never sent.
    cause: Option<String>,
    /// Seconds to wait, when waiting helps.
    pub retry_after: Option<u32>,
    /// Headers that belong to this failure: `Allow`, `Set-Cookie`.
    pub headers: Vec<(&'static str, String)>,
}

impl Problem {
    /// The caller's fault, with a sentence that helps.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            cause: None,
            retry_after: None,
            headers: Vec::new(),
        }
    }

    /// Refused with the code's own sentence and no more.
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

    /// A part of ours that does not answer now: a database, an object.
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
        problem.headers = vec![
            ("retry-after", wait_secs.to_string()),
            ("ratelimit-policy", limited.quota.policy()),
            ("ratelimit", limited.state()),
        ];
        problem
    }

    /// A field whose value is refused, by its name.
    pub fn field(name: &str, why: &impl Display) -> Self {
        Self::new(Code::InvalidField, format!("`{name}` {why}."))
    }

    /// This problem with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
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
            request_id: request_id.to_string(),
        }
    }
}

/// A problem of the caller's on its way out of an object.
#[derive(Debug, Serialize, Deserialize)]
pub struct Fault {
    code: String,
    detail: String,
    retry_after: Option<u32>,
    headers: Vec<(String, String)>,
}

/// Headers of problems that come out of objects: those of limits.
const FAULT_HEADERS: [&str; 3] = ["retry-after", "ratelimit-policy", "ratelimit"];

impl From<&Problem> for Fault {
    fn from(problem: &Problem) -> Self {
        let headers = problem.headers.iter();
        Self {
            code: problem.code.name().to_owned(),
            detail: problem.detail.clone(),
            retry_after: problem.retry_after,
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let code = Code::ALL.iter().find(|code| code.name() == fault.code);
        let Some(code) = code else {
            return Self::ours("object", &"a code that is not known");
        };
        let headers = fault.headers.into_iter().filter_map(|(name, value)| {
            let name = FAULT_HEADERS.iter().find(|known| **known == name)?;
            Some((*name, value))
        });
        Self {
            retry_after: fault.retry_after,
            headers: headers.collect(),
            ..Self::new(*code, fault.detail)
        }
    }
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
        // The error's own words quote what it could not read.
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        Self::ours("json", &format!("{kind:?} at {line}:{column}"))
    }
}
