//! Connections: verified before they are saved, sealed at rest, nobody else's to see.
//!
//! The test plays the receivers (`oriel_tests::fake_internet`).

use std::sync::{Mutex, mpsc};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use oriel_shared::wire::admin::{Connection, ConnectionCreated, Page};
use oriel_shared::wire::problem::Code;
use oriel_tests::connections::{assert_signed, connect, own_headers, webhook, webhook_of};
use oriel_tests::fake_internet::{FakeInternet, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::{EVERY_HOUR, EdgeState, OnlineEdge, random_key};
use oriel_tests::signed::{claims as visitor_claims, token};
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, ask_with_token};
use oriel_tests::wait::SOON;
use serde_json::{Value, json};

#[integration_test]
fn a_webhook_is_verified_by_a_signed_ping_before_it_is_saved(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online.internet.host("ping.example.com", |_| Reply::Answer {
        status: 200,
        headers: vec![("set-cookie", "a=1; Secure".to_owned())],
        body: b"thanks".to_vec(),
    });
    let body = json!({ "kind": "webhook", "url": "https://Ping.example.com:443/hook?token=t" });
    let made: ConnectionCreated = connect(&online.team(), &body).expect(201).json();
    let secret = made.secret.expect("it was made here");
    let seen = online.internet.seen("ping.example.com");
    assert_eq!(seen.len(), 1, "{seen:?}");
    let ping = &seen[0];
    assert_eq!(ping.method, "POST");
    assert_eq!(ping.url, "https://ping.example.com/hook?token=t");
    assert_eq!(ping.json()["type"], "ping");
    assert_eq!(
        ping.json()["data"]["connection"],
        made.connection.id.as_str()
    );
    assert_signed(ping, &secret);
    // Nothing of the call that led to it, nothing of the runtime's own.
    let expected = [
        "content-type",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    ];
    assert_eq!(own_headers(ping), expected);
    assert!(ping.header("user-agent").starts_with("Oriel/"));
    let path = format!("/connections/{}", made.connection.id);
    let kept: Connection = online.team().call("GET", &path).send().expect(200).json();
    assert_eq!(kept, made.connection);
    assert!(kept.enabled);
}

#[integration_test]
fn a_receiver_that_does_not_answer_well_is_not_saved(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.another_team();
    for (host, reply) in [
        ("broken.example.com", Reply::status(500)),
        ("unknown.example.com", Reply::status(404)),
        // What was signed for one receiver is not handed to another.
        (
            "moved.example.com",
            Reply::redirect(307, "https://ping.example.com/hook"),
        ),
        ("silent.example.com", Reply::Silence),
    ] {
        online.internet.host(host, move |_| reply.clone());
        let body = json!({ "kind": "webhook", "url": format!("https://{host}/hook") });
        let problem = connect(&team, &body).problem(Code::ConnectionUnverified);
        assert!(!problem.detail.contains("whsec_"), "{}", problem.detail);
        assert_eq!(online.internet.seen(host).len(), 1, "{host}");
    }
    let kept: Page<Connection> = team.call("GET", "/connections").send().expect(200).json();
    assert!(kept.items.is_empty(), "{:?}", kept.items);
}

#[integration_test]
fn a_change_of_the_address_or_the_secret_is_verified_again(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let made = webhook(online, "change-a.example.com");
    let secret = made.secret.as_deref().expect("made here");
    let path = format!("/connections/{}", made.connection.id);
    let change = |body: Value| team.call("PATCH", &path).json(&body).send();
    let pings = |host: &str| online.internet.seen(host);

    let _refused = change(json!({ "url": "https://10.0.0.1/" })).problem(Code::EgressBlocked);
    online
        .internet
        .host("change-b.example.com", |_| Reply::status(503));
    let _refused = change(json!({ "url": "https://change-b.example.com/" }))
        .problem(Code::ConnectionUnverified);
    let kept: Connection = team.call("GET", &path).send().expect(200).json();
    assert_eq!(
        kept, made.connection,
        "a refused change left something behind"
    );

    online
        .internet
        .host("change-c.example.com", |_| Reply::status(200));
    let moved: Connection = change(json!({ "url": "https://change-c.example.com/" }))
        .expect(200)
        .json();
    assert_eq!(moved.url, "https://change-c.example.com/");
    assert_signed(&pings("change-c.example.com")[0], secret);

    let other = format!("whsec_{}", BASE64_STANDARD.encode([7; 24]));
    let answer = change(json!({ "secret": other })).expect(200);
    assert!(!answer.text().contains("whsec_"));
    assert_signed(&pings("change-c.example.com")[1], &other);

    // What is not the address or the secret needs no call; coming back does.
    let _changed = change(json!({ "events": ["message.created"], "enabled": false })).expect(200);
    assert_eq!(pings("change-c.example.com").len(), 2);
    let _changed = change(json!({ "enabled": true })).expect(200);
    assert_eq!(pings("change-c.example.com").len(), 3);
    let _gone = team.call("DELETE", &path).send().expect(204);
    let _nothing = team.call("GET", &path).send().problem(Code::NotFound);
}

