//! What the visitor sends: kept, sent again, refused, taken back.

use oriel_shared::{
    id::Seq,
    wire::{
        problem::Code,
        visitor::{ClientFrame, Message, Role, ServerFrame, Status},
    },
};

use super::{
    super::{
        Chat, ConnectionState,
        selectors::{Delivery, delivery},
        trimmed,
    },
    NOW, ids, message, rate, send, welcome,
};

#[test]
fn what_is_written_is_sent_whole_and_once_and_blanks_are_not() {
    let mut chat = Chat::default();
    assert_eq!(
        chat.write(" words ".to_owned(), NOW),
        None,
        "nobody to tell"
    );
    chat.receive(welcome("cnv_a", 0), NOW);
    assert_eq!(
        chat.write(" words\n".to_owned(), NOW),
        Some(ClientFrame::Typing {})
    );
    assert_eq!(chat.send("a".to_owned()), Some(send("a")));
    assert_eq!(chat.draft, "");
    assert_eq!(chat.send("b".to_owned()), None);
    chat.write(" \n".to_owned(), NOW);
    assert_eq!(chat.send("b".to_owned()), None);
    assert_eq!(ids(&chat), ["a"]);
}

#[test]
fn white_space_is_what_unicode_calls_so() {
    for c in '\0'..=char::MAX {
        let is_blank = c.is_whitespace() || c.is_control();
        assert_eq!(
            trimmed(c.encode_utf8(&mut [0; 4])).is_empty(),
            is_blank,
            "{c:?}"
        );
    }
    assert_eq!(trimmed("\u{3000}\t süß sauer \n"), "süß sauer");
}

#[test]
fn what_is_not_acknowledged_goes_again_after_every_reconnect() {
    let mut chat = Chat::default();
    chat.send_text("a".to_owned(), "words".to_owned());
    chat.send_text("b".to_owned(), "words".to_owned());
    assert_eq!(
        chat.receive(welcome("cnv_a", 0), NOW),
        [send("a"), send("b")]
    );
    let stored = Message {
        id: "a".to_owned(),
        ..message(1, Role::Visitor, "words")
    };
    chat.receive(ServerFrame::Message(stored), NOW);
    chat.on_disconnect();
    assert_eq!(chat.receive(welcome("cnv_a", 1), NOW), [send("b")]);
    assert_eq!(ids(&chat), ["a", "b"]);
}

#[test]
fn a_pending_message_becomes_the_stored_one_and_keeps_its_row() {
    let mut chat = Chat::default();
    chat.send_text("a".to_owned(), "words".to_owned());
    assert_eq!(delivery(&chat, "a"), Delivery::Sending);
    let stored = Message {
        id: "a".to_owned(),
        ..message(1, Role::Visitor, "words")
    };
    chat.receive(ServerFrame::Message(stored), NOW);
    assert_eq!(delivery(&chat, "a"), Delivery::Sent);
    assert_eq!(ids(&chat), ["a"]);
}

#[test]
fn a_refused_message_fails_visibly_and_can_be_said_again_or_taken_back() {
    let mut chat = Chat::default();
    chat.send_text("a".to_owned(), "words".to_owned());
    let refusal = ServerFrame::Error {
        code: Code::InvalidField.name().to_owned(),
        detail: String::new(),
        id: Some("a".to_owned()),
        retry_after: None,
    };
    chat.edit_failed("a");
    assert!(!chat.is_empty(), "it may arrive yet");
    chat.receive(refusal.clone(), NOW);
    assert_eq!(delivery(&chat, "a"), Delivery::Failed);
    assert_eq!(
        chat.receive(welcome("cnv_a", 0), NOW),
        [],
        "a failed message does not go by itself"
    );
    assert_eq!(chat.outgoing.retry("a"), Some(send("a")));
    assert_eq!(delivery(&chat, "a"), Delivery::Sending);
    chat.receive(refusal, NOW);
    chat.draft = " and more".to_owned();
    chat.edit_failed("a");
    assert!(chat.is_empty());
    assert_eq!(chat.draft, "words and more");
}

#[test]
fn a_limit_holds_the_message_back_and_sends_it_when_the_time_is_over() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    chat.send_text("a".to_owned(), "words".to_owned());
    let limit = ServerFrame::Error {
        code: Code::RateLimited.name().to_owned(),
        detail: String::new(),
        id: Some("a".to_owned()),
        retry_after: Some(12),
    };
    chat.receive(limit, NOW);
    assert_eq!(
        chat.connection,
        ConnectionState::RateLimited {
            until: NOW.plus(12_000)
        }
    );
    assert_eq!(delivery(&chat, "a"), Delivery::Sending);
    assert_eq!(chat.on_limit_over(), [send("a")]);
    assert_eq!(chat.connection, ConnectionState::Online);
}

#[test]
fn the_wish_for_a_person_outlives_a_lost_connection() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    chat.outgoing.ask_for_person();
    chat.on_disconnect();
    assert_eq!(
        chat.receive(welcome("cnv_a", 0), NOW),
        [ClientFrame::Escalate {}]
    );
    chat.receive(
        ServerFrame::Status {
            status: Status::Waiting,
            away: false,
        },
        NOW,
    );
    assert_eq!(chat.receive(welcome("cnv_a", 0), NOW), []);
}

#[test]
fn the_last_judgement_of_an_answer_counts_whoever_gave_it_and_is_told_once_when_it_can_be() {
    let judgement = |seq, good| ClientFrame::Feedback {
        seq: Seq(seq),
        good,
    };
    let mut chat = Chat::default();
    assert_eq!(rate(&mut chat, Seq(2), true), judgement(2, true));
    assert_eq!(
        chat.receive(welcome("cnv_a", 0), NOW),
        [judgement(2, true)],
        "given without a connection"
    );
    assert_eq!(chat.receive(welcome("cnv_a", 0), NOW), []);
    assert_eq!(chat.feedback.get(Seq(2)), Some(true));
    rate(&mut chat, Seq(2), false);
    assert_eq!(chat.feedback.get(Seq(2)), Some(false));
    let other_tab = ServerFrame::Feedback {
        seq: Seq(2),
        good: true,
    };
    chat.receive(other_tab, NOW);
    assert_eq!(chat.feedback.get(Seq(2)), Some(true));
    assert_eq!(chat.feedback.get(Seq(4)), None);
    let judged_before = Message {
        feedback: Some(false),
        ..message(4, Role::Assistant, "words")
    };
    chat.receive(ServerFrame::Message(judged_before), NOW);
    assert_eq!(chat.feedback.get(Seq(4)), Some(false));
}
