//! One call as data, and the words in which it is written down: what it `takes`, `gives`, `asks_for` and `refuses`.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};

use crate::wire::BODY_MAX_BYTES;
use crate::wire::admin::Page;
use crate::wire::problem::Code;
use Caller::{Anybody, Frame, HostPage, Team, Visitor};

/// Who makes a call, and by what they are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nothing is asked for.
    Anybody,
    /// A customer's page: its `Origin`, and a visitor token where the site wants one.
    HostPage,
    /// The frame: its own origin, and a ticket or the refresh cookie.
    Frame,
    /// The frame, with an access token.
    Visitor,
    /// The team and its programs: an API key.
    Team,
}

/// What a body holds.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// There is none.
    Nothing,
    /// JSON of this type.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// A file or a page of this media type.
    Bytes(&'static str),
    /// A socket, with frames of [`crate::wire::visitor::ClientFrame`] and [`crate::wire::visitor::ServerFrame`].
    Socket,
}

/// What a call takes.
#[derive(Clone, Copy)]
pub struct Body {
    pub(super) content: Content,
    /// Whether the call is the same without it.
    pub is_optional: bool,
    /// What is longer is refused.
    pub max_bytes: usize,
}

/// One call.
pub struct Operation {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// With its parameters in braces.
    pub path: &'static str,
    /// Its one name: in the description, in the table of routes' test, in the tests that walk it.
    pub name: &'static str,
    /// What it is for, in a line.
    pub summary: &'static str,
    /// Who makes it.
    pub caller: Caller,
    /// Whether the platform serves it as a file, without asking the worker.
    pub is_file: bool,
    /// Names of its query parameters, and whether each has to be there.
    pub query: Vec<(&'static str, bool)>,
    /// Its body.
    pub takes: Option<Body>,
    pub(super) gives: Vec<(u16, Content)>,
    pub(super) sets_cookie: bool,
    pub(super) refuses: Vec<Code>,
}

pub(super) fn get(
    path: &'static str,
    name: &'static str,
    caller: Caller,
    summary: &'static str,
) -> Operation {
    operation("GET", path, name, caller, summary)
}

pub(super) fn post(
    path: &'static str,
    name: &'static str,
    caller: Caller,
    summary: &'static str,
) -> Operation {
    operation("POST", path, name, caller, summary)
}

pub(super) fn delete(
    path: &'static str,
    name: &'static str,
    caller: Caller,
    summary: &'static str,
) -> Operation {
    operation("DELETE", path, name, caller, summary)
}

pub(super) fn file(path: &'static str, name: &'static str, summary: &'static str) -> Operation {
    Operation {
        is_file: true,
        ..get(path, name, Anybody, summary)
    }
}

pub(super) fn operation(
    method: &'static str,
    path: &'static str,
    name: &'static str,
    caller: Caller,
    summary: &'static str,
) -> Operation {
    Operation {
        method,
        path,
        name,
        summary,
        caller,
        is_file: false,
        query: Vec::new(),
        takes: None,
        gives: Vec::new(),
        sets_cookie: false,
        refuses: Vec::new(),
    }
}

pub(super) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Operation {
    pub(super) fn takes<T: JsonSchema>(self) -> Self {
        self.takes_up_to::<T>(BODY_MAX_BYTES)
    }

    pub(super) fn takes_up_to<T: JsonSchema>(mut self, max_bytes: usize) -> Self {
        self.takes = Some(Body {
            content: Content::Json(schema_of::<T>),
            is_optional: false,
            max_bytes,
        });
        self
    }

    pub(super) fn may_take<T: JsonSchema>(self) -> Self {
        let mut taking = self.takes::<T>();
        if let Some(body) = &mut taking.takes {
            body.is_optional = true;
        }
        taking
    }

    pub(super) fn asks_for(mut self, parameter: &'static str) -> Self {
        self.query.push((parameter, true));
        self
    }

    pub(super) fn may_ask_for(mut self, parameter: &'static str) -> Self {
        self.query.push((parameter, false));
        self
    }

    pub(super) fn gives<T: JsonSchema>(mut self, status: u16) -> Self {
        self.gives.push((status, Content::Json(schema_of::<T>)));
        self
    }

    pub(super) fn gives_pages_of<T: JsonSchema>(self) -> Self {
        self.may_ask_for("limit")
            .may_ask_for("cursor")
            .refuses(&[Code::InvalidQuery])
            .gives::<Page<T>>(200)
    }

    pub(super) fn gives_nothing(mut self, status: u16) -> Self {
        self.gives.push((status, Content::Nothing));
        self
    }

    pub(super) fn gives_bytes(mut self, media_type: &'static str) -> Self {
        self.gives.push((200, Content::Bytes(media_type)));
        self
    }

    pub(super) fn gives_socket(mut self) -> Self {
        self.gives.push((101, Content::Socket));
        self
    }

    pub(super) fn sets_cookie(mut self) -> Self {
        self.sets_cookie = true;
        self
    }

    pub(super) fn refuses(mut self, codes: &[Code]) -> Self {
        self.refuses.extend(codes);
        self
    }

    /// Names of the parameters in the path, in order.
    pub(super) fn path_parameters(&self) -> Vec<&'static str> {
        self.path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .collect()
    }

    /// Every code that it may answer: its own, and those of what it needs and takes.
    pub(super) fn codes(&self) -> Vec<Code> {
        if self.is_file {
            return Vec::new();
        }
        let mut codes = self.refuses.clone();
        match self.caller {
            Frame => codes.push(Code::OriginNotAllowed),
            Visitor => codes.push(Code::Unauthorized),
            Team => codes.push(Code::Unauthorized),
            Anybody | HostPage => {}
        }
        if self.caller == Team && self.path.contains('{') {
            codes.push(Code::NotFound);
        }
        if self.takes.is_some() {
            codes.extend([
                Code::InvalidBody,
                Code::BodyTooLarge,
                Code::UnsupportedMediaType,
            ]);
        }
        codes.extend([Code::Internal, Code::Unavailable]);
        codes
    }
}
