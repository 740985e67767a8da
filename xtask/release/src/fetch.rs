//! Reads files from a deployed edge.

use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Larger than any file of ours.
const MAX_BYTES: u64 = 16 * 1_024 * 1_024;

/// An edge, from outside.
pub struct Edge {
    origin: String,
    agent: ureq::Agent,
}

/// What it answered with 200.
pub struct Served {
    /// The body, as it is.
    pub bytes: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Served {
    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

impl Edge {
    /// The edge at an address such as `https://chat.example.com`.
    ///
    /// # Errors
    /// When it is no address of an origin.
    pub fn at(address: &str) -> Result<Self> {
        let origin = address.trim_end_matches('/');
        let host = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@'])) {
            bail!("{address}: not the address of an edge, like https://chat.example.com");
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            // What answers must be the edge itself.
            .max_redirects(0)
            .build()
            .into();
        Ok(Self {
            origin: origin.to_owned(),
            agent,
        })
    }

    /// A file, or nothing when there is none.
    ///
    /// # Errors
    /// When the edge cannot be reached, or answers otherwise.
    pub fn find(&self, path: &str) -> Result<Option<Served>> {
        let url = format!("{}{path}", self.origin);
        let mut answer = self
            .agent
            .get(&url)
            .header("accept-encoding", "identity")
            .call()
            .with_context(|| url.clone())?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            status => bail!("{url}: {status}"),
        }
        let bytes = answer
            .body_mut()
            .with_config()
            .limit(MAX_BYTES)
            .read_to_vec()
            .with_context(|| url.clone())?;
        Ok(Some(Served {
            bytes,
            headers: answer.headers().clone(),
        }))
    }

    /// A file that has to be there.
    ///
    /// # Errors
    /// As [`Self::find`], and when there is none.
    pub fn get(&self, path: &str) -> Result<Served> {
        self.find(path)?
            .with_context(|| format!("{}{path}: not there", self.origin))
    }
}
