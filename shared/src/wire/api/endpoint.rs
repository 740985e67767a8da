//! What is declared of an endpoint, and the words in which it is declared.
//!
//! Every method here is one line of a declaration and a `const fn`: the tables are made when the code is compiled. What
//! only the OpenAPI description says (summaries, schemas, replies) is in [`Description`] and not in what is deployed.

#[cfg(feature = "describe")]
use super::description::{Content, Description, schema_of};
use crate::event::Action;
use crate::wire::BODY_MAX_BYTES;
use crate::wire::admin::Page;
use crate::wire::problem::Code;

/// A method that endpoints have. `OPTIONS` is none of them: preflights follow from [`Caller::HostPage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or does something.
    Post,
    /// Changes the fields that are named.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Every method, in the order in which `Allow` names them.
    pub const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Patch, Self::Delete];

    /// The name in a request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call an endpoint, and with that the pages that may: a page of another origin than the edge's own gets through
/// to [`Caller::Anybody`] without credentials, to [`Caller::HostPage`] by the site's safelist, and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nothing is asked for, or what is asked for is in the address.
    Anybody,
    /// A customer's page that is on the site's safelist. Its path names the site as `{key}`.
    HostPage,
    /// A page of the edge's own origin: the frame, with a ticket or the refresh cookie.
    Frame,
    /// The frame, with an access token.
    Visitor,
    /// The team's programs, with an API key.
    Team,
}

/// What the security log and the audit trail hear of a call.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// What the log calls it.
    pub action: Action,
    /// Whether the log has a line when the call was allowed, too. Refusals always have one.
    pub is_logged_when_allowed: bool,
    /// Whether a call that went well is written to the audit trail. The target is what the call made, else the last
    /// parameter of the path, else the organisation.
    pub is_audited: bool,
}

/// A query parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name in the address.
    pub name: &'static str,
    /// Whether the call means nothing without it.
    pub is_required: bool,
}

/// A query parameter that may be left out.
pub const fn optional(name: &'static str) -> Parameter {
    Parameter {
        name,
        is_required: false,
    }
}

/// A query parameter that has to be there.
pub const fn required(name: &'static str) -> Parameter {
    Parameter {
        name,
        is_required: true,
    }
}

/// What a list's parameters are called, on every list.
const OF_A_LIST: &[Parameter] = &[optional("limit"), optional("cursor")];

/// What an endpoint reads of a JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// Whether no body means the same as an empty object.
    pub is_optional: bool,
    /// Bytes that are read at the most.
    pub max_bytes: usize,
}

/// One endpoint, as it is declared.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// How it is called.
    pub method: Method,
    /// Where it is, with its parameters in braces.
    pub path: &'static str,
    /// Its one name: the `operationId` of the description.
    pub name: &'static str,
    /// Who may call it.
    pub caller: Caller,
    /// Whether an API key that is held to one site is refused.
    pub is_organisation_wide: bool,
    /// What the logs hear of it; `None` for what is nobody's business.
    pub log: Option<Log>,
    /// The name under which its calls are counted for each address, if they are.
    pub address_limit: Option<&'static str>,
    /// Whether it answers by opening a socket, and takes the access token as a subprotocol.
    pub is_socket: bool,
    /// What it reads of a body.
    pub body: Option<Body>,
    query: &'static [Parameter],
    is_list: bool,
    n_segments: usize,
    #[cfg(feature = "describe")]
    pub(super) description: Description,
}

pub(super) const fn get(path: &'static str, name: &'static str) -> Endpoint {
    Endpoint::new(Method::Get, path, name)
}

pub(super) const fn post(path: &'static str, name: &'static str) -> Endpoint {
    Endpoint::new(Method::Post, path, name)
}

pub(super) const fn patch(path: &'static str, name: &'static str) -> Endpoint {
    Endpoint::new(Method::Patch, path, name)
}

pub(super) const fn delete(path: &'static str, name: &'static str) -> Endpoint {
    Endpoint::new(Method::Delete, path, name)
}

