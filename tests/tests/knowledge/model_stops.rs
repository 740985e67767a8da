//! What ends a model's answer: the visitor, a person, a kill.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::models::set;
use oriel_shared::id::Seq;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Role, ServerFrame, Status};
use oriel_tests::fake_internet::{BodyEnd, FakeInternet, ReceivedRequest, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{
    QUESTION, any_delta, asked, chunk, is_from_documents, says, shown, stream,
};
use oriel_tests::online_edge::{EdgeState, OnlineEdge};
use oriel_tests::visitor::{ORIGIN, Visitor, from_frame};
use oriel_tests::wait::{SOON, until};
use serde_json::json;

/// A model that goes on until nobody listens, and what became of it.
fn endless(gone: &Arc<Mutex<usize>>) -> impl Fn(&ReceivedRequest) -> Reply + Send + Sync + use<> {
    let gone = Arc::clone(gone);
    move |_| {
        let gone = Arc::clone(&gone);
        stream(move |line| {
            line.say(&chunk("It opens at nine [1]"));
            let mut n = 0;
            while line.say(&chunk(" and so on")) && !line.wait(Duration::from_millis(60)) {
                n += 1;
                if n > 300 {
                    return BodyEnd::Cut;
                }
            }
            *gone.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            BodyEnd::Cut
        })
    }
}

fn is_hung_up(gone: &Arc<Mutex<usize>>) {
    until("the call to be ended", SOON, || {
        (*gone.lock().unwrap_or_else(PoisonError::into_inner) == 1).then_some(())
    });
}

#[integration_test]
fn stop_ends_the_call_and_keeps_what_was_said(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(
        fixtures.online_edge(),
        "endless.example.com",
        endless(&gone),
    );
    let mut socket = model_site.visitor.socket();
    let asked = socket.say_and_see("q1", QUESTION);
    let (id, first) = socket.frame("the first words", any_delta);
    let (_, second) = socket.frame("more words", any_delta);
    socket.send(&ClientFrame::Stop {});
    let answer = socket.message("what was said", |message| message.seq > asked.seq);
    is_hung_up(&gone);
    assert_eq!(answer.id, id);
    assert!(
        answer.text.starts_with("It opens at nine [1] and so on"),
        "{answer:?}"
    );
    assert!(answer.text.ends_with(" …"), "{answer:?}");
    assert_eq!(answer.sources.len(), 1);
    let all = format!("{first}{second}{}", shown(&mut socket, &id));
    assert!(
        answer.text.starts_with(all.trim_end()),
        "{all} / {answer:?}"
    );
    // The chat goes on.
    let next = socket.ask("q2", "hello");
    assert_eq!(next.role, Role::Assistant);
    assert_eq!(model_site.n_asked(), 1);
}

#[integration_test]
fn a_person_who_takes_over_silences_the_model_and_ends_the_call(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(
        fixtures.online_edge(),
        "silenced.example.com",
        endless(&gone),
    );
    let mut socket = model_site.visitor.socket();
    let asked = socket.say_and_see("q1", QUESTION);
    let (id, _) = socket.frame("the first words", any_delta);
    let conversation = socket.welcome.conversation.clone();
    let path = format!("/conversations/{conversation}/status");
    let team = model_site.online.team();
    until("the conversation to be there", SOON, || {
        let answer = team
            .call("POST", &path)
            .json(&json!({ "status": "agent" }))
            .send();
        (answer.status == 200).then_some(())
    });
    socket.frame("the move", |frame| match frame {
        ServerFrame::Status {
            status: Status::Agent,
            ..
        } => Some(()),
        _ => None,
    });
    is_hung_up(&gone);
    // What was on its way when the person came was said before them.
    let _before = shown(&mut socket, &id);
    assert!(matches!(
        socket.try_frame(Duration::from_millis(700), any_delta),
        Ok(None)
    ));
    let said = team.say(&conversation, &json!({ "text": "I am a person." }));
    assert_eq!(
        said.seq,
        asked.seq.next(),
        "nothing was kept of the model's words"
    );
    assert_eq!(model_site.n_asked(), 1);
}

#[integration_test]
fn a_person_who_simply_answers_silences_it_too(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(
        fixtures.online_edge(),
        "answered.example.com",
        endless(&gone),
    );
    let mut socket = model_site.visitor.socket();
    let _asked = socket.say_and_see("q1", QUESTION);
    let (id, _) = socket.frame("the first words", any_delta);
    let path = format!("/conversations/{}/messages", socket.welcome.conversation);
    let team = model_site.online.team();
    until("the conversation to be there", SOON, || {
        let words = json!({ "text": "I am a person." });
        (team.call("POST", &path).json(&words).send().status == 201).then_some(())
    });
    let said = socket.message("the person", |message| message.role == Role::Agent);
    is_hung_up(&gone);
    let _before = shown(&mut socket, &id);
    let more = socket.try_frame(Duration::from_millis(700), any_delta);
    assert!(matches!(more, Ok(None)), "{more:?}");
    let all = socket.resume(Seq(0), said.seq);
    let roles: Vec<Role> = all.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::Visitor, Role::Agent]);
}

