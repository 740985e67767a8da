//! The guard: what the edge refuses to call, and how it reads pages.
//!
//! The test plays the resolver and every public host (`oriel_tests::fake_internet`), so each name here is one that the edge
//! takes for public.

use oriel_shared::wire::admin::Document;
use oriel_shared::wire::problem::Code;
use oriel_tests::client::Response;
use oriel_tests::connections::{connect, own_headers};
use oriel_tests::fake_internet::Reply;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::OnlineEdge;
use oriel_tests::visitor::{ORIGIN, Visitor};
use serde_json::{Value, json};

#[integration_test]
fn every_url_that_the_policy_refuses_is_refused_and_nothing_is_sent(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.another_team();
    let mut n_refused = 0;
    for line in include_str!("../../../testdata/egress.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON lines");
        if case["allow"] == json!(false) {
            let body = json!({ "kind": "webhook", "url": case["url"] });
            let _problem = connect(&team, &body).problem(Code::EgressBlocked);
            n_refused += 1;
        }
    }
    assert!(n_refused > 200);
    for host in [
        "127.0.0.1",
        "169.254.169.254",
        "[::1]",
        "localhost",
        "example.com",
    ] {
        assert_eq!(online.internet.seen(host).len(), 0, "{host}");
    }
    // The log says why and who, and keeps to itself where it would have gone.
    for reason in [
        "malformed",
        "scheme",
        "port",
        "credentials",
        "special_address",
        "embedded_address",
        "special_name",
        "single_label",
    ] {
        let line = is_logged(online, reason);
        assert!(line.contains("{\"api_key\":\"key_"), "{line}");
    }
    assert!(
        !online.log().contains("latest/meta-data"),
        "a path is in the log"
    );
}

/// The line of the security log that says that the guard refused for this reason.
fn is_logged(online: &OnlineEdge, reason: &str) -> String {
    let reason = format!("\"reason\":\"{reason}\"");
    online.until_logged(&[
        "\"action\":\"egress.call\",\"outcome\":\"refused\"",
        &reason,
    ])
}

#[integration_test]
fn a_name_that_leads_anywhere_but_to_public_addresses_is_refused(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let world = &online.internet;
    let refused = |host: &str| {
        world.host(host, |_| Reply::status(204));
        let body = json!({ "kind": "webhook", "url": format!("https://{host}/hook") });
        let problem = connect(&online.another_team(), &body).problem(Code::EgressBlocked);
        assert_eq!(world.seen(host).len(), 0, "{host}");
        problem.detail
    };
    for (host, addresses, reason) in [
        ("private.example.net", &["10.0.0.1"][..], "special_address"),
        (
            "mixed.example.net",
            &["93.184.215.14", "169.254.169.254"],
            "special_address",
        ),
        (
            "both.example.net",
            &["93.184.215.14", "fd00::1"],
            "special_address",
        ),
        ("six.example.net", &["::1"], "special_address"),
        (
            "mapped.example.net",
            &["::ffff:93.184.215.14"],
            "embedded_address",
        ),
        ("nothing.example.net", &[], "no_address"),
    ] {
        world.name(host, addresses);
        let detail = refused(host);
        is_logged(online, reason);
        for address in addresses {
            assert!(
                !detail.contains(address),
                "the answer tells what is inside: {detail}"
            );
        }
    }
    world.fail_to_resolve("failing.example.net");
    refused("failing.example.net");
    is_logged(online, "unresolved");
    // A name that nobody has made: the resolver says that there is none.
    let body = json!({ "kind": "webhook", "url": "https://nobody.example.net/" });
    let _problem = connect(&online.another_team(), &body).problem(Code::EgressBlocked);
}

#[integration_test]
fn a_resolver_that_says_nothing_lets_nothing_through(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let host = "hushed.example.net";
    online
        .internet
        .host(host, |_| Reply::page("text/plain", "Hello"));
    let body = json!({ "url": format!("https://{host}/") });
    let _premise = import(online, &body).expect(201);
    online.internet.never_resolve(host);
    let problem = import(online, &body).problem(Code::PageUnreadable);
    assert!(problem.detail.contains("10 seconds"), "{}", problem.detail);
    assert_eq!(online.internet.seen(host).len(), 1, "the premise alone");
}

fn import(online: &OnlineEdge, body: &Value) -> Response {
    let site = online.team().make_site("Imports");
    let path = format!("/sites/{}/documents", site.id);
    online.team().call("POST", &path).json(body).send()
}

#[integration_test]
fn a_page_becomes_a_document_with_its_own_title(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let html = "<!doctype html><title>Opening hours</title><nav>Menu</nav>\
        <h1>Hours</h1><p>We open at <b>nine</b> &amp; close at five.</p><script>track()</script>";
    online.internet.host("pages.example.com", move |seen| {
        if seen.url.ends_with("/hours") {
            Reply::page("text/html; charset=utf-8", html)
        } else if seen.url.ends_with("/guide.md") {
            Reply::page("text/plain", "# Guide\n\nBoats float.")
        } else {
            Reply::page("text/plain; charset=utf-8", "Notes\n\nNothing else.")
        }
    });
    let team = online.team();
    let site = team.open_site("Pages", &[ORIGIN]);
    let add = |body: &Value| -> Document {
        let path = format!("/sites/{}/documents", site.id);
        let made: Document = team
            .call("POST", &path)
            .json(body)
            .send()
            .expect(201)
            .json();
        team.call("GET", &format!("{path}/{}", made.id))
            .send()
            .expect(200)
            .json()
    };
    let page = add(&json!({ "url": "https://pages.example.com/hours" }));
    assert_eq!(page.title, "Opening hours");
    assert_eq!(
        page.content.as_deref(),
        Some("# Hours\n\nWe open at nine & close at five.")
    );
    assert_eq!(page.url.as_deref(), Some("https://pages.example.com/hours"));
    let guide = add(&json!({ "url": "https://pages.example.com/guide.md" }));
    assert_eq!(guide.title, "Guide");
    let named = add(&json!({ "url": "https://pages.example.com/notes", "title": "My notes" }));
    assert_eq!(named.title, "My notes");
    // A request of its own: no cookie, no key, nothing of the caller.
    let seen = online.internet.seen("pages.example.com");
    assert_eq!((seen.len(), seen[0].method.as_str()), (3, "GET"));
    assert_eq!(own_headers(&seen[0]), ["accept", "user-agent"]);
    // And it is knowledge like any other.
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    let answer = visitor
        .socket()
        .ask("m1", "When do you open and when do you close?");
    assert!(answer.text.contains("nine"), "{answer:?}");
    assert_eq!(answer.sources[0].title, "Opening hours");
}

