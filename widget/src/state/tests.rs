//! The chat as plain data, frame by frame.

use oriel_shared::{
    id::{ConversationId, Rfc3339, Seq, UnixMs},
    wire::{
        problem::Code,
        visitor::{ClientFrame, Lead, Message, Offer, Role, ServerFrame, Status},
    },
};

use super::{shown::NEWEST, *};

const NOW: UnixMs = UnixMs(1_795_314_763_042);

fn message(seq: u32, role: Role, text: &str) -> Message {
    Message {
        seq: Seq(seq),
        id: format!("m{seq}"),
        role,
        author: None,
        text: text.to_owned(),
        blocks: Vec::new(),
        sources: Vec::new(),
        offer: None,
        feedback: None,
        at: Rfc3339::from(NOW),
    }
}

fn welcome(conversation: &str, seq: u32) -> ServerFrame {
    ServerFrame::Welcome {
        conversation: ConversationId(conversation.to_owned()),
        seq: Seq(seq),
        status: Status::Open,
        away: false,
        read: Seq(0),
        several: false,
    }
}

fn said(chat: &mut Chat, seq: u32, role: Role) -> Vec<ClientFrame> {
    chat.hear(ServerFrame::Message(message(seq, role, "words")), NOW)
}

fn ids(chat: &Chat) -> Vec<String> {
    chat.rows().iter().map(|row| row.id().to_owned()).collect()
}

fn send(id: &str) -> ClientFrame {
    ClientFrame::Send {
        id: id.to_owned(),
        text: "words".to_owned(),
        conversation: None,
    }
}

#[test]
fn the_log_is_in_order_and_holds_each_message_once() {
    let mut chat = Chat::default();
    for seq in [2, 1, 3, 2, 1] {
        said(&mut chat, seq, Role::Assistant);
    }
    assert_eq!(ids(&chat), ["m1", "m2", "m3"]);
}

#[test]
fn a_message_that_comes_too_early_asks_once_for_what_is_between() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    assert_eq!(said(&mut chat, 1, Role::Visitor), []);
    assert_eq!(
        said(&mut chat, 4, Role::Assistant),
        [ClientFrame::Resume { after: Seq(1) }]
    );
    assert_eq!(said(&mut chat, 5, Role::Assistant), [], "asked for already");
    assert!(!chat.is_caught_up());
    said(&mut chat, 2, Role::Visitor);
    said(&mut chat, 3, Role::Assistant);
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
        chat.hear(welcome("cnv_a", 0), NOW);
        for seq in 1..=held {
            said(&mut chat, seq, Role::Assistant);
        }
        chat.disconnect();
        assert_eq!(chat.standing, Standing::Reconnecting);
        assert_eq!(
            chat.hear(welcome("cnv_a", held_by_edge), NOW),
            answer,
            "{held} of {held_by_edge}"
        );
        assert_eq!(chat.standing, Standing::Online);
    }
}

#[test]
fn what_is_not_acknowledged_goes_again_after_every_reconnect() {
    let mut chat = Chat::default();
    chat.say("a".to_owned(), "words".to_owned());
    chat.say("b".to_owned(), "words".to_owned());
    assert_eq!(chat.hear(welcome("cnv_a", 0), NOW), [send("a"), send("b")]);
    let stored = Message {
        id: "a".to_owned(),
        ..message(1, Role::Visitor, "words")
    };
    chat.hear(ServerFrame::Message(stored), NOW);
    chat.disconnect();
    assert_eq!(chat.hear(welcome("cnv_a", 1), NOW), [send("b")]);
    assert_eq!(ids(&chat), ["a", "b"]);
}

#[test]
fn a_pending_message_becomes_the_stored_one_and_keeps_its_row() {
    let mut chat = Chat::default();
    chat.say("a".to_owned(), "words".to_owned());
    assert_eq!(chat.delivery("a"), Delivery::Sending);
    let stored = Message {
        id: "a".to_owned(),
        ..message(1, Role::Visitor, "words")
    };
    chat.hear(ServerFrame::Message(stored), NOW);
    assert_eq!(chat.delivery("a"), Delivery::Sent);
    assert_eq!(ids(&chat), ["a"]);
}

