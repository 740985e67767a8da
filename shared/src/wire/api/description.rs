//! What the OpenAPI description says of an endpoint, besides what the edge goes by.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};

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
    pub problems: &'static [Code],
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
