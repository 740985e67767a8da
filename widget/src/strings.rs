//! Every word that the widget itself says, in one place, so that a language is one value of this type.

/// The words of one language.
pub struct Strings {
    /// First words when the site has none of its own.
    pub greeting: &'static str,
    /// Tells that an assistant answers, when the site does not say it in its own words.
    pub disclosure: &'static str,
    /// Under the site's name: the assistant has the conversation.
    pub status_open: &'static str,
    /// The same: a person was asked for.
    pub status_waiting: &'static str,
    /// The same: a person has the conversation.
    pub status_agent: &'static str,
    /// The same: the team has ended it.
    pub status_closed: &'static str,
    /// At the end of the log, while nobody has answered yet.
    pub waiting: &'static str,
    /// At the end of a conversation that the team has ended.
    pub closed: &'static str,
    /// Button that closes the chat.
    pub close: &'static str,
    /// Name of the log.
    pub log: &'static str,
    /// Label and placeholder of the field.
    pub write: &'static str,
    /// Button that sends.
    pub send: &'static str,
    /// Who said it, for those who hear the chat.
    pub by_visitor: &'static str,
    /// The same.
    pub by_assistant: &'static str,
    /// The same, and shown.
    pub by_agent: &'static str,
    /// What an answer rests on.
    pub sources: &'static str,
    /// Offer under an answer.
    pub talk_to_person: &'static str,
    /// Somebody writes.
    pub assistant_writes: &'static str,
    /// The same.
    pub agent_writes: &'static str,
    /// Under a message on its way.
    pub sending: &'static str,
    /// Under a message that was refused.
    pub not_sent: &'static str,
    /// Button: send it once more.
    pub again: &'static str,
    /// Button: back into the field with it.
    pub edit: &'static str,
    /// The first connection takes its time.
    pub connecting: &'static str,
    /// The browser keeps no cookie for the chat.
    pub fleeting: &'static str,
    /// The connection is lost.
    pub reconnecting: &'static str,
    /// Too many messages or visits.
    pub limited: &'static str,
    /// The same, counting down; `#` is the number of seconds.
    pub limited_for: &'static str,
    /// Title of every refusal.
    pub refused: &'static str,
    /// The page's origin is not one of the site's.
    pub refused_origin: &'static str,
    /// The site is unknown or switched off.
    pub refused_site: &'static str,
    /// The page has not said who the visitor is.
    pub refused_identity: &'static str,
    /// The frame was opened on its own.
    pub refused_alone: &'static str,
}

/// English.
pub static ENGLISH: Strings = Strings {
    greeting: "How can we help?",
    disclosure: "An automatic assistant answers first, from this site's own pages. You can ask for a person.",
    status_open: "Automatic assistant",
    status_waiting: "Waiting for a person",
    status_agent: "You are talking to a person",
    status_closed: "Conversation ended",
    waiting: "Someone from the team will answer here. You can keep writing, or leave this page and come back.",
    closed: "This conversation has ended. Write again whenever you like.",
    close: "Close chat",
    log: "Conversation",
    write: "Write a message",
    send: "Send",
    by_visitor: "You:",
    by_assistant: "Assistant:",
    by_agent: "Team",
    sources: "Sources",
    talk_to_person: "Talk to a person",
    assistant_writes: "The assistant is writing",
    agent_writes: "Someone is writing",
    sending: "Sending…",
    not_sent: "Not sent.",
    again: "Try again",
    edit: "Edit",
    connecting: "Connecting…",
    fleeting: "Your browser blocks cookies here. This chat works, but it will be gone when you leave the page.",
    reconnecting: "No connection. What you write is kept and sent as soon as it is back.",
    limited: "Too many requests at the moment.",
    limited_for: " Trying again in # s.",
    refused: "No chat here",
    refused_origin: "This page is not allowed to open the chat. If it is yours, add its address to the site's safelist.",
    refused_site: "This chat does not exist or is switched off at the moment.",
    refused_identity: "The page could not say who you are. Reload it, or sign in again.",
    refused_alone: "The chat works inside the page that it belongs to, not on its own.",
};
