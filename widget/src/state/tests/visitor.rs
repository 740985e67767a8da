//! Another visitor, or another conversation.

use oriel_shared::{
    id::Seq,
    wire::visitor::{Lead, Role, ServerFrame},
};

use super::{
    super::{
        Chat,
        selectors::{Delivery, delivery, n_pending},
    },
    NOW, ids, rate, send, stored, welcome,
};

#[test]
fn another_conversation_starts_a_new_log_and_keeps_what_was_not_sent() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    stored(&mut chat, 1, Role::Assistant);
    chat.send_text("a".to_owned(), "words".to_owned());
    assert_eq!(chat.receive(welcome("cnv_b", 0), NOW), [send("a")]);
    assert_eq!(ids(&chat), ["a"]);
}

#[test]
fn what_was_meant_for_another_conversation_waits_for_the_visitor() {
    let several = |conversation: &str| match welcome(conversation, 0) {
        ServerFrame::Welcome {
            conversation,
            seq,
            status,
            away,
            read,
            ..
        } => ServerFrame::Welcome {
            conversation,
            seq,
            status,
            away,
            read,
            several: true,
        },
        other => other,
    };
    let mut chat = Chat::default();
    chat.receive(several("a"), NOW);
    chat.draft = "words".to_owned();
    chat.send("m1".to_owned());
    // The line was lost, and another tab went on elsewhere.
    assert_eq!(chat.receive(several("b"), NOW), []);
    assert_eq!(delivery(&chat, "m1"), Delivery::Failed);
    assert_eq!(chat.outgoing.retry("m1"), Some(send("m1")));
    // A welcome that names the current conversation again switches to no other one.
    chat.on_disconnect();
    assert_eq!(chat.receive(several("b"), NOW), [send("m1")]);
}

#[test]
fn nothing_but_the_open_panel_outlives_the_erasure() {
    let mut chat = Chat {
        is_panel_open: true,
        ..Chat::default()
    };
    chat.receive(welcome("cnv_a", 0), NOW);
    stored(&mut chat, 1, Role::Assistant);
    rate(&mut chat, Seq(1), true);
    chat.lead.send(Lead::default());
    chat.write("secret".to_owned(), NOW);
    chat.clear();
    assert_eq!(
        format!("{chat:?}"),
        format!(
            "{:?}",
            Chat {
                is_panel_open: true,
                ..Chat::default()
            }
        )
    );
}

#[test]
fn who_is_identified_late_keeps_what_they_wrote_and_who_comes_next_gets_nothing_of_it() {
    let mut chat = Chat::default();
    "first".clone_into(&mut chat.draft);
    let _waits = chat.send("m1".to_owned());
    "and".clone_into(&mut chat.draft);
    chat.change_visitor();
    assert_eq!((n_pending(&chat), &*chat.draft), (1, "and"));
    chat.receive(welcome("cnv_a", 0), NOW);
    chat.change_visitor();
    assert!(chat.is_empty() && chat.draft.is_empty());
}