#[integration_test]
fn a_visitor_who_erases_everything_ends_the_call_too(fixtures: &Fixtures) {
    let gone = Arc::default();
    let model_site = set(fixtures.online_edge(), "erased.example.com", endless(&gone));
    let mut socket = model_site.visitor.socket();
    socket.say("q1", QUESTION);
    let _words = socket.frame("the first words", any_delta);
    let _erased = from_frame(&model_site.online.client(), "DELETE", "/v1/visitor")
        .bearer(&model_site.visitor.session.access_token)
        .send()
        .expect(204);
    is_hung_up(&gone);
    let path = format!("/conversations/{}", socket.welcome.conversation);
    let _problem = model_site
        .team
        .call("GET", &path)
        .send()
        .problem(Code::NotFound);
}

#[integration_test]
fn an_answer_that_a_kill_cut_short_is_given_once() {
    let state = EdgeState::new();
    let host = "mortal.example.com";
    let online = OnlineEdge::start(&state).expect("an edge");
    let model_site = set(&online, host, endless(&Arc::default()));
    let (site, visitor) = (model_site.site.clone(), model_site.visitor);
    let mut socket = visitor.socket();
    let conversation = socket.welcome.conversation.clone();
    let asked_first = socket.say_and_see("q1", QUESTION);
    let (id, _) = socket.frame("the first words", any_delta);
    // Long enough for the alarm that brings the question to D1 to have come and gone.
    let _kept = online.team().messages_up_to(&conversation, asked_first.seq);
    let _more = socket.frame("more words", any_delta);
    online.kill();

    // The model answers, asked a second time: the visitor did nothing.
    let internet = internet_of(host, says(&["At nine [1]."], Duration::ZERO));
    let online = OnlineEdge::start_again(internet, &state).expect("an edge on the same data");
    let up_to = asked_first.seq.next();
    let kept = online.team().messages_up_to(&conversation, up_to);
    let [question, answer] = kept.as_slice() else {
        panic!("{kept:?}")
    };
    assert_eq!((question.seq, &answer.id), (asked_first.seq, &id));
    assert_eq!(answer.text, "At nine [1].");
    assert_eq!(asked(&online, host).len(), 1);

    // Two deaths in one answer: then the documents answer.
    online.internet.host(host, endless(&Arc::default()));
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    let mut socket = visitor.socket();
    let conversation = socket.welcome.conversation.clone();
    let asked_next = socket.say_and_see("q1", QUESTION);
    let _words = socket.frame("the first words", any_delta);
    online.kill();
    let again = FakeInternet::default();
    again.host(host, endless(&Arc::default()));
    let online = OnlineEdge::start_again(again, &state).expect("an edge on the same data");
    until("the model to be asked again", SOON, || {
        (!asked(&online, host).is_empty()).then_some(())
    });
    online.kill();
    let internet = internet_of(host, says(&["Too late [1]."], Duration::ZERO));
    let online = OnlineEdge::start_again(internet, &state).expect("an edge on the same data");
    let up_to = asked_next.seq.next();
    let kept = online.team().messages_up_to(&conversation, up_to);
    assert_eq!(kept.len(), 2);
    assert!(is_from_documents(&kept[1]), "{kept:?}");
    assert!(asked(&online, host).is_empty());
}

fn internet_of(host: &str, reply: Reply) -> FakeInternet {
    let internet = FakeInternet::default();
    internet.host(host, move |_| reply.clone());
    internet
}
