//! One call of an endpoint: what a handler is given. It reads of the request what the endpoint's declaration names.

use std::any::TypeId;

use futures_util::future::LocalBoxFuture;
use oriel_shared::wire::api::Endpoint;
use serde::de::DeserializeOwned;
use worker::{Env, Request, Url};

use super::body;
use super::context::Context;
use super::problem::Problem;
use super::query::{self, Cursor, PageRequest};
use super::response::HandlerResult;

/// A call by somebody who may call: `C` is who that is.
pub struct Call<'c, C> {
    /// Who calls, as far as the endpoint asks for it.
    pub caller: C,
    /// The request's surroundings, and what the logs hear of it.
    pub context: &'c Context,
    /// What is called.
    pub endpoint: &'static Endpoint,
    url: &'c Url,
    request: Request,
}

/// Somebody who has not been asked yet who they are.
pub struct Unknown;

/// Somebody of whom nothing is asked.
pub struct Anybody;

/// A page of the edge's own origin. What lets it in is in the body or in a cookie, which its handler reads.
pub struct Frame;

/// A handler of calls by one kind of caller.
pub type Handle<C> = for<'c> fn(Call<'c, C>) -> LocalBoxFuture<'c, HandlerResult>;

impl<'c> Call<'c, Unknown> {
    /// A call as it came in.
    pub fn new(
        request: Request,
        url: &'c Url,
        context: &'c Context,
        endpoint: &'static Endpoint,
    ) -> Self {
        Self {
            caller: Unknown,
            context,
            endpoint,
            url,
            request,
        }
    }

    /// This call, by a caller who has shown who they are. What they ask for in the query string is looked at now, so
    /// that nobody learns from it what they may not call.
    ///
    /// # Errors
    /// 400 `invalid_query` that names a parameter which the endpoint does not declare.
    pub fn by<C>(self, caller: C) -> Result<Call<'c, C>, Problem> {
        query::check_declared(self.url, self.endpoint)?;
        Ok(Call {
            caller,
            context: self.context,
            endpoint: self.endpoint,
            url: self.url,
            request: self.request,
        })
    }
}

impl<'c, C> Call<'c, C> {
    /// Bindings and secrets.
    pub fn env(&self) -> &'c Env {
        &self.context.env
    }

    /// The request, for what is neither a parameter nor a body.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// A header, as it was sent.
    pub fn header(&self, name: &str) -> Result<Option<String>, Problem> {
        Ok(self.request.headers().get(name)?)
    }

    /// The edge's own origin, as the caller knows it.
    pub fn edge(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// A parameter of the path, as it was sent; empty for one that the endpoint does not declare.
    pub fn param(&self, name: &str) -> &'c str {
        let path = self.url.path().trim_start_matches('/');
        self.endpoint.path.parameter(path, name).unwrap_or_default()
    }

    /// The last parameter of the path: what the call is about.
    pub fn target(&self) -> Option<&'c str> {
        let path = self.url.path().trim_start_matches('/');
        self.endpoint.path.last_parameter(path)
    }

    /// A query parameter, when it is there.
    pub fn query(&self, name: &str) -> Option<String> {
        query::param(self.url, name)
    }

    /// Which page of a list is wanted.
    ///
    /// # Errors
    /// 400 `invalid_query`.
    pub fn page<K: Cursor>(&self) -> Result<PageRequest<K>, Problem> {
        query::page_request(self.url)
    }

    /// The JSON body, within the bounds that the endpoint declares. Where it may be left out, none is an empty object.
    ///
    /// # Errors
    /// 413 `body_too_large`, 415 `unsupported_media_type`, 400 `invalid_body`.
    pub async fn body<T: DeserializeOwned + 'static>(&mut self) -> Result<T, Problem> {
        let declared = self.endpoint.body;
        let Some(declared) = declared.filter(|body| (body.type_id)() == TypeId::of::<T>()) else {
            let cause = format!("`{}` declares no body of this type", self.endpoint.name);
            return Err(Problem::ours("endpoint", &cause));
        };
        body::json(&mut self.request, declared).await
    }
}