/// A type that crosses the wire and can be described.
#[cfg(feature = "describe")]
pub(super) trait Described: schemars::JsonSchema {}
#[cfg(feature = "describe")]
impl<T: schemars::JsonSchema> Described for T {}

/// A type that crosses the wire.
#[cfg(not(feature = "describe"))]
pub(super) trait Described {}
#[cfg(not(feature = "describe"))]
impl<T> Described for T {}

/// Adds to the description, where there is one.
macro_rules! describe {
    ($endpoint:ident, $add:expr) => {
        #[cfg(feature = "describe")]
        {
            $endpoint.description = $add;
        }
    };
}

#[cfg_attr(
    not(feature = "describe"),
    expect(
        unused_variables,
        unused_mut,
        reason = "what only describes is left out of what is deployed"
    )
)]
impl Endpoint {
    const fn new(method: Method, path: &'static str, name: &'static str) -> Self {
        Self {
            method,
            path,
            name,
            caller: Caller::Anybody,
            is_organisation_wide: false,
            log: None,
            address_limit: None,
            is_socket: false,
            body: None,
            query: &[],
            is_list: false,
            n_segments: n_segments(path),
            #[cfg(feature = "describe")]
            description: Description::EMPTY,
        }
    }

    /// What it is for, in a sentence.
    pub(super) const fn summary(mut self, summary: &'static str) -> Self {
        describe!(self, self.description.with_summary(summary));
        self
    }

    /// Who may call it; the macro `endpoints!` says it. What a program of the team reads is in the log as
    /// `management.read`, unless the declaration names another action.
    pub(super) const fn by(mut self, caller: Caller) -> Self {
        self.caller = caller;
        if matches!(
            (caller, self.method, self.log),
            (Caller::Team, Method::Get, None)
        ) {
            return self.logs_refusals(Action::MANAGEMENT_READ);
        }
        self
    }

    /// Refuses API keys that are held to one site: 403 `forbidden`.
    pub(super) const fn organisation_wide(mut self) -> Self {
        self.is_organisation_wide = true;
        self
    }

    /// Logs it when it is refused. For what visitors do all day.
    pub(super) const fn logs_refusals(mut self, action: Action) -> Self {
        self.log = Some(Log {
            action,
            is_logged_when_allowed: false,
            is_audited: false,
        });
        self
    }

    /// Logs it whatever comes of it. The audit trail hears nothing of it, unless the handler writes to it.
    pub(super) const fn logs(mut self, action: Action) -> Self {
        self.log = Some(Log {
            action,
            is_logged_when_allowed: true,
            is_audited: false,
        });
        self
    }

    /// Logs it whatever comes of it, and writes it to the audit trail when it went well.
    pub(super) const fn audits(mut self, action: Action) -> Self {
        self.log = Some(Log {
            action,
            is_logged_when_allowed: true,
            is_audited: true,
        });
        self
    }

    /// Counts the calls of an address under this name, before anything is read: 429 `rate_limited`.
    pub(super) const fn limits_addresses(mut self, name: &'static str) -> Self {
        self.address_limit = Some(name);
        self
    }

    /// The query parameters that it takes. Every other one is refused: 400 `invalid_query`.
    pub(super) const fn query(mut self, parameters: &'static [Parameter]) -> Self {
        self.query = parameters;
        self
    }

    /// Takes `limit` and `cursor` as well.
    pub(super) const fn list(mut self) -> Self {
        self.is_list = true;
        self
    }

    /// Reads a JSON body of the usual size.
    pub(super) const fn body<T: Described>(self) -> Self {
        self.body_up_to::<T>(BODY_MAX_BYTES)
    }

    /// Reads a JSON body of at most so many bytes.
    pub(super) const fn body_up_to<T: Described>(mut self, max_bytes: usize) -> Self {
        self.body = Some(Body {
            is_optional: false,
            max_bytes,
        });
        describe!(self, self.description.with_body(schema_of::<T>));
        self
    }