#[integration_test]
fn a_model_is_verified_by_its_list_with_its_key(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online.internet.host("model.example.com", |seen| {
        let is_known = seen.header("authorization") == "Bearer sk-good";
        Reply::status(if is_known { 200 } else { 401 })
    });
    let model = |secret: &str| {
        let body =
            json!({ "kind": "model", "url": "https://model.example.com/v1/", "secret": secret });
        connect(&online.team(), &body)
    };
    let _refused = model("sk-bad").problem(Code::ConnectionUnverified);
    let answer = model("sk-good").expect(201);
    assert!(!answer.text().contains("sk-good"), "{}", answer.text());
    let seen = online.internet.seen("model.example.com");
    assert_eq!((seen.len(), seen[1].method.as_str()), (2, "GET"));
    assert_eq!(seen[1].url, "https://model.example.com/v1/models");
    assert_eq!(own_headers(&seen[1]), ["authorization", "user-agent"]);
}

/// Whoever may change a connection may not read its secret by sending it to a host of their own.
#[integration_test]
fn a_models_key_is_not_taken_along_to_another_address(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    for host in ["kept.model.example.com", "thief.example.com"] {
        online.internet.host(host, |_| Reply::status(200));
    }
    let url = "https://kept.model.example.com/v1/team-a";
    let body = json!({ "kind": "model", "url": url, "secret": "sk-not-to-be-told" });
    let made: ConnectionCreated = connect(&team, &body).expect(201).json();
    let path = format!("/connections/{}", made.connection.id);
    let change = |body: Value| team.call("PATCH", &path).json(&body).send();
    for elsewhere in [
        "https://thief.example.com/v1",
        // Behind one host there may be many who read what comes.
        "https://kept.model.example.com/v1/team-b",
    ] {
        let problem = change(json!({ "url": elsewhere })).problem(Code::InvalidField);
        assert!(problem.detail.contains("`secret`"), "{}", problem.detail);
    }
    let told = |host: &str| -> Vec<String> {
        let seen = online.internet.seen(host);
        let told = seen
            .iter()
            .map(|one| one.header("authorization").to_owned());
        told.collect()
    };
    assert_eq!(told("kept.model.example.com"), ["Bearer sk-not-to-be-told"]);
    assert_eq!(told("thief.example.com"), Vec::<String>::new());
    // To repeat the address sends no key anywhere else, and an address that comes with a key gets that one.
    let _same = change(json!({ "url": url })).expect(200);
    let _moved =
        change(json!({ "url": "https://thief.example.com/v1", "secret": "sk-of-its-own" }))
            .expect(200);
    assert_eq!(told("thief.example.com"), ["Bearer sk-of-its-own"]);
    // A model that has no key has none to tell.
    let body = json!({ "kind": "model", "url": "https://thief.example.com/open" });
    let open: ConnectionCreated = connect(&team, &body).expect(201).json();
    let moved = team.call("PATCH", &format!("/connections/{}", open.connection.id));
    let _moved = moved.json(&json!({ "url": url })).send().expect(200);
}