#[test]
fn a_refused_message_fails_visibly_and_can_be_said_again_or_taken_back() {
    let mut chat = Chat::default();
    chat.say("a".to_owned(), "words".to_owned());
    let refusal = ServerFrame::Error {
        code: Code::InvalidField.name().to_owned(),
        detail: String::new(),
        id: Some("a".to_owned()),
        retry_after: None,
    };
    chat.take_back("a");
    assert!(!chat.is_empty(), "it may arrive yet");
    chat.hear(refusal.clone(), NOW);
    assert_eq!(chat.delivery("a"), Delivery::Failed);
    assert_eq!(
        chat.hear(welcome("cnv_a", 0), NOW),
        [],
        "a failed message does not go by itself"
    );
    assert_eq!(chat.say_again("a"), Some(send("a")));
    assert_eq!(chat.delivery("a"), Delivery::Sending);
    chat.hear(refusal, NOW);
    chat.draft = " and more".to_owned();
    chat.take_back("a");
    assert!(chat.is_empty());
    assert_eq!(chat.draft, "words and more");
}

#[test]
fn a_limit_holds_the_message_back_and_sends_it_when_the_time_is_over() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    chat.say("a".to_owned(), "words".to_owned());
    let limit = ServerFrame::Error {
        code: Code::RateLimited.name().to_owned(),
        detail: String::new(),
        id: Some("a".to_owned()),
        retry_after: Some(12),
    };
    chat.hear(limit, NOW);
    assert_eq!(
        chat.standing,
        Standing::Limited {
            until: NOW.plus(12_000)
        }
    );
    assert_eq!(chat.delivery("a"), Delivery::Sending);
    assert_eq!(chat.try_again(), [send("a")]);
    assert_eq!(chat.standing, Standing::Online);
}

#[test]
fn a_person_is_offered_under_the_last_answer_alone_and_until_asked_for() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    for seq in [1, 2] {
        let answer = Message {
            offer: Some(Offer::Person),
            ..message(seq, Role::Assistant, "no idea")
        };
        chat.hear(ServerFrame::Message(answer), NOW);
    }
    assert_eq!(chat.offer(), Some(("m2", Offer::Person)));
    said(&mut chat, 3, Role::Visitor);
    assert_eq!(
        chat.offer(),
        Some(("m2", Offer::Person)),
        "the visitor's own words do not hide it"
    );
    said(&mut chat, 4, Role::Assistant);
    assert_eq!(chat.offer(), None);
    let answer = Message {
        offer: Some(Offer::Person),
        ..message(5, Role::Assistant, "no idea")
    };
    chat.hear(ServerFrame::Message(answer), NOW);
    assert_eq!(chat.ask_for_person(), ClientFrame::Escalate {});
    assert_eq!(chat.offer(), None);
}

#[test]
fn the_wish_for_a_person_outlives_a_lost_connection() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    chat.ask_for_person();
    chat.disconnect();
    assert_eq!(
        chat.hear(welcome("cnv_a", 0), NOW),
        [ClientFrame::Escalate {}]
    );
    chat.hear(
        ServerFrame::Status {
            status: Status::Waiting,
            away: false,
        },
        NOW,
    );
    assert_eq!(chat.hear(welcome("cnv_a", 0), NOW), []);
}

#[test]
fn typing_ends_with_the_answer_with_a_new_status_and_with_the_connection() {
    let mut chat = Chat::default();
    chat.hear(
        ServerFrame::Typing {
            role: Role::Assistant,
        },
        NOW,
    );
    said(&mut chat, 1, Role::Visitor);
    assert_eq!(
        chat.writing(),
        Some(Role::Assistant),
        "the visitor's own message does not end it"
    );
    said(&mut chat, 2, Role::Assistant);
    assert_eq!(chat.writing(), None);
    for end in [
        |chat: &mut Chat| chat.disconnect(),
        |chat: &mut Chat| {
            drop(chat.hear(
                ServerFrame::Status {
                    status: Status::Agent,
                    away: false,
                },
                NOW,
            ))
        },
    ] {
        chat.hear(
            ServerFrame::Typing {
                role: Role::Assistant,
            },
            NOW,
        );
        end(&mut chat);
        assert_eq!(chat.writing(), None);
    }
}

