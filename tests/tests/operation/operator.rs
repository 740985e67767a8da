//! What an operator relies on: whom to tell, who is cut off and how fast, and a log that says who did what and nothing
//! that anybody wrote. Source: CONTROLS LOG-1, LOG-2, OPS-1, OPS-4.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::ServerFrame;
use oriel_tests::asserts::{ResponseKind, assert_security_headers};
use oriel_tests::edge::{workspace, xtask};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::socket::{HandshakeError, Socket};
use oriel_tests::visitor::{
    ORIGIN, Shop, Visitor, ask_for_ticket, from_frame, redeem_ticket, ticket,
};
use oriel_tests::wait::{IN_FORCE, SOON, until};
use serde_json::json;

/// Within this a change is in force on every instance.

#[integration_test]
fn the_security_contact_is_where_the_standard_looks_for_it(fixtures: &Fixtures) {
    let answer = fixtures
        .edge()
        .client()
        .get("/.well-known/security.txt")
        .send()
        .expect(200);
    assert_security_headers(&answer, ResponseKind::Api);
    let media_type = answer.header("content-type").unwrap_or_default();
    assert_eq!(media_type, "text/plain; charset=utf-8");
    let text = answer.text();
    let field = |name: &str| {
        let mut values = text
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("{name}: ")));
        let value = values.next().unwrap_or_else(|| panic!("no {name}: {text}"));
        assert!(values.next().is_none() || name == "Contact", "{name} twice");
        value.to_owned()
    };
    let contact = field("Contact");
    assert!(
        ["mailto:", "https://", "tel:"]
            .iter()
            .any(|scheme| contact.starts_with(scheme)),
        "{contact}"
    );
    let expires = field("Expires");
    assert!(expires.len() == 24 && expires.ends_with('Z'), "{expires}");
    assert!(field("Canonical").ends_with("/.well-known/security.txt"));
}

#[integration_test]
fn one_call_ends_every_session_of_a_site_and_of_no_other(fixtures: &Fixtures) {
    let (shop, other) = (Shop::open(fixtures), Shop::open(fixtures));
    let (first, second, stranger) = (shop.visitor(), shop.visitor(), other.visitor());
    let (mut open, mut elsewhere) = (first.socket(), stranger.socket());
    let _premise = (
        open.say_and_see("m1", "Hello"),
        elsewhere.say_and_see("m1", "Hello"),
    );
    let held_back = ticket(&shop.client, &shop.site.key, ORIGIN);

    let path = format!("/sites/{}/sessions", shop.site.id);
    let _revoked = shop.team.call("DELETE", &path).send().expect(204);

    // What is open hears no more frames, what is closed does not open, and nothing is renewed.
    until("the open socket to be cut off", IN_FORCE, || {
        let frame = oriel_shared::wire::visitor::ClientFrame::Resume {
            after: oriel_shared::id::Seq(99),
        };
        if open.try_send(&frame).is_err() {
            return Some(());
        }
        open.try_frame(Duration::from_millis(300), |_| None::<()>)
            .is_err()
            .then_some(())
    });
    for visitor in [&first, &second] {
        visitor
            .refresh(&shop.site.key)
            .problem(Code::SessionExpired);
        match Socket::try_open(shop.client.edge(), &visitor.session.access_token) {
            Err(HandshakeError::Answered(401)) => {}
            other => panic!("a revoked session opened a socket: {:?}", other.err()),
        }
    }
    redeem_ticket(&shop.client, &held_back).problem(Code::TicketInvalid);
    // A new visit is a new session; the other site's visitors noticed nothing.
    let newcomer = Visitor::arrive(&shop.client, &shop.site.key, ORIGIN);
    let _heard = newcomer.socket().say_and_see("m1", "Hello again");
    let _heard = elsewhere.say_and_see("m2", "Still here");
    let _renewed = stranger.refresh(&other.site.key).expect(200);
    let _event = fixtures.edge().security_event(|event| {
        event["action"] == "sessions.revoke"
            && event["outcome"] == "allowed"
            && event["actor"]["api_key"].is_string()
    });
}

