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
    /// The same, out of the team's hours.
    pub away: &'static str,
    /// At the end of a conversation that the team has ended.
    pub closed: &'static str,
    /// Button that closes the chat.
    pub close: &'static str,
    /// Button that opens the menu, and the menu.
    pub menu: &'static str,
    /// In the menu: the transcript as a file.
    pub download: &'static str,
    /// Name of that file.
    pub transcript: &'static str,
    /// In the menu: the visitor has no more to say.
    pub end: &'static str,
    /// In the menu: erase everything.
    pub erase: &'static str,
    /// The question before that.
    pub erase_question: &'static str,
    /// Its answer.
    pub erase_now: &'static str,
    /// Button: not after all.
    pub cancel: &'static str,
    /// What was asked for in the menu did not work.
    pub failed: &'static str,
    /// Name of the log.
    pub log: &'static str,
    /// Label and placeholder of the field.
    pub write: &'static str,
    /// Button that sends.
    pub send: &'static str,
    /// Button that stops an answer.
    pub stop: &'static str,
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
    /// The same when nobody is there: button that opens the form, and button that sends it.
    pub leave_message: &'static str,
    /// Above the form.
    pub leave: &'static str,
    /// Label of a field.
    pub name: &'static str,
    /// The same.
    pub email: &'static str,
    /// The same.
    pub message: &'static str,
    /// The address is none.
    pub email_wrong: &'static str,
    /// The edge did not take it.
    pub leave_refused: &'static str,
    /// Thumb up, under an answer.
    pub good: &'static str,
    /// Thumb down.
    pub bad: &'static str,
    /// Somebody writes.
    pub assistant_writes: &'static str,
    /// The same.
    pub agent_writes: &'static str,
    /// Under a message on its way.
    pub sending: &'static str,
    /// Under the visitor's last message, when the team has seen it.
    pub seen: &'static str,
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
    away: "Nobody of the team is here right now. They will answer here when they are back.",
    closed: "This conversation has ended. Write again whenever you like.",
    close: "Close chat",
    menu: "More",
    download: "Download transcript",
    transcript: "transcript.txt",
    end: "End chat",
    erase: "Delete everything",
    erase_question: "Delete this conversation and everything else about you? It cannot be brought back.",
    erase_now: "Delete",
    cancel: "Cancel",
    failed: "That did not work. Please try again later.",
    log: "Conversation",
    write: "Write a message",
    send: "Send",
    stop: "Stop answering",
    by_visitor: "You:",
    by_assistant: "Assistant:",
    by_agent: "Team",
    sources: "Sources",
    talk_to_person: "Talk to a person",
    leave_message: "Leave a message",
    leave: "Nobody of the team is here right now. They will answer by e-mail.",
    name: "Name (optional)",
    email: "E-mail",
    message: "Message",
    email_wrong: "Please enter an e-mail address, such as name@example.com.",
    leave_refused: "This could not be sent. Please check what you wrote.",
    good: "Good answer",
    bad: "Bad answer",
    assistant_writes: "The assistant is writing",
    agent_writes: "Someone is writing",
    sending: "Sending…",
    seen: "Seen",
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
