//! Web pages that become documents: fetched, fetched again and uploaded.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use oriel_shared::wire::admin::{Document, DocumentOutcome, DocumentSaved};
use oriel_tests::fake_internet::Reply;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Visitor};
use serde_json::json;

#[integration_test]
fn a_page_that_is_imported_again_is_updated_in_its_place(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let site = team.open_site("Imports", &[ORIGIN]);
    let revision = Arc::new(AtomicU32::new(1));
    let served = Arc::clone(&revision);
    let n_served = AtomicU32::new(0);
    online.internet.host("again.example.com", move |_| {
        let revision = served.load(Ordering::SeqCst);
        // What is around the text changes with every request, as that of real pages does.
        let n = n_served.fetch_add(1, Ordering::SeqCst);
        let html = format!(
            "<title>Fees</title><script>nonce = {n}</script><nav>Visit {n}</nav>\
             <main><p>The mooring fee is {revision} pounds.</p></main>",
        );
        Reply::page("text/html", &html)
    });
    let path = format!("/sites/{}/documents", site.id);
    let import = |url: &str| {
        let call = team.call("POST", &path).json(&json!({ "url": url }));
        let answer = call.send();
        (answer.status, answer.json::<DocumentSaved>())
    };
    let (status, first) = import("https://again.example.com/fees");
    assert_eq!((status, first.outcome), (201, DocumentOutcome::Added));
    let id = first.document.id.clone();
    let again = |url: &str, expected: DocumentOutcome, version: u32| {
        let (status, saved) = import(url);
        assert_eq!(
            (status, saved.outcome, saved.document.version),
            (200, expected, version)
        );
        assert_eq!(saved.document.id, id);
    };
    again(
        "https://again.example.com/fees",
        DocumentOutcome::Unchanged,
        1,
    );
    // It is that page by another spelling of its address.
    again(
        "https://AGAIN.example.com:443/fees#top",
        DocumentOutcome::Unchanged,
        1,
    );
    revision.store(2, Ordering::SeqCst);
    again(
        "https://again.example.com/fees",
        DocumentOutcome::Changed,
        2,
    );
    // What its owner edits stays until the page changes.
    let document = format!("{path}/{id}");
    let edited = json!({ "title": "Our fees", "content": "The mooring fee is two pounds." });
    let _edited = team
        .call("PATCH", &document)
        .json(&edited)
        .send()
        .expect(200);
    again(
        "https://again.example.com/fees",
        DocumentOutcome::Unchanged,
        3,
    );
    revision.store(3, Ordering::SeqCst);
    again(
        "https://again.example.com/fees",
        DocumentOutcome::Changed,
        4,
    );
    let read: Document = team.call("GET", &document).send().expect(200).json();
    assert_eq!(read.title, "Fees");
    assert_eq!(
        read.content.as_deref(),
        Some("The mooring fee is 3 pounds.")
    );
    assert_eq!(
        read.source.as_deref(),
        Some("https://again.example.com/fees")
    );
    // Another page is another document, and another site's import is none of this one's.
    let (status, other) = import("https://again.example.com/other");
    assert_eq!((status, other.outcome), (201, DocumentOutcome::Added));
    let elsewhere = online.another_team();
    let their_site = elsewhere.make_site("Elsewhere");
    let theirs = elsewhere
        .call("POST", &format!("/sites/{}/documents", their_site.id))
        .json(&json!({ "url": "https://again.example.com/fees" }))
        .send()
        .expect(201);
    assert_ne!(theirs.json::<DocumentSaved>().document.id, id);
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    let answer = visitor.socket().ask("m1", "How much is the mooring fee?");
    assert!(answer.text.contains("3 pounds"), "{answer:?}");
}

#[integration_test]
fn an_uploaded_web_page_is_read_like_an_imported_one(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let site = team.open_site("Upload", &[ORIGIN]);
    let html = "<!doctype html><nav>Menu</nav><h1>Hours</h1><p>We open at <b>nine</b> on weekdays.</p>\
        <script>track()</script>";
    let path = format!("/sites/{}/documents", site.id);
    let body = json!({ "title": "Our shop", "format": "html", "content": html });
    let made: DocumentSaved = team
        .call("POST", &path)
        .json(&body)
        .send()
        .expect(201)
        .json();
    let kept: Document = team
        .call("GET", &format!("{path}/{}", made.document.id))
        .send()
        .expect(200)
        .json();
    assert_eq!(kept.content.as_deref(), Some(html), "as it was given");
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    let mut socket = visitor.socket();
    let answer = socket.ask("m1", "When do you open on weekdays?");
    assert!(answer.text.contains("We open at nine"), "{answer:?}");
    assert_eq!(answer.sources[0].heading.as_deref(), Some("Hours"));
    for word in ["track", "Menu"] {
        let answer = socket.ask(&format!("m-{word}"), &format!("What is {word}?"));
        assert!(answer.sources.is_empty(), "{answer:?}");
    }
}
