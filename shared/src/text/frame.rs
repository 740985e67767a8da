//! Frames from the widget, from text to meaning.

use super::json;
use crate::wire::visitor::ClientFrame;

/// Bytes of a frame at the most, as many as of a body. A message of 4,000 emoji, each escaped to twelve bytes, fits.
pub const FRAME_MAX_BYTES: usize = crate::wire::BODY_MAX_BYTES;

/// Why a frame was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Larger than any frame that means something.
    #[error("A frame has at most {FRAME_MAX_BYTES} bytes")]
    TooLarge,
    /// Not a JSON object of a known `type` with that type's fields.
    #[error("Not a frame that is known here")]
    Unknown,
}

/// Reads a frame. What its fields hold is for [`super::chat`] to check.
///
/// # Errors
/// [`FrameError`].
pub fn parse(text: &str) -> Result<ClientFrame, FrameError> {
    if text.len() > FRAME_MAX_BYTES {
        return Err(FrameError::TooLarge);
    }
    // serde would take an array for an object, and skip what a frame without fields is not asked to hold.
    json::check_unique(text.as_bytes()).map_err(|_| FrameError::Unknown)?;
    serde_json::from_str(text).map_err(|_| FrameError::Unknown)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::id::{ConversationId, Seq};
    use crate::wire::visitor::{Lead, PageContext};

    #[test]
    fn the_known_frames_are_read() {
        let known = [
            (
                r#"{"type":"send","id":"m-1","text":"hi"}"#,
                ClientFrame::Send {
                    id: "m-1".into(),
                    text: "hi".into(),
                    conversation: None,
                },
            ),
            (
                r#"{"type":"send","id":"m-1","text":"hi","conversation":"cnv_1"}"#,
                ClientFrame::Send {
                    id: "m-1".into(),
                    text: "hi".into(),
                    conversation: Some(ConversationId("cnv_1".into())),
                },
            ),
            (r#"{"type":"begin"}"#, ClientFrame::Begin {}),
            (
                r#"{"type":"switch","conversation":"cnv_1"}"#,
                ClientFrame::Switch {
                    conversation: ConversationId("cnv_1".into()),
                },
            ),
            (
                r#" {"after":7,"type":"resume"} "#,
                ClientFrame::Resume { after: Seq(7) },
            ),
            (r#"{"type":"escalate"}"#, ClientFrame::Escalate {}),
            (r#"{"type":"typing"}"#, ClientFrame::Typing {}),
            (
                r#"{"type":"read","seq":3}"#,
                ClientFrame::Read { seq: Seq(3) },
            ),
            (r#"{"type":"stop"}"#, ClientFrame::Stop {}),
            (r#"{"type":"end"}"#, ClientFrame::End {}),
            (
                r#"{"type":"feedback","seq":3,"good":false}"#,
                ClientFrame::Feedback {
                    seq: Seq(3),
                    good: false,
                },
            ),
            (
                r#"{"type":"lead","email":"a@example.com"}"#,
                ClientFrame::Lead(Lead {
                    email: Some("a@example.com".into()),
                    ..Lead::default()
                }),
            ),
            (
                r#"{"type":"context","title":"Cart"}"#,
                ClientFrame::Context(PageContext {
                    title: Some("Cart".into()),
                    ..PageContext::default()
                }),
            ),
        ];
        let mut types = BTreeSet::new();
        for (text, frame) in known {
            let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
            types.extend(json["type"].as_str().map(str::to_owned));
            assert_eq!(parse(text), Ok(frame), "{text}");
        }
        // serde's own list of the types, in its error.
        let error = serde_json::from_str::<ClientFrame>(r#"{"type":""}"#).expect_err("no type");
        let error = error.to_string();
        let listed = error.split('`').skip(3).step_by(2).map(str::to_owned);
        assert_eq!(types, listed.collect(), "each type has a sample");
    }

    #[test]
    fn every_other_frame_is_unknown() {
        for text in [
            "",
            "ping",
            "null",
            "[]",
            "{}",
            r#"["send","m-1","hi"]"#,
            r#"["resume",1]"#,
            r#"{"type":"shout"}"#,
            r#"{"type":"Send","id":"m","text":"hi"}"#,
            r#"{"type":1}"#,
            r#"{"type":["escalate"]}"#,
            r#"{"type":"send","id":"m"}"#,
            r#"{"type":"send","id":1,"text":"hi"}"#,
            r#"{"type":"send","id":"m","text":"hi","role":"agent"}"#,
            r#"{"type":"send","id":"m","id":"n","text":"hi"}"#,
            r#"{"type":"resume"}"#,
            r#"{"type":"resume","after":-1}"#,
            r#"{"type":"resume","after":4294967296}"#,
            r#"{"type":"resume","after":1.5}"#,
            r#"{"type":"resume","after":"1"}"#,
            r#"{"type":"escalate","to":"admin"}"#,
            r#"{"type":"typing","role":"agent"}"#,
            r#"{"type":"read","seq":3,"role":"agent"}"#,
            r#"{"type":"stop","id":"m"}"#,
            r#"{"type":"end","status":"open"}"#,
            r#"{"type":"begin","conversation":"cnv_1"}"#,
            r#"{"type":"switch"}"#,
            r#"{"type":"switch","conversation":null}"#,
            r#"{"type":"switch","conversation":"cnv_1","visitor":"vis_1"}"#,
            r#"{"type":"send","id":"m","text":"hi","conversation":7}"#,
            r#"{"type":"feedback","seq":3}"#,
            r#"{"type":"feedback","seq":3,"good":1}"#,
            r#"{"type":"lead","email":"a@example.com","verified":true}"#,
            r#"{"type":"context","page":"https://example.com/","role":"admin"}"#,
            r#"{"type":"context","facts":[{"name":"cart","value":3}]}"#,
            r#"{"type":"lead","email":{"a":1}}"#,
            r#"{"type":"escalate","type":"escalate"}"#,
            r#"{"type":"escalate"}{"type":"escalate"}"#,
            "\u{feff}{\"type\":\"escalate\"}",
        ] {
            assert_eq!(parse(text), Err(FrameError::Unknown), "{text}");
        }
        let deep = format!(
            r#"{{"type":"escalate","x":{}{}}}"#,
            "[".repeat(100),
            "]".repeat(100)
        );
        assert_eq!(parse(&deep), Err(FrameError::Unknown));
    }

    #[test]
    fn a_frame_is_bounded_before_it_is_read() {
        let text = |n| format!(r#"{{"type":"send","id":"m","text":"{}"}}"#, "x".repeat(n));
        let n_around = text(0).len();
        assert!(parse(&text(FRAME_MAX_BYTES - n_around)).is_ok());
        assert_eq!(
            parse(&text(FRAME_MAX_BYTES - n_around + 1)),
            Err(FrameError::TooLarge)
        );
    }

    fn any_frame() -> impl Strategy<Value = ClientFrame> {
        prop_oneof![
            (".{0,80}", "(?s).{0,200}", proptest::option::of(".{0,80}")).prop_map(
                |(id, text, conversation)| ClientFrame::Send {
                    id,
                    text,
                    conversation: conversation.map(ConversationId),
                }
            ),
            Just(ClientFrame::Begin {}),
            ".{0,80}".prop_map(|id| ClientFrame::Switch {
                conversation: ConversationId(id)
            }),
            any::<u32>().prop_map(|after| ClientFrame::Resume { after: Seq(after) }),
            Just(ClientFrame::Escalate {}),
            Just(ClientFrame::Stop {}),
            (any::<u32>(), any::<bool>()).prop_map(|(seq, good)| ClientFrame::Feedback {
                seq: Seq(seq),
                good
            }),
            proptest::option::of(".{0,80}").prop_map(|email| ClientFrame::Lead(Lead {
                email,
                ..Lead::default()
            })),
        ]
    }

    proptest! {
        #[test]
        fn a_frame_reads_back_as_it_was_written(frame in any_frame()) {
            let text = serde_json::to_string(&frame).expect("a frame is JSON");
            prop_assert_eq!(parse(&text), Ok(frame));
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&String::from_utf8_lossy(&bytes));
        }
    }
}
