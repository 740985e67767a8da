//! What is offered, what the visitor leaves for the team, what the site asks first.

use oriel_shared::wire::{
    problem::Code,
    visitor::{ClientFrame, Lead, Message, Offer, Role, ServerFrame, Status},
};

use super::{
    super::{
        Chat,
        lead::{LeadForms, LeadState},
        selectors::offer,
    },
    NOW, message, status, stored, welcome,
};

#[test]
fn a_person_is_offered_under_the_last_answer_alone_and_until_asked_for() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    for seq in [1, 2] {
        let answer = Message {
            offer: Some(Offer::Person),
            ..message(seq, Role::Assistant, "no idea")
        };
        chat.receive(ServerFrame::Message(answer), NOW);
    }
    assert_eq!(offer(&chat), Some(("m2", Offer::Person)));
    stored(&mut chat, 3, Role::Visitor);
    assert_eq!(
        offer(&chat),
        Some(("m2", Offer::Person)),
        "the visitor's own words do not hide it"
    );
    stored(&mut chat, 4, Role::Assistant);
    assert_eq!(offer(&chat), None);
    let answer = Message {
        offer: Some(Offer::Person),
        ..message(5, Role::Assistant, "no idea")
    };
    chat.receive(ServerFrame::Message(answer), NOW);
    assert_eq!(chat.outgoing.ask_for_person(), ClientFrame::Escalate {});
    assert_eq!(offer(&chat), None);
}

#[test]
fn when_nobody_is_there_the_visitor_may_leave_word_instead_of_a_person() {
    let mut chat = Chat::default();
    chat.receive(welcome("cnv_a", 0), NOW);
    let doubt = Message {
        offer: Some(Offer::Person),
        ..message(1, Role::Assistant, "no idea")
    };
    chat.receive(ServerFrame::Message(doubt), NOW);
    assert_eq!(offer(&chat), Some(("m1", Offer::Person)));
    let away = |status| ServerFrame::Status { status, away: true };
    chat.receive(away(Status::Open), NOW);
    assert_eq!(offer(&chat), Some(("m1", Offer::Message)));
    chat.lead.is_open = true;
    assert_eq!(offer(&chat), None, "the form is there already");
    chat.send_text("a".to_owned(), "words".to_owned());
    assert_eq!(offer(&chat), Some(("m1", Offer::Message)));
    chat.receive(away(Status::Waiting), NOW);
    assert_eq!(offer(&chat), Some(("m1", Offer::Message)));
    chat.lead.is_open = true;
    chat.receive(status(Status::Agent), NOW);
    assert_eq!(offer(&chat), None, "somebody is there");
    assert!(!chat.lead.is_open);
}

#[test]
fn what_is_left_for_the_team_goes_again_until_the_log_acknowledges_it() {
    let lead = Lead {
        email: Some("ada@example.com".to_owned()),
        ..Lead::default()
    };
    let mut chat = Chat::default();
    chat.lead.is_open = true;
    let frame = chat.lead.send(lead.clone());
    assert_eq!(frame, ClientFrame::Lead(lead));
    assert_eq!(chat.lead.state(), LeadState::Sending);
    assert_eq!(
        chat.receive(welcome("cnv_a", 0), NOW),
        std::slice::from_ref(&frame)
    );
    chat.on_disconnect();
    assert_eq!(
        chat.receive(welcome("cnv_a", 0), NOW),
        std::slice::from_ref(&frame)
    );
    stored(&mut chat, 1, Role::System);
    assert_eq!(chat.lead.state(), LeadState::Idle);
    assert!(!chat.lead.is_open);
    assert_eq!(chat.receive(welcome("cnv_a", 1), NOW), []);
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
    chat.receive(welcome("cnv_a", 0), NOW);
    chat.lead.is_open = true;
    let frame = chat.lead.send(Lead::default());
    chat.receive(refusal(Code::RateLimited, Some(3)), NOW);
    assert_eq!(chat.lead.state(), LeadState::Sending);
    assert_eq!(chat.on_limit_over(), [frame]);
    chat.receive(refusal(Code::InvalidField, None), NOW);
    assert_eq!(chat.lead.state(), LeadState::Refused);
    assert!(chat.lead.is_open);
    chat.lead.send(Lead::default());
    assert_eq!(chat.lead.state(), LeadState::Sending);
}

#[test]
fn what_the_site_asks_first_is_asked_once_and_again_when_it_was_refused() {
    let mut chat = Chat::default();
    assert!(!chat.needs_prechat(), "most sites ask nothing");
    chat.lead = LeadForms::new(true);
    chat.receive(welcome("cnv_a", 0), NOW);
    assert!(chat.needs_prechat());
    // Nothing was filled in: there is nothing to leave.
    assert_eq!(chat.clone().lead.submit_prechat(Lead::default()), None);
    let lead = Lead {
        email: Some("ada@example".to_owned()),
        ..Lead::default()
    };
    assert_eq!(
        chat.lead.submit_prechat(lead.clone()),
        Some(ClientFrame::Lead(lead.clone()))
    );
    assert!(!chat.needs_prechat());
    let refusal = ServerFrame::Error {
        code: Code::InvalidField.name().to_owned(),
        detail: "`email` is none.".to_owned(),
        id: None,
        retry_after: None,
    };
    chat.receive(refusal, NOW);
    assert!(chat.needs_prechat());
    assert_eq!(chat.lead.state(), LeadState::Refused);
    let _frame = chat.lead.submit_prechat(lead);
    stored(&mut chat, 1, Role::System);
    assert!(!chat.needs_prechat());
    assert_eq!(chat.lead.state(), LeadState::Idle);
    // Somebody new is asked anew; somebody who has talked before is not.
    chat.clear();
    assert!(chat.needs_prechat());
    stored(&mut chat, 1, Role::Visitor);
    assert!(!chat.needs_prechat());
}
