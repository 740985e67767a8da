//! The management API as a customer's program calls it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use oriel_shared::wire::admin::{
    Conversation, Document, DocumentCreate, Embed, SigningKeyCreated, Site, SiteChange,
    StatusChange,
};
use oriel_shared::wire::problem::ProblemDocument;
use oriel_shared::wire::visitor::Status;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request};

/// A caller with its key.
pub struct Management {
    agent: ureq::Agent,
    edge: String,
    key: String,
}

impl Management {
    /// A caller of this edge.
    pub fn new(edge: &str, key: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            agent,
            edge: edge.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Makes a site; it is disabled.
    pub fn create_site(&self, site: &SiteChange) -> Result<Site> {
        self.call(&Method::POST, "/v1/admin/sites", Some(site))
    }

    /// Changes a site.
    pub fn change_site(&self, id: &str, change: &SiteChange) -> Result<Site> {
        self.call(
            &Method::PATCH,
            &format!("/v1/admin/sites/{id}"),
            Some(change),
        )
    }

    /// Makes a key that signs visitor tokens.
    pub fn create_signing_key(&self, site: &str) -> Result<SigningKeyCreated> {
        self.call(
            &Method::POST,
            &format!("/v1/admin/sites/{site}/signing-keys"),
            None::<&()>,
        )
    }

    /// What the site's owner pastes.
    pub fn embed(&self, site: &str) -> Result<Embed> {
        self.call(
            &Method::GET,
            &format!("/v1/admin/sites/{site}/embed"),
            None::<&()>,
        )
    }

    /// Adds a document.
    pub fn create_document(&self, site: &str, document: &DocumentCreate) -> Result<Document> {
        self.call(
            &Method::POST,
            &format!("/v1/admin/sites/{site}/documents"),
            Some(document),
        )
    }

    /// Removes a document. One that is gone already is no error.
    pub fn delete_document(&self, site: &str, id: &str) -> Result<()> {
        let path = format!("/v1/admin/sites/{site}/documents/{id}");
        match self.send(&Method::DELETE, &path, None::<&()>)? {
            (204 | 404, _) => Ok(()),
            (status, body) => Err(refusal(&Method::DELETE, &path, status, &body)),
        }
    }

    /// Takes a conversation over, hands it back or closes it.
    pub fn change_status(&self, conversation: &str, status: Status) -> Result<Conversation> {
        self.call(
            &Method::POST,
            &format!("/v1/admin/conversations/{conversation}/status"),
            Some(&StatusChange { status }),
        )
    }

    fn call<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T> {
        let (status, answer) = self.send(method, path, body)?;
        if !matches!(status, 200 | 201) {
            return Err(refusal(method, path, status, &answer));
        }
        serde_json::from_slice(&answer).with_context(|| format!("the answer to {method} {path}"))
    }

    fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<(u16, Vec<u8>)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.edge))
            .header("authorization", format!("Bearer {}", self.key));
        let answer = match body {
            Some(body) => self.agent.run(
                request
                    .header("content-type", "application/json")
                    .body(serde_json::to_vec(body)?)?,
            ),
            None => self.agent.run(request.body(())?),
        };
        let mut answer = answer.with_context(|| format!("{method} {path}"))?;
        let status = answer.status().as_u16();
        if status >= 600 {
            bail!("{method} {path} was answered with status {status}");
        }
        Ok((status, answer.body_mut().read_to_vec()?))
    }
}

fn refusal(method: &Method, path: &str, status: u16, body: &[u8]) -> anyhow::Error {
    match serde_json::from_slice::<ProblemDocument>(body) {
        Ok(problem) => anyhow::anyhow!(
            "{method} {path} was refused: {status} {}: {} (request {})",
            problem.code,
            problem.detail,
            problem.request_id
        ),
        Err(_) => anyhow::anyhow!(
            "{method} {path} was answered with {status}: {}",
            String::from_utf8_lossy(body)
                .chars()
                .take(300)
                .collect::<String>()
        ),
    }
}
