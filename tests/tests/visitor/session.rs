//! Who may chat: tickets, signed visitor tokens, sessions and their cookies; without a browser.

use oriel_shared::id::{ConversationId, VisitorId};
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{SessionReply, TicketReply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::signed;
use oriel_tests::socket::{HandshakeError, Socket};
use oriel_tests::visitor::{
    ORIGIN, Shop, Visitor, ask_for_ticket, from_frame, redeem_ticket, session_cookie, ticket,
};
use oriel_tests::wait::{IN_FORCE, until};
use serde_json::json;

#[integration_test]
fn a_ticket_needs_an_origin_of_the_safelist(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let change = SiteChange {
        safelist: Some(
            [ORIGIN, "*.boats.example", "http://localhost:3000"]
                .map(str::to_owned)
                .to_vec(),
        ),
        ..SiteChange::default()
    };
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    let ask = |origin: &str| ask_for_ticket(&shop.client, &shop.site.key, origin);
    for origin in [
        ORIGIN,
        "https://a.boats.example",
        "https://a.b.boats.example",
        "http://localhost:3000",
    ] {
        let reply: TicketReply = ask(origin).expect(201).json();
        assert!(!reply.ticket.is_empty());
        assert_eq!(reply.expires_in, 30);
    }
    for origin in [
        "null",
        "",
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://xshop.example",
        "https://shop.example/",
        "https://shop.example@evil.example",
        "https://boats.example",
        "http://a.boats.example",
        "https://a.boats.example:444",
        "http://localhost:3001",
        "http://127.0.0.1:3000",
        "file://",
        "https://shop.example, https://evil.example",
    ] {
        ask(origin).problem(Code::OriginNotAllowed);
    }
    let path = format!("/v1/sites/{}/tickets", shop.site.key);
    shop.client
        .post(&path)
        .json(&json!({}))
        .send()
        .problem(Code::OriginNotAllowed);
    // What a page can set by itself does not stand in for what the browser says.
    for (name, value) in [
        ("referer", "https://shop.example/"),
        ("x-forwarded-host", "shop.example"),
    ] {
        shop.client
            .post(&path)
            .header(name, value)
            .json(&json!({}))
            .send()
            .problem(Code::OriginNotAllowed);
    }
    let in_body = shop
        .client
        .post(&path)
        .json(&json!({ "origin": ORIGIN }))
        .send();
    assert_ne!(in_body.status, 201);
}

#[integration_test]
fn a_page_that_is_not_listed_cannot_read_its_refusal(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let listed = ask_for_ticket(&shop.client, &shop.site.key, ORIGIN);
    assert_eq!(
        listed.header("access-control-allow-origin").as_deref(),
        Some(ORIGIN)
    );
    let other = ask_for_ticket(&shop.client, &shop.site.key, "https://evil.example");
    assert_eq!(other.header("access-control-allow-origin"), None);
    for answer in [listed, other] {
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(
            answer
                .header("vary")
                .map(|vary| vary.to_lowercase().contains("origin")),
            Some(true)
        );
        assert!(answer.cookies().is_empty());
    }
}

#[integration_test]
fn an_unknown_and_a_disabled_site_answer_alike(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let disabled = shop.team.make_site("Closed");
    let listed = SiteChange {
        safelist: Some(vec![ORIGIN.to_owned()]),
        ..SiteChange::default()
    };
    let _listed = shop.team.change(&disabled.id, &listed).expect(200);
    let _premise = ask_for_ticket(&shop.client, &shop.site.key, ORIGIN).expect(201);
    let unknown = format!("pk_{}", "A".repeat(22));
    // Everything but the request's own id has to be the same, or keys could be guessed.
    let told = |key: &str, path: fn(&str) -> String, method: &str| {
        let call = shop.client.call(method, &path(key)).origin(ORIGIN);
        let answer = if method == "POST" {
            call.json(&json!({})).send()
        } else {
            call.send()
        };
        let problem = answer.problem(Code::SiteNotFound);
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date", "cf-ray"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        headers.sort();
        (problem.detail, problem.title, headers)
    };
    for (method, path) in [
        (
            "POST",
            (|key: &str| format!("/v1/sites/{key}/tickets")) as fn(&str) -> String,
        ),
        ("OPTIONS", |key: &str| format!("/v1/sites/{key}/tickets")),
        ("GET", |key: &str| format!("/frame?site={key}")),
    ] {
        assert_eq!(
            told(&disabled.key, path, method),
            told(&unknown, path, method),
            "{method}"
        );
    }
    for key in ["", "pk_", "x", &shop.site.id.0, "pk_%00", &"p".repeat(5000)] {
        let answer = shop.client.get(&format!("/frame?site={key}")).send();
        answer.problem(Code::SiteNotFound);
    }
    shop.client.get("/frame").send().problem(Code::SiteNotFound);
}

#[integration_test]
fn a_disabled_site_is_closed_within_ten_seconds(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let _premise = ask_for_ticket(&shop.client, &shop.site.key, ORIGIN).expect(201);
    let change = SiteChange {
        enabled: Some(false),
        ..SiteChange::default()
    };
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    until("the site to be closed", IN_FORCE, || {
        (ask_for_ticket(&shop.client, &shop.site.key, ORIGIN).status == 404).then_some(())
    });
    let frame = shop
        .client
        .get(&format!("/frame?site={}", shop.site.key))
        .send();
    frame.problem(Code::SiteNotFound);
}

#[integration_test]
fn a_ticket_is_single_use(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let ticket = ticket(&shop.client, &shop.site.key, ORIGIN);
    let _first = redeem_ticket(&shop.client, &ticket).expect(201);
    let again = redeem_ticket(&shop.client, &ticket);
    again.problem(Code::TicketUsed);
    assert!(again.cookies().is_empty());
}

#[integration_test]
fn what_is_not_a_ticket_opens_no_session(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let good = ticket(&shop.client, &shop.site.key, ORIGIN);
    let session: SessionReply = redeem_ticket(&shop.client, &good).expect(201).json();
    let fresh = ticket(&shop.client, &shop.site.key, ORIGIN);
    // A change anywhere in it, in what is signed as well as in the signature.
    let altered = |at: usize| {
        let mut bytes = fresh.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).expect("ASCII")
    };
    // The last character of base64 may carry bits that are not used.
    let altered = [
        altered(fresh.len() / 4),
        altered(fresh.len() / 2),
        altered(fresh.len() - 4),
    ];
    let none = signed::unsigned(&json!({ "alg": "none" }), &json!({ "visitor": "vis_x" }));
    for text in [
        "",
        "x",
        ".",
        "..",
        "a.b.c",
        &none,
        &format!("{none}."),
        &session.access_token,
        &shop.site.key,
    ]
    .into_iter()
    .chain(altered.iter().map(String::as_str))
    {
        let answer = redeem_ticket(&shop.client, text);
        answer.problem(Code::TicketInvalid);
        assert!(answer.cookies().is_empty(), "{text}");
    }
    let path = "/v1/session";
    for body in [
        json!({}),
        json!({ "ticket": 7 }),
        json!({ "ticket": fresh, "visitor": "vis_x" }),
    ] {
        from_frame(&shop.client, "POST", path)
            .json(&body)
            .send()
            .problem(Code::InvalidBody);
    }
    let _premise = redeem_ticket(&shop.client, &fresh).expect(201);
}

