//! The answer that is being streamed, and who is typing.

use oriel_shared::wire::visitor::{ClientFrame, Role, ServerFrame, Status};

use super::{
    super::{
        Chat,
        selectors::{Row, is_answering, rows, typing},
    },
    NOW, ids, status, stored, welcome,
};

fn start_typing(chat: &mut Chat) {
    let role = Role::Assistant;
    chat.receive(ServerFrame::Typing { role }, NOW);
}

fn delta(id: &str, text: &str) -> ServerFrame {
    ServerFrame::Delta {
        id: id.to_owned(),
        text: text.to_owned(),
    }
}

/// The words of the answer that is being made.
fn streaming(chat: &Chat) -> Option<String> {
    rows(chat).into_iter().find_map(|row| match row {
        Row::Streaming { text, .. } => Some(text.to_owned()),
        _ => None,
    })
}

#[test]
fn an_answer_grows_behind_everything_and_becomes_the_stored_message_under_its_id() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    start_typing(&mut chat);
    chat.receive(delta("m2", "One"), NOW);
    chat.send_text("a".to_owned(), "words".to_owned());
    chat.receive(delta("m2", " two"), NOW);
    assert_eq!(streaming(&chat), Some("One two".to_owned()));
    assert_eq!(
        ids(&chat),
        ["a", "m2"],
        "what is said meanwhile is before it"
    );
    assert_eq!(typing(&chat), None, "it can be read");
    stored(&mut chat, 1, Role::Visitor);
    stored(&mut chat, 2, Role::Assistant);
    assert_eq!(streaming(&chat), None);
    assert_eq!(ids(&chat), ["m1", "m2", "a"]);
    chat.receive(delta("m2", " three"), NOW);
    assert_eq!(streaming(&chat), None, "late words of what is stored");
}

#[test]
fn an_answer_is_taken_back_when_the_conversation_leaves_the_assistant_or_the_connection_is_lost() {
    for (end, is_kept) in [
        (status(Status::Open), true),
        (status(Status::Waiting), true),
        (status(Status::Agent), false),
        (status(Status::Closed), false),
        (welcome("cnv_a", 0), false),
    ] {
        let mut chat = Chat::default();
        chat.receive(welcome("cnv_a", 0), NOW);
        start_typing(&mut chat);
        chat.receive(delta("m1", "Partial"), NOW);
        chat.receive(end.clone(), NOW);
        assert_eq!(streaming(&chat).is_some(), is_kept, "{end:?}");
    }
    let mut chat = Chat::default();
    start_typing(&mut chat);
    chat.receive(delta("m1", "Partial"), NOW);
    chat.on_disconnect();
    assert_eq!(streaming(&chat), None);
    chat.receive(status(Status::Agent), NOW);
    chat.receive(delta("m1", "more"), NOW);
    assert_eq!(
        streaming(&chat),
        None,
        "the assistant has nothing to say now"
    );
}

#[test]
fn who_comes_in_the_middle_of_an_answer_waits_for_the_whole() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    for words in ["the middle", " and the end"] {
        chat.receive(delta("m1", words), NOW);
        assert_eq!(streaming(&chat), None);
        assert_eq!(typing(&chat), Some(Role::Assistant));
        assert!(is_answering(&chat));
    }
    stored(&mut chat, 1, Role::Assistant);
    assert_eq!(typing(&chat), None);
    start_typing(&mut chat);
    chat.receive(delta("m3", "One"), NOW);
    assert_eq!(streaming(&chat), Some("One".to_owned()));
}

#[test]
fn an_answer_can_be_stopped_once_and_what_there_is_of_it_stays() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    assert!(!is_answering(&chat));
    start_typing(&mut chat);
    assert!(is_answering(&chat));
    chat.receive(delta("m1", "Partial"), NOW);
    assert_eq!(chat.stop_answer(), ClientFrame::Stop {});
    assert!(!is_answering(&chat));
    chat.receive(delta("m1", " answer"), NOW);
    assert!(!is_answering(&chat));
    assert_eq!(streaming(&chat), Some("Partial answer".to_owned()));
    chat.receive(delta("m2", "Another"), NOW);
    assert!(is_answering(&chat), "another answer can be stopped too");
}

#[test]
fn typing_ends_with_the_answer_with_a_new_status_and_with_the_connection() {
    let mut chat = Chat::default();
    chat.receive(
        ServerFrame::Typing {
            role: Role::Assistant,
        },
        NOW,
    );
    stored(&mut chat, 1, Role::Visitor);
    assert_eq!(
        typing(&chat),
        Some(Role::Assistant),
        "the visitor's own message does not end it"
    );
    stored(&mut chat, 2, Role::Assistant);
    assert_eq!(typing(&chat), None);
    for end in [
        |chat: &mut Chat| chat.on_disconnect(),
        |chat: &mut Chat| {
            drop(chat.receive(
                ServerFrame::Status {
                    status: Status::Agent,
                    away: false,
                },
                NOW,
            ))
        },
    ] {
        chat.receive(
            ServerFrame::Typing {
                role: Role::Assistant,
            },
            NOW,
        );
        end(&mut chat);
        assert_eq!(typing(&chat), None);
    }
}