#[integration_test]
fn a_page_that_may_not_be_called_is_refused(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online.internet.name("inside.example.org", &["192.168.1.1"]);
    online.internet.host("inside.example.org", |_| {
        Reply::page("text/plain", "secret")
    });
    for url in [
        "http://pages.example.com/hours",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://pages.example.com:8443/",
        "https://inside.example.org/",
    ] {
        let _problem = import(online, &json!({ "url": url })).problem(Code::EgressBlocked);
    }
    assert!(online.internet.seen("inside.example.org").is_empty());
    for (field, body) in [
        ("content", json!({ "title": "No content" })),
        ("title", json!({ "content": "No title" })),
        (
            "format",
            json!({ "url": "https://pages.example.com/", "format": "text" }),
        ),
        (
            "url",
            json!({ "url": "https://user:pass@pages.example.com/" }),
        ),
    ] {
        let problem = import(online, &body).problem(Code::InvalidField);
        assert!(
            problem.detail.contains(&format!("`{field}`")),
            "{}",
            problem.detail
        );
    }
}

#[integration_test]
fn redirects_are_followed_three_times_and_checked_each_time(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online.internet.name("lan.example.org", &["10.1.2.3"]);
    online
        .internet
        .host("lan.example.org", |_| Reply::page("text/plain", "secret"));
    online.internet.host("hop.example.org", |seen| {
        let path = seen.url.trim_start_matches("https://hop.example.org/");
        match path {
            "3" => Reply::redirect(301, "/2"),
            "2" => Reply::redirect(302, "https://hop.example.org/1"),
            "1" => Reply::redirect(308, "0"),
            "0" => Reply::page("text/plain", "Arrived"),
            "4" => Reply::redirect(307, "/3"),
            "private" => Reply::redirect(302, "https://10.0.0.1/"),
            "name" => Reply::redirect(302, "https://lan.example.org/"),
            "plain" => Reply::redirect(302, "http://hop.example.org/0"),
            "file" => Reply::redirect(302, "file:///etc/passwd"),
            _ => Reply::status(404),
        }
    });
    let url = |path: &str| json!({ "url": format!("https://hop.example.org/{path}") });
    let made: Document = import(online, &url("3")).expect(201).json();
    assert_eq!(made.title, "Arrived");
    for path in ["4", "private", "name", "plain", "file"] {
        let _problem = import(online, &url(path)).problem(Code::EgressBlocked);
    }
    assert!(online.internet.seen("lan.example.org").is_empty());
    assert!(online.internet.seen("10.0.0.1").is_empty());
    is_logged(online, "redirects");
}

#[integration_test]
fn a_page_that_does_not_answer_well_is_refused_with_the_reason(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online.internet.host("odd.example.org", |seen| {
        match seen.url.rsplit('/').next() {
            Some("missing") => Reply::status(404),
            Some("pdf") => Reply::page("application/pdf", "%PDF"),
            Some("picture") => Reply::page("image/svg+xml", "<svg/>"),
            Some("latin") => Reply::page("text/html; charset=iso-8859-1", "<h1>Caf\u{e9}</h1>"),
            Some("large") => Reply::page("text/plain", &"large ".repeat(200_000)),
            Some("nowhere") => Reply::status(302),
            _ => Reply::page("text/html", "<nav>Only a menu</nav>"),
        }
    });
    for (path, reason) in [
        ("missing", "404"),
        ("pdf", "is a PDF"),
        ("picture", "neither HTML"),
        ("latin", "UTF-8"),
        ("large", "more than 1048576 bytes"),
        ("nowhere", "302"),
    ] {
        let body = json!({ "url": format!("https://odd.example.org/{path}") });
        let problem = import(online, &body).problem(Code::PageUnreadable);
        assert!(
            problem.detail.contains(reason),
            "{path}: {}",
            problem.detail
        );
    }
    let empty = json!({ "url": "https://odd.example.org/empty", "title": "Empty" });
    let problem = import(online, &empty).problem(Code::InvalidField);
    assert!(problem.detail.contains("empty"), "{}", problem.detail);
}

#[integration_test]
fn a_page_without_end_is_not_read_to_the_end(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online.internet.host("flood.example.org", |_| Reply::Flood);
    // To its end it would never come.
    let problem = import(online, &json!({ "url": "https://flood.example.org/" }))
        .problem(Code::PageUnreadable);
    assert!(problem.detail.contains("more than"), "{}", problem.detail);
}

#[integration_test]
fn a_page_that_says_nothing_is_not_waited_for(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    online.internet.host("mute.example.org", |_| Reply::Silence);
    // The host says nothing for longer than that; the edge is the one who gives up.
    let problem = import(online, &json!({ "url": "https://mute.example.org/" }))
        .problem(Code::PageUnreadable);
    assert!(problem.detail.contains("10 seconds"), "{}", problem.detail);
}
