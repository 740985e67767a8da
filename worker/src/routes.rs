//! The one table of routes, and the only file that spells a path. Who handles a route is in [`crate::dispatch`].

use oriel_shared::event::Action;
use oriel_shared::wire::problem::Code;
use worker::Method;

use crate::http::problem::Problem;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<'p> {
    Alive,
    Ready,
    SecurityContact,
    Frame,
    AskTicket { key: &'p str },
    IssueTicket { key: &'p str },
    OpenSession,
    RefreshSession,
    EndSession,
    OpenSocket,
    SendMessage,
    SendFrame,
    Listen,
    ListOwnConversations,
    ShowTranscript,
    EraseVisitor,
    Download { token: &'p str },
    Admin(AdminRoute<'p>),
}

/// What a request with an API key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminRoute<'p> {
    CreateSite,
    ListSites,
    ShowSite {
        site: &'p str,
    },
    ChangeSite {
        site: &'p str,
    },
    RevokeSessions {
        site: &'p str,
    },
    CreateSigningKey {
        site: &'p str,
    },
    RevokeSigningKey {
        site: &'p str,
        kid: &'p str,
    },
    ShowEmbed {
        site: &'p str,
    },
    CreateDocument {
        site: &'p str,
    },
    ListDocuments {
        site: &'p str,
    },
    ShowDocument {
        site: &'p str,
        document: &'p str,
    },
    ChangeDocument {
        site: &'p str,
        document: &'p str,
    },
    DeleteDocument {
        site: &'p str,
        document: &'p str,
    },
    StartImport {
        site: &'p str,
    },
    ListImports {
        site: &'p str,
    },
    ShowImport {
        site: &'p str,
        import: &'p str,
    },
    CancelImport {
        site: &'p str,
        import: &'p str,
    },
    ListConversations,
    ShowConversation {
        conversation: &'p str,
    },
    ListMessages {
        conversation: &'p str,
    },
    SayAsAgent {
        conversation: &'p str,
    },
    ChangeStatus {
        conversation: &'p str,
    },
    ShowTyping {
        conversation: &'p str,
    },
    MarkRead {
        conversation: &'p str,
    },
    WatchEvents,
    ShowBudget,
    ChangeBudget,
    ListUsage,
    ListReviews,
    ShowReview {
        review: &'p str,
    },
    ChangeReview {
        review: &'p str,
    },
    CreateConnection,
    ListConnections,
    ShowConnection {
        connection: &'p str,
    },
    ChangeConnection {
        connection: &'p str,
    },
    DeleteConnection {
        connection: &'p str,
    },
    ListDeliveries {
        connection: &'p str,
    },
    ReplayDelivery {
        connection: &'p str,
        delivery: &'p str,
    },
    LinkTranscript {
        conversation: &'p str,
    },
    ExportVisitor {
        visitor: &'p str,
    },
    EraseVisitor {
        visitor: &'p str,
    },
    ListAudit,
}

impl Route<'_> {
    /// What the security log calls it; `None` for what is nobody's business.
    pub fn action(&self) -> Option<Action> {
        Some(match self {
            Self::Alive | Self::Ready | Self::SecurityContact => return None,
            Self::Frame => Action::FrameShow,
            Self::AskTicket { .. } | Self::IssueTicket { .. } => Action::TicketIssue,
            Self::OpenSession => Action::SessionOpen,
            Self::RefreshSession => Action::SessionRefresh,
            Self::EndSession => Action::SessionEnd,
            Self::OpenSocket | Self::Listen => Action::SocketOpen,
            Self::SendMessage | Self::SendFrame => Action::SocketFrame,
            Self::ListOwnConversations | Self::ShowTranscript => Action::TranscriptRead,
            Self::EraseVisitor => Action::VisitorErase,
            Self::Download { .. } => Action::TranscriptDownload,
            Self::Admin(route) => route.action(),
        })
    }
}

impl<'p> AdminRoute<'p> {
    /// What the security log and the audit trail call it.
    pub fn action(&self) -> Action {
        match self {
            Self::CreateSite => Action::SiteCreate,
            Self::ChangeSite { .. } => Action::SiteChange,
            Self::RevokeSessions { .. } => Action::SessionsRevoke,
            Self::CreateSigningKey { .. } => Action::SigningKeyCreate,
            Self::RevokeSigningKey { .. } => Action::SigningKeyRevoke,
            Self::ChangeBudget => Action::BudgetChange,
            Self::CreateConnection => Action::ConnectionCreate,
            Self::ChangeConnection { .. } => Action::ConnectionChange,
            Self::DeleteConnection { .. } => Action::ConnectionDelete,
            Self::ReplayDelivery { .. } => Action::DeliveryReplay,
            Self::CreateDocument { .. } => Action::DocumentCreate,
            Self::ChangeDocument { .. }
            | Self::StartImport { .. }
            | Self::CancelImport { .. } => Action::DocumentChange,
            Self::DeleteDocument { .. } => Action::DocumentDelete,
            Self::SayAsAgent { .. } => Action::ConversationSay,
            Self::ChangeStatus { .. } => Action::ConversationMove,
            Self::ChangeReview { .. } => Action::ReviewMove,
            Self::LinkTranscript { .. } => Action::TranscriptLink,
            Self::ExportVisitor { .. } => Action::VisitorExport,
            Self::EraseVisitor { .. } => Action::VisitorErase,
            Self::ListSites
            | Self::ShowSite { .. }
            | Self::ShowEmbed { .. }
            | Self::ListDocuments { .. }
            | Self::ShowDocument { .. }
            | Self::ListImports { .. }
            | Self::ShowImport { .. }
            | Self::ListConnections
            | Self::ShowConnection { .. }
            | Self::ListDeliveries { .. }
            | Self::ListConversations
            | Self::ShowConversation { .. }
            | Self::ListMessages { .. }
            // Nothing is changed by them but what a visitor sees for a moment.
            | Self::ShowTyping { .. }
            | Self::MarkRead { .. }
            | Self::WatchEvents
            | Self::ShowBudget
            | Self::ListUsage
            | Self::ListReviews
            | Self::ShowReview { .. }
            | Self::ListAudit => Action::ManagementRead,
        }
    }

    /// What a change is made to, as the path names it; what is made is named by whoever makes it.
    pub fn target(&self) -> Option<&'p str> {
        match *self {
            Self::ChangeSite { site }
            | Self::RevokeSessions { site }
            | Self::CreateSigningKey { site }
            | Self::CreateDocument { site }
            | Self::StartImport { site } => Some(site),
            Self::CancelImport { import, .. } => Some(import),
            Self::RevokeSigningKey { kid, .. } => Some(kid),
            Self::ChangeDocument { document, .. } | Self::DeleteDocument { document, .. } => {
                Some(document)
            }
            Self::SayAsAgent { conversation }
            | Self::ChangeStatus { conversation }
            | Self::LinkTranscript { conversation } => Some(conversation),
            Self::ChangeReview { review } => Some(review),
            Self::ChangeConnection { connection } | Self::DeleteConnection { connection } => {
                Some(connection)
            }
            Self::ReplayDelivery { delivery, .. } => Some(delivery),
            Self::ExportVisitor { visitor } | Self::EraseVisitor { visitor } => Some(visitor),
            _ => None,
        }
    }
}