#[test]
fn another_conversation_starts_a_new_log_and_keeps_what_was_not_sent() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    said(&mut chat, 1, Role::Assistant);
    chat.say("a".to_owned(), "words".to_owned());
    assert_eq!(chat.hear(welcome("cnv_b", 0), NOW), [send("a")]);
    assert_eq!(ids(&chat), ["a"]);
}

fn begin(chat: &mut Chat) {
    let role = Role::Assistant;
    chat.hear(ServerFrame::Typing { role }, NOW);
}

fn delta(id: &str, text: &str) -> ServerFrame {
    ServerFrame::Delta {
        id: id.to_owned(),
        text: text.to_owned(),
    }
}

fn status(status: Status) -> ServerFrame {
    ServerFrame::Status {
        status,
        away: false,
    }
}

/// The words of the answer that is being made.
fn live(chat: &Chat) -> Option<String> {
    chat.rows().into_iter().find_map(|row| match row {
        Row::Live { text, .. } => Some(text.to_owned()),
        _ => None,
    })
}

#[test]
fn an_answer_grows_behind_everything_and_becomes_the_stored_message_under_its_id() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    begin(&mut chat);
    chat.hear(delta("m2", "One"), NOW);
    chat.say("a".to_owned(), "words".to_owned());
    chat.hear(delta("m2", " two"), NOW);
    assert_eq!(live(&chat), Some("One two".to_owned()));
    assert_eq!(
        ids(&chat),
        ["a", "m2"],
        "what is said meanwhile is before it"
    );
    assert_eq!(chat.writing(), None, "it can be read");
    said(&mut chat, 1, Role::Visitor);
    said(&mut chat, 2, Role::Assistant);
    assert_eq!(live(&chat), None);
    assert_eq!(ids(&chat), ["m1", "m2", "a"]);
    chat.hear(delta("m2", " three"), NOW);
    assert_eq!(live(&chat), None, "late words of what is stored");
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
        chat.hear(welcome("cnv_a", 0), NOW);
        begin(&mut chat);
        chat.hear(delta("m1", "Partial"), NOW);
        chat.hear(end.clone(), NOW);
        assert_eq!(live(&chat).is_some(), is_kept, "{end:?}");
    }
    let mut chat = Chat::default();
    begin(&mut chat);
    chat.hear(delta("m1", "Partial"), NOW);
    chat.disconnect();
    assert_eq!(live(&chat), None);
    chat.hear(status(Status::Agent), NOW);
    chat.hear(delta("m1", "more"), NOW);
    assert_eq!(live(&chat), None, "the assistant has nothing to say now");
}

#[test]
fn who_comes_in_the_middle_of_an_answer_waits_for_the_whole() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    for words in ["the middle", " and the end"] {
        chat.hear(delta("m1", words), NOW);
        assert_eq!(live(&chat), None);
        assert_eq!(chat.writing(), Some(Role::Assistant));
        assert!(chat.is_answering());
    }
    said(&mut chat, 1, Role::Assistant);
    assert_eq!(chat.writing(), None);
    begin(&mut chat);
    chat.hear(delta("m3", "One"), NOW);
    assert_eq!(live(&chat), Some("One".to_owned()));
}

#[test]
fn an_answer_can_be_stopped_once_and_what_there_is_of_it_stays() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    assert!(!chat.is_answering());
    begin(&mut chat);
    assert!(chat.is_answering());
    chat.hear(delta("m1", "Partial"), NOW);
    assert_eq!(chat.stop(), ClientFrame::Stop {});
    assert!(!chat.is_answering());
    chat.hear(delta("m1", " answer"), NOW);
    assert!(!chat.is_answering());
    assert_eq!(live(&chat), Some("Partial answer".to_owned()));
    chat.hear(delta("m2", "Another"), NOW);
    assert!(chat.is_answering(), "another answer can be stopped too");
}

