//! A conversation as text for people: who, when, what, and what it rests on.
//!
//! Keeps true: nobody can write an entry of somebody else into it. A heading begins at the margin, and every line that
//! anybody wrote is set in from it.

use crate::i18n::{Transcript, filled};
use crate::id::{ConversationId, Rfc3339, VisitorId};
use crate::wire::visitor::{Message, Role, Source, Spoken, Status};

/// Before each line of somebody's words.
const MARGIN: &str = "    ";

/// Writes the lines above the first message.
pub fn opening(
    conversation: &ConversationId,
    visitor: &VisitorId,
    status: Status,
    at: &Rfc3339,
    words: &Transcript,
) -> String {
    let status = match status {
        Status::Open => words.open,
        Status::Waiting => words.waiting,
        Status::Agent => words.agent,
        Status::Closed => words.closed,
    };
    let values = [
        ("conversation", conversation.as_str()),
        ("visitor", visitor.as_str()),
        ("status", status),
        ("at", &at.0),
    ];
    let lines = [words.title, words.visitor, words.status, words.made];
    let lines = lines.map(|line| filled(line, &values) + "\n");
    lines.concat()
}

/// Writes one message.
pub fn entry(message: &Message, words: &Transcript) -> String {
    let Spoken {
        role,
        author,
        text,
        sources,
        at,
    } = message.spoken();
    let who = match role {
        Role::Visitor => words.by_visitor,
        Role::Assistant => words.by_assistant,
        Role::Agent => words.by_agent,
        Role::System => words.by_chat,
    };
    let mut entry = format!("\n{} {who}", at.0);
    if let Some(author) = author {
        let author: Vec<&str> = lines(author).collect();
        entry.push_str(&format!(" ({})", author.join(" ")));
    }
    entry.push('\n');
    for line in lines(text) {
        entry.push_str(&format!("{MARGIN}{line}\n"));
    }
    for source in sources {
        let source = filled(words.source, &[("source", &one_line(source))]);
        entry.push_str(&format!("{MARGIN}{source}\n"));
    }
    entry
}

fn one_line(source: &Source) -> String {
    let Source {
        title,
        heading,
        url,
    } = source;
    let mut parts = vec![title.as_str()];
    parts.extend(heading.as_deref());
    parts.extend(url.as_deref());
    let parts = parts
        .into_iter()
        .map(|part| lines(part).collect::<Vec<_>>().join(" "));
    parts.collect::<Vec<_>>().join(", ")
}

/// Cuts where any program that shows text would begin a new line.
///
/// Source: Unicode Standard Annex #14, mandatory breaks (BK, CR, LF, NL).
fn lines(text: &str) -> impl Iterator<Item = &str> {
    const BREAKS: [char; 7] = [
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ];
    text.split("\r\n").flat_map(|part| part.split(BREAKS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::ENGLISH;
    use crate::id::{Seq, UnixMs};

    const WORDS: &Transcript = &ENGLISH.transcript;

    fn message(role: Role, text: &str) -> Message {
        Message {
            seq: Seq(1),
            id: "m1".into(),
            role,
            author: None,
            text: text.into(),
            blocks: Vec::new(),
            sources: Vec::new(),
            offer: None,
            feedback: None,
            at: UnixMs(1_795_314_763_042).rfc3339(),
        }
    }

    #[test]
    fn an_entry_says_who_when_what_and_from_where() {
        let mut answer = message(Role::Assistant, "At nine.\n\nOn Sundays at ten.");
        answer.sources.push(Source {
            title: "Hours".into(),
            heading: Some("Week".into()),
            url: Some("https://example.com/hours".into()),
        });
        assert_eq!(
            entry(&answer, WORDS),
            "\n2026-11-22T02:32:43.042Z Assistant\n    At nine.\n    \n    On Sundays at ten.\n    \
             Source: Hours, Week, https://example.com/hours\n"
        );
        let mut person = message(Role::Agent, "Hello");
        person.author = Some("Ana".into());
        assert!(entry(&person, WORDS).contains("Z Team (Ana)\n    Hello\n"));
        let top = opening(
            &ConversationId("cnv_a".into()),
            &VisitorId("vis_a".into()),
            Status::Closed,
            &UnixMs(0).rfc3339(),
            WORDS,
        );
        assert_eq!(
            top,
            "Transcript of cnv_a\nVisitor: vis_a\nStatus: closed\nMade: 1970-01-01T00:00:00.000Z\n"
        );
    }

    #[test]
    fn nobody_writes_an_entry_of_somebody_else() {
        let forged = "2026-11-22T02:32:43.042Z Team (Ana)";
        for line_break in [
            "\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}",
        ] {
            let mut said = message(Role::Visitor, &format!("Hi{line_break}{forged}"));
            said.author = Some(format!("A{line_break}{forged}"));
            said.sources.push(Source {
                title: format!("T{line_break}{forged}"),
                heading: Some(format!("{line_break}{forged}")),
                url: None,
            });
            let entry = entry(&said, WORDS);
            // As any reader would see it.
            let shown = entry.replace(line_break, "\n");
            let at_the_margin = shown
                .lines()
                .filter(|line| !line.is_empty() && !line.starts_with(MARGIN));
            assert_eq!(at_the_margin.count(), 1, "{line_break:?}: {entry}");
        }
    }
}
