//! Parts that fail and a runtime that dies: the chat goes on, and what was acknowledged is kept.
//!
//! These tests break their edge, so each has one for itself meanwhile.

use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::admin::{LimitsChange, SiteChange};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Message, Offer, Role, ServerFrame};
use oriel_tests::asserts::{ResponseKind, assert_security_headers};
use oriel_tests::client::Response;
use oriel_tests::database::{Database, TABLES};
use oriel_tests::edge::Edge;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::{EdgeState, OnlineEdge, Platform};
use oriel_tests::socket::Socket;
use oriel_tests::visitor::{
    ORIGIN, Visitor, ask_for_ticket, from_frame, redeem_ticket, session_cookie, ticket,
};
use oriel_tests::wait::{BACK_WITHIN, SOON, until};

#[integration_test]
fn with_the_database_away_the_team_gets_a_problem_and_the_visitor_goes_on(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let (edge, client, team) = (
        fixtures.edge(),
        fixtures.edge().client(),
        fixtures.edge().team(),
    );
    let site = team.open_site("Shop", &[ORIGIN]);
    let _document = team.add_document(
        &site.id,
        "Hours",
        "# Opening hours\n\nOn weekdays we open at nine.",
    );
    let mut visitor = Visitor::arrive(&client, &site.key, ORIGIN);
    let conversation = visitor.session.conversation.clone();
    let mut socket = visitor.socket();
    let before = socket.ask("m1", "When do you open on weekdays?");
    assert!(before.text.contains("nine"), "{before:?}");
    team.messages_up_to(&conversation, before.seq);
    let _premise = client.get("/readyz").send().expect(200);

    let database = Database::with_table(edge, "messages");
    let broken = database.without(&TABLES);
    let failed = |answer: Response| {
        assert!(
            matches!(answer.status, 500 | 503),
            "{} answered {}",
            answer.what,
            answer.status
        );
        assert_security_headers(&answer, ResponseKind::Api);
        let problem = answer.any_problem();
        let told = answer.text().to_lowercase();
        for internal in [
            "sqlite",
            "d1",
            "no such table",
            "select",
            "api_keys",
            "wasm",
            "panicked",
        ] {
            assert!(
                !told.contains(internal),
                "{}: `{internal}` in {told}",
                problem.code
            );
        }
    };
    failed(team.call("GET", "/sites").send());
    failed(team.call("GET", &format!("/sites/{}", site.id)).send());
    failed(
        team.call("POST", "/sites")
            .json(&serde_json::json!({ "name": "New" }))
            .send(),
    );
    failed(
        team.call("GET", &format!("/conversations/{conversation}/messages"))
            .send(),
    );
    failed(
        team.call("GET", &format!("/sites/{}/embed", site.id))
            .send(),
    );
    // A site that nobody asked for lately cannot be told from one that is not there: that is our fault, not a 404.
    failed(ask_for_ticket(
        &client,
        &format!("pk_{}", "A".repeat(22)),
        ORIGIN,
    ));
    let ready = client.get("/readyz").send().expect(503);
    assert_security_headers(&ready, ResponseKind::Api);
    assert!(ready.text().contains("database"), "{}", ready.text());
    let _alive = client.get("/healthz").send().expect(200);

    // The open socket, a new socket, a renewed session and a new visitor: all of it without the database.
    let mut last = socket.ask("m2", "When do you open on weekdays?");
    assert!(
        last.text.contains("nine"),
        "the index is there still: {last:?}"
    );
    visitor.accept_refresh(visitor.refresh(&site.key));
    let mut second = visitor.socket();
    assert_eq!(second.welcome.seq, last.seq);
    for n in 3..6 {
        last = second.ask(&format!("m{n}"), "Are you still there?");
    }
    let seen = second.resume(Seq(0), last.seq);
    let newcomer = Visitor::arrive(&client, &site.key, ORIGIN);
    let their_last = newcomer.socket().ask("m1", "Is anybody there?");
    let arrived =
        format!("SELECT count(*) AS n FROM messages_away WHERE conversation_id = '{conversation}'");
    let arrived = database
        .run(&[&arrived])
        .expect("the table under its other name");
    assert_eq!(
        arrived[0]["n"], before.seq.0,
        "rows arrived in a database that is away"
    );

    drop(broken);
    until("the team to be served again", SOON, || {
        (team.call("GET", "/sites").send().status == 200).then_some(())
    });
    let kept = until("the rows to arrive", Duration::from_secs(90), || {
        let kept = team.messages(&conversation);
        (kept.last()?.seq >= last.seq).then_some(kept)
    });
    assert_eq!(kept, seen);
    until(
        "the newcomer's rows to arrive",
        Duration::from_secs(90),
        || {
            let path = format!("/conversations/{}/messages", newcomer.session.conversation);
            let answer = team.call("GET", &path).send();
            let kept =
                (answer.status == 200).then(|| team.messages(&newcomer.session.conversation))?;
            (kept.last()?.seq >= their_last.seq).then_some(())
        },
    );
    let _ready = client.get("/readyz").send().expect(200);
}

