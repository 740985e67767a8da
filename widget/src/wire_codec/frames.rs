//! The frames that the edge and the widget send each other, and the messages in them.

use oriel_shared::{
    id::{ConversationId, Rfc3339, Seq},
    wire::visitor::{
        ClientFrame, Fact, Lead, Message, Offer, PageContext, Role, ServerFrame, Source, Status,
    },
};

use super::{
    json::{Json, all, is_true, object, object_with_seq, open_object, seq, text},
    rich_text::blocks,
};

/// Reads a frame from the edge; `None` for one that this widget does not know.
pub fn server_frame(json: &impl Json) -> Option<ServerFrame> {
    Some(match &*text(json, "type") {
        "welcome" => ServerFrame::Welcome {
            conversation: ConversationId(json.text("conversation")?),
            seq: seq(json, "seq")?,
            status: status(json)?,
            away: is_true(json, "away"),
            read: seq(json, "read").unwrap_or_default(),
            several: is_true(json, "several"),
        },
        "message" => ServerFrame::Message(message(json)?),
        "delta" => ServerFrame::Delta {
            id: json.text("id")?,
            text: text(json, "text"),
        },
        "typing" => ServerFrame::Typing { role: role(json)? },
        "status" => ServerFrame::Status {
            status: status(json)?,
            away: is_true(json, "away"),
        },
        "read" => ServerFrame::Read {
            role: role(json)?,
            seq: seq(json, "seq")?,
        },
        "feedback" => ServerFrame::Feedback {
            seq: seq(json, "seq")?,
            good: is_true(json, "good"),
        },
        "error" => ServerFrame::Error {
            code: text(json, "code"),
            detail: text(json, "detail"),
            id: json.text("id"),
            retry_after: json.number("retry_after").map(|seconds| seconds as u32),
        },
        _ => return None,
    })
}

/// Reads a stored message; `None` for anything else.
pub fn message(json: &impl Json) -> Option<Message> {
    Some(Message {
        seq: seq(json, "seq")?,
        id: json.text("id")?,
        role: role(json)?,
        author: json.text("author"),
        text: text(json, "text"),
        blocks: blocks(&json.get("blocks")),
        sources: all(&json.get("sources"), source),
        offer: match &*text(json, "offer") {
            "person" => Some(Offer::Person),
            "message" => Some(Offer::Message),
            _ => None,
        },
        feedback: json.flag("feedback"),
        at: Rfc3339(text(json, "at")),
    })
}

fn source(json: &impl Json) -> Option<Source> {
    Some(Source {
        title: text(json, "title"),
        heading: json.text("heading"),
        url: json.text("url"),
    })
}

fn status(json: &impl Json) -> Option<Status> {
    Some(match &*text(json, "status") {
        "open" => Status::Open,
        "waiting" => Status::Waiting,
        "agent" => Status::Agent,
        "closed" => Status::Closed,
        _ => return None,
    })
}

fn role(json: &impl Json) -> Option<Role> {
    Some(match &*text(json, "role") {
        "visitor" => Role::Visitor,
        "assistant" => Role::Assistant,
        "agent" => Role::Agent,
        "system" => Role::System,
        _ => return None,
    })
}

/// Writes a frame to the edge as JSON.
pub fn client_frame(frame: &ClientFrame) -> String {
    match frame {
        // The widget sends to the conversation that is the current one, whichever that is.
        ClientFrame::Send {
            id,
            text,
            conversation: _,
        } => object(&[("type", "send"), ("id", id), ("text", text)]),
        ClientFrame::Resume { after } => with_seq("resume", "after", *after, "}"),
        ClientFrame::Escalate {} => object(&[("type", "escalate")]),
        ClientFrame::Typing {} => object(&[("type", "typing")]),
        ClientFrame::Read { seq } => with_seq("read", "seq", *seq, "}"),
        ClientFrame::Stop {} => object(&[("type", "stop")]),
        ClientFrame::Context(context) => page_context(context),
        ClientFrame::End {} => object(&[("type", "end")]),
        // The list of conversations sends these (conversations.ts).
        ClientFrame::Begin {} | ClientFrame::Switch { conversation: _ } => String::new(),
        ClientFrame::Lead(Lead {
            name,
            email,
            phone,
            message,
        }) => object(&some(
            "lead",
            &[
                ("name", name),
                ("email", email),
                ("phone", phone),
                ("message", message),
            ],
        )),
        ClientFrame::Feedback { seq, good } => {
            let end = if *good {
                r#","good":true}"#
            } else {
                r#","good":false}"#
            };
            with_seq("feedback", "seq", *seq, end)
        }
    }
}