/// The live check takes as long as the receiver lets it: what is changed meanwhile stays changed.
#[integration_test]
fn a_change_that_takes_its_time_does_not_undo_another(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let made = webhook(online, "quick.example.com");
    let path = format!("/connections/{}", made.connection.id);
    let change = |body: Value| team.call("PATCH", &path).json(&body).send();
    let (asked, is_asked) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let (asked, may_go) = (Mutex::new(asked), Mutex::new(may_go));
    online.internet.host("slow-change.example.com", move |_| {
        let _asked = asked.lock().map(|asked| asked.send(()));
        let _went = may_go.lock().map(|may_go| may_go.recv_timeout(SOON / 2));
        Reply::status(204)
    });
    let rotated = format!("whsec_{}", BASE64_STANDARD.encode([5; 32]));
    let moved: Connection = std::thread::scope(|scope| {
        let slow = scope.spawn(|| change(json!({ "url": "https://slow-change.example.com/hook" })));
        is_asked.recv_timeout(SOON).expect("the live check");
        let _rotated = change(json!({ "secret": rotated })).expect(200);
        let _off = change(json!({ "enabled": false, "events": ["message.created"] })).expect(200);
        // For this check, and for that of what is there by then.
        for _ in 0..4 {
            let _told = go.send(());
        }
        slow.join().expect("an answer").expect(200).json()
    });
    assert_eq!(moved.url, "https://slow-change.example.com/hook");
    assert!(!moved.enabled);
    let kept: Connection = team.call("GET", &path).send().expect(200).json();
    assert_eq!(kept, moved);
    assert_eq!(kept.events.len(), 1, "{:?}", kept.events);
    // The secret of before is of no use any more: what goes to the new address is signed with the new one.
    let _on = change(json!({ "enabled": true })).expect(200);
    let pings = online.internet.seen("slow-change.example.com");
    assert_signed(pings.last().expect("a ping"), &rotated);
}

#[integration_test]
fn what_a_connection_may_not_be_is_refused_by_the_fields_name(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online
        .internet
        .host("fields.example.com", |_| Reply::status(204));
    let url = "https://fields.example.com/";
    for (field, body) in [
        (
            "events",
            json!({ "kind": "webhook", "url": url, "events": ["message.deleted"] }),
        ),
        (
            "events",
            json!({ "kind": "webhook", "url": url, "events": [] }),
        ),
        (
            "events",
            json!({ "kind": "model", "url": url, "events": ["message.created"] }),
        ),
        (
            "secret",
            json!({ "kind": "webhook", "url": url, "secret": "hunter2" }),
        ),
        (
            "secret",
            json!({ "kind": "webhook", "url": url, "secret": "whsec_c2hvcnQ=" }),
        ),
        (
            "secret",
            json!({ "kind": "model", "url": url, "secret": "two\nlines" }),
        ),
        (
            "secret",
            json!({ "kind": "model", "url": url, "secret": "" }),
        ),
        (
            "url",
            json!({ "kind": "webhook", "url": format!("{url}{}", "x".repeat(2000)) }),
        ),
    ] {
        let problem = connect(&online.team(), &body).problem(Code::InvalidField);
        assert!(
            problem.detail.contains(&format!("`{field}`")),
            "{body}: {}",
            problem.detail
        );
    }
    for body in [
        json!({ "kind": "mail", "url": url }),
        json!({ "kind": "webhook" }),
        json!({ "kind": "webhook", "url": url, "headers": {} }),
    ] {
        let _problem = connect(&online.team(), &body).problem(Code::InvalidBody);
    }
    assert!(online.internet.seen("fields.example.com").is_empty());
}

#[integration_test]
fn a_connections_secret_has_no_way_out(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    online
        .internet
        .host("secret.example.com", |_| Reply::status(204));
    let secret = format!("whsec_{}", BASE64_STANDARD.encode([9; 32]));
    let body = json!({ "kind": "webhook", "url": "https://secret.example.com/", "secret": secret });
    let answer = connect(&team, &body).expect(201);
    let made: ConnectionCreated = answer.json();
    assert_eq!(made.secret, None, "the caller has it already");
    let path = format!("/connections/{}", made.connection.id);
    let answers = [
        answer,
        team.call("GET", &path).send(),
        team.call("GET", "/connections?limit=100").send(),
        team.call("PATCH", &path)
            .json(&json!({ "secret": secret }))
            .send(),
        team.call("GET", &format!("{path}/deliveries")).send(),
    ];
    for answer in answers {
        let text = answer.text();
        assert!(
            answer.status < 300 && !text.contains(&secret[6..]),
            "{}: {text}",
            answer.what
        );
        assert!(!text.contains("sealed"), "{text}");
    }
    let rows = online.sql("SELECT sealed FROM connections").to_string();
    assert!(
        rows.contains("v2.") && !rows.contains(&secret[6..]),
        "it is not sealed at rest"
    );
    assert!(!online.log().contains(&secret[6..]), "it is in the log");
}

