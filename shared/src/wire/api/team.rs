//! Calls of the team and its programs, a function for each kind of thing that they are about.

use super::operation::Caller::Team;
use super::operation::{Operation, delete, get, operation, post};
use crate::wire::DOCUMENT_MAX_BYTES;
use crate::wire::admin::{
    AgentMessage, AuditLine, Connection, ConnectionChange, ConnectionCreate, ConnectionCreated,
    Conversation, Delivery, Document, DocumentChange, DocumentCreate, DocumentSaved, Embed, Import,
    ImportCreate, ReadMark, SigningKeyCreated, Site, SiteChange, StatusChange, VisitorExport,
};
use crate::wire::problem::Code::{
    ConnectionUnverified, ConversationNotCurrent, EgressBlocked, Forbidden, ImportRunning,
    InvalidField, InvalidQuery, NotFound, PageUnreadable, TooManyConnections, TooManyKeys,
};
use crate::wire::review::{Review, ReviewChange};
use crate::wire::transcript::{TranscriptLink, TranscriptLinkCreate};
use crate::wire::usage::{BudgetChange, BudgetState, UsagePage};
use crate::wire::visitor::Message;

pub(super) fn calls() -> Vec<Operation> {
    [
        sites(),
        knowledge(),
        connections(),
        conversations(),
        visitors(),
        attention(),
        models(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Sites and the keys that sign their visitors.
fn sites() -> Vec<Operation> {
    vec![
        post(
            "/v1/admin/sites",
            "create_site",
            Team,
            "Makes a site: disabled, and with nobody on its list.",
        )
        .takes::<SiteChange>()
        .gives::<Site>(201)
        .refuses(&[InvalidField, Forbidden]),
        get(
            "/v1/admin/sites",
            "list_sites",
            Team,
            "The sites, in pages.",
        )
        .gives_pages_of::<Site>(),
        get("/v1/admin/sites/{site}", "show_site", Team, "A site.").gives::<Site>(200),
        operation(
            "PATCH",
            "/v1/admin/sites/{site}",
            "change_site",
            Team,
            "Changes the fields that are named, and no other.",
        )
        .takes::<SiteChange>()
        .gives::<Site>(200)
        .refuses(&[InvalidField]),
        delete(
            "/v1/admin/sites/{site}/sessions",
            "revoke_sessions",
            Team,
            "Ends every session of the site's visitors.",
        )
        .gives_nothing(204),
        post(
            "/v1/admin/sites/{site}/signing-keys",
            "create_signing_key",
            Team,
            "Makes a key for visitor tokens, and shows its secret this once.",
        )
        .gives::<SigningKeyCreated>(201)
        .refuses(&[TooManyKeys]),
        delete(
            "/v1/admin/sites/{site}/signing-keys/{kid}",
            "revoke_signing_key",
            Team,
            "Revokes a key, everywhere within ten seconds.",
        )
        .gives_nothing(204),
        get(
            "/v1/admin/sites/{site}/embed",
            "show_embed",
            Team,
            "What to paste into a page.",
        )
        .gives::<Embed>(200),
    ]
}

/// What the assistant knows.
fn knowledge() -> Vec<Operation> {
    vec![
        post(
            "/v1/admin/sites/{site}/documents",
            "create_document",
            Team,
            "Adds to what the assistant knows. A page that was imported before is updated in its place: 200, and whether \
             it had changed.",
        )
        .takes_up_to::<DocumentCreate>(DOCUMENT_MAX_BYTES)
        .gives::<DocumentSaved>(201)
        .gives::<DocumentSaved>(200)
        .refuses(&[InvalidField, EgressBlocked, PageUnreadable]),
        get(
            "/v1/admin/sites/{site}/documents",
            "list_documents",
            Team,
            "The documents of a site, in pages, without their content.",
        )
        .gives_pages_of::<Document>(),
        get(
            "/v1/admin/sites/{site}/documents/{document}",
            "show_document",
            Team,
            "A document with its content.",
        )
        .gives::<Document>(200),
        operation(
            "PATCH",
            "/v1/admin/sites/{site}/documents/{document}",
            "change_document",
            Team,
            "Makes a new version with the fields that are named; visitors are answered from the old one or the new one.",
        )
        .takes_up_to::<DocumentChange>(DOCUMENT_MAX_BYTES)
        .gives::<DocumentSaved>(200)
        .refuses(&[InvalidField]),
        delete(
            "/v1/admin/sites/{site}/documents/{document}",
            "delete_document",
            Team,
            "Forgets a document.",
        )
        .gives_nothing(204),
        post(
            "/v1/admin/sites/{site}/imports",
            "start_import",
            Team,
            "Imports the pages of a sitemap, in the background: adds, updates and removes the documents that came through it.",
        )
        .takes::<ImportCreate>()
        .gives::<Import>(202)
        .refuses(&[InvalidField, EgressBlocked, ImportRunning]),
        get(
            "/v1/admin/sites/{site}/imports",
            "list_imports",
            Team,
            "The imports of a site, in pages, without the pages that failed.",
        )
        .gives_pages_of::<Import>(),
        get(
            "/v1/admin/sites/{site}/imports/{import}",
            "show_import",
            Team,
            "How far an import is, and which pages failed.",
        )
        .gives::<Import>(200),
        delete(
            "/v1/admin/sites/{site}/imports/{import}",
            "cancel_import",
            Team,
            "Ends an import that runs. What was imported is kept.",
        )
        .gives_nothing(204),
    ]
}

/// Receivers of what happens, and what was sent to them.
fn connections() -> Vec<Operation> {
    vec![
        post(
            "/v1/admin/connections",
            "create_connection",
            Team,
            "Makes a connection, once a live call to it went well. A secret that is made here is shown this once.",
        )
        .takes::<ConnectionCreate>()
        .gives::<ConnectionCreated>(201)
        .refuses(&[
            InvalidField,
            EgressBlocked,
            ConnectionUnverified,
            TooManyConnections,
        ]),
        get(
            "/v1/admin/connections",
            "list_connections",
            Team,
            "The connections, in pages.",
        )
        .gives_pages_of::<Connection>(),
        get(
            "/v1/admin/connections/{connection}",
            "show_connection",
            Team,
            "A connection, without its secret.",
        )
        .gives::<Connection>(200),
        operation(
            "PATCH",
            "/v1/admin/connections/{connection}",
            "change_connection",
            Team,
            "Changes the fields that are named; another address or secret is verified first.",
        )
        .takes::<ConnectionChange>()
        .gives::<Connection>(200)
        .refuses(&[InvalidField, EgressBlocked, ConnectionUnverified]),
        delete(
            "/v1/admin/connections/{connection}",
            "delete_connection",
            Team,
            "Forgets a connection and its deliveries.",
        )
        .gives_nothing(204),
        get(
            "/v1/admin/connections/{connection}/deliveries",
            "list_deliveries",
            Team,
            "What was or is to be sent to a receiver, in pages.",
        )
        .may_ask_for("status")
        .gives_pages_of::<Delivery>(),
        post(
            "/v1/admin/connections/{connection}/deliveries/{delivery}/replay",
            "replay_delivery",
            Team,
            "Sends a delivery once more, under the same id.",
        )
        .gives::<Delivery>(200),
    ]
}

/// Conversations, read and taken part in.
fn conversations() -> Vec<Operation> {
    vec![
        get(
            "/v1/admin/conversations",
            "list_conversations",
            Team,
            "The conversations, of all sites or of one, in pages.",
        )
        .may_ask_for("site")
        .gives_pages_of::<Conversation>()
        .refuses(&[NotFound]),
        get(
            "/v1/admin/conversations/{conversation}",
            "show_conversation",
            Team,
            "A conversation, without its messages.",
        )
        .gives::<Conversation>(200),
        get(
            "/v1/admin/conversations/{conversation}/messages",
            "list_messages",
            Team,
            "The messages, in pages, in the order of their numbers.",
        )
        .gives_pages_of::<Message>(),
        post(
            "/v1/admin/conversations/{conversation}/transcript-link",
            "link_transcript",
            Team,
            "A link that gives the transcript to whoever has it, for a while.",
        )
        .may_take::<TranscriptLinkCreate>()
        .gives::<TranscriptLink>(201)
        .refuses(&[InvalidField]),
        post(
            "/v1/admin/conversations/{conversation}/messages",
            "say_as_agent",
            Team,
            "Says something as a person; the assistant goes quiet.",
        )
        .takes::<AgentMessage>()
        .gives::<Message>(201)
        .refuses(&[InvalidField, ConversationNotCurrent]),
        post(
            "/v1/admin/conversations/{conversation}/status",
            "change_status",
            Team,
            "Takes over, hands back, closes.",
        )
        .takes::<StatusChange>()
        .gives::<Conversation>(200)
        .refuses(&[InvalidField, ConversationNotCurrent]),
        post(
            "/v1/admin/conversations/{conversation}/typing",
            "show_typing",
            Team,
            "Shows the visitor that somebody is writing, for a few seconds.",
        )
        .gives_nothing(204)
        .refuses(&[ConversationNotCurrent]),
        post(
            "/v1/admin/conversations/{conversation}/read",
            "mark_read",
            Team,
            "Shows the visitor how far the team has read.",
        )
        .takes::<ReadMark>()
        .gives_nothing(204)
        .refuses(&[ConversationNotCurrent]),
    ]
}

/// What a visitor has a right to, and the trail of who did what.
fn visitors() -> Vec<Operation> {
    vec![
        get(
            "/v1/admin/visitors/{visitor}/export",
            "export_visitor",
            Team,
            "All that is kept of a visitor.",
        )
        .gives::<VisitorExport>(200),
        delete(
            "/v1/admin/visitors/{visitor}",
            "erase_visitor_for_team",
            Team,
            "Erases everything of a visitor.",
        )
        .gives_nothing(204),
        get(
            "/v1/admin/audit",
            "list_audit",
            Team,
            "Who did what, in pages, newest first: of all sites or of one, to everything or to one target.",
        )
        .may_ask_for("site")
        .may_ask_for("target")
        .gives_pages_of::<AuditLine>()
        .refuses(&[NotFound]),
    ]
}

/// What happens, as it happens, and what waits for somebody.
fn attention() -> Vec<Operation> {
    vec![
        get(
            "/v1/admin/events",
            "watch_events",
            Team,
            "What happens, as server-sent events in the shape that webhooks have, from now on or from after the header \
             `Last-Event-ID`. The event `gap` says that there is more to catch up on than is kept: read the lists.",
        )
        .gives_bytes("text/event-stream")
        .refuses(&[InvalidQuery]),
        get(
            "/v1/admin/reviews",
            "list_reviews",
            Team,
            "What the team should look at: escalations, drafts, leads, in pages, newest first.",
        )
        .may_ask_for("site")
        .may_ask_for("kind")
        .may_ask_for("status")
        .gives_pages_of::<Review>()
        .refuses(&[NotFound]),
        get(
            "/v1/admin/reviews/{review}",
            "show_review",
            Team,
            "An item of the queue, with what became of it so far.",
        )
        .gives::<Review>(200),
        post(
            "/v1/admin/reviews/{review}/status",
            "change_review",
            Team,
            "Takes on, is done with, dismisses; a draft that is done is sent, as it is or as `text`.",
        )
        .takes::<ReviewChange>()
        .gives::<Review>(200)
        .refuses(&[InvalidField, ConversationNotCurrent]),
    ]
}

/// What the models may use, and did.
fn models() -> Vec<Operation> {
    vec![
        get(
            "/v1/admin/budget",
            "show_budget",
            Team,
            "What the organisation's models may use, and where the month stands.",
        )
        .gives::<BudgetState>(200)
        .refuses(&[Forbidden]),
        operation(
            "PATCH",
            "/v1/admin/budget",
            "change_budget",
            Team,
            "Changes what the organisation's models may use; 0 or null is no bound.",
        )
        .takes::<BudgetChange>()
        .gives::<BudgetState>(200)
        .refuses(&[Forbidden, InvalidField]),
        get(
            "/v1/admin/usage",
            "list_usage",
            Team,
            "The calls of models in a month, metered, in pages, latest first, and their sum. The present month unless \
             `month` names another, as 2026-11.",
        )
        .may_ask_for("site")
        .may_ask_for("month")
        .may_ask_for("limit")
        .may_ask_for("cursor")
        .gives::<UsagePage>(200)
        .refuses(&[NotFound, InvalidQuery]),
    ]
}