/// A thief who keeps still sends nothing by which the end of the session would be noticed.
#[integration_test]
fn who_only_listens_hears_nothing_of_the_team_once_the_session_was_ended(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let (visitor, suspended) = (shop.visitor(), Shop::open(fixtures));
    let (of_suspended, path) = (
        suspended.visitor(),
        format!("/sites/{}/sessions", shop.site.id),
    );
    let mut tabs = Vec::new();
    for (shop, visitor) in [(&shop, &visitor), (&suspended, &of_suspended)] {
        let mut tab = visitor.socket();
        let said = tab.say_and_see("m1", "Hello");
        let conversation = &visitor.session.conversation;
        shop.team.messages_up_to(conversation, said.seq);
        let _premise = shop
            .team
            .say(conversation, &json!({ "text": "Who is there?" }));
        tab.message("what the team says", |message| {
            message.text == "Who is there?"
        });
        tabs.push((tab, shop, conversation));
    }
    let held_back = ticket(&shop.client, &shop.site.key, ORIGIN);
    let _revoked = shop.team.call("DELETE", &path).send().expect(204);
    let off = SiteChange {
        enabled: Some(false),
        ..SiteChange::default()
    };
    let _suspended = suspended.team.change(&suspended.site.id, &off).expect(200);
    until("both to be in force", IN_FORCE, || {
        let (shop_now, suspended_now) = (
            redeem_ticket(&shop.client, &held_back).status,
            ask_for_ticket(&suspended.client, &suspended.site.key, ORIGIN).status,
        );
        ((shop_now, suspended_now) == (401, 404)).then_some(())
    });
    for (mut tab, shop, conversation) in tabs {
        let _said = shop
            .team
            .say(conversation, &json!({ "text": "For you alone" }));
        let heard = tab.try_frame(SOON, |frame| {
            let words = serde_json::to_string(frame).unwrap_or_default();
            words.contains("For you alone").then_some(words)
        });
        assert!(heard.is_err(), "the socket is open: {heard:?}");
    }
}

#[integration_test]
fn one_call_suspends_a_site_and_one_brings_it_back(fixtures: &Fixtures) {
    let (shop, other) = (Shop::open(fixtures), Shop::open(fixtures));
    let visitor = shop.visitor();
    let mut open = visitor.socket();
    let _premise = open.say_and_see("m1", "Hello");
    let enable = |enabled| {
        let change = SiteChange {
            enabled: Some(enabled),
            ..SiteChange::default()
        };
        let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    };
    enable(false);
    until("the ticket call to be suspended", IN_FORCE, || {
        (ask_for_ticket(&shop.client, &shop.site.key, ORIGIN).status == 404).then_some(())
    });
    let frame = shop
        .client
        .get(&format!("/frame?site={}", shop.site.key))
        .send();
    frame.problem(Code::SiteNotFound);
    visitor.refresh(&shop.site.key).problem(Code::SiteNotFound);
    open.say("m2", "Is anybody there?");
    let heard = open.try_frame(IN_FORCE, |frame| match frame {
        ServerFrame::Message(message) if message.id == "m2" => Some(()),
        _ => None,
    });
    assert!(heard.is_err(), "a suspended site took a message: {heard:?}");
    match Socket::try_open(shop.client.edge(), &visitor.session.access_token) {
        Err(HandshakeError::Answered(404)) => {}
        other => panic!("a suspended site opened a socket: {:?}", other.err()),
    }
    let _heard = other.visitor().socket().say_and_see("m1", "Hello");

    enable(true);
    until("the site to be back", IN_FORCE, || {
        (ask_for_ticket(&shop.client, &shop.site.key, ORIGIN).status == 201).then_some(())
    });
    // The conversation is where it was.
    let said = visitor.socket().say_and_see("m3", "There you are");
    assert!(said.seq.0 > 1);
}