#[test]
fn the_newest_message_is_seen_once_and_again_only_when_the_edge_has_not_heard_it() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    said(&mut chat, 1, Role::Visitor);
    assert_eq!(chat.unseen(), None, "the visitor's own");
    said(&mut chat, 2, Role::Assistant);
    assert_eq!(chat.unseen(), Some(Seq(2)));
    assert_eq!(chat.see(Seq(2)), ClientFrame::Read { seq: Seq(2) });
    assert_eq!(chat.unseen(), None);
    said(&mut chat, 4, Role::Assistant);
    assert_eq!(chat.unseen(), None, "there is a gap before it");
    chat.disconnect();
    said(&mut chat, 3, Role::Assistant);
    assert_eq!(chat.unseen(), None, "nobody to tell");
    chat.hear(welcome("cnv_a", 4), NOW);
    assert_eq!(chat.unseen(), Some(Seq(4)));
    let read = ServerFrame::Read {
        role: Role::Visitor,
        seq: Seq(4),
    };
    chat.hear(read, NOW);
    assert_eq!(chat.unseen(), None, "seen on another device");
}

#[test]
fn the_visitors_last_message_is_marked_when_the_team_has_seen_and_not_answered_it() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    for seq in [1, 2] {
        said(&mut chat, seq, Role::Visitor);
    }
    let read = |seq| ServerFrame::Read {
        role: Role::Agent,
        seq: Seq(seq),
    };
    chat.hear(read(1), NOW);
    assert_eq!(chat.delivery("m2"), Delivery::Sent);
    chat.hear(read(2), NOW);
    assert_eq!(chat.delivery("m1"), Delivery::Sent);
    assert_eq!(chat.delivery("m2"), Delivery::Seen);
    said(&mut chat, 3, Role::Assistant);
    assert_eq!(chat.delivery("m2"), Delivery::Seen);
    said(&mut chat, 4, Role::Agent);
    assert_eq!(chat.delivery("m2"), Delivery::Sent);
}

#[test]
fn when_nobody_is_there_the_visitor_may_leave_word_instead_of_a_person() {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    let doubt = Message {
        offer: Some(Offer::Person),
        ..message(1, Role::Assistant, "no idea")
    };
    chat.hear(ServerFrame::Message(doubt), NOW);
    assert_eq!(chat.offer(), Some(("m1", Offer::Person)));
    let away = |status| ServerFrame::Status { status, away: true };
    chat.hear(away(Status::Open), NOW);
    assert_eq!(chat.offer(), Some(("m1", Offer::Message)));
    chat.is_form_open = true;
    assert_eq!(chat.offer(), None, "the form is there already");
    chat.say("a".to_owned(), "words".to_owned());
    assert_eq!(chat.offer(), Some(("m1", Offer::Message)));
    chat.hear(away(Status::Waiting), NOW);
    assert_eq!(chat.offer(), Some(("m1", Offer::Message)));
    chat.is_form_open = true;
    chat.hear(status(Status::Agent), NOW);
    assert_eq!(chat.offer(), None, "somebody is there");
    assert!(!chat.is_form_open);
}

#[test]
fn what_is_left_for_the_team_goes_again_until_the_log_acknowledges_it() {
    let lead = Lead {
        email: Some("ada@example.com".to_owned()),
        ..Lead::default()
    };
    let mut chat = Chat {
        is_form_open: true,
        ..Chat::default()
    };
    let frame = chat.leave(lead.clone());
    assert_eq!(frame, ClientFrame::Lead(lead));
    assert_eq!(chat.leaving(), Leaving::Sending);
    assert_eq!(
        chat.hear(welcome("cnv_a", 0), NOW),
        std::slice::from_ref(&frame)
    );
    chat.disconnect();
    assert_eq!(
        chat.hear(welcome("cnv_a", 0), NOW),
        std::slice::from_ref(&frame)
    );
    said(&mut chat, 1, Role::System);
    assert_eq!(chat.leaving(), Leaving::Idle);
    assert!(!chat.is_form_open);
    assert_eq!(chat.hear(welcome("cnv_a", 1), NOW), []);
}

