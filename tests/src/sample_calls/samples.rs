//! A sample for each endpoint of the description.

use serde_json::{Value, json};

use super::{CredentialPlace, Customer, SITEMAP, Sample};
use crate::openapi::Operation;
use crate::signed;
use crate::visitor::{ORIGIN, ticket};

impl Customer {
    /// A call of the description, made well. What it would use up is made for it.
    ///
    /// # Panics
    /// When there is no sample for it.
    #[track_caller]
    pub fn sample(&self, call: &Operation) -> Sample {
        let site = self.site.id.to_string();
        let conversation = self.conversation.to_string();
        let open = |ids: Vec<String>| (CredentialPlace::Open, String::new(), ids, None);
        let team = |ids: Vec<String>, body: Option<Value>| {
            (CredentialPlace::Key, self.team.key().to_owned(), ids, body)
        };
        let access = |body: Option<Value>| {
            let token = self.visitor.session.access_token.clone();
            (CredentialPlace::Access, token, Vec::new(), body)
        };
        let cookie = || {
            let cookie = self.newcomer().cookie;
            let body = Some(json!({ "site": self.site.key }));
            (
                CredentialPlace::Cookie(cookie.name),
                cookie.value,
                Vec::new(),
                body,
            )
        };
        let mut query = String::new();
        let (place, key, ids, body) = match call.name.as_str() {
            "alive" | "ready" | "security_contact" | "describe" | "rolling_loader" | "types"
            | "manifest" => open(Vec::new()),
            "asset" => {
                let manifest: Value = self.client.get("/manifest.json").send().json();
                let path = manifest["loader"]["path"].as_str().unwrap_or_default();
                open(vec![path.trim_start_matches("/assets/").to_owned()])
            }
            "show_frame" => {
                query = format!("?site={}", self.site.key);
                open(Vec::new())
            }
            "ask_ticket" | "issue_ticket" => {
                let body = (call.name == "issue_ticket").then(|| json!({}));
                let ids = vec![self.site.key.clone()];
                (CredentialPlace::Origin, ORIGIN.to_owned(), ids, body)
            }
            "open_session" => {
                let ticket = ticket(&self.client, &self.site.key, ORIGIN);
                (CredentialPlace::Ticket, ticket, Vec::new(), Some(json!({})))
            }
            "refresh_session" | "end_session" => cookie(),
            "open_socket" => {
                let token = self.visitor.session.access_token.clone();
                (CredentialPlace::Subprotocol, token, Vec::new(), None)
            }
            "send_message" => access(Some(json!({ "id": "walked", "text": "Hello" }))),
            "send_frame" => access(Some(json!({ "type": "typing" }))),
            "listen" | "show_transcript" => access(None),
            "list_own_conversations" => {
                let (site, key) = self.signed_site();
                let member = signed::visitor(&self.client, &site.key, &key, "ada");
                (
                    CredentialPlace::Access,
                    member.session.access_token,
                    Vec::new(),
                    None,
                )
            }
            "download_transcript" => (CredentialPlace::Link, self.link(60), Vec::new(), None),
            "link_transcript" => team(vec![conversation], Some(json!({ "expires_in": 60 }))),
            "export_visitor" => team(vec![self.visitor.session.visitor.to_string()], None),
            "erase_visitor_for_team" => {
                let visitor = self.newcomer();
                let said = visitor.socket().say_and_see("m1", "Hello").seq;
                self.team
                    .messages_up_to(&visitor.session.conversation, said);
                team(vec![visitor.session.visitor.to_string()], None)
            }
            "list_audit" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "erase_visitor" => {
                let token = self.newcomer().session.access_token;
                (CredentialPlace::Access, token, Vec::new(), None)
            }
            "create_site" => team(Vec::new(), Some(json!({ "name": "Another" }))),
            "list_sites" => team(Vec::new(), None),
            "show_site" | "show_embed" | "list_documents" | "list_imports" => {
                team(vec![site], None)
            }
            "change_site" => team(vec![site], Some(json!({ "greeting": "Good day." }))),
            "revoke_sessions" => team(vec![self.team.make_site("Doors").id.to_string()], None),
            "create_signing_key" => {
                let site = self.team.make_site("Keys").id.to_string();
                team(vec![site], None)
            }
            "revoke_signing_key" => {
                let site = self.team.make_site("Keys").id;
                let kid = self.team.make_signing_key(&site).kid;
                team(vec![site.to_string(), kid], None)
            }
            "create_document" => {
                let body = json!({ "title": "Hours", "content": "We open at nine." });
                team(vec![site], Some(body))
            }
            "show_document" => team(vec![site, self.document.to_string()], None),
            "change_document" => {
                let ids = vec![site, self.document.to_string()];
                team(ids, Some(json!({ "title": "Prices of boats" })))
            }
            "start_import" => {
                let site = self.team.make_site("Imports").id.to_string();
                team(vec![site], Some(json!({ "sitemap": SITEMAP })))
            }
            "show_import" | "cancel_import" => team(vec![site, self.import.to_string()], None),
            "delete_document" => {
                let site = self.team.make_site("Documents").id;
                let document = self.team.add_document(&site, "Old", "Gone soon.");
                team(vec![site.to_string(), document.id.to_string()], None)
            }
            "create_connection" => {
                let body = json!({ "kind": "webhook", "url": "https://hooks.example.com/" });
                team(Vec::new(), Some(body))
            }
            "list_connections" => team(Vec::new(), None),
            "show_connection" | "list_deliveries" => team(vec![self.connection.clone()], None),
            "change_connection" => {
                let body = json!({ "enabled": true });
                team(vec![self.connection.clone()], Some(body))
            }
            "delete_connection" => {
                let spare = self.spares.borrow_mut().pop();
                team(vec![spare.expect("a spare connection").0], None)
            }
            "replay_delivery" => team(vec![self.connection.clone(), self.delivery.clone()], None),
            "list_conversations" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "show_conversation" | "list_messages" => team(vec![conversation], None),
            "say_as_agent" => team(vec![conversation], Some(json!({ "text": "Hello." }))),
            "change_status" => team(vec![conversation], Some(json!({ "status": "agent" }))),
            "show_typing" => team(vec![conversation], None),
            "mark_read" => team(vec![conversation], Some(json!({ "seq": 1 }))),
            "watch_events" => team(Vec::new(), None),
            "show_budget" => team(Vec::new(), None),
            "change_budget" => team(Vec::new(), Some(json!({ "tokens_per_minute": 1_000_000 }))),
            "list_usage" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "list_reviews" => {
                query = format!("?site={site}");
                team(Vec::new(), None)
            }
            "show_review" => team(vec![self.review.to_string()], None),
            "change_review" => {
                let body = json!({ "status": "in_progress" });
                team(vec![self.review.to_string()], Some(body))
            }
            other => {
                panic!(
                    "`{other}` is described, and tests/src/sample_calls/samples.rs has no sample of it"
                )
            }
        };
        Sample {
            call: call.clone(),
            place,
            key,
            ids,
            query,
            body,
        }
    }

    /// This call for things that are ours and not made for it, so that whoever gets through has done harm.
    #[track_caller]
    pub fn target(&self, call: &Operation) -> Sample {
        let mut sample = self.sample(call);
        let (site, document) = (self.site.id.to_string(), self.document.to_string());
        match call.name.as_str() {
            "create_signing_key" | "revoke_sessions" | "start_import" => sample.ids = vec![site],
            "revoke_signing_key" => sample.ids = vec![site, self.kid.clone()],
            "delete_document" => sample.ids = vec![site, document],
            "delete_connection" => sample.ids = vec![self.connection.clone()],
            "erase_visitor_for_team" => {
                sample.ids = vec![self.visitor.session.visitor.to_string()];
            }
            _ => {}
        }
        sample
    }
}
