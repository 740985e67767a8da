//! From the browser's `JSON.parse` to the wire's own types, and from frames to JSON text.
//!
//! The shapes are those of `oriel_shared::wire`; derived readers for them cost the visitor several KiB (an internally
//! tagged enum keeps a whole JSON parser and a buffer type in the program), so the tree that the browser parsed is
//! walked instead. The tests hold both together: what the edge's derived code writes is read here, and the other way
//! round. Unknown fields are ignored, unknown kinds of words are dropped, and of a message with an unknown kind of block the
//! plain text is shown, so that an old pinned widget lives with a newer edge.

use oriel_shared::{
    digits::{decimal, digit},
    id::{ConversationId, Rfc3339, Seq},
    wire::{
        embed::FrameSite,
        rich_text::{Block, Cell, Inline},
        theme::{Prechat, PrechatField, PrechatName, Scheme, Theme},
        visitor::{
            ClientFrame, Fact, Message, Offer, PageContext, Role, ServerFrame, Source, Status,
        },
    },
};
use wasm_bindgen::JsValue;

/// Deepest nesting of rich text that is drawn. The edge writes less; this keeps the stack safe from anything else.
const MAX_DEPTH: u32 = 12;

/// A parsed JSON value, whoever parsed it. A member is asked for by its name; what is no object has none.
pub trait Json: Sized {
    /// Any member; something empty when there is none.
    fn get(&self, name: &str) -> Self;
    /// One that is a string.
    fn text(&self, name: &str) -> Option<String>;
    /// The strings of one that is an array.
    fn texts(&self, name: &str) -> Vec<String>;
    /// One that is a number.
    fn number(&self, name: &str) -> Option<f64>;
    /// One that is true or false.
    fn flag(&self, name: &str) -> Option<bool>;
    /// The items of this array; none of anything else.
    fn items(&self) -> Vec<Self>;
}

/// What the frame document says about its site.
pub fn frame_site(json: &impl Json) -> FrameSite {
    FrameSite {
        key: text(json, "key"),
        suggestions: json.texts("suggestions"),
        prechat: prechat(&json.get("prechat")),
        embedders: json.texts("embedders"),
    }
}

/// The look that the page asks for: what is in its attributes, as the loader says it.
pub fn theme(json: &impl Json) -> Theme {
    Theme {
        accent: json.text("accent"),
        scheme: match &*text(json, "scheme") {
            "auto" => Some(Scheme::Auto),
            "light" => Some(Scheme::Light),
            "dark" => Some(Scheme::Dark),
            _ => None,
        },
        radius: json.number("radius").map(|radius| radius as u16),
        // The launcher has them already.
        position: None,
        offset: None,
        launcher: None,
    }
}

/// The form before the first message; fields that this widget does not know are left out.
fn prechat(json: &impl Json) -> Option<Prechat> {
    let form = Prechat {
        fields: all(&json.get("fields"), field),
        consent: json.text("consent"),
    };
    (!form.fields.is_empty() || form.consent.is_some()).then_some(form)
}

fn field(json: &impl Json) -> Option<PrechatField> {
    Some(PrechatField {
        name: match &*text(json, "name") {
            "name" => PrechatName::Name,
            "email" => PrechatName::Email,
            "phone" => PrechatName::Phone,
            "company" => PrechatName::Company,
            _ => return None,
        },
        label: json.text("label"),
        required: json.flag("required") == Some(true),
    })
}