#[test]
fn what_the_edge_does_not_take_stays_in_the_form_and_a_limit_only_holds_it_back() {
    let refusal = |code: Code, retry_after| ServerFrame::Error {
        code: code.name().to_owned(),
        detail: String::new(),
        id: None,
        retry_after,
    };
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", 0), NOW);
    chat.is_form_open = true;
    let frame = chat.leave(Lead::default());
    chat.hear(refusal(Code::RateLimited, Some(3)), NOW);
    assert_eq!(chat.leaving(), Leaving::Sending);
    assert_eq!(chat.try_again(), [frame]);
    chat.hear(refusal(Code::InvalidField, None), NOW);
    assert_eq!(chat.leaving(), Leaving::Refused);
    assert!(chat.is_form_open);
    chat.leave(Lead::default());
    assert_eq!(chat.leaving(), Leaving::Sending);
}

#[test]
fn the_last_judgement_of_an_answer_counts_whoever_gave_it_and_is_told_once_when_it_can_be() {
    let judgement = |seq, good| ClientFrame::Feedback {
        seq: Seq(seq),
        good,
    };
    let mut chat = Chat::default();
    assert_eq!(chat.judge(Seq(2), true), judgement(2, true));
    assert_eq!(
        chat.hear(welcome("cnv_a", 0), NOW),
        [judgement(2, true)],
        "given without a connection"
    );
    assert_eq!(chat.hear(welcome("cnv_a", 0), NOW), []);
    assert_eq!(chat.feedback(Seq(2)), Some(true));
    chat.judge(Seq(2), false);
    assert_eq!(chat.feedback(Seq(2)), Some(false));
    let other_tab = ServerFrame::Feedback {
        seq: Seq(2),
        good: true,
    };
    chat.hear(other_tab, NOW);
    assert_eq!(chat.feedback(Seq(2)), Some(true));
    assert_eq!(chat.feedback(Seq(4)), None);
    let judged_before = Message {
        feedback: Some(false),
        ..message(4, Role::Assistant, "words")
    };
    chat.hear(ServerFrame::Message(judged_before), NOW);
    assert_eq!(chat.feedback(Seq(4)), Some(false));
}

#[test]
fn nothing_but_the_open_panel_outlives_the_erasure() {
    let mut chat = Chat {
        is_shown: true,
        ..Chat::default()
    };
    chat.hear(welcome("cnv_a", 0), NOW);
    said(&mut chat, 1, Role::Assistant);
    chat.judge(Seq(1), true);
    chat.leave(Lead::default());
    chat.write("secret".to_owned(), NOW);
    chat.forget();
    assert_eq!(
        format!("{chat:?}"),
        format!(
            "{:?}",
            Chat {
                is_shown: true,
                ..Chat::default()
            }
        )
    );
}

