//! The demo site, made the way that a customer makes one: through the management API.
//!
//! What was made is written down after each step, so that a start that was broken off goes on where it stopped, and a
//! second start on the same folder finds everything.

use anyhow::{Context, Result};
use oriel_shared::wire::admin::{DocumentCreate, Embed, LimitsChange, Site, SiteChange};

use super::knowledge;
use super::management::Management;
use super::state::{KeptDocument, SigningKey, State};
use crate::workspace::Workspace;

/// The demo site as the demo page and the ready line need it.
pub struct DemoSite {
    /// For the management API.
    pub id: String,
    /// In the embed code.
    pub key: String,
    /// Signs visitor tokens.
    pub signing_key: SigningKey,
    /// What is pasted.
    pub embed: Embed,
}

/// Makes the site or brings it up to date: enabled, admitting the demo page, knowing the documentation as it is now.
///
/// # Errors
/// When the edge refuses something.
pub fn demo_site(
    workspace: &Workspace,
    state: &mut State,
    edge: &str,
    demo: &str,
) -> Result<DemoSite> {
    let api = Management::new(edge, &state.kept.admin_key);
    let site = open_site(state, &api, demo)?;
    let signing_key = signing_key(state, &api, &site)?;
    documents(workspace, state, &api, site.id.as_str())?;
    let embed = api.embed(site.id.as_str())?;
    Ok(DemoSite {
        id: site.id.to_string(),
        key: site.key,
        signing_key,
        embed,
    })
}

/// Programs ask the demo too, all of them from one address, and faster than people do.
const DEMO_LIMITS: LimitsChange = LimitsChange {
    message_burst: Some(300),
    messages_per_minute: Some(600),
    messages_per_day: Some(100_000),
    tickets_per_minute: Some(600),
};

fn open_site(state: &mut State, api: &Management, demo: &str) -> Result<Site> {
    let id = match &state.kept.site {
        Some(id) => id.clone(),
        None => {
            let made = api.create_site(&SiteChange {
                name: Some("Fernhill Web Studio".into()),
                limits: Some(DEMO_LIMITS),
                ..SiteChange::default()
            })?;
            state.kept.site = Some(made.id.to_string());
            state.save()?;
            made.id.to_string()
        }
    };
    // At each start: the demo page may have another port now.
    let change = SiteChange {
        safelist: Some(vec![demo.to_owned()]),
        enabled: Some(true),
        ..SiteChange::default()
    };
    api.change_site(&id, &change)
        .context("the demo site of this state folder")
}

fn signing_key(state: &mut State, api: &Management, site: &Site) -> Result<SigningKey> {
    if let Some(key) = &state.kept.signing_key {
        return Ok(key.clone());
    }
    let made = api.create_signing_key(site.id.as_str())?;
    let key = SigningKey {
        kid: made.kid,
        secret: made.secret,
    };
    state.kept.signing_key = Some(key.clone());
    state.save()?;
    Ok(key)
}

/// Posts what is new or changed, deletes what is gone.
fn documents(workspace: &Workspace, state: &mut State, api: &Management, site: &str) -> Result<()> {
    let pages = knowledge::pages(workspace)?;
    let outdated: Vec<(String, String)> = state
        .kept
        .documents
        .iter()
        .filter(|(path, kept)| {
            !pages
                .iter()
                .any(|page| page.path == **path && page.digest == kept.digest)
        })
        .map(|(path, kept)| (path.clone(), kept.id.clone()))
        .collect();
    for (path, id) in outdated {
        api.delete_document(site, &id)?;
        state.kept.documents.remove(&path);
        state.save()?;
    }
    for page in pages {
        if state.kept.documents.contains_key(&page.path) {
            continue;
        }
        let document = DocumentCreate {
            title: Some(page.title),
            format: None,
            content: Some(page.content),
            url: Some(page.url),
        };
        let made = api
            .create_document(site, &document)
            .with_context(|| page.path.clone())?;
        let kept = KeptDocument {
            id: made.id.to_string(),
            digest: page.digest,
        };
        state.kept.documents.insert(page.path, kept);
        state.save()?;
    }
    Ok(())
}
