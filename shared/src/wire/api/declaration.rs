//! The words in which endpoints are declared.
//!
//! Every method is one line of a declaration and a `const fn`: the tables are made when the code is compiled. What only
//! the OpenAPI description says (summaries, schemas, replies) is left out of what is deployed.

use std::any::TypeId;

#[cfg(feature = "describe")]
use super::description::{Content, Description, schema_of};
use super::endpoint::{Body, Caller, Endpoint, Log, Method, Parameter};
use super::path::Path;
use crate::event::Action;
use crate::wire::BODY_MAX_BYTES;
use crate::wire::admin::Page;
use crate::wire::problem::Code;

/// An endpoint of which nobody has said yet who may call it.
#[derive(Clone, Copy)]
pub(in crate::wire) struct Declaration(Endpoint);

/// A query parameter that may be left out.
pub(in crate::wire) const fn optional(name: &'static str) -> Parameter {
    Parameter {
        name,
        is_required: false,
    }
}

/// A query parameter that has to be there.
pub(in crate::wire) const fn required(name: &'static str) -> Parameter {
    Parameter {
        name,
        is_required: true,
    }
}

pub(in crate::wire) const fn get(path: &'static str, name: &'static str) -> Declaration {
    Declaration::new(Method::Get, path, name)
}

pub(in crate::wire) const fn post(path: &'static str, name: &'static str) -> Declaration {
    Declaration::new(Method::Post, path, name)
}

pub(in crate::wire) const fn patch(path: &'static str, name: &'static str) -> Declaration {
    Declaration::new(Method::Patch, path, name)
}

pub(in crate::wire) const fn delete(path: &'static str, name: &'static str) -> Declaration {
    Declaration::new(Method::Delete, path, name)
}

/// A type that crosses the wire and can be described.
#[cfg(feature = "describe")]
pub(in crate::wire) trait Described: schemars::JsonSchema {}
#[cfg(feature = "describe")]
impl<T: schemars::JsonSchema> Described for T {}

/// A type that crosses the wire.
#[cfg(not(feature = "describe"))]
pub(in crate::wire) trait Described {}
#[cfg(not(feature = "describe"))]
impl<T> Described for T {}

