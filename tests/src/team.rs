//! A team of a customer: an API key and what it does with it.

use oriel_shared::id::{ConversationId, Seq, SiteId};
use oriel_shared::wire::admin::{
    Conversation, Document, DocumentCreate, DocumentFormat, Embed, Mode, Page, SigningKeyCreated,
    Site, SiteChange,
};
use oriel_shared::wire::review::Review;
use oriel_shared::wire::visitor::Message;
use serde_json::{Value, json};

use crate::client::{Call, Client, Response};
use crate::wait::{SOON, unix_secs, until};

/// Whoever holds this API key.
#[derive(Clone)]
pub struct Team {
    client: Client,
    key: String,
}

impl Team {
    /// With an API key.
    pub fn new(client: Client, key: &str) -> Self {
        Self {
            client,
            key: key.to_owned(),
        }
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Begins a call to the management API; `path` comes after `/v1/admin`.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        self.client
            .call(method, &format!("/v1/admin{path}"))
            .bearer(&self.key)
    }

    /// Makes a site, disabled and with nobody on its list.
    #[track_caller]
    pub fn make_site(&self, name: &str) -> Site {
        self.call("POST", "/sites")
            .json(&json!({ "name": name }))
            .send()
            .expect(201)
            .json()
    }

    /// Changes a site.
    #[track_caller]
    pub fn change(&self, site: &SiteId, change: &SiteChange) -> Response {
        self.call("PATCH", &format!("/sites/{site}"))
            .json(change)
            .send()
    }

    /// Makes a site that pages on these origins may use.
    #[track_caller]
    pub fn open_site(&self, name: &str, origins: &[&str]) -> Site {
        let site = self.make_site(name);
        let safelist = origins.iter().map(|&origin| origin.to_owned()).collect();
        let change = SiteChange {
            enabled: Some(true),
            safelist: Some(safelist),
            ..SiteChange::default()
        };
        self.change(&site.id, &change).expect(200).json()
    }

    /// Makes a signing key.
    #[track_caller]
    pub fn make_signing_key(&self, site: &SiteId) -> SigningKeyCreated {
        self.call("POST", &format!("/sites/{site}/signing-keys"))
            .send()
            .expect(201)
            .json()
    }

    /// From now on the site's visitors are those whom it vouches for. Gives the key with which it does.
    #[track_caller]
    pub fn require_tokens(&self, site: &SiteId) -> SigningKeyCreated {
        let change = SiteChange {
            mode: Some(Mode::Signed),
            ..SiteChange::default()
        };
        let _signed = self.change(site, &change).expect(200);
        self.make_signing_key(site)
    }

    /// The embed code of a site.
    #[track_caller]
    pub fn embed(&self, site: &SiteId) -> Embed {
        self.call("GET", &format!("/sites/{site}/embed"))
            .send()
            .expect(200)
            .json()
    }

    /// Adds a Markdown document.
    #[track_caller]
    pub fn add_document(&self, site: &SiteId, title: &str, content: &str) -> Document {
        let document = DocumentCreate {
            title: Some(title.to_owned()),
            format: Some(DocumentFormat::Markdown),
            content: Some(content.to_owned()),
            url: Some("https://example.com/handbook".to_owned()),
        };
        self.call("POST", &format!("/sites/{site}/documents"))
            .json(&document)
            .send()
            .expect(201)
            .json()
    }

    /// The messages of a conversation as the management API has them now, page by page.
    #[track_caller]
    pub fn messages(&self, conversation: &ConversationId) -> Vec<Message> {
        let mut messages = Vec::new();
        let mut query = String::from("?limit=100");
        loop {
            let page: Page<Message> = self
                .call(
                    "GET",
                    &format!("/conversations/{conversation}/messages{query}"),
                )
                .send()
                .expect(200)
                .json();
            messages.extend(page.items);
            match page.next_cursor {
                Some(cursor) => query = format!("?limit=100&cursor={cursor}"),
                None => return messages,
            }
        }
    }

    /// A person of the team answers: `text`, and the `name` that they go by.
    #[track_caller]
    pub fn say(&self, conversation: &ConversationId, words: &Value) -> Message {
        self.call("POST", &format!("/conversations/{conversation}/messages"))
            .json(words)
            .send()
            .expect(201)
            .json()
    }

    /// Waits until the management API has the conversation up to this place.
    #[track_caller]
    pub fn messages_up_to(&self, conversation: &ConversationId, seq: Seq) -> Vec<Message> {
        until(
            &format!("{conversation} up to {seq:?} in the management API"),
            SOON,
            || {
                let path = format!("/conversations/{conversation}/messages");
                // The first rows may not have arrived: then there is no such conversation yet.
                let answer = self.call("GET", &path).send();
                let messages = (answer.status == 200).then(|| self.messages(conversation))?;
                (messages.last()?.seq >= seq).then_some(messages)
            },
        )
    }

    /// Reads a list page by page, `limit` items a page; the pages.
    ///
    /// # Panics
    /// When a page is longer than asked for, or the list does not end.
    #[track_caller]
    pub fn pages<T: serde::de::DeserializeOwned>(&self, path: &str, limit: usize) -> Vec<Vec<T>> {
        let mut pages = Vec::new();
        let mut cursor = None::<String>;
        let joint = if path.contains('?') { '&' } else { '?' };
        loop {
            let after = cursor
                .map(|cursor| format!("&cursor={cursor}"))
                .unwrap_or_default();
            let page: Page<T> = self
                .call("GET", &format!("{path}{joint}limit={limit}{after}"))
                .send()
                .expect(200)
                .json();
            assert!(
                page.items.len() <= limit,
                "a page of {} items, asked for {limit}",
                page.items.len()
            );
            pages.push(page.items);
            assert!(pages.len() < 1000, "the list {path} does not end");
            cursor = page.next_cursor;
            if cursor.is_none() {
                return pages;
            }
        }
    }

    /// Items of the queue of a site; `query` goes on with `&`.
    #[track_caller]
    pub fn reviews(&self, site: &SiteId, query: &str) -> Vec<Review> {
        self.pages(&format!("/reviews?site={site}{query}"), 100)
            .into_iter()
            .flatten()
            .collect()
    }

    /// Waits until the queue of a site holds one item of this kind, in this state.
    ///
    /// # Panics
    /// When there are several.
    #[track_caller]
    pub fn review(&self, site: &SiteId, kind: &str, status: &str) -> Review {
        let query = format!("&kind={kind}&status={status}");
        until(&format!("a {kind} that is {status}"), SOON, || {
            let mut found = self.reviews(site, &query);
            assert!(found.len() <= 1, "{found:?}");
            found.pop()
        })
    }

    /// Every conversation of a site.
    #[track_caller]
    pub fn conversations(&self, site: &SiteId) -> Vec<Conversation> {
        self.pages(&format!("/conversations?site={site}"), 100)
            .into_iter()
            .flatten()
            .collect()
    }
}

/// A week in which somebody is there for one minute only, and that minute is not now.
pub fn closed_hours() -> Value {
    let minutes = unix_secs() / 60 % (24 * 60);
    let from = (minutes + 12 * 60) % (24 * 60 - 1);
    json!({
        "time_zone": "Etc/UTC",
        "shifts": [{
            "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
            "from": format!("{:02}:{:02}", from / 60, from % 60),
            "until": format!("{:02}:{:02}", (from + 1) / 60, (from + 1) % 60),
        }],
    })
}
