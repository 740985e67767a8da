//! What is known of an endpoint. It is said in a declaration (`declaration`).

use std::any::TypeId;

#[cfg(feature = "describe")]
use super::description::Description;
use super::path::Path;
use crate::event::Action;

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

/// Who may call an endpoint, and with that the pages that may: a page of another origin than the edge's own gets
/// through to [`Caller::Anybody`] without credentials, to [`Caller::HostPage`] by the site's safelist, and nowhere
/// else.
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

/// What a list's parameters are called, on every list.
const OF_A_LIST: &[Parameter] = &[
    Parameter {
        name: "limit",
        is_required: false,
    },
    Parameter {
        name: "cursor",
        is_required: false,
    },
];

/// What an endpoint reads of a JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// Whether no body means the same as an empty object.
    pub is_optional: bool,
    /// Bytes that are read at the most.
    pub max_bytes: usize,
    /// The type that it is read as. A handler that reads another one than is described is a fault of ours.
    pub type_id: fn() -> TypeId,
}

/// One endpoint, as it is declared.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// How it is called.
    pub method: Method,
    /// Where it is.
    pub path: Path,
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
    pub(super) query: &'static [Parameter],
    pub(super) is_list: bool,
    #[cfg(feature = "describe")]
    pub(super) description: Description,
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
}