#[integration_test]
fn with_the_index_away_the_assistant_says_so_and_the_visitor_goes_on(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let (edge, client, team) = (
        fixtures.edge(),
        fixtures.edge().client(),
        fixtures.edge().team(),
    );
    let site = team.open_site("Shop", &[ORIGIN]);
    let _document = team.add_document(
        &site.id,
        "Hours",
        "# Opening hours\n\nOn weekdays we open at nine.",
    );
    let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
    let mut socket = visitor.socket();
    let _premise = socket
        .ask("m1", "When do you open on weekdays?")
        .sources
        .first()
        .expect("a source")
        .clone();

    let index = Database::with_table(edge, "passages");
    let broken = index.without(&["passages"]);
    let answer = socket.ask("m2", "When do you open on weekdays?");
    assert_eq!(
        (answer.role, answer.offer),
        (Role::Assistant, Some(Offer::Person)),
        "{answer:?}"
    );
    assert!(
        answer.sources.is_empty() && !answer.text.contains("nine"),
        "{answer:?}"
    );
    let ready = client.get("/readyz").send().expect(503);
    assert!(ready.text().contains("index"), "{}", ready.text());
    // A document that cannot be indexed is not kept either: it would never be found, and nobody would know.
    let path = format!("/sites/{}/documents", site.id);
    let body =
        serde_json::json!({ "title": "Prices", "content": "A boat costs ten pounds an hour." });
    let refused = team.call("POST", &path).json(&body).send();
    assert!(matches!(refused.status, 500 | 503), "{}", refused.text());
    assert_security_headers(&refused, ResponseKind::Api);
    let _whole = refused.any_problem();
    drop(broken);

    until("the index to answer again", SOON, || {
        (client.get("/readyz").send().status == 200).then_some(())
    });
    let titles: Vec<String> = team
        .pages::<oriel_shared::wire::admin::Document>(&path, 100)
        .into_iter()
        .flatten()
        .map(|document| document.title)
        .collect();
    assert_eq!(titles, ["Hours"]);
    assert!(
        socket
            .ask("m3", "When do you open on weekdays?")
            .text
            .contains("nine")
    );
}

/// What one visitor's client keeps while the edge comes and goes.
struct Client<'e> {
    edge: &'e Edge,
    visitor: &'e Visitor,
    socket: Option<Socket>,
    /// The last place that the client knows.
    held: Seq,
}

impl Client<'_> {
    /// Sends until it is acknowledged, over as many sockets as that takes, as the widget does. `interrupt` runs once,
    /// between sending and listening.
    fn say(&mut self, id: &str, mut interrupt: Option<&dyn Fn()>) -> Message {
        let frame = ClientFrame::Send {
            id: id.to_owned(),
            text: format!("Message {id}"),
            conversation: None,
        };
        until(&format!("an acknowledgement of {id}"), BACK_WITHIN, || {
            let mut socket = match self.socket.take() {
                Some(socket) => socket,
                None => {
                    let mut socket =
                        Socket::try_open(&self.edge.ready.edge, &self.visitor.session.access_token)
                            .ok()?;
                    socket
                        .try_send(&ClientFrame::Resume { after: self.held })
                        .ok()?;
                    socket
                }
            };
            socket.try_send(&frame).ok()?;
            if let Some(interrupt) = interrupt.take() {
                interrupt();
            }
            let acknowledged = socket.try_frame(Duration::from_secs(10), |frame| match frame {
                ServerFrame::Message(message) if message.id == id => Some(message.clone()),
                _ => None,
            });
            // A socket that ended or fell silent is left; the next look opens another one.
            let acknowledged = acknowledged.ok()??;
            self.socket = Some(socket);
            Some(acknowledged)
        })
    }
}

