//! Who may chat on a site that vouches for its visitors; without a browser.

use oriel_shared::id::Seq;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::TicketReply;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::signed;
use oriel_tests::signed_site::SignedSite;
use oriel_tests::visitor::{ORIGIN, Shop, Visitor, ask_for_ticket, ask_with_token};
use oriel_tests::wait::{IN_FORCE, until};
use serde_json::{Value, json};

/// A site in signed mode with one key.
struct SignedShop {
    shop: Shop,
    kid: String,
    secret: String,
}

impl SignedShop {
    fn open(fixtures: &Fixtures) -> Self {
        let shop = Shop::open(fixtures);
        let key = shop.team.require_tokens(&shop.site.id);
        Self {
            shop,
            kid: key.kid,
            secret: key.secret,
        }
    }

    fn claims(&self) -> Value {
        signed::claims(&self.shop.site.key, "user-1")
    }

    fn ask(&self, token: &str) -> oriel_tests::client::Response {
        ask_with_token(&self.shop.client, &self.shop.site.key, ORIGIN, token)
    }

    fn token(&self, claims: &Value) -> String {
        signed::token(&self.kid, &self.secret, claims)
    }
}

#[integration_test]
fn a_signed_site_admits_the_holder_of_a_good_token(fixtures: &Fixtures) {
    let signed = SignedShop::open(fixtures);
    let shop = &signed.shop;
    ask_for_ticket(&shop.client, &shop.site.key, ORIGIN).problem(Code::TokenMissing);
    let reply: TicketReply = signed
        .ask(&signed.token(&signed.claims()))
        .expect(201)
        .json();
    let visitor = Visitor::with_ticket(&shop.client, &reply.ticket);
    let said = visitor.socket().say_and_see("m1", "It is me");
    shop.team
        .messages_up_to(&visitor.session.conversation, said.seq);
    let listed = shop.team.conversations(&shop.site.id);
    assert!(
        listed.iter().all(|conversation| conversation.verified) && listed.len() == 1,
        "{listed:?}"
    );
    // The list of origins holds for signed sites too, when there is one.
    let elsewhere = ask_with_token(
        &shop.client,
        &shop.site.key,
        "https://evil.example",
        &signed.token(&signed.claims()),
    );
    elsewhere.problem(Code::OriginNotAllowed);
}

#[integration_test]
fn a_signed_site_refuses_every_bad_token(fixtures: &Fixtures) {
    let signed = SignedShop::open(fixtures);
    let other = SignedShop::open(fixtures);
    let now = oriel_tests::wait::unix_secs();
    let with = |name: &str, value: Value| {
        let mut claims = signed.claims();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = signed.claims();
        claims
            .as_object_mut()
            .expect("claims are an object")
            .remove(name);
        claims
    };
    let header = |algorithm: &str| json!({ "alg": algorithm, "typ": "JWT", "kid": signed.kid });
    let _premise = signed.ask(&signed.token(&signed.claims())).expect(201);
    let good = signed.token(&signed.claims());
    let (body, signature) = good.rsplit_once('.').expect("three parts");

    let mut expired = signed.claims();
    expired["iat"] = json!(now - 200);
    expired["exp"] = json!(now - 100);
    signed
        .ask(&signed.token(&expired))
        .problem(Code::TokenExpired);

    let bad = [
        (
            "wrong aud",
            signed.token(&with("aud", json!(other.shop.site.key))),
        ),
        ("no aud", signed.token(&without("aud"))),
        ("no sub", signed.token(&without("sub"))),
        ("empty sub", signed.token(&with("sub", json!("")))),
        (
            "long sub",
            signed.token(&with("sub", json!("x".repeat(129)))),
        ),
        ("no exp", signed.token(&without("exp"))),
        ("no iat", signed.token(&without("iat"))),
        (
            "too long a life",
            signed.token(&with("exp", json!(now + 3_600))),
        ),
        ("not yet", signed.token(&with("nbf", json!(now + 600)))),
        ("made in the future", {
            let mut claims = signed.claims();
            claims["iat"] = json!(now + 600);
            claims["exp"] = json!(now + 660);
            signed.token(&claims)
        }),
        (
            "alg none",
            format!("{}.", signed::unsigned(&header("none"), &signed.claims())),
        ),
        (
            "alg None",
            format!("{}.", signed::unsigned(&header("None"), &signed.claims())),
        ),
        ("no alg", {
            let header = json!({ "kid": signed.kid });
            signed::token_with_header(&header, &signed.secret, &signed.claims())
        }),
        (
            "alg HS512",
            signed::token_with_header(&header("HS512"), &signed.secret, &signed.claims()),
        ),
        (
            "alg RS256",
            signed::token_with_header(&header("RS256"), &signed.secret, &signed.claims()),
        ),
        ("no kid", {
            let header = json!({ "alg": "HS256", "typ": "JWT" });
            signed::token_with_header(&header, &signed.secret, &signed.claims())
        }),
        (
            "another site's key",
            signed::token(&other.kid, &other.secret, &signed.claims()),
        ),
        (
            "another secret",
            signed::token(&signed.kid, &other.secret, &signed.claims()),
        ),
        (
            "empty secret",
            signed::token(&signed.kid, "", &signed.claims()),
        ),
        (
            "the key's name as secret",
            signed::token(&signed.kid, &signed.kid, &signed.claims()),
        ),
        ("no signature", format!("{body}.")),
        (
            "cut",
            format!("{body}.{}", &signature[..signature.len() - 2]),
        ),
        ("not a token", "hello".to_owned()),
        ("empty", String::new()),
    ];
    for (what, token) in bad {
        let answer = signed.ask(&token);
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        answer.problem(Code::TokenInvalid);
    }
}