/// That other keys find none of them is shown in `security/endpoints.rs`.
#[integration_test]
fn a_sites_key_has_the_connections_of_its_site(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let (site, second) = (team.make_site("One"), team.make_site("Two"));
    let of_one = webhook_of(online, &site, "one-site.example.com").connection;
    let of_org = webhook(online, "all-sites.example.com").connection;
    let key_of_one = online.team_of_site(site.id.as_str());
    let key_of_second = online.team_of_site(second.id.as_str());
    let ids = |team: &Team| {
        let page: Page<Connection> = team.call("GET", "/connections").send().expect(200).json();
        page.items.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert!(ids(&key_of_second).is_empty());
    assert_eq!(ids(&key_of_one), std::slice::from_ref(&of_one.id));
    assert!(ids(&team).contains(&of_org.id));
    let path = format!("/connections/{}", of_one.id);
    let _ours = key_of_one.call("GET", &path).send().expect(200);
    // What a site's key makes is that site's, and it makes nothing for another one.
    let mut body = json!({ "kind": "webhook", "url": "https://all-sites.example.com/" });
    let made: ConnectionCreated = connect(&key_of_second, &body).expect(201).json();
    assert_eq!(made.connection.site_id, Some(second.id));
    body["site_id"] = json!(site.id);
    connect(&key_of_second, &body).problem(Code::NotFound);
}

#[integration_test]
fn an_organisation_has_a_bounded_number_of_connections() {
    let state = EdgeState::new();
    let online = OnlineEdge::start(&state).expect("it starts");
    for _ in 0..20 {
        let _made = webhook(&online, "many.example.com");
    }
    let body = json!({ "kind": "webhook", "url": "https://many.example.com/" });
    let _refused = connect(&online.team(), &body).problem(Code::TooManyConnections);
    let _other = connect(&online.another_team(), &body).expect(201);
    let pages = online.team().pages::<Connection>("/connections", 7);
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 6]);
}

#[integration_test]
fn a_rotated_vault_opens_old_secrets_and_moves_them_to_the_new_key() {
    let mut state = EdgeState::new();
    let first = OnlineEdge::start(&state).expect("it starts");
    let made = webhook(&first, "vault.example.com");
    let secret = made.secret.expect("made here");
    let site = first.team().open_site("Vault", &[ORIGIN]);
    let key = first.team().make_signing_key(&site.id);
    let sealed = |online: &OnlineEdge| {
        let rows = online.sql(
            "SELECT sealed FROM connections UNION ALL SELECT sealed FROM signing_keys ORDER BY 1",
        );
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.iter()
            .filter_map(|row| row["sealed"].as_str())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before = sealed(&first);
    assert_eq!(before.len(), 2);
    drop(first);

    // The new key in front, the old one behind it: everything goes on, and the hourly job moves every value.
    let old = state
        .secrets
        .insert("VAULT_KEY", random_key())
        .expect("there was one");
    state
        .secrets
        .insert("VAULT_KEY_PREVIOUS", format!("{},{old}", random_key()));
    let second = OnlineEdge::start_again(FakeInternet::default(), &state).expect("it starts");
    let works = |online: &OnlineEdge| {
        online
            .internet
            .host("vault.example.com", |_| Reply::status(204));
        let path = format!("/connections/{}", made.connection.id);
        for enabled in [false, true] {
            let _changed = online
                .team()
                .call("PATCH", &path)
                .json(&json!({ "enabled": enabled }))
                .send()
                .expect(200);
        }
        let seen = online.internet.seen("vault.example.com");
        assert_signed(seen.last().expect("a ping"), &secret);
        let signed = json!({ "mode": "signed" });
        let _signed = online
            .team()
            .call("PATCH", &format!("/sites/{}", site.id))
            .json(&signed)
            .send()
            .expect(200);
        let claims = visitor_claims(&site.key, "somebody");
        let token = token(&key.kid, &key.secret, &claims);
        let client = online.client();
        let _ticket = ask_with_token(&client, &site.key, ORIGIN, &token).expect(201);
    };
    works(&second);
    assert_eq!(sealed(&second), before, "nothing moves by itself");
    second.run_cron(EVERY_HOUR);
    second.until_logged(&["\"job\":\"secrets_resealed\",\"n\":2"]);
    let after = sealed(&second);
    assert!(
        after.iter().all(|value| !before.contains(value)),
        "{after:?}"
    );
    second.run_cron(EVERY_HOUR);
    assert_eq!(sealed(&second), after, "a second run has nothing to do");
    drop(second);

    // The old key is gone; nobody misses it.
    state.secrets.remove("VAULT_KEY_PREVIOUS");
    let third = OnlineEdge::start_again(FakeInternet::default(), &state).expect("it starts");
    works(&third);
}