#[integration_test]
fn what_was_acknowledged_outlives_the_runtime(fixtures: &Fixtures) {
    const N_MESSAGES: usize = 24;
    let fixtures = &fixtures.exclusive();
    let (edge, team) = (fixtures.edge(), fixtures.edge().team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let visitor = Visitor::arrive(&edge.client(), &site.key, ORIGIN);
    let mut client = Client {
        edge,
        visitor: &visitor,
        socket: None,
        held: Seq(0),
    };
    let kill = || edge.kill_runtime();
    let mut acknowledged: Vec<Message> = Vec::new();
    for n in 0..N_MESSAGES {
        // Once while a message is under way, once right after an acknowledgement, once more under way.
        let interrupt: Option<&dyn Fn()> = if n == 6 || n == 18 { Some(&kill) } else { None };
        let message = client.say(&format!("m{n}"), interrupt);
        client.held = message.seq;
        acknowledged.push(message);
        if n == 12 {
            kill();
        }
    }
    let last = until("every message to be answered", BACK_WITHIN, || {
        let mut socket = Socket::try_open(&edge.ready.edge, &visitor.session.access_token).ok()?;
        let last = socket.welcome.seq;
        let all = socket.resume(Seq(0), last);
        let n_answers = all
            .iter()
            .filter(|message| message.role == Role::Assistant)
            .count();
        (n_answers >= N_MESSAGES).then_some(last)
    });
    let mut socket = visitor.socket();
    let all = socket.resume(Seq(0), last);
    // Nothing lost, nothing moved: each acknowledged message is where the acknowledgement said.
    for message in &acknowledged {
        assert_eq!(
            all.iter().find(|kept| kept.seq == message.seq),
            Some(message)
        );
    }
    // Nothing doubled: every message once, in the order in which it was sent; as many answers as questions.
    let sent: Vec<String> = (0..N_MESSAGES).map(|n| format!("m{n}")).collect();
    let kept: Vec<&str> = all
        .iter()
        .filter(|message| message.role == Role::Visitor)
        .map(|message| message.id.as_str())
        .collect();
    assert_eq!(kept, sent);
    assert_eq!(all.len(), 2 * N_MESSAGES, "{all:#?}");
    assert_eq!(
        all.iter().map(|message| message.seq.0).collect::<Vec<_>>(),
        (1..=last.0).collect::<Vec<_>>()
    );
    // And the same in the management API, once its rows have come.
    assert_eq!(
        team.messages_up_to(&visitor.session.conversation, last),
        all
    );
}

#[integration_test]
fn a_spent_ticket_stays_spent_when_the_runtime_dies(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let (edge, client) = (fixtures.edge(), fixtures.edge().client());
    let site = edge.team().open_site("Shop", &[ORIGIN]);
    let ticket = ticket(&client, &site.key, ORIGIN);
    let spent = redeem_ticket(&client, &ticket).expect(201);
    edge.kill_runtime();
    until("the runtime to be back", BACK_WITHIN, || {
        let answer = client.get("/healthz").try_send().ok()?;
        (answer.status == 200).then_some(())
    });
    let again = redeem_ticket(&client, &ticket);
    // Past its thirty seconds it is refused for that; in any case it opens no second session.
    assert!(matches!(again.status, 401 | 409), "{}", again.text());
    let _whole = again.any_problem();
    // The cookie of before is good still: keys and sessions were kept.
    let cookie = session_cookie(&spent);
    let refreshed = from_frame(&client, "POST", "/v1/session/refresh")
        .header("cookie", &cookie.pair())
        .send();
    let _good = refreshed.expect(200);
}

#[integration_test]
fn a_limit_that_was_reached_stays_reached_when_the_runtime_dies(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let (edge, client, team) = (
        fixtures.edge(),
        fixtures.edge().client(),
        fixtures.edge().team(),
    );
    let site = team.open_site("Shop", &[ORIGIN]);
    // A day has to pass before any of these is let in again.
    let change = SiteChange {
        limits: Some(LimitsChange {
            message_burst: Some(9),
            messages_per_day: Some(1),
            tickets_per_minute: Some(1),
            ..LimitsChange::default()
        }),
        ..SiteChange::default()
    };
    let _changed = team.change(&site.id, &change).expect(200);
    let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
    let _taken = visitor.socket().say_and_see("m0", "The one of the day");
    let is_refused = |mut socket: Socket| {
        let id = format!("m{}", socket.welcome.seq.0 + 1);
        socket.say(&id, "One more");
        socket.frame("a refusal", |frame| match frame {
            ServerFrame::Error {
                code,
                id: Some(refused),
                retry_after: Some(wait),
                ..
            } if *refused == id && code == Code::RateLimited.name() => Some(*wait > 80_000),
            ServerFrame::Message(message) if message.id == id => Some(false),
            _ => None,
        })
    };
    assert!(is_refused(visitor.socket()));
    edge.kill_runtime();
    let socket = until("the runtime to be back", BACK_WITHIN, || {
        Socket::try_open(&edge.ready.edge, &visitor.session.access_token).ok()
    });
    assert!(is_refused(socket));
}

#[integration_test]
fn an_admission_object_that_cannot_decide_lets_nobody_in_and_says_so(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let (edge, client) = (fixtures.edge(), fixtures.edge().client());
    let site = edge.team().open_site("Shop", &[ORIGIN]);
    let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
    let objects = Database::of_objects(edge, "arrivals");
    assert!(!objects.is_empty(), "no admission object keeps anything");
    let broken: Vec<_> = objects
        .iter()
        .map(|object| object.without(&["arrivals"]))
        .collect();
    // An instance that has counted knows its counts; one that begins has to read them.
    edge.kill_runtime();
    let refused = until("the runtime to be back", BACK_WITHIN, || {
        let path = format!("/v1/sites/{}/tickets", site.key);
        let answer = client.post(&path).origin(ORIGIN).try_send().ok()?;
        (answer.header("x-request-id").is_some()).then_some(answer)
    });
    let problem = refused.problem(Code::Unavailable);
    assert!(problem.detail.contains("limiter"), "{problem:?}");
    assert_security_headers(&refused, ResponseKind::Api);
    // The page may read why; who is in goes on.
    let allowed = refused.header("access-control-allow-origin");
    assert_eq!(allowed.as_deref(), Some(ORIGIN));
    let _heard = visitor.socket().say_and_see("m0", "Hello");
    drop(broken);
    until("the admission objects to be mended", SOON, || {
        (ask_for_ticket(&client, &site.key, ORIGIN).status == 201).then_some(())
    });
}

/// The platform's limiter, which is asked before anything is read.
#[integration_test]
fn an_ip_rate_limit_that_cannot_decide_lets_nobody_in_and_says_so() {
    let online = OnlineEdge::start_on(
        Platform {
            has_ip_rate_limit: false,
            ..Platform::default()
        },
        &EdgeState::new(),
    )
    .expect("an edge");
    let (client, team) = (online.client(), online.team());
    let site = team.open_site("Shop", &[ORIGIN]);
    for refused in [
        ask_for_ticket(&client, &site.key, ORIGIN),
        redeem_ticket(&client, "whatever it is"),
        from_frame(&client, "POST", "/v1/session/refresh").send(),
        client.get("/v1/downloads/whatever").send(),
    ] {
        let problem = refused.problem(Code::Unavailable);
        assert!(problem.detail.contains("limiter"), "{problem:?}");
        assert_security_headers(&refused, ResponseKind::Api);
    }
    // The probe says which part it is.
    let ready = client.get("/readyz").send().expect(503);
    assert!(ready.text().contains(r#"{"name":"limiter","ok":false"#));
}