#[integration_test]
fn a_session_is_a_short_token_and_a_locked_up_cookie(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let answer =
        redeem_ticket(&shop.client, &ticket(&shop.client, &shop.site.key, ORIGIN)).expect(201);
    let session: SessionReply = answer.json();
    assert_eq!(session.expires_in, 300);
    assert!(
        VisitorId::is_wellformed(session.visitor.as_str()),
        "{session:?}"
    );
    assert!(
        ConversationId::is_wellformed(session.conversation.as_str()),
        "{session:?}"
    );
    let cookie = session_cookie(&answer);
    assert!(cookie.name.starts_with("__Secure-"), "{}", cookie.name);
    for attribute in ["secure", "httponly", "partitioned"] {
        assert_eq!(
            cookie.attribute(attribute),
            Some(""),
            "{attribute}: {cookie:?}"
        );
    }
    assert_eq!(cookie.attribute("samesite"), Some("None"));
    assert_eq!(cookie.attribute("path"), Some("/v1/session"));
    assert_eq!(cookie.attribute("domain"), None);
    // What the frame's script can read does not hold what only the cookie may.
    assert!(!answer.text().contains(&cookie.value));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[integration_test]
fn a_refresh_renews_token_and_cookie(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let mut visitor = shop.visitor();
    let (session, cookie) = (visitor.session.clone(), visitor.cookie.clone());
    visitor.accept_refresh(visitor.refresh(&shop.site.key));
    assert_eq!(visitor.session.visitor, session.visitor);
    assert_eq!(visitor.session.conversation, session.conversation);
    assert_eq!(visitor.cookie.name, cookie.name);
    assert_ne!(visitor.cookie.value, cookie.value);
    assert_eq!(visitor.socket().welcome.conversation, session.conversation);
    // Without a body too: then the browser holds one session only.
    let bare = from_frame(&shop.client, "POST", "/v1/session/refresh")
        .header("cookie", &visitor.cookie.pair())
        .send();
    assert_eq!(
        bare.expect(200).json::<SessionReply>().visitor,
        session.visitor
    );
    let none = from_frame(&shop.client, "POST", "/v1/session/refresh")
        .json(&json!({ "site": shop.site.key }))
        .send();
    none.problem(Code::SessionExpired);
    let other_site = visitor.refresh(&format!("pk_{}", "A".repeat(22)));
    other_site.problem(Code::SessionExpired);
}

#[integration_test]
fn a_theft_on_one_device_ends_the_sessions_of_all_and_of_nobody_else(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let key = shop.team.require_tokens(&shop.site.id);
    let member = |subject| signed::visitor(&shop.client, &shop.site.key, &key, subject);
    let (mut phone, laptop, other) = (member("ada"), member("ada"), member("bob"));
    assert_eq!(phone.session.visitor, laptop.session.visitor);
    let mut thief = member("ada");
    thief.cookie = phone.cookie.clone();
    phone.accept_refresh(phone.refresh(&shop.site.key));
    phone.accept_refresh(phone.refresh(&shop.site.key));
    let (mut at_laptop, mut of_other) = (laptop.socket(), other.socket());
    let _premise = at_laptop.say_and_see("m1", "Hello");
    thief.refresh(&shop.site.key).problem(Code::SessionReused);
    at_laptop.expect_closed();
    let _ended = laptop.refresh(&shop.site.key).problem(Code::SessionExpired);
    let read = laptop.call("GET", "/v1/transcript").send();
    read.problem(Code::SessionExpired);
    let _there = of_other.say_and_see("m1", "Nothing was taken from me");
    let _renewed = other.refresh(&shop.site.key).expect(200);
}

#[integration_test]
fn a_spent_cookie_shown_again_ends_the_session(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let mut visitor = shop.visitor();
    let mut thief = shop.visitor();
    thief.cookie = visitor.cookie.clone();
    // Twice, because the one right before the live one may be a neighbouring tab's.
    visitor.accept_refresh(visitor.refresh(&shop.site.key));
    visitor.accept_refresh(visitor.refresh(&shop.site.key));
    let mut socket = visitor.socket();
    let _premise = socket.say_and_see("m1", "Hello");
    let reused = thief.refresh(&shop.site.key);
    reused.problem(Code::SessionReused);
    // Whoever holds the newest one cannot be told from the thief: it ends as well, and the socket with it.
    let _ended = visitor.refresh(&shop.site.key).any_problem();
    assert_eq!(visitor.refresh(&shop.site.key).status, 401);
    socket.expect_closed();
    match Socket::try_open(shop.client.edge(), &visitor.session.access_token) {
        Err(HandshakeError::Answered(401)) => {}
        other => panic!("an ended session opened a socket: {:?}", other.err()),
    }
}

#[integration_test]
fn a_session_that_was_left_cannot_be_renewed(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let leave = |visitor: &Visitor| {
        from_frame(&shop.client, "DELETE", "/v1/session")
            .header("cookie", &visitor.cookie.pair())
            .json(&json!({ "site": shop.site.key }))
            .send()
    };
    let left = leave(&visitor).expect(204);
    assert_eq!(session_cookie(&left).value, "");
    assert_eq!(session_cookie(&left).attribute("max-age"), Some("0"));
    let refused = visitor.refresh(&shop.site.key);
    refused.problem(Code::SessionExpired);
    // Leaving twice is no mistake, nor is leaving without having come.
    let _again = leave(&visitor).expect(204);
    let _stranger = from_frame(&shop.client, "DELETE", "/v1/session")
        .send()
        .expect(204);
}
