//! The language of what the chat says of its own accord.

use super::handover::{KNOWN, UNKNOWN, knowing};
use oriel_shared::wire::visitor::{ClientFrame, Lead, Message, Role};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::socket::Socket;
use oriel_tests::visitor::{ORIGIN, Shop, from_frame, ticket};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

/// What the chat says next of its own accord, after the message of this id.
#[track_caller]
fn notice(socket: &mut Socket, beginning: &str) -> Message {
    socket.message(beginning, |message| {
        message.role == Role::System && message.text.starts_with(beginning)
    })
}

#[integration_test]
fn what_the_chat_says_of_its_own_accord_is_in_the_visitors_language(fixtures: &Fixtures) {
    let shop = knowing(fixtures, json!({ "answers": { "refuse": ["pirates"] } }));
    let mut visitor = shop.visitor_who_reads(Some("de-CH"), Some("fr"));
    let mut socket = visitor.socket();
    for (id, asked, said) in [
        ("m1", "Hello!", "Guten Tag!"),
        ("m2", KNOWN, "Aus „Hours“, Abschnitt „Opening hours“:"),
        ("m3", UNKNOWN, "Das weiß ich nicht:"),
        (
            "m4",
            "Are you pirates?",
            "Dabei kann ich hier nicht helfen.",
        ),
    ] {
        let answer = socket.ask(id, asked);
        assert!(answer.text.starts_with(said), "{}", answer.text);
        let blocks = serde_json::to_string(&answer.blocks).expect("JSON");
        assert!(blocks.contains(said), "{blocks}");
    }
    socket.send(&ClientFrame::Escalate {});
    notice(&mut socket, "Jemand aus dem Team liest");
    let lead = Lead {
        email: Some("ada@example.com".to_owned()),
        ..Lead::default()
    };
    socket.send(&ClientFrame::Lead(lead));
    notice(
        &mut socket,
        "Vielen Dank. Das Team meldet sich: ada@example.com.",
    );
    socket.send(&ClientFrame::End {});
    notice(&mut socket, "Sie haben diesen Chat beendet.");

    // They take it along in their language; the team reads all of them in one.
    let transcript = visitor
        .call("GET", "/v1/transcript")
        .header("accept", "text/plain")
        .send()
        .expect(200)
        .text();
    for words in [
        "Verlauf von cnv_",
        "Stand: beendet",
        "Z Besucher\n",
        "    Quelle: Hours",
    ] {
        assert!(transcript.contains(words), "{words} is not in {transcript}");
    }
    let path = format!("/visitors/{}/export", visitor.session.visitor);
    let export: Value = until("the team to have the visitor", SOON, || {
        let answer = shop.team.call("GET", &path).send();
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!(export["conversations"][0]["locale"], "de");

    // Another page of another language goes on with the same conversation.
    let refreshed = from_frame(&shop.client, "POST", "/v1/session/refresh")
        .header("cookie", &visitor.cookie.pair())
        .json(&json!({ "site": shop.site.key, "locale": "ja" }))
        .send();
    visitor.accept_refresh(refreshed);
    let mut socket = visitor.socket();
    assert!(socket.ask("m5", "Hello!").text.starts_with("こんにちは。"));
    // And a client that does not say leaves it at that.
    let refreshed = visitor.refresh(&shop.site.key);
    visitor.accept_refresh(refreshed);
    assert!(socket.ask("m6", "Hello!").text.starts_with("こんにちは。"));
}

#[integration_test]
fn a_language_that_there_is_not_or_that_is_none_is_english(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let long = "de-".repeat(5_000);
    let cases = [
        (None, None, "Hello!"),
        // The browser's, where the frame says none; ours where it says one that there is not.
        (None, Some("tlh, he;q=0.5"), "שלום!"),
        (Some("tlh"), Some("pt"), "Olá!"),
        (Some("tlh"), None, "Hello!"),
        (Some(""), None, "Hello!"),
        (Some("\"><script>alert(1)</script>"), None, "Hello!"),
        (Some("de\u{0}"), None, "Hello!"),
        (Some("../../de"), None, "Hello!"),
        (Some("' OR 1=1 --"), None, "Hello!"),
        (Some(&long), None, "Hello!"),
    ];
    for (locale, accepts, said) in cases {
        let mut socket = shop.visitor_who_reads(locale, accepts).socket();
        let text = socket.ask("m1", "Hello!").text;
        assert!(text.starts_with(said), "{locale:.40?}: {text}");
    }
    // The site's is for those who ask for none.
    let spanish = knowing(fixtures, json!({ "locale": "es" }));
    let text = spanish.visitor().socket().ask("m1", "Hello!").text;
    assert!(text.starts_with("¡Hola!"), "{text}");
    // What is no text is no language.
    let ticket = ticket(&shop.client, &shop.site.key, ORIGIN);
    let _refused = from_frame(&shop.client, "POST", "/v1/session")
        .json(&json!({ "ticket": ticket, "locale": ["de"] }))
        .send()
        .expect(400);
}