/// Names what a request asks for. Grouped by who calls.
pub fn route<'p>(method: &Method, path: &[&'p str]) -> Option<Route<'p>> {
    use AdminRoute::*;
    use Method::{Delete, Get, Options, Patch, Post};
    Some(match (method, path) {
        // Anybody: probes.
        (Get, ["healthz"]) => Route::Alive,
        (Get, ["readyz"]) => Route::Ready,
        (Get, [".well-known", "security.txt"]) => Route::SecurityContact,
        // A browser that frames the chat; `frame-ancestors` decides who may show it.
        (Get, ["frame"]) => Route::Frame,
        // The host page; the site's safelist decides who may.
        (Options, ["v1", "sites", key, "tickets"]) => Route::AskTicket { key },
        (Post, ["v1", "sites", key, "tickets"]) => Route::IssueTicket { key },
        // The frame; a ticket, a cookie or an access token.
        (Post, ["v1", "session"]) => Route::OpenSession,
        (Delete, ["v1", "session"]) => Route::EndSession,
        (Post, ["v1", "session", "refresh"]) => Route::RefreshSession,
        (Get, ["v1", "socket"]) => Route::OpenSocket,
        // The frame, where sockets are swallowed; an access token.
        (Post, ["v1", "messages"]) => Route::SendMessage,
        (Post, ["v1", "frames"]) => Route::SendFrame,
        (Get, ["v1", "events"]) => Route::Listen,
        (Get, ["v1", "conversations"]) => Route::ListOwnConversations,
        (Get, ["v1", "transcript"]) => Route::ShowTranscript,
        (Delete, ["v1", "visitor"]) => Route::EraseVisitor,
        // Whoever has the link.
        (Get, ["v1", "downloads", token]) => Route::Download { token },
        // The team and its programs; an API key.
        (_, ["v1", "admin", rest @ ..]) => Route::Admin(match (method, rest) {
            (Post, ["sites"]) => CreateSite,
            (Get, ["sites"]) => ListSites,
            (Get, ["sites", site]) => ShowSite { site },
            (Patch, ["sites", site]) => ChangeSite { site },
            (Delete, ["sites", site, "sessions"]) => RevokeSessions { site },
            (Post, ["sites", site, "signing-keys"]) => CreateSigningKey { site },
            (Delete, ["sites", site, "signing-keys", kid]) => RevokeSigningKey { site, kid },
            (Get, ["sites", site, "embed"]) => ShowEmbed { site },
            (Post, ["sites", site, "documents"]) => CreateDocument { site },
            (Get, ["sites", site, "documents"]) => ListDocuments { site },
            (Get, ["sites", site, "documents", document]) => ShowDocument { site, document },
            (Patch, ["sites", site, "documents", document]) => ChangeDocument { site, document },
            (Delete, ["sites", site, "documents", document]) => DeleteDocument { site, document },
            (Post, ["sites", site, "imports"]) => StartImport { site },
            (Get, ["sites", site, "imports"]) => ListImports { site },
            (Get, ["sites", site, "imports", import]) => ShowImport { site, import },
            (Delete, ["sites", site, "imports", import]) => CancelImport { site, import },
            (Get, ["conversations"]) => ListConversations,
            (Get, ["conversations", conversation]) => ShowConversation { conversation },
            (Get, ["conversations", conversation, "messages"]) => ListMessages { conversation },
            (Post, ["conversations", conversation, "messages"]) => SayAsAgent { conversation },
            (Post, ["conversations", conversation, "status"]) => ChangeStatus { conversation },
            (Post, ["conversations", conversation, "typing"]) => ShowTyping { conversation },
            (Post, ["conversations", conversation, "read"]) => MarkRead { conversation },
            (Post, ["conversations", conversation, "transcript-link"]) => {
                LinkTranscript { conversation }
            }
            (Get, ["visitors", visitor, "export"]) => ExportVisitor { visitor },
            (Delete, ["visitors", visitor]) => EraseVisitor { visitor },
            (Get, ["audit"]) => ListAudit,
            (Get, ["events"]) => WatchEvents,
            (Get, ["budget"]) => ShowBudget,
            (Patch, ["budget"]) => ChangeBudget,
            (Get, ["usage"]) => ListUsage,
            (Get, ["reviews"]) => ListReviews,
            (Get, ["reviews", review]) => ShowReview { review },
            (Post, ["reviews", review, "status"]) => ChangeReview { review },
            (Post, ["connections"]) => CreateConnection,
            (Get, ["connections"]) => ListConnections,
            (Get, ["connections", connection]) => ShowConnection { connection },
            (Patch, ["connections", connection]) => ChangeConnection { connection },
            (Delete, ["connections", connection]) => DeleteConnection { connection },
            (Get, ["connections", connection, "deliveries"]) => ListDeliveries { connection },
            (Post, ["connections", connection, "deliveries", delivery, "replay"]) => {
                ReplayDelivery {
                    connection,
                    delivery,
                }
            }
            _ => return None,
        }),
        _ => return None,
    })
}

