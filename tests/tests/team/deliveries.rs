//! What happens in a chat reaches webhooks: signed, in order, once, and again when it failed.
//!
//! The test plays the receivers (`oriel_tests::fake_internet`).

use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use oriel_shared::wire::admin::{Connection, Delivery, DeliveryStatus, Page, Site};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::ClientFrame;
use oriel_tests::connections::{assert_signed, connect, webhook, webhook_of};
use oriel_tests::fake_internet::{ReceivedRequest, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::{EVERY_HOUR, EVERY_MINUTE, OnlineEdge};
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::{SOON, Stopwatch, unix_secs, until};
use serde_json::{Value, json};

/// A visitor of a new open site.
fn visitor(online: &OnlineEdge, name: &str) -> (Site, Visitor) {
    let site = online.team().open_site(name, &[ORIGIN]);
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    (site, visitor)
}

fn deliveries(team: &Team, connection: &Connection, query: &str) -> Vec<Delivery> {
    let path = format!("/connections/{}/deliveries{query}", connection.id);
    let page: Page<Delivery> = team.call("GET", &path).send().expect(200).json();
    page.items
}

/// Waits until a host has seen something of this kind, after the pings.
#[track_caller]
fn told(online: &OnlineEdge, host: &str, kind: &str) -> Vec<ReceivedRequest> {
    until(&format!("{kind} at {host}"), SOON, || {
        let seen = online.internet.seen(host);
        let of_kind: Vec<ReceivedRequest> = seen
            .into_iter()
            .filter(|one| one.json()["type"] == kind)
            .collect();
        (!of_kind.is_empty()).then_some(of_kind)
    })
}

#[integration_test]
fn what_happens_in_a_chat_is_delivered_signed_and_once(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let host = "chat.example.com";
    let made = webhook(online, host);
    let secret = made.secret.expect("made here");
    let (site, visitor) = visitor(online, "Told");
    let mut socket = visitor.socket();
    let answer = socket.ask("m1", "Do you repair boats?");
    socket.send(&ClientFrame::Escalate {});
    let of_conversation = |seen: &ReceivedRequest| {
        seen.json()["data"]["conversation"] == visitor.session.conversation.as_str()
    };
    // Created, the question, its answer, the queue, waiting, the status, the system's sentence.
    let seen = until("seven events", SOON, || {
        let seen: Vec<ReceivedRequest> = online
            .internet
            .seen(host)
            .into_iter()
            .filter(of_conversation)
            .collect();
        (seen.len() >= 7).then_some(seen)
    });
    let kinds: Vec<String> = seen
        .iter()
        .map(|one| one.json()["type"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(kinds[0], "conversation.created");
    for (kind, n) in [
        ("conversation.created", 1),
        ("message.created", 3),
        ("conversation.waiting", 1),
        ("review.created", 1),
        ("conversation.status", 1),
    ] {
        assert_eq!(
            kinds.iter().filter(|its| *its == kind).count(),
            n,
            "{kinds:?}"
        );
    }
    for one in &seen {
        assert_signed(one, &secret);
        assert_eq!(one.json()["data"]["site"], site.id.as_str());
        assert_eq!(
            one.json()["data"]["visitor"],
            visitor.session.visitor.as_str()
        );
    }
    let messages: Vec<Value> = seen
        .iter()
        .map(|one| one.json()["data"]["message"].clone())
        .filter(|message| !message.is_null())
        .collect();
    assert_eq!(messages[0]["text"], "Do you repair boats?");
    assert_eq!(messages[0]["role"], "visitor");
    assert_eq!(messages[1]["text"], answer.text.as_str());
    assert_eq!(
        messages
            .iter()
            .map(|one| one["seq"].as_u64())
            .collect::<Vec<_>>(),
        [Some(1), Some(2), Some(3)]
    );
    // Each event once, each under an id of its own, and the list says so.
    let mut ids: Vec<&str> = seen.iter().map(|one| one.header("webhook-id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 7);
    let listed = until("all of them delivered", SOON, || {
        let listed = deliveries(
            &online.team(),
            &made.connection,
            "?status=delivered&limit=100",
        );
        let ours: Vec<Delivery> = listed
            .into_iter()
            .filter(|one| ids.contains(&one.id.as_str()))
            .collect();
        (ours.len() == 7).then_some(ours)
    });
    assert!(
        listed
            .iter()
            .all(|one| one.attempts == 1 && one.outcome.as_deref() == Some("answered_204"))
    );
    // The database itself refuses to tell one connection of one event twice.
    let twice = online
        .sql("SELECT count(*) - count(DISTINCT connection_id || event_id) AS n FROM deliveries");
    assert_eq!(twice[0]["n"], 0);
    let unique = online
        .sql("SELECT sql FROM sqlite_master WHERE name = 'deliveries'")
        .to_string();
    assert!(
        unique.contains("UNIQUE (connection_id, event_id)"),
        "{unique}"
    );
}

#[integration_test]
fn a_connection_is_told_of_its_own_site_and_its_own_events(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (site, ours) = visitor(online, "Ours");
    let (_, theirs) = visitor(online, "Theirs");
    online
        .internet
        .host("own.example.com", |_| Reply::status(200));
    let body = json!({
        "kind": "webhook", "url": "https://own.example.com/", "site_id": site.id, "events": ["conversation.status"],
    });
    let _made = connect(&online.team(), &body).expect(201);
    let _said = theirs.socket().ask("m1", "Hello there");
    let (mut our_socket, mut their_socket) = (ours.socket(), theirs.socket());
    let _said = our_socket.ask("m1", "Hello there");
    their_socket.send(&ClientFrame::Escalate {});
    our_socket.send(&ClientFrame::Escalate {});
    let seen = told(online, "own.example.com", "conversation.status");
    assert_eq!(
        seen[0].json()["data"]["conversation"],
        ours.session.conversation.as_str()
    );
    assert_eq!(seen[0].json()["data"]["status"], "waiting");
    let path = format!("/conversations/{}/status", ours.session.conversation);
    let _closed = online
        .team()
        .call("POST", &path)
        .json(&json!({ "status": "closed" }))
        .send()
        .expect(200);
    let seen = until("the closing", SOON, || {
        let seen = online.internet.seen("own.example.com");
        (seen.len() >= 3).then_some(seen)
    });
    let kinds: Vec<Value> = seen.iter().map(|one| one.json()["type"].clone()).collect();
    assert_eq!(
        kinds,
        ["ping", "conversation.status", "conversation.status"]
    );
    assert_eq!(seen[2].json()["data"]["status"], "closed");
}

#[integration_test]
fn a_failed_delivery_is_tried_again_under_the_same_id(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let host = "flaky.example.com";
    let (site, visitor) = visitor(online, "Flaky");
    let made = webhook_of(online, &site, host);
    let n_calls = Arc::new(AtomicU32::new(0));
    online.internet.host(host, move |_| {
        let is_first = n_calls.fetch_add(1, Ordering::SeqCst) == 0;
        Reply::status(if is_first { 500 } else { 200 })
    });
    let stopwatch = Stopwatch::start();
    let _said = visitor.socket().ask("m1", "Hello there");
    let created = |seen: &ReceivedRequest| {
        let body = seen.json();
        body["type"] == "conversation.created"
    };
    let seen = until("a second attempt", SOON, || {
        let seen: Vec<ReceivedRequest> = online
            .internet
            .seen(host)
            .into_iter()
            .filter(created)
            .collect();
        (seen.len() == 2).then_some(seen)
    });
    assert!(
        stopwatch.elapsed() > Duration::from_secs(4),
        "it did not wait"
    );
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    assert_eq!(seen[0].body, seen[1].body);
    for one in &seen {
        assert_signed(one, made.secret.as_deref().expect("made here"));
    }
    let id = seen[0].header("webhook-id");
    until("it to be delivered", SOON, || {
        let listed = deliveries(&online.team(), &made.connection, "?status=delivered");
        listed
            .into_iter()
            .find(|one| one.id.as_str() == id && one.attempts == 2)
    });
}

#[integration_test]
fn a_spent_delivery_is_parked_where_it_can_be_seen_and_replayed(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let host = "spent.example.com";
    let (site, visitor) = visitor(online, "Spent");
    let made = webhook_of(online, &site, host);
    let status = Arc::new(AtomicU16::new(500));
    let answered = Arc::clone(&status);
    online.internet.host(host, move |_| {
        Reply::status(answered.load(Ordering::SeqCst))
    });
    let path = format!("/connections/{}", made.connection.id);
    let _only = team
        .call("PATCH", &path)
        .json(&json!({ "events": ["conversation.created"] }))
        .send()
        .expect(200);
    let _said = visitor.socket().ask("m1", "Hello there");
    let due = until("a failed attempt", SOON, || {
        deliveries(&team, &made.connection, "?status=due")
            .into_iter()
            .find(|one| one.attempts == 1)
    });
    assert_eq!(due.outcome.as_deref(), Some("answered_500"));
    assert!(due.next_at.is_some());
    // A day later: all attempts but the last are spent.
    online.sql(&format!(
        "UPDATE deliveries SET attempts = 10, next_at = 1 WHERE id = '{}'",
        due.id
    ));
    online.run_cron(EVERY_MINUTE);
    let parked = until("it to be parked", SOON, || {
        deliveries(&team, &made.connection, "?status=parked")
            .into_iter()
            .next()
    });
    assert_eq!(
        (parked.id.clone(), parked.attempts, parked.next_at.clone()),
        (due.id.clone(), 11, None)
    );
    assert!(deliveries(&team, &made.connection, "?status=due").is_empty());
    let refused = team
        .call("GET", &format!("{path}/deliveries?status=lost"))
        .send();
    let _problem = refused.problem(Code::InvalidQuery);

    status.store(200, Ordering::SeqCst);
    let n_before = online.internet.seen(host).len();
    let replay = format!("{path}/deliveries/{}/replay", due.id);
    let replayed: Delivery = team.call("POST", &replay).send().expect(200).json();
    assert_eq!(
        (replayed.status, replayed.attempts),
        (DeliveryStatus::Due, 0)
    );
    until("it to be delivered", SOON, || {
        deliveries(&team, &made.connection, "?status=delivered")
            .into_iter()
            .find(|one| one.id == due.id)
    });
    let seen = online.internet.seen(host);
    assert_eq!(seen.len(), n_before + 1);
    assert_eq!(seen[n_before].header("webhook-id"), due.id.as_str());
}

#[integration_test]
fn a_receiver_that_is_gone_is_told_no_more(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let host = "gone.example.com";
    let (site, visitor) = visitor(online, "Gone");
    let made = webhook_of(online, &site, host);
    online.internet.host(host, |_| Reply::status(410));
    let _said = visitor.socket().ask("m1", "Hello there");
    let path = format!("/connections/{}", made.connection.id);
    until("it to be disabled", SOON, || {
        let kept: Connection = team.call("GET", &path).send().expect(200).json();
        (!kept.enabled).then_some(())
    });
    let parked = until("the delivery to be parked", SOON, || {
        deliveries(&team, &made.connection, "?status=parked")
            .into_iter()
            .next()
    });
    assert_eq!(parked.outcome.as_deref(), Some("answered_410"));
    // The ping and the one that was answered with 410.
    assert_eq!(online.internet.seen(host).len(), 2);
    online.run_cron(EVERY_MINUTE);
    let _still_gone = team
        .call("PATCH", &path)
        .json(&json!({ "enabled": true }))
        .send()
        .problem(Code::ConnectionUnverified);
    assert_eq!(online.internet.seen(host).len(), 3);
}

#[integration_test]
fn a_delivery_checks_the_address_again(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let host = "rebound.example.com";
    let (site, visitor) = visitor(online, "Rebound");
    let made = webhook_of(online, &site, host);
    online.internet.name(host, &["127.0.0.1"]);
    let _said = visitor.socket().ask("m1", "Hello there");
    let due = until("a refused attempt", SOON, || {
        deliveries(&online.team(), &made.connection, "")
            .into_iter()
            .find(|one| one.attempts > 0)
    });
    assert_eq!(due.outcome.as_deref(), Some("special_address"));
    assert_eq!(
        online.internet.seen(host).len(),
        1,
        "the ping alone got out"
    );
}

/// A webhook sender with several deliveries before it tells nothing of whom was erased since it set out.
#[integration_test]
fn what_is_erased_while_a_receiver_is_slow_does_not_reach_it(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let host = "slow.example.com";
    let (site, visitor) = visitor(online, "Slow");
    let made = webhook_of(online, &site, host);
    let (go, may_go) = mpsc::channel::<()>();
    let may_go = Mutex::new(may_go);
    online.internet.host(host, move |seen| {
        if seen.json()["type"] == "conversation.created" {
            let _went = may_go.lock().map(|may_go| may_go.recv_timeout(SOON / 2));
        }
        Reply::status(200)
    });
    let forgotten = &visitor.session.conversation;
    let _said = visitor.socket().ask("m1", "Something to be forgotten");
    // On its way; the question and its answer are behind it.
    let _first = told(online, host, "conversation.created");
    assert!(deliveries(&online.team(), &made.connection, "?status=due").len() >= 3);
    let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    assert!(deliveries(&online.team(), &made.connection, "").is_empty());
    let _told = go.send(());
    drop(go);
    // Who comes later is told of, so the webhook sender is through with what it had.
    let other = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    let _said = other.socket().ask("m1", "Somebody else");
    until("the other one's answer", SOON, || {
        let seen = online.internet.seen(host);
        let of_other = seen.iter().filter(|one| {
            one.json()["data"]["conversation"] == other.session.conversation.as_str()
        });
        (of_other.count() >= 3).then_some(())
    });
    let seen = online.internet.seen(host);
    let of_forgotten = seen
        .iter()
        .filter(|one| one.json()["data"]["conversation"] == forgotten.as_str());
    assert_eq!(of_forgotten.count(), 1, "{seen:#?}");
}

#[integration_test]
fn a_webhook_sender_that_was_not_woken_is_woken_by_the_clock(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let host = "clock.example.com";
    let made = webhook_of(online, &online.team().make_site("Clock"), host);
    let (org, id) = (online.organisation(), &made.connection.id);
    // As the batch leaves it when the object dies before it wakes the webhook sender.
    online.sql(&format!(
        "INSERT INTO deliveries (id, org_id, connection_id, event_id, event, payload, status, attempts, next_at,
           created_at, updated_at)
         VALUES ('dlv_clock', '{org}', '{id}', 'evt_clock', 'message.created', '{{\"type\":\"message.created\"}}', 'due',
           0, 1, 1, 1)"
    ));
    assert_eq!(online.internet.seen(host).len(), 1, "the ping alone");
    online.run_cron(EVERY_MINUTE);
    let seen = told(online, host, "message.created");
    assert_eq!(seen[0].header("webhook-id"), "dlv_clock");
}

#[integration_test]
fn deliveries_are_forgotten_after_a_month(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let made = webhook_of(
        online,
        &online.team().make_site("Month"),
        "month.example.com",
    );
    let now = unix_secs() * 1000;
    let day = 24 * 3_600_000;
    for (name, status, age) in [
        ("old", "delivered", 31 * day),
        ("parked", "parked", 31 * day),
        ("new", "delivered", 29 * day),
    ] {
        online.sql(&format!(
            "INSERT INTO deliveries (id, org_id, connection_id, event_id, event, payload, status, attempts, created_at,
               updated_at)
             VALUES ('dlv_{name}', '{}', '{}', 'evt_{name}', 'message.created', '{{}}', '{status}', 1, 1, {})",
            online.organisation(),
            made.connection.id,
            now - age
        ));
    }
    online.run_cron(EVERY_HOUR);
    let left = deliveries(&online.team(), &made.connection, "");
    assert_eq!(
        left.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(),
        ["dlv_new"]
    );
}