/// A frame from the edge; `None` for one that this widget does not know.
pub fn server_frame(json: &impl Json) -> Option<ServerFrame> {
    Some(match &*text(json, "type") {
        "welcome" => ServerFrame::Welcome {
            conversation: ConversationId(json.text("conversation")?),
            seq: seq(json)?,
            status: status(json)?,
            away: json.flag("away") == Some(true),
            read: json
                .number("read")
                .map_or(Seq::default(), |seq| Seq(seq as u32)),
            several: json.flag("several") == Some(true),
        },
        "message" => ServerFrame::Message(message(json)?),
        "delta" => ServerFrame::Delta {
            id: json.text("id")?,
            text: text(json, "text"),
        },
        "typing" => ServerFrame::Typing { role: role(json)? },
        "status" => ServerFrame::Status {
            status: status(json)?,
            away: json.flag("away") == Some(true),
        },
        "read" => ServerFrame::Read {
            role: role(json)?,
            seq: seq(json)?,
        },
        "feedback" => ServerFrame::Feedback {
            seq: seq(json)?,
            good: json.flag("good") == Some(true),
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

/// A frame to the edge as JSON.
pub fn client_frame(frame: &ClientFrame) -> String {
    match frame {
        ClientFrame::Send { id, text, .. } => {
            object(&[("type", "send"), ("id", id), ("text", text)])
        }
        ClientFrame::Resume { after } => with_number(&[("type", "resume")], "after", *after, "}"),
        ClientFrame::Escalate {} => object(&[("type", "escalate")]),
        ClientFrame::Typing {} => object(&[("type", "typing")]),
        ClientFrame::Read { seq } => with_number(&[("type", "read")], "seq", *seq, "}"),
        ClientFrame::Stop {} => object(&[("type", "stop")]),
        ClientFrame::Context(PageContext { page, title, facts }) => {
            let mut said = vec![("type", "context")];
            for (name, value) in &[("page", page), ("title", title)] {
                if let Some(value) = value {
                    said.push((name, value));
                }
            }
            let mut json = open_object(&said);
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
        ClientFrame::End {} => object(&[("type", "end")]),
        // The list of conversations says these (conversations.ts).
        ClientFrame::Begin {} | ClientFrame::Switch { .. } => String::new(),
        ClientFrame::Lead(lead) => {
            let fields = [
                ("name", &lead.name),
                ("email", &lead.email),
                ("phone", &lead.phone),
                ("message", &lead.message),
            ];
            let mut said = vec![("type", "lead")];
            for (name, value) in &fields {
                if let Some(value) = value {
                    said.push((name, value));
                }
            }
            object(&said)
        }
        ClientFrame::Feedback { seq, good } => {
            let fields = [("type", "feedback")];
            let more = if *good {
                r#","good":true}"#
            } else {
                r#","good":false}"#
            };
            with_number(&fields, "seq", *seq, more)
        }
    }
}

/// What the page tells of where the visitor is.
pub fn page_context(json: &impl Json) -> PageContext {
    let fact = |fact: &_| {
        Some(Fact {
            name: text(fact, "name"),
            value: text(fact, "value"),
        })
    };
    PageContext {
        page: json.text("page"),
        title: json.text("title"),
        facts: all(&json.get("facts"), fact),
    }
}

/// An object of texts and one sequence number as JSON, with its end.
fn with_number(fields: &[(&str, &str)], name: &str, seq: Seq, end: &str) -> String {
    let mut json = open_object(fields);
    for part in &[",\"", name, "\":", &decimal(seq.0), end] {
        json.push_str(part);
    }
    json
}

/// An object of texts as JSON.
pub fn object(fields: &[(&str, &str)]) -> String {
    let mut json = open_object(fields);
    json.push_str("}");
    json
}

/// The same without its end.
fn open_object(fields: &[(&str, &str)]) -> String {
    let mut json = String::new();
    for (name, value) in fields {
        json.push_str(if json.is_empty() { "{" } else { "," });
        quote(name, &mut json);
        json.push_str(":");
        quote(value, &mut json);
    }
    json
}

/// A text as a JSON string. Source: RFC 8259 section 7. What has to be escaped is one byte in UTF-8, and part of no
/// other character.
fn quote(text: &str, json: &mut String) {
    let mut done = 0;
    json.push_str("\"");
    for (place, byte) in text.bytes().enumerate() {
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            json.push_str(text.get(done..place).unwrap_or_default());
            json.push_str("\\u00");
            json.push_str(digit(u32::from(byte / 16)));
            json.push_str(digit(u32::from(byte % 16)));
            done = place + 1;
        }
    }
    json.push_str(text.get(done..).unwrap_or_default());
    json.push_str("\"");
}

fn text(json: &impl Json, name: &str) -> String {
    json.text(name).unwrap_or_default()
}

/// The items of an array that can be read. A loop: what collects is written out anew for every kind of item.
fn all<J: Json, T>(json: &J, read: impl Fn(&J) -> Option<T>) -> Vec<T> {
    let mut all = Vec::new();
    for item in &json.items() {
        if let Some(item) = read(item) {
            all.push(item);
        }
    }
    all
}

fn seq(json: &impl Json) -> Option<Seq> {
    Some(Seq(json.number("seq")? as u32))
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

/// A stored message; `None` for anything else.
pub fn message(json: &impl Json) -> Option<Message> {
    Some(Message {
        seq: seq(json)?,
        id: json.text("id")?,
        role: role(json)?,
        author: json.text("author"),
        text: text(json, "text"),
        blocks: blocks(&json.get("blocks"), MAX_DEPTH).unwrap_or_default(),
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

/// `None` when there is a kind of block that this widget does not know: the message's text says it all then.
fn blocks<J: Json>(json: &J, depth: u32) -> Option<Vec<Block>> {
    let mut read = Vec::new();
    let Some(depth) = depth.checked_sub(1) else {
        return Some(read);
    };
    for json in &json.items() {
        read.push(match &*text(json, "type") {
            "paragraph" => Block::Paragraph {
                content: inlines(&json.get("content"), depth),
            },
            "list" => Block::List {
                ordered: json.flag("ordered") == Some(true),
                items: {
                    let mut items = Vec::new();
                    for item in json.get("items").items() {
                        items.push(blocks(&item, depth)?);
                    }
                    items
                },
            },
            "code" => Block::Code {
                language: text(json, "language"),
                text: text(json, "text"),
            },
            "quote" => Block::Quote {
                content: blocks(&json.get("content"), depth)?,
            },
            "table" => Block::Table {
                head: cells(&json.get("head"), depth),
                rows: all(&json.get("rows"), |row| Some(cells(row, depth))),
            },
            _ => return None,
        });
    }
    Some(read)
}

fn cells<J: Json>(json: &J, depth: u32) -> Vec<Cell> {
    all(json, |cell| Some(inlines(cell, depth)))
}

fn inlines<J: Json>(json: &J, depth: u32) -> Vec<Inline> {
    let mut read = Vec::new();
    let Some(depth) = depth.checked_sub(1) else {
        return read;
    };
    for json in &json.items() {
        let content = || inlines(&json.get("content"), depth);
        read.push(match &*text(json, "type") {
            "text" => Inline::Text {
                text: text(json, "text"),
            },
            "strong" => Inline::Strong { content: content() },
            "emphasis" => Inline::Emphasis { content: content() },
            "code" => Inline::Code {
                text: text(json, "text"),
            },
            "link" => Inline::Link {
                href: text(json, "href"),
                content: content(),
            },
            _ => continue,
        });
    }
    read
}

/// What `JSON.parse` made, and what `Response.json()` gives.
impl Json for JsValue {
    fn get(&self, name: &str) -> Self {
        js::get(self, name)
    }

    fn text(&self, name: &str) -> Option<String> {
        js::text(self, name)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let list = self.get(name);
        let mut texts = Vec::new();
        for place in 0..js::count(&list) {
            if let Some(text) = js::text_at(&list, place) {
                texts.push(text);
            }
        }
        texts
    }

    fn number(&self, name: &str) -> Option<f64> {
        let number = js::number(self, name);
        (!number.is_nan()).then_some(number)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        js::flag(self, name)
    }

    fn items(&self) -> Vec<Self> {
        let mut items = Vec::new();
        for place in 0..js::count(self) {
            items.push(js::item(self, place));
        }
        items
    }
}

mod js {
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen(module = "/src/browser.js")]
    extern "C" {
        pub fn get(value: &JsValue, name: &str) -> JsValue;
        pub fn text(value: &JsValue, name: &str) -> Option<String>;
        pub fn number(value: &JsValue, name: &str) -> f64;
        pub fn flag(value: &JsValue, name: &str) -> Option<bool>;
        pub fn count(value: &JsValue) -> i32;
        #[wasm_bindgen(js_name = text)]
        pub fn text_at(value: &JsValue, place: i32) -> Option<String>;
        #[wasm_bindgen(js_name = get)]
        pub fn item(value: &JsValue, place: i32) -> JsValue;
    }
}

#[cfg(test)]
mod tests {
    use oriel_shared::wire::visitor::Lead;
    use serde_json::{Value, json, to_value};

    use super::*;

    impl Json for Value {
        fn get(&self, name: &str) -> Self {
            Self::get(self, name).cloned().unwrap_or(Self::Null)
        }

        fn text(&self, name: &str) -> Option<String> {
            self[name].as_str().map(str::to_owned)
        }

        fn texts(&self, name: &str) -> Vec<String> {
            let texts = self[name].as_array().into_iter().flatten();
            texts
                .filter_map(|text| Some(text.as_str()?.to_owned()))
                .collect()
        }

        fn number(&self, name: &str) -> Option<f64> {
            self[name].as_f64()
        }

        fn flag(&self, name: &str) -> Option<bool> {
            self[name].as_bool()
        }

        fn items(&self) -> Vec<Self> {
            self.as_array().cloned().unwrap_or_default()
        }
    }

    fn words(text: &str) -> Vec<Inline> {
        vec![Inline::Text {
            text: text.to_owned(),
        }]
    }

    fn rich() -> Vec<Block> {
        let paragraph = Block::Paragraph {
            content: vec![
                Inline::Strong {
                    content: words("a"),
                },
                Inline::Emphasis {
                    content: words("b"),
                },
                Inline::Code {
                    text: "c".to_owned(),
                },
                Inline::Link {
                    href: "https://example.com/".to_owned(),
                    content: words("d"),
                },
            ],
        };
        vec![
            Block::Quote {
                content: vec![paragraph.clone()],
            },
            Block::List {
                ordered: true,
                items: vec![vec![paragraph.clone()], vec![]],
            },
            Block::List {
                ordered: false,
                items: vec![vec![paragraph]],
            },
            Block::Code {
                language: "sh".to_owned(),
                text: "cargo xtask dev\n".to_owned(),
            },
            Block::Table {
                head: vec![words("a"), words("b")],
                rows: vec![vec![words("c"), vec![]], vec![]],
            },
        ]
    }

    #[test]
    fn every_frame_that_the_edge_writes_is_read_as_it_was_meant() {
        let roles = [Role::Visitor, Role::Assistant, Role::Agent, Role::System];
        let statuses = [Status::Open, Status::Waiting, Status::Agent, Status::Closed];
        let mut frames = Vec::new();
        for role in roles {
            frames.push(ServerFrame::Typing { role });
            frames.push(ServerFrame::Read { role, seq: Seq(3) });
            frames.push(ServerFrame::Message(Message {
                seq: Seq(7),
                id: "msg_x".to_owned(),
                role,
                author: (role == Role::Agent).then(|| "Mina".to_owned()),
                text: "a \"b\"\n\u{2028}".to_owned(),
                blocks: rich(),
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
                offer: match role {
                    Role::Assistant => Some(Offer::Person),
                    Role::System => Some(Offer::Message),
                    _ => None,
                },
                feedback: match role {
                    Role::Assistant => Some(true),
                    Role::Agent => Some(false),
                    _ => None,
                },
                at: Rfc3339("2026-11-22T02:32:43.042Z".to_owned()),
            }));
        }
        for status in statuses {
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
        for frame in [
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
                phone: None,
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
        ] {
            let read: ClientFrame =
                serde_json::from_str(&client_frame(&frame)).expect("JSON that the edge knows");
            assert_eq!(read, frame);
        }
    }

    #[test]
    fn the_site_is_read_from_its_document() {
        let site = FrameSite {
            key: "pk_x".to_owned(),
            suggestions: vec!["Where is my tea?".to_owned()],
            prechat: Some(Prechat {
                fields: [
                    PrechatName::Name,
                    PrechatName::Email,
                    PrechatName::Phone,
                    PrechatName::Company,
                ]
                .map(|name| PrechatField {
                    name,
                    label: Some("What?".to_owned()),
                    required: name == PrechatName::Email,
                })
                .to_vec(),
                consent: Some("I agree.".to_owned()),
            }),
            embedders: vec![
                "https://example.com".to_owned(),
                "https://*.example.com".to_owned(),
            ],
        };
        assert_eq!(
            frame_site(&to_value(&site).expect("the wire's own types are JSON")),
            site
        );
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
        let message = json!({"type": "message", "seq": 1, "id": "m", "role": "agent", "text": "t", "new": 1,
            "at": "", "blocks": [{"type": "paragraph", "content": [{"type": "image"}]}]});
        let Some(ServerFrame::Message(message)) = server_frame(&message) else {
            panic!("a message")
        };
        assert_eq!(message.blocks, [Block::Paragraph { content: vec![] }]);
    }

    #[test]
    fn what_holds_an_unknown_kind_of_block_is_shown_as_its_text() {
        let paragraph = json!({"type": "paragraph", "content": []});
        for unknown in [
            json!([{"type": "video"}]),
            json!([paragraph, {"type": "video"}]),
            json!([{"type": "quote", "content": [paragraph, {"type": "video"}]}]),
            json!([{"type": "list", "items": [[paragraph], [{"type": "video"}]]}]),
        ] {
            let message = json!({"type": "message", "seq": 1, "id": "m", "role": "agent", "text": "t", "at": "",
                "blocks": unknown});
            let Some(ServerFrame::Message(message)) = server_frame(&message) else {
                panic!("a message")
            };
            assert_eq!(
                (&*message.text, &*message.blocks),
                ("t", &[][..]),
                "{unknown}"
            );
        }
    }

    #[test]
    fn rich_text_deeper_than_any_of_ours_is_cut() {
        let deep = (0..100).fold(
            json!([]),
            |content, _| json!([{"type": "quote", "content": content}]),
        );
        fn depth(blocks: &[Block]) -> u32 {
            match blocks {
                [Block::Quote { content }] => 1 + depth(content),
                _ => 0,
            }
        }
        let cut = blocks(&deep, MAX_DEPTH).expect("known blocks");
        assert_eq!(depth(&cut), MAX_DEPTH);
    }
}