/// 405 with the methods that would do, or 404.
pub fn unrouted(path: &[&str]) -> Problem {
    let allowed: Vec<&str> = [Method::Get, Method::Post, Method::Patch, Method::Delete]
        .iter()
        .filter(|method| route(method, path).is_some())
        .map(|method| match method {
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            _ => "GET",
        })
        .collect();
    if allowed.is_empty() {
        return Problem::refused(Code::NotFound);
    }
    let allowed = allowed.join(", ");
    Problem::new(Code::MethodNotAllowed, format!("Only {allowed} here."))
        .with_header("allow", allowed)
}

#[cfg(test)]
mod tests {
    use oriel_shared::wire::api;

    use super::*;

    #[test]
    fn a_path_and_a_method_name_one_route() {
        for (method, path, expected) in [
            (Method::Get, "frame", Some(Route::Frame)),
            (
                Method::Post,
                "v1/sites/pk_a/tickets",
                Some(Route::IssueTicket { key: "pk_a" }),
            ),
            (Method::Get, "v1/sites/pk_a/tickets", None),
            (
                Method::Post,
                "v1/session/refresh",
                Some(Route::RefreshSession),
            ),
            (
                Method::Get,
                "v1/admin/sites",
                Some(Route::Admin(AdminRoute::ListSites)),
            ),
            (Method::Get, "v1/admin", None),
            (
                Method::Get,
                "v1/admin/sites/",
                Some(Route::Admin(AdminRoute::ShowSite { site: "" })),
            ),
            (Method::Get, "", None),
        ] {
            let segments: Vec<&str> = path.split('/').collect();
            assert_eq!(route(&method, &segments), expected, "{method:?} {path}");
        }
    }

