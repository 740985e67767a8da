//! The log: order, gaps, what is drawn of it, what was seen.

use oriel_shared::{
    id::Seq,
    wire::visitor::{ClientFrame, Role, ServerFrame},
};

use super::{
    super::{
        Chat, ConnectionState,
        log::NEWEST,
        selectors::{Delivery, delivery, n_unread, rows, unseen},
    },
    NOW, ids, stored, welcome,
};

#[test]
fn the_log_is_in_order_and_holds_each_message_once() {
    let mut chat = Chat::default();
    for seq in [2, 1, 3, 2, 1] {
        stored(&mut chat, seq, Role::Assistant);
    }
    assert_eq!(ids(&chat), ["m1", "m2", "m3"]);
}

#[test]
fn a_message_that_comes_too_early_asks_once_for_what_is_between() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    assert_eq!(stored(&mut chat, 1, Role::Visitor), []);
    assert_eq!(
        stored(&mut chat, 4, Role::Assistant),
        [ClientFrame::Resume { after: Seq(1) }]
    );
    assert_eq!(
        stored(&mut chat, 5, Role::Assistant),
        [],
        "asked for already"
    );
    assert!(!chat.is_caught_up());
    stored(&mut chat, 2, Role::Visitor);
    stored(&mut chat, 3, Role::Assistant);
    assert!(chat.is_caught_up());
}

#[test]
fn a_returning_chat_asks_for_what_it_has_not_seen() {
    for (held, held_by_edge, answer) in [
        (0, 0, vec![]),
        (0, 3, vec![ClientFrame::Resume { after: Seq(0) }]),
        (2, 5, vec![ClientFrame::Resume { after: Seq(2) }]),
        (2, 2, vec![]),
    ] {
        let mut chat = Chat::default();
        chat.receive(welcome("cnv_a", 0), NOW);
        for seq in 1..=held {
            stored(&mut chat, seq, Role::Assistant);
        }
        chat.on_disconnect();
        assert_eq!(chat.connection, ConnectionState::Reconnecting);
        assert_eq!(
            chat.receive(welcome("cnv_a", held_by_edge), NOW),
            answer,
            "{held} of {held_by_edge}"
        );
        assert_eq!(chat.connection, ConnectionState::Online);
    }
}

/// A chat whose edge holds `n` messages, caught up; those of an odd number are the visitor's.
fn long_chat(n: u32) -> Chat {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", n), NOW);
    for seq in 1..=n {
        let role = if seq % 2 == 1 {
            Role::Visitor
        } else {
            Role::Agent
        };
        stored(&mut chat, seq, role);
        assert!(rows(&chat).len() <= NEWEST, "while it comes");
    }
    chat
}

#[test]
fn of_a_long_log_the_newest_rows_are_drawn_and_older_ones_when_the_visitor_looks_back() {
    let mut chat = long_chat(1_000);
    assert_eq!((rows(&chat).len(), chat.log.first_drawn()), (NEWEST, 940));
    assert_eq!(ids(&chat)[0], "m941");
    // What is looked at stays, whatever comes.
    chat.log.read_older(false);
    stored(&mut chat, 1_001, Role::Agent);
    assert_eq!(
        (rows(&chat).len(), chat.log.first_drawn()),
        (NEWEST + 1, 940)
    );
    chat.log.read_older(true);
    assert_eq!(chat.log.first_drawn(), 940 - NEWEST);
    for _ in 0..20 {
        chat.log.read_older(true);
    }
    assert_eq!((rows(&chat).len(), chat.log.first_drawn()), (1_001, 0));
    assert!(chat.log.is_reading_older());
    chat.log.read_newest();
    assert_eq!((rows(&chat).len(), chat.log.first_drawn()), (NEWEST, 941));
    // A short log is drawn whole, and looking back changes nothing.
    let mut chat = long_chat(3);
    chat.log.read_older(true);
    assert_eq!((rows(&chat).len(), chat.log.first_drawn()), (3, 0));
}

#[test]
fn what_the_other_side_said_is_unread_until_it_was_seen() {
    let mut chat = long_chat(10);
    assert_eq!(n_unread(&chat), 5);
    let _frame = chat.presence.mark_seen(Seq(9));
    assert_eq!(n_unread(&chat), 1);
    let _frame = chat.presence.mark_seen(Seq(10));
    assert_eq!(n_unread(&chat), 0);
    stored(&mut chat, 11, Role::Visitor);
    assert_eq!(n_unread(&chat), 0, "one's own words are no news");
    stored(&mut chat, 12, Role::System);
    assert_eq!(n_unread(&chat), 0, "nor are the chat's own");
    // With a gap it is not known what was read.
    stored(&mut chat, 14, Role::Agent);
    assert_eq!(n_unread(&chat), 0);
}

#[test]
fn the_newest_message_is_seen_once_and_again_only_when_the_edge_has_not_heard_it() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    stored(&mut chat, 1, Role::Visitor);
    assert_eq!(unseen(&chat), None, "the visitor's own");
    stored(&mut chat, 2, Role::Assistant);
    assert_eq!(unseen(&chat), Some(Seq(2)));
    assert_eq!(
        chat.presence.mark_seen(Seq(2)),
        ClientFrame::Read { seq: Seq(2) }
    );
    assert_eq!(unseen(&chat), None);
    stored(&mut chat, 4, Role::Assistant);
    assert_eq!(unseen(&chat), None, "there is a gap before it");
    chat.on_disconnect();
    stored(&mut chat, 3, Role::Assistant);
    assert_eq!(unseen(&chat), None, "nobody to tell");
    chat.receive(welcome("cnv_a", 4), NOW);
    assert_eq!(unseen(&chat), Some(Seq(4)));
    let read = ServerFrame::Read {
        role: Role::Visitor,
        seq: Seq(4),
    };
    chat.receive(read, NOW);
    assert_eq!(unseen(&chat), None, "seen on another device");
}

#[test]
fn the_visitors_last_message_is_marked_when_the_team_has_seen_and_not_answered_it() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    for seq in [1, 2] {
        stored(&mut chat, seq, Role::Visitor);
    }
    let read = |seq| ServerFrame::Read {
        role: Role::Agent,
        seq: Seq(seq),
    };
    chat.receive(read(1), NOW);
    assert_eq!(delivery(&chat, "m2"), Delivery::Sent);
    chat.receive(read(2), NOW);
    assert_eq!(delivery(&chat, "m1"), Delivery::Sent);
    assert_eq!(delivery(&chat, "m2"), Delivery::Seen);
    stored(&mut chat, 3, Role::Assistant);
    assert_eq!(delivery(&chat, "m2"), Delivery::Seen);
    stored(&mut chat, 4, Role::Agent);
    assert_eq!(delivery(&chat, "m2"), Delivery::Sent);
}