#[test]
fn what_is_written_is_sent_whole_and_once_and_blanks_are_not() {
    let mut chat = Chat::default();
    assert_eq!(
        chat.write(" words ".to_owned(), NOW),
        None,
        "nobody to tell"
    );
    chat.hear(welcome("cnv_a", 0), NOW);
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

/// A chat whose edge holds `n` messages, caught up; those of an odd number are the visitor's.
fn long_chat(n: u32) -> Chat {
    let mut chat = Chat::default();
    chat.hear(welcome("cnv_a", n), NOW);
    for seq in 1..=n {
        let role = if seq % 2 == 1 {
            Role::Visitor
        } else {
            Role::Agent
        };
        said(&mut chat, seq, role);
        assert!(chat.rows().len() <= NEWEST, "while it comes");
    }
    chat
}

#[test]
fn of_a_long_log_the_newest_rows_are_drawn_and_older_ones_when_the_visitor_looks_back() {
    let mut chat = long_chat(1_000);
    assert_eq!((chat.rows().len(), chat.begin()), (NEWEST, 940));
    assert_eq!(ids(&chat)[0], "m941");
    // What is looked at stays, whatever comes.
    chat.look_back(false);
    said(&mut chat, 1_001, Role::Agent);
    assert_eq!((chat.rows().len(), chat.begin()), (NEWEST + 1, 940));
    chat.look_back(true);
    assert_eq!(chat.begin(), 940 - NEWEST);
    for _ in 0..20 {
        chat.look_back(true);
    }
    assert_eq!((chat.rows().len(), chat.begin()), (1_001, 0));
    assert!(chat.looks_back());
    chat.look_ahead();
    assert_eq!((chat.rows().len(), chat.begin()), (NEWEST, 941));
    // A short log is drawn whole, and looking back changes nothing.
    let mut chat = long_chat(3);
    chat.look_back(true);
    assert_eq!((chat.rows().len(), chat.begin()), (3, 0));
}

#[test]
fn what_the_other_side_said_is_unread_until_it_was_seen() {
    let mut chat = long_chat(10);
    assert_eq!(chat.n_unread(), 5);
    let _frame = chat.see(Seq(9));
    assert_eq!(chat.n_unread(), 1);
    let _frame = chat.see(Seq(10));
    assert_eq!(chat.n_unread(), 0);
    said(&mut chat, 11, Role::Visitor);
    assert_eq!(chat.n_unread(), 0, "one's own words are no news");
    said(&mut chat, 12, Role::System);
    assert_eq!(chat.n_unread(), 0, "nor are the chat's own");
    // With a gap it is not known what was read.
    said(&mut chat, 14, Role::Agent);
    assert_eq!(chat.n_unread(), 0);
}

#[test]
fn what_the_site_asks_first_is_asked_once_and_again_when_it_was_refused() {
    let mut chat = Chat::default();
    assert!(!chat.is_asked_first(), "most sites ask nothing");
    chat.asks_first = true;
    chat.hear(welcome("cnv_a", 0), NOW);
    assert!(chat.is_asked_first());
    // Nothing was filled in: there is nothing to leave.
    assert_eq!(chat.clone().introduce(Lead::default()), None);
    let lead = Lead {
        email: Some("ada@example".to_owned()),
        ..Lead::default()
    };
    assert_eq!(
        chat.introduce(lead.clone()),
        Some(ClientFrame::Lead(lead.clone()))
    );
    assert!(!chat.is_asked_first());
    let refusal = ServerFrame::Error {
        code: Code::InvalidField.name().to_owned(),
        detail: "`email` is none.".to_owned(),
        id: None,
        retry_after: None,
    };
    chat.hear(refusal, NOW);
    assert!(chat.is_asked_first());
    assert_eq!(chat.leaving(), Leaving::Refused);
    let _frame = chat.introduce(lead);
    said(&mut chat, 1, Role::System);
    assert!(!chat.is_asked_first());
    assert_eq!(chat.leaving(), Leaving::Idle);
    // Somebody new is asked anew; somebody who has talked before is not.
    chat.forget();
    assert!(chat.is_asked_first());
    said(&mut chat, 1, Role::Visitor);
    assert!(!chat.is_asked_first());
}

#[test]
fn who_is_identified_late_keeps_what_they_wrote_and_who_comes_next_gets_nothing_of_it() {
    let mut chat = Chat::default();
    "first".clone_into(&mut chat.draft);
    let _waits = chat.send("m1".to_owned());
    "and".clone_into(&mut chat.draft);
    chat.change_hands();
    assert_eq!((chat.n_pending(), &*chat.draft), (1, "and"));
    chat.hear(welcome("cnv_a", 0), NOW);
    chat.change_hands();
    assert!(chat.is_empty() && chat.draft.is_empty());
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
    chat.hear(several("a"), NOW);
    chat.draft = "words".to_owned();
    chat.send("m1".to_owned());
    // The line was lost, and another tab went on elsewhere.
    assert_eq!(chat.hear(several("b"), NOW), []);
    assert_eq!(chat.delivery("m1"), Delivery::Failed);
    assert_eq!(chat.say_again("m1"), Some(send("m1")));
    // The same conversation again is no other one.
    chat.disconnect();
    assert_eq!(chat.hear(several("b"), NOW), [send("m1")]);
}