    /// One line a route, with the name under which `oriel_shared::wire::api` describes it.
    macro_rules! described_as {
        ($($route:pat => $name:literal,)*) => {
            const NAMES: &[&str] = &[$($name,)*];

            /// A route without a line here does not compile.
            fn name(route: &Route<'_>) -> &'static str {
                match route {
                    $($route => $name,)*
                }
            }
        };
    }

    described_as! {
        Route::Alive => "alive",
        Route::Ready => "ready",
        Route::SecurityContact => "security_contact",
        Route::Frame => "show_frame",
        Route::AskTicket { .. } => "ask_ticket",
        Route::IssueTicket { .. } => "issue_ticket",
        Route::OpenSession => "open_session",
        Route::RefreshSession => "refresh_session",
        Route::EndSession => "end_session",
        Route::OpenSocket => "open_socket",
        Route::SendMessage => "send_message",
        Route::SendFrame => "send_frame",
        Route::Listen => "listen",
        Route::ListOwnConversations => "list_own_conversations",
        Route::ShowTranscript => "show_transcript",
        Route::EraseVisitor => "erase_visitor",
        Route::Download { .. } => "download_transcript",
        Route::Admin(AdminRoute::CreateSite) => "create_site",
        Route::Admin(AdminRoute::ListSites) => "list_sites",
        Route::Admin(AdminRoute::ShowSite { .. }) => "show_site",
        Route::Admin(AdminRoute::ChangeSite { .. }) => "change_site",
        Route::Admin(AdminRoute::RevokeSessions { .. }) => "revoke_sessions",
        Route::Admin(AdminRoute::CreateSigningKey { .. }) => "create_signing_key",
        Route::Admin(AdminRoute::RevokeSigningKey { .. }) => "revoke_signing_key",
        Route::Admin(AdminRoute::ShowEmbed { .. }) => "show_embed",
        Route::Admin(AdminRoute::CreateDocument { .. }) => "create_document",
        Route::Admin(AdminRoute::ListDocuments { .. }) => "list_documents",
        Route::Admin(AdminRoute::ShowDocument { .. }) => "show_document",
        Route::Admin(AdminRoute::ChangeDocument { .. }) => "change_document",
        Route::Admin(AdminRoute::DeleteDocument { .. }) => "delete_document",
        Route::Admin(AdminRoute::StartImport { .. }) => "start_import",
        Route::Admin(AdminRoute::ListImports { .. }) => "list_imports",
        Route::Admin(AdminRoute::ShowImport { .. }) => "show_import",
        Route::Admin(AdminRoute::CancelImport { .. }) => "cancel_import",
        Route::Admin(AdminRoute::CreateConnection) => "create_connection",
        Route::Admin(AdminRoute::ListConnections) => "list_connections",
        Route::Admin(AdminRoute::ShowConnection { .. }) => "show_connection",
        Route::Admin(AdminRoute::ChangeConnection { .. }) => "change_connection",
        Route::Admin(AdminRoute::DeleteConnection { .. }) => "delete_connection",
        Route::Admin(AdminRoute::ListDeliveries { .. }) => "list_deliveries",
        Route::Admin(AdminRoute::ReplayDelivery { .. }) => "replay_delivery",
        Route::Admin(AdminRoute::LinkTranscript { .. }) => "link_transcript",
        Route::Admin(AdminRoute::ExportVisitor { .. }) => "export_visitor",
        Route::Admin(AdminRoute::EraseVisitor { .. }) => "erase_visitor_for_team",
        Route::Admin(AdminRoute::ListAudit) => "list_audit",
        Route::Admin(AdminRoute::ListConversations) => "list_conversations",
        Route::Admin(AdminRoute::ShowConversation { .. }) => "show_conversation",
        Route::Admin(AdminRoute::ListMessages { .. }) => "list_messages",
        Route::Admin(AdminRoute::SayAsAgent { .. }) => "say_as_agent",
        Route::Admin(AdminRoute::ChangeStatus { .. }) => "change_status",
        Route::Admin(AdminRoute::ShowTyping { .. }) => "show_typing",
        Route::Admin(AdminRoute::MarkRead { .. }) => "mark_read",
        Route::Admin(AdminRoute::WatchEvents) => "watch_events",
        Route::Admin(AdminRoute::ShowBudget) => "show_budget",
        Route::Admin(AdminRoute::ChangeBudget) => "change_budget",
        Route::Admin(AdminRoute::ListUsage) => "list_usage",
        Route::Admin(AdminRoute::ListReviews) => "list_reviews",
        Route::Admin(AdminRoute::ShowReview { .. }) => "show_review",
        Route::Admin(AdminRoute::ChangeReview { .. }) => "change_review",
    }

    #[test]
    fn every_route_is_described_and_every_described_call_is_routed() {
        let mut described = Vec::new();
        for operation in api::operations().iter().filter(|call| !call.is_file) {
            let path = operation.path.trim_start_matches('/');
            let segments: Vec<&str> = path.split('/').collect();
            let method = Method::from(operation.method.to_owned());
            let route = route(&method, &segments);
            assert_eq!(
                route.as_ref().map(name),
                Some(operation.name),
                "{} {}",
                operation.method,
                operation.path
            );
            // A team's call is behind the check of its key, and no other is.
            let asks_for_key = matches!(route, Some(Route::Admin(_)));
            assert_eq!(
                asks_for_key,
                operation.caller == api::Caller::Team,
                "{}",
                operation.name
            );
            described.push(operation.name);
        }
        for name in NAMES {
            assert!(described.contains(name), "{name} is not described");
        }
    }

    #[test]
    fn a_known_path_with_another_method_names_the_right_ones() {
        let problem = unrouted(&["v1", "admin", "sites"]);
        assert_eq!(problem.code, Code::MethodNotAllowed);
        assert_eq!(problem.headers, [("allow", "GET, POST".to_owned())]);
        assert_eq!(unrouted(&["nowhere"]).code, Code::NotFound);
    }
}