fn with_seq(kind: &str, name: &str, seq: Seq, end: &str) -> String {
    object_with_seq(&[("type", kind)], name, seq, end)
}

/// The type of a frame and those of its fields that have a value.
fn some<'a>(kind: &'a str, fields: &[(&'a str, &'a Option<String>)]) -> Vec<(&'a str, &'a str)> {
    let mut some = vec![("type", kind)];
    for (name, value) in fields {
        if let Some(value) = value {
            some.push((name, value));
        }
    }
    some
}

fn page_context(PageContext { page, title, facts }: &PageContext) -> String {
    let mut json = open_object(&some("context", &[("page", page), ("title", title)]));
    json.push_str(",\"facts\":[");
    for (at, Fact { name, value }) in facts.iter().enumerate() {
        if at > 0 {
            json.push_str(",");
        }
        json.push_str(&object(&[("name", name), ("value", value)]));
    }
    json.push_str("]}");
    json
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::{super::rich_text::tests::every_block, *};

    /// The place of a variant among those that the test below samples. A new variant does not compile before it has
    /// one, and the test fails before it has a sample.
    const fn server_place(frame: &ServerFrame) -> usize {
        match frame {
            ServerFrame::Welcome { .. } => 0,
            ServerFrame::Message(_) => 1,
            ServerFrame::Delta { .. } => 2,
            ServerFrame::Typing { .. } => 3,
            ServerFrame::Status { .. } => 4,
            ServerFrame::Read { .. } => 5,
            ServerFrame::Feedback { .. } => 6,
            ServerFrame::Error { .. } => 7,
        }
    }

    const fn client_place(frame: &ClientFrame) -> usize {
        match frame {
            ClientFrame::Send { .. } => 0,
            ClientFrame::Resume { .. } => 1,
            ClientFrame::Escalate {} => 2,
            ClientFrame::Typing {} => 3,
            ClientFrame::Read { .. } => 4,
            ClientFrame::Stop {} => 5,
            ClientFrame::Lead(_) => 6,
            ClientFrame::Feedback { .. } => 7,
            ClientFrame::Context(_) => 8,
            ClientFrame::End {} => 9,
            ClientFrame::Begin {} | ClientFrame::Switch { .. } => {
                panic!("sent by conversations.ts")
            }
        }
    }

    /// Asserts that every place has a sample.
    #[track_caller]
    fn assert_all(mut places: Vec<usize>, n_variants: usize) {
        places.sort_unstable();
        places.dedup();
        assert!(places.into_iter().eq(0..n_variants));
    }

    const fn next_role(role: Role) -> Option<Role> {
        match role {
            Role::Visitor => Some(Role::Assistant),
            Role::Assistant => Some(Role::Agent),
            Role::Agent => Some(Role::System),
            Role::System => None,
        }
    }

    const fn next_status(status: Status) -> Option<Status> {
        match status {
            Status::Open => Some(Status::Waiting),
            Status::Waiting => Some(Status::Agent),
            Status::Agent => Some(Status::Closed),
            Status::Closed => None,
        }
    }

    const fn next_offer(offer: Offer) -> Option<Offer> {
        match offer {
            Offer::Person => Some(Offer::Message),
            Offer::Message => None,
        }
    }

    fn a_message(role: Role, offer: Option<Offer>) -> Message {
        Message {
            seq: Seq(7),
            id: "msg_x".to_owned(),
            role,
            author: (role == Role::Agent).then(|| "Mina".to_owned()),
            text: "a \"b\"\n\u{2028}".to_owned(),
            blocks: every_block(),
            sources: vec![
                Source {
                    title: "Start".to_owned(),
                    heading: Some("Install › Linux".to_owned()),
                    url: Some("https://example.com/start".to_owned()),
                },
                Source {
                    title: "Bare".to_owned(),
                    heading: None,
                    url: None,
                },
            ],
            offer,
            feedback: match role {
                Role::Assistant => Some(true),
                Role::Agent => Some(false),
                Role::Visitor | Role::System => None,
            },
            at: Rfc3339("2026-11-22T02:32:43.042Z".to_owned()),
        }
    }

    #[test]
    fn every_frame_that_the_edge_writes_is_read_as_it_was_meant() {
        let mut frames = Vec::new();
        for role in std::iter::successors(Some(Role::Visitor), |role| next_role(*role)) {
            frames.push(ServerFrame::Typing { role });
            frames.push(ServerFrame::Read { role, seq: Seq(3) });
            frames.push(ServerFrame::Message(a_message(role, None)));
        }
        for offer in std::iter::successors(Some(Offer::Person), |offer| next_offer(*offer)) {
            let message = a_message(Role::Assistant, Some(offer));
            frames.push(ServerFrame::Message(message));
        }
        for status in std::iter::successors(Some(Status::Open), |status| next_status(*status)) {
            for away in [false, true] {
                frames.push(ServerFrame::Status { status, away });
                frames.push(ServerFrame::Welcome {
                    conversation: ConversationId("cnv_x".to_owned()),
                    seq: Seq(4),
                    status,
                    away,
                    read: Seq(3),
                    several: away,
                });
            }
        }
        frames.push(ServerFrame::Delta {
            id: "msg_y".to_owned(),
            text: " and".to_owned(),
        });
        for good in [false, true] {
            frames.push(ServerFrame::Feedback { seq: Seq(2), good });
        }
        for (id, retry_after) in [(None, None), (Some("a".to_owned()), Some(12))] {
            let (code, detail) = ("rate_limited".to_owned(), "Wait.".to_owned());
            frames.push(ServerFrame::Error {
                code,
                detail,
                id,
                retry_after,
            });
        }
        assert_all(frames.iter().map(server_place).collect(), 8);
        for frame in frames {
            let json = to_value(&frame).expect("the wire's own types are JSON");
            assert_eq!(server_frame(&json), Some(frame), "{json}");
        }
    }

    #[test]
    fn every_frame_that_we_write_is_read_by_the_edge() {
        let all: String = ('\0'..='\u{ff}')
            .chain(['\u{2028}', '\u{fffd}', '🙂'])
            .collect();
        let frames = [
            ClientFrame::Send {
                id: "a".to_owned(),
                text: all,
                conversation: None,
            },
            ClientFrame::Resume {
                after: Seq(u32::MAX),
            },
            ClientFrame::Escalate {},
            ClientFrame::Typing {},
            ClientFrame::Read { seq: Seq(9) },
            ClientFrame::Read { seq: Seq(10) },
            ClientFrame::Read { seq: Seq(0) },
            ClientFrame::Stop {},
            ClientFrame::End {},
            ClientFrame::Context(PageContext::default()),
            ClientFrame::Context(PageContext {
                page: Some("https://example.com/?a=\"1\"".into()),
                title: Some("Your cart".into()),
                facts: vec![
                    Fact {
                        name: "items".into(),
                        value: "3".into(),
                    },
                    Fact::default(),
                ],
            }),
            ClientFrame::Lead(Lead::default()),
            ClientFrame::Lead(Lead {
                name: Some("Ö \"x\"".to_owned()),
                email: Some("o@example.com".to_owned()),
                phone: Some("+49 30 123".to_owned()),
                message: Some("a\nb".to_owned()),
            }),
            ClientFrame::Feedback {
                seq: Seq(2),
                good: true,
            },
            ClientFrame::Feedback {
                seq: Seq(2),
                good: false,
            },
        ];
        assert_all(frames.iter().map(client_place).collect(), 10);
        for frame in frames {
            let read: ClientFrame =
                serde_json::from_str(&client_frame(&frame)).expect("JSON that the edge knows");
            assert_eq!(read, frame);
        }
    }

    #[test]
    fn what_is_not_known_is_left_out_and_the_rest_is_kept() {
        for unknown in [
            json!(null),
            json!("x"),
            json!({}),
            json!({"type": "hologram"}),
            json!({"type": "message"}),
        ] {
            assert_eq!(server_frame(&unknown), None, "{unknown}");
        }
        let json = json!({"type": "message", "seq": 1, "id": "m", "role": "agent", "text": "t", "new": 1, "at": "",
            "blocks": [{"type": "paragraph", "content": [{"type": "image"}]}], "offer": "dance"});
        let message = message(&json).expect("a message");
        assert_eq!((&*message.text, message.offer), ("t", None));
        assert_eq!(message.blocks.len(), 1);
    }
}
