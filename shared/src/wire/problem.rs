//! Errors as problem documents (RFC 9457).

use serde::{Deserialize, Serialize};

/// `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct ProblemDocument {
    /// `urn:oriel:problem:{code}`: names the problem; docs/problems.md explains it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's short name in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable; what programs match on.
    pub code: String,
    /// One sentence for a person. May change.
    pub detail: String,
    /// The query parameter at fault, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Finds the request in the log.
    pub request_id: String,
}

/// Writes [`Code`] with its name on the wire, its status and its title in one place.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $title:literal;)*) => {
        /// Why a request was refused. The closed list of codes; docs/problems.md explains each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the stable name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Returns a few words for the `title` member.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// The body is not the JSON that this call takes.
    InvalidBody = "invalid_body", 400, "The body is not what this call takes";
    /// A query parameter or cursor cannot be read.
    InvalidQuery = "invalid_query", 400, "A query parameter cannot be read";
    /// A socket frame is not one of the known ones.
    InvalidFrame = "invalid_frame", 400, "The frame is not one that is known here";
    /// A field's value is outside its bounds.
    InvalidField = "invalid_field", 422, "A field has a value that is not allowed";
    /// A URL that the edge does not call.
    EgressBlocked = "egress_blocked", 422, "The URL may not be called";
    /// The live check of a connection failed.
    ConnectionUnverified = "connection_unverified", 422, "The connection did not answer well";
    /// A page that was to become a document could not be had.
    PageUnreadable = "page_unreadable", 422, "The page could not be read";
    /// No `Authorization` header, or one that cannot be used here.
    Unauthorized = "unauthorized", 401, "A valid key or token is needed";
    /// A signed site got no visitor token.
    TokenMissing = "token_missing", 401, "This site needs a signed visitor token";
    /// The visitor token or access token is not good.
    TokenInvalid = "token_invalid", 401, "The token is not valid";
    /// The visitor token or access token is past its time.
    TokenExpired = "token_expired", 401, "The token has expired";
    /// The ticket is not one of ours, or is past its time.
    TicketInvalid = "ticket_invalid", 401, "The ticket is not valid";
    /// The ticket was traded before.
    TicketUsed = "ticket_used", 409, "The ticket was used already";
    /// There is no session to refresh.
    SessionExpired = "session_expired", 401, "The session has ended";
    /// A spent refresh cookie was shown again.
    SessionReused = "session_reused", 401, "The session was ended because its cookie was used twice";
    /// The page's origin is not in the site's safelist.
    OriginNotAllowed = "origin_not_allowed", 403, "This origin may not open the chat";
    /// The key's scope does not reach this.
    Forbidden = "forbidden", 403, "Not allowed with this key";
    /// Only visitors whom the site vouches for have several conversations.
    NotVerified = "not_verified", 403, "Only verified visitors have several conversations";
    /// No such site, or it is disabled.
    SiteNotFound = "site_not_found", 404, "No such site";
    /// Nothing at this address, or nothing that this caller may see.
    NotFound = "not_found", 404, "Nothing here";
    /// The address exists, but not for this method.
    MethodNotAllowed = "method_not_allowed", 405, "The method is not allowed here";
    /// The site has two live signing keys already.
    TooManyKeys = "too_many_keys", 409, "Two signing keys are live already";
    /// The organisation has as many connections as it may.
    TooManyConnections = "too_many_connections", 409, "There are as many connections as there may be";
    /// What was meant for one conversation came while the visitor is in another.
    ConversationNotCurrent = "conversation_not_current", 409, "The visitor is in another conversation";
    /// A person has the conversation, or was asked for: it cannot be left before it is ended.
    ConversationBusy = "conversation_busy", 409, "The conversation waits for a person or has one; end it first";
    /// The visitor has as many conversations as they may.
    TooManyConversations = "too_many_conversations", 409, "There are as many conversations as there may be";
    /// Another import of the site has not ended yet.
    ImportRunning = "import_running", 409, "An import is running already";
    /// The body is larger than this call takes.
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    /// The body's media type is not one that this call reads.
    UnsupportedMediaType = "unsupported_media_type", 415, "The media type is not supported";
    /// The call is for sockets only.
    UpgradeRequired = "upgrade_required", 426, "A WebSocket upgrade is needed";
    /// Too many requests; wait.
    RateLimited = "rate_limited", 429, "Too many requests";
    /// Our fault.
    Internal = "internal", 500, "Something went wrong on our side";
    /// A part that this call needs does not answer now.
    Unavailable = "unavailable", 503, "A part of the service is not available now";
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> =
            Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn the_page_of_problems_names_every_code_and_no_other() {
        let page = include_str!("../../../docs/problems.md");
        let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
        let codes = Code::ALL
            .iter()
            .map(|code| format!("{} ({})", code.name(), code.status()));
        assert_eq!(
            headings.collect::<Vec<_>>(),
            codes.collect::<Vec<_>>(),
            "docs/problems.md lists the codes of shared/src/wire/problem.rs in their order"
        );
    }
}
