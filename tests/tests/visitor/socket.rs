//! The socket: what opens it, and what it bears.

use oriel_shared::id::Seq;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, PING, PONG, SOCKET_PROTOCOL, ServerFrame};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::socket::{HandshakeError, Offer, Socket};
use oriel_tests::visitor::{ORIGIN, Shop, from_frame, ticket};

#[integration_test]
fn the_socket_needs_a_token(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let _premise = visitor.socket();
    let stale = format!("{}x", visitor.session.access_token);
    for token in [
        "",
        "x",
        "a.b.c",
        &stale,
        &visitor.cookie.value,
        &ticket(&shop.client, &shop.site.key, ORIGIN),
    ] {
        let protocols = if token.is_empty() {
            SOCKET_PROTOCOL.to_owned()
        } else {
            format!("{SOCKET_PROTOCOL}, {token}")
        };
        assert_refused(&shop, Some(shop.client.edge()), Some(&protocols), 401);
    }
    // Not in the address, where logs would keep it.
    let path = format!(
        "/v1/socket?token={0}&access_token={0}",
        visitor.session.access_token
    );
    let answer = upgrade(
        &shop,
        &path,
        Some(shop.client.edge()),
        Some(SOCKET_PROTOCOL),
    );
    assert_eq!(answer.any_problem().status, 401);
}

#[integration_test]
fn the_socket_needs_its_protocol(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let token = shop.visitor().session.access_token;
    for protocols in [
        format!("oriel.v2, {token}"),
        token.clone(),
        format!("{token}, {SOCKET_PROTOCOL}"),
        "chat".to_owned(),
    ] {
        assert_refused(&shop, Some(shop.client.edge()), Some(&protocols), 401);
    }
    assert_refused(&shop, Some(shop.client.edge()), None, 401);
}

#[integration_test]
fn a_socket_call_without_an_upgrade_says_so(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let answer = from_frame(&shop.client, "GET", "/v1/socket").send();
    answer.problem(Code::UpgradeRequired);
}

#[track_caller]
fn assert_refused(shop: &Shop, origin: Option<&str>, protocols: Option<&str>, status: u16) {
    let offer = Offer {
        origin: origin.map(str::to_owned),
        protocols: protocols.map(str::to_owned),
    };
    match Socket::offer(shop.client.edge(), &offer) {
        Err(HandshakeError::Answered(its)) => assert_eq!(its, status, "{offer:?}"),
        Err(HandshakeError::Broken(why)) => panic!("{offer:?}: {why}"),
        Ok(_) => panic!("a socket opened for {offer:?}"),
    }
}

/// Asks for the socket as a plain request, to read the refusal.
fn upgrade(
    shop: &Shop,
    path: &str,
    origin: Option<&str>,
    protocols: Option<&str>,
) -> oriel_tests::client::Response {
    let mut call = shop
        .client
        .get(path)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    if let Some(origin) = origin {
        call = call.origin(origin);
    }
    if let Some(protocols) = protocols {
        call = call.header("sec-websocket-protocol", protocols);
    }
    call.send()
}

#[integration_test]
fn frames_that_are_not_known_are_refused_and_the_socket_stays_open(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let mut socket = shop.visitor().socket();
    for text in [
        "",
        "{",
        "null",
        "[]",
        "7",
        "\"send\"",
        r#"{"type":"fly"}"#,
        r#"["resume",0]"#,
        r#"["send","a","x"]"#,
        r#"{"type":"send"}"#,
        r#"{"type":"send","id":"a","text":7}"#,
        r#"{"type":"send","id":"a","text":"x","role":"agent"}"#,
        r#"{"type":"resume","after":-1}"#,
        r#"{"type":"resume","after":"1"}"#,
        r#"{"type":"message","seq":1,"id":"a","role":"agent","text":"x","blocks":[],"at":""}"#,
    ] {
        socket.send_text(text);
        let code = socket.frame(&format!("an error about {text}"), |frame| match frame {
            ServerFrame::Error { code, .. } => Some(code.clone()),
            _ => None,
        });
        assert_eq!(code, Code::InvalidFrame.name(), "{text}");
    }
    for id in ["", "with space", "é", "a/b", &"x".repeat(65)] {
        socket.say(id, "Words");
        let code = socket.frame(
            &format!("an error about the id `{id}`"),
            |frame| match frame {
                ServerFrame::Error { code, .. } => Some(code.clone()),
                _ => None,
            },
        );
        assert!(
            ["invalid_field", "invalid_frame"].contains(&code.as_str()),
            "{id}: {code}"
        );
    }
    assert_eq!(socket.say_and_see("good", "Still here").seq, Seq(1));
}

#[integration_test]
fn a_huge_frame_costs_the_socket_at_most(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let before = socket.ask("m1", "Hello").seq;
    // The edge may close on it at once.
    let _cut = socket.try_send(&ClientFrame::Send {
        id: "huge".to_owned(),
        text: "x".repeat(4 << 20),
        conversation: None,
    });
    let mut next = visitor.socket();
    assert_eq!(next.say_and_see("m2", "Still here").seq, before.next());
}

#[integration_test]
fn a_keep_alive_is_answered(fixtures: &Fixtures) {
    let mut socket = Shop::open(fixtures).visitor().socket();
    socket.send_text(PING);
    socket.expect_text(PONG);
}