/// Adds to the description, where there is one.
macro_rules! describe {
    ($declaration:ident, $description:expr) => {
        #[cfg(feature = "describe")]
        {
            $declaration.0.description = $description;
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
impl Declaration {
    const fn new(method: Method, path: &'static str, name: &'static str) -> Self {
        Self(Endpoint {
            method,
            path: Path::new(path),
            name,
            caller: Caller::Anybody,
            is_organisation_wide: false,
            log: None,
            address_limit: None,
            is_socket: false,
            body: None,
            query: &[],
            is_list: false,
            #[cfg(feature = "describe")]
            description: Description::EMPTY,
        })
    }

    /// What it is for, in a sentence.
    pub(in crate::wire) const fn summary(mut self, summary: &'static str) -> Self {
        describe!(self, self.0.description.with_summary(summary));
        self
    }

    /// The endpoint, once the macro `endpoints!` has said who may call it. What a program of the team reads is in the
    /// log as `management.read`, unless the declaration names another action.
    pub(in crate::wire) const fn by(self, caller: Caller) -> Endpoint {
        let is_read_by_team = matches!((caller, self.0.method), (Caller::Team, Method::Get));
        let mut declared = match self.0.log {
            None if is_read_by_team => self.logs_refusals(Action::MANAGEMENT_READ).0,
            _ => self.0,
        };
        declared.caller = caller;
        declared
    }

    /// Refuses API keys that are held to one site: 403 `forbidden`.
    pub(in crate::wire) const fn organisation_wide(mut self) -> Self {
        self.0.is_organisation_wide = true;
        self
    }

    /// Logs it when it is refused. For what visitors do all day.
    pub(in crate::wire) const fn logs_refusals(mut self, action: Action) -> Self {
        self.0.log = Some(Log {
            action,
            is_logged_when_allowed: false,
            is_audited: false,
        });
        self
    }

    /// Logs it whatever comes of it. The audit trail hears nothing of it, unless the handler writes to it.
    pub(in crate::wire) const fn logs(mut self, action: Action) -> Self {
        self.0.log = Some(Log {
            action,
            is_logged_when_allowed: true,
            is_audited: false,
        });
        self
    }

    /// Logs it whatever comes of it, and writes it to the audit trail when it went well.
    pub(in crate::wire) const fn audits(mut self, action: Action) -> Self {
        self.0.log = Some(Log {
            action,
            is_logged_when_allowed: true,
            is_audited: true,
        });
        self
    }

    /// Counts the calls of an address under this name, before anything is read: 429 `rate_limited`.
    pub(in crate::wire) const fn limits_addresses(mut self, name: &'static str) -> Self {
        self.0.address_limit = Some(name);
        self
    }

    /// The query parameters that it takes. Every other one is refused: 400 `invalid_query`.
    pub(in crate::wire) const fn query(mut self, parameters: &'static [Parameter]) -> Self {
        self.0.query = parameters;
        self
    }

    /// Takes `limit` and `cursor` as well.
    pub(in crate::wire) const fn list(mut self) -> Self {
        self.0.is_list = true;
        self
    }

    /// Reads a JSON body of the usual size.
    pub(in crate::wire) const fn body<T: Described + 'static>(self) -> Self {
        self.body_up_to::<T>(BODY_MAX_BYTES)
    }

    /// Reads a JSON body of at most so many bytes.
    pub(in crate::wire) const fn body_up_to<T: Described + 'static>(
        mut self,
        max_bytes: usize,
    ) -> Self {
        self.0.body = Some(Body {
            is_optional: false,
            max_bytes,
            type_id: TypeId::of::<T>,
        });
        describe!(self, self.0.description.with_body(schema_of::<T>));
        self
    }

    /// Reads a JSON body, or takes none for an empty object.
    pub(in crate::wire) const fn optional_body<T: Described + 'static>(self) -> Self {
        let mut declaration = self.body::<T>();
        if let Some(body) = &mut declaration.0.body {
            body.is_optional = true;
        }
        declaration
    }

    /// Answers with JSON.
    pub(in crate::wire) const fn replies<T: Described>(mut self, status: u16) -> Self {
        describe!(
            self,
            self.0
                .description
                .with_reply(status, Content::Json(schema_of::<T>))
        );
        self
    }

    /// Answers with a page of a list.
    pub(in crate::wire) const fn replies_page_of<T: Described>(self) -> Self
    where
        Page<T>: Described,
    {
        self.list().replies::<Page<T>>(200)
    }

    /// Answers 204.
    pub(in crate::wire) const fn replies_nothing(mut self) -> Self {
        describe!(self, self.0.description.with_reply(204, Content::Nothing));
        self
    }

    /// Answers with a file or a page of this media type.
    pub(in crate::wire) const fn replies_bytes(mut self, media_type: &'static str) -> Self {
        describe!(
            self,
            self.0
                .description
                .with_reply(200, Content::Bytes(media_type))
        );
        self
    }

    /// Answers by opening a socket.
    pub(in crate::wire) const fn replies_socket(mut self) -> Self {
        self.0.is_socket = true;
        describe!(self, self.0.description.with_reply(101, Content::Socket));
        self
    }

    /// Reads the refresh cookie.
    pub(in crate::wire) const fn reads_cookie(mut self) -> Self {
        describe!(self, self.0.description.with_cookie_read());
        self
    }

    /// Sets the refresh cookie or takes it away.
    pub(in crate::wire) const fn sets_cookie(mut self) -> Self {
        describe!(self, self.0.description.with_cookie_set());
        self
    }

    /// Why it may be refused, besides what follows from its caller, its parameters and its body.
    pub(in crate::wire) const fn problems(mut self, codes: &'static [Code]) -> Self {
        describe!(self, self.0.description.with_problems(codes));
        self
    }

    /// How the description names the preflight that browsers send before it.
    pub(in crate::wire) const fn preflight(
        mut self,
        name: &'static str,
        summary: &'static str,
    ) -> Self {
        describe!(self, self.0.description.with_preflight(name, summary));
        self
    }
}