#[integration_test]
fn the_log_says_who_did_what_from_where_and_what_came_of_it(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let client = shop.client.at("203.0.113.77");
    let refused = ask_for_ticket(&client, &shop.site.key, "https://evil.example");
    let problem = refused.problem(Code::OriginNotAllowed);
    let event = fixtures
        .edge()
        .security_event(|event| event["request_id"] == problem.request_id.as_str());
    assert_eq!(event["action"], "ticket.issue");
    assert_eq!(event["outcome"], "refused");
    assert_eq!(event["reason"], "origin_not_allowed");
    assert_eq!(event["actor"]["site"], shop.site.id.as_str());
    assert_eq!(event["address"], "203.0.113.0/24");
    let at = event["at"].as_str().unwrap_or_default();
    assert!(at.len() == 24 && at.ends_with('Z'), "{event}");
    assert!(!fixtures.edge().runtime_log().contains("203.0.113.77"));

    // A log-out, which is logged although it was allowed; and a key that does not fit.
    let visitor = Visitor::arrive(&client, &shop.site.key, ORIGIN);
    let _left = from_frame(&client, "DELETE", "/v1/session")
        .header("cookie", &visitor.cookie.pair())
        .send()
        .expect(204);
    let left = fixtures.edge().security_event(|event| {
        event["action"] == "session.end"
            && event["actor"]["visitor"] == visitor.session.visitor.as_str()
    });
    assert_eq!(left["outcome"], "allowed");
    let problem = client
        .get("/v1/admin/sites")
        .bearer("ok_this-key-does-not-fit-anything")
        .send()
        .problem(Code::Unauthorized);
    let event = fixtures
        .edge()
        .security_event(|event| event["request_id"] == problem.request_id.as_str());
    assert_eq!(
        (&event["actor"], &event["action"]),
        (&"anybody".into(), &"management.read".into())
    );

    // A stolen cookie, logged as theft.
    let mut victim = shop.visitor();
    let mut thief = shop.visitor();
    thief.cookie = victim.cookie.clone();
    victim.accept_refresh(victim.refresh(&shop.site.key));
    victim.accept_refresh(victim.refresh(&shop.site.key));
    thief.refresh(&shop.site.key).problem(Code::SessionReused);
    let theft = fixtures
        .edge()
        .security_event(|event| event["action"] == "session.theft");
    assert_eq!(theft["reason"], "session_reused");
    assert_eq!(theft["actor"]["visitor"], victim.session.visitor.as_str());
}

#[integration_test]
fn every_part_of_the_edge_is_named_when_it_is_asked_whether_it_is_ready(fixtures: &Fixtures) {
    let answer = fixtures.edge().client().get("/readyz").send().expect(200);
    let ready: serde_json::Value = answer.json();
    let parts = ready["parts"].as_array().cloned().unwrap_or_default();
    for name in ["secrets", "database", "index", "objects", "limiter"] {
        let part = parts.iter().find(|part| part["name"] == name);
        assert_eq!(
            part.map(|part| &part["ok"]),
            Some(&true.into()),
            "{name}: {ready}"
        );
    }
}

/// `cargo xtask bundle --verify` on the edge that runs, with its own manifest and with one where a digest was changed.
#[integration_test]
fn a_deployment_can_be_held_to_its_manifest_from_outside(fixtures: &Fixtures) {
    let verify = |manifest: &Path| {
        let output = Command::new(xtask().expect("built"))
            .args(["bundle", "--verify", &fixtures.edge().ready.edge])
            .arg("--manifest")
            .arg(manifest)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said)
    };
    let ours = workspace().join("dist/public/manifest.json");
    let (holds, said) = verify(&ours);
    assert!(holds, "{said}");
    assert!(said.contains("ok     /oriel.js"), "{said}");

    let text = fs::read_to_string(&ours).expect("a manifest");
    let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let path = manifest["frame_wasm"]["path"]
        .as_str()
        .expect("a path")
        .to_owned();
    manifest["frame_wasm"]["integrity"] = "sha384-AAAA".into();
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("manifest.json");
    fs::write(&other, manifest.to_string()).expect("written");
    let (holds, said) = verify(&other);
    assert!(!holds, "{said}");
    assert!(said.contains(&format!("WRONG  {path}")), "{said}");
    assert!(said.contains("WRONG  /manifest.json"), "{said}");
    assert!(said.contains("ok     /oriel.js"), "{said}");
}