    /// Reads a JSON body, or takes none for an empty object.
    pub(super) const fn optional_body<T: Described>(self) -> Self {
        let mut taking = self.body::<T>();
        taking.body = Some(Body {
            is_optional: true,
            max_bytes: BODY_MAX_BYTES,
        });
        taking
    }

    /// Answers with JSON.
    pub(super) const fn replies<T: Described>(mut self, status: u16) -> Self {
        describe!(
            self,
            self.description
                .with_reply(status, Content::Json(schema_of::<T>))
        );
        self
    }

    /// Answers with a page of a list.
    pub(super) const fn replies_page_of<T: Described>(self) -> Self
    where
        Page<T>: Described,
    {
        self.list().replies::<Page<T>>(200)
    }

    /// Answers 204.
    pub(super) const fn replies_nothing(mut self) -> Self {
        describe!(self, self.description.with_reply(204, Content::Nothing));
        self
    }

    /// Answers with a file or a page of this media type.
    pub(super) const fn replies_bytes(mut self, media_type: &'static str) -> Self {
        describe!(
            self,
            self.description.with_reply(200, Content::Bytes(media_type))
        );
        self
    }

    /// Answers by opening a socket.
    pub(super) const fn replies_socket(mut self) -> Self {
        self.is_socket = true;
        describe!(self, self.description.with_reply(101, Content::Socket));
        self
    }

    /// Reads the refresh cookie.
    pub(super) const fn reads_cookie(mut self) -> Self {
        describe!(self, self.description.with_cookie_read());
        self
    }

    /// Sets the refresh cookie or takes it away.
    pub(super) const fn sets_cookie(mut self) -> Self {
        describe!(self, self.description.with_cookie_set());
        self
    }

    /// Why it may be refused, besides what follows from its caller, its parameters and its body.
    pub(super) const fn problems(mut self, codes: &'static [Code]) -> Self {
        describe!(self, self.description.with_problems(codes));
        self
    }

    /// How the description names the preflight that browsers send before it.
    pub(super) const fn preflight(mut self, name: &'static str, summary: &'static str) -> Self {
        describe!(self, self.description.with_preflight(name, summary));
        self
    }
}

impl Endpoint {
    /// Its query parameters, in the order in which they are described.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        let of_a_list = if self.is_list { OF_A_LIST } else { &[] };
        self.query.iter().chain(of_a_list)
    }

    /// Whether it takes a query parameter of this name.
    pub fn takes_parameter(&self, name: &str) -> bool {
        self.parameters().any(|parameter| parameter.name == name)
    }

    /// Whether it is at this address, without the slash that begins it. A parameter stands for one segment.
    pub fn is_at(&self, path: &str, n_segments: usize) -> bool {
        self.n_segments == n_segments
            && self
                .segments()
                .zip(path.split('/'))
                .all(|(declared, asked)| declared == asked || parameter_of(declared).is_some())
    }

    /// The value of a parameter in the path of an address that it is at.
    pub fn path_parameter<'p>(&self, path: &'p str, name: &str) -> Option<&'p str> {
        self.segments()
            .zip(path.split('/'))
            .find(|(declared, _)| parameter_of(declared) == Some(name))
            .map(|(_, asked)| asked)
    }

    /// The value of the last parameter in the path: what the call is about.
    pub fn target<'p>(&self, path: &'p str) -> Option<&'p str> {
        self.segments()
            .zip(path.split('/'))
            .filter(|(declared, _)| parameter_of(declared).is_some())
            .last()
            .map(|(_, asked)| asked)
    }

    /// Names of the parameters in the path, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.segments().filter_map(parameter_of)
    }

    fn segments(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.trim_start_matches('/').split('/')
    }
}

fn parameter_of(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// How many segments a declared path has: as many as slashes.
const fn n_segments(path: &str) -> usize {
    let (bytes, mut at, mut n) = (path.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'/' {
            n += 1;
        }
        at += 1;
    }
    n
}