#[integration_test]
fn the_same_subject_is_the_same_visitor(fixtures: &Fixtures) {
    let signed = SignedShop::open(fixtures);
    let arrive = |subject: &str| {
        let mut claims = signed.claims();
        claims["sub"] = json!(subject);
        let reply: TicketReply = signed.ask(&signed.token(&claims)).expect(201).json();
        Visitor::with_ticket(&signed.shop.client, &reply.ticket)
    };
    let (phone, laptop, somebody) = (arrive("ada"), arrive("ada"), arrive("grace"));
    assert_eq!(phone.session.visitor, laptop.session.visitor);
    assert_eq!(phone.session.conversation, laptop.session.conversation);
    assert_ne!(phone.session.visitor, somebody.session.visitor);
    let last = phone.socket().ask("m1", "From my phone").seq;
    assert_eq!(
        laptop.socket().resume(Seq(0), last)[0].text,
        "From my phone"
    );
    // The subject of one site is nobody on another.
    let other = SignedShop::open(fixtures);
    let mut claims = other.claims();
    claims["sub"] = json!("ada");
    let reply: TicketReply = other.ask(&other.token(&claims)).expect(201).json();
    let elsewhere = Visitor::with_ticket(&other.shop.client, &reply.ticket);
    assert_ne!(elsewhere.session.visitor, phone.session.visitor);
}

#[integration_test]
fn a_revoked_signing_key_admits_nobody(fixtures: &Fixtures) {
    let signed = SignedShop::open(fixtures);
    let shop = &signed.shop;
    let next = shop.team.make_signing_key(&shop.site.id);
    let by_next = || signed.ask(&signed::token(&next.kid, &next.secret, &signed.claims()));
    let by_old = || signed.ask(&signed.token(&signed.claims()));
    // Both are live, for rotation.
    until("the second key to be known", IN_FORCE, || {
        (by_next().status == 201).then_some(())
    });
    let _premise = by_old().expect(201);
    let _revoked = shop
        .team
        .call(
            "DELETE",
            &format!("/sites/{}/signing-keys/{}", shop.site.id, signed.kid),
        )
        .send()
        .expect(204);
    until("the revoked key to be refused", IN_FORCE, || {
        (by_old().status == 401).then_some(())
    });
    by_old().problem(Code::TokenInvalid);
    let _still_good = by_next().expect(201);
}

#[integration_test]
fn a_session_after_a_revocation_spares_no_session_from_before(fixtures: &Fixtures) {
    let signed = SignedSite::open(fixtures);
    let (before, mut other) = (signed.visitor("ada"), signed.visitor("bob"));
    let path = format!("/sites/{}/sessions", signed.site.id);
    let _revoked = signed.team.call("DELETE", &path).send().expect(204);
    until("the revocation to be in force", IN_FORCE, || {
        let answer = other.refresh(&signed.site.key);
        if answer.status == 401 {
            return Some(());
        }
        other.accept_refresh(answer);
        None
    });
    // The new session brings the site's settings along, which say since when sessions are good.
    let after = signed.visitor("ada");
    assert_eq!(after.session.visitor, before.session.visitor);
    before
        .refresh(&signed.site.key)
        .problem(Code::SessionExpired);
    let _renewed = after.refresh(&signed.site.key).expect(200);
}
