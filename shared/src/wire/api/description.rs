//! What the OpenAPI description says of an endpoint, besides what the edge goes by.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};

use super::FILES;
use super::endpoint::{Caller, Endpoint};
use crate::wire::problem::Code;

/// Makes the schema of a type.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

pub(super) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What an answer holds.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// There is none.
    Nothing,
    /// JSON of this type.
    Json(SchemaOf),
    /// A file or a page of this media type.
    Bytes(&'static str),
    /// A socket, with frames of [`crate::wire::visitor::ClientFrame`] and [`crate::wire::visitor::ServerFrame`].
    Socket,
}

/// Good answers that one endpoint has at the most.
const REPLIES_MAX: usize = 2;

/// What is said of an endpoint.
#[derive(Clone, Copy)]
pub(super) struct Description {
    pub summary: &'static str,
    pub body: Option<SchemaOf>,
    replies: [Option<(u16, Content)>; REPLIES_MAX],
    pub reads_cookie: bool,
    pub sets_cookie: bool,
    problems: &'static [Code],
    /// Name and summary of the preflight.
    pub preflight: Option<(&'static str, &'static str)>,
}

impl Description {
    pub const EMPTY: Self = Self {
        summary: "",
        body: None,
        replies: [None; REPLIES_MAX],
        reads_cookie: false,
        sets_cookie: false,
        problems: &[],
        preflight: None,
    };

    pub const fn with_summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    pub const fn with_body(mut self, schema: SchemaOf) -> Self {
        self.body = Some(schema);
        self
    }

    pub const fn with_reply(mut self, status: u16, content: Content) -> Self {
        let at = match self.replies {
            [None, _] => 0,
            _ => 1,
        };
        assert!(
            self.replies[at].is_none(),
            "more good answers than REPLIES_MAX"
        );
        self.replies[at] = Some((status, content));
        self
    }

    pub const fn with_cookie_read(mut self) -> Self {
        self.reads_cookie = true;
        self
    }

    pub const fn with_cookie_set(mut self) -> Self {
        self.sets_cookie = true;
        self
    }

    pub const fn with_problems(mut self, problems: &'static [Code]) -> Self {
        self.problems = problems;
        self
    }

    pub const fn with_preflight(mut self, name: &'static str, summary: &'static str) -> Self {
        self.preflight = Some((name, summary));
        self
    }

    /// The good answers, by status.
    pub fn replies(&self) -> impl Iterator<Item = (u16, Content)> {
        self.replies.into_iter().flatten()
    }
}

/// What a host page may be refused for, before its call is looked at.
pub(super) const HOST_PAGE_PROBLEMS: [Code; 2] = [Code::OriginNotAllowed, Code::SiteNotFound];

/// What any call may be refused for.
pub(super) const ANY_PROBLEMS: [Code; 3] = [Code::InvalidQuery, Code::Internal, Code::Unavailable];

impl Endpoint {
    /// Every code that it may answer: its own, and those that follow from the rest of its declaration.
    pub(super) fn codes(&self) -> Vec<Code> {
        let is_file = FILES.iter().any(|file| file.name == self.name);
        if is_file {
            return Vec::new();
        }
        let mut codes: Vec<Code> = match self.caller {
            Caller::HostPage => HOST_PAGE_PROBLEMS.into(),
            Caller::Visitor => vec![
                Code::OriginNotAllowed,
                Code::TokenInvalid,
                Code::TokenExpired,
                Code::SessionExpired,
            ],
            Caller::Frame => vec![Code::OriginNotAllowed],
            Caller::Anybody | Caller::Team => Vec::new(),
        };
        codes.extend(self.description.problems);
        if matches!(self.caller, Caller::Visitor | Caller::Team) {
            codes.push(Code::Unauthorized);
        }
        if self.is_organisation_wide {
            codes.push(Code::Forbidden);
        }
        if self.caller == Caller::Team && self.path.parameters().next().is_some() {
            codes.push(Code::NotFound);
        }
        if self.address_limit.is_some() {
            codes.push(Code::RateLimited);
        }
        if self.body.is_some() {
            codes.extend([
                Code::InvalidBody,
                Code::BodyTooLarge,
                Code::UnsupportedMediaType,
            ]);
        }
        codes.extend(ANY_PROBLEMS);
        codes
    }
}
