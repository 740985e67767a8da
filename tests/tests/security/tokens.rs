//! Visitor tokens through the public call, made by libraries that nobody here wrote, as customers' backends make them:
//! npm's `jose` and `jsonwebtoken`. What an honest library refuses to make is cut from what it made.

use std::io::ErrorKind;
use std::process::Command;

use oriel_shared::wire::admin::SigningKeyCreated;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::TicketReply;
use oriel_tests::client::Response;
use oriel_tests::database::node;
use oriel_tests::edge::workspace;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::tools;
use oriel_tests::visitor::{ORIGIN, Shop, Visitor, ask_with_token};
use oriel_tests::wait::{IN_FORCE, unix_secs, until};
use serde_json::{Value, json};

const LIBRARIES: [&str; 2] = ["jose", "jsonwebtoken"];

/// A site in signed mode with one key.
struct Signed {
    shop: Shop,
    key: SigningKeyCreated,
}

impl Signed {
    fn open(fixtures: &Fixtures) -> Self {
        let shop = Shop::open(fixtures);
        let key = shop.team.require_tokens(&shop.site.id);
        Self { shop, key }
    }

    /// Claims that are good for a minute.
    fn claims(&self) -> Value {
        oriel_tests::signed::claims(&self.shop.site.key, "ada")
    }

    /// The good claims, and one of them otherwise.
    fn with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[name] = value;
        claims
    }

    /// The good claims, and one of them missing.
    fn without(&self, name: &str) -> Value {
        let mut claims = self.claims();
        claims
            .as_object_mut()
            .expect("claims are an object")
            .remove(name);
        claims
    }

    /// The order for a token, signed as the site's backend signs.
    fn order(&self, library: &str, claims: &Value) -> Value {
        json!({
            "library": library, "alg": "HS256", "header": { "kid": self.key.kid }, "claims": claims,
            "secret": self.key.secret,
        })
    }

    /// Asks for a token with one member of the order changed.
    fn forged(&self, library: &str, member: &str, value: Value) -> Value {
        let mut order = self.order(library, &self.claims());
        order[member] = value;
        order
    }

    #[track_caller]
    fn ask(&self, token: &str) -> Response {
        ask_with_token(&self.shop.client, &self.shop.site.key, ORIGIN, token)
    }
}

/// Has the tokens made.
#[track_caller]
fn make(orders: &[Value]) -> Vec<String> {
    let made = tools::run("tokens.mjs", &[], &json!(orders));
    let made: Vec<String> = serde_json::from_value(made).expect("a list of tokens");
    assert_eq!(made.len(), orders.len());
    made
}

#[integration_test]
fn a_token_of_any_library_admits_its_visitor(fixtures: &Fixtures) {
    let signed = Signed::open(fixtures);
    let (mut full, now) = (signed.claims(), unix_secs());
    for (name, value) in [
        ("nbf", json!(now - 5)),
        ("name", json!("Ada Lovelace")),
        ("email", json!("ada@example.com")),
        ("traits", json!({ "plan": "gold" })),
        // The customer's clock may be ahead.
        ("iat", json!(now + 20)),
        ("exp", json!(now + 80)),
    ] {
        full[name] = value;
    }
    let mut visitors = Vec::new();
    for library in LIBRARIES {
        for claims in [&signed.claims(), &full] {
            let token = &make(&[signed.order(library, claims)])[0];
            let reply: TicketReply = signed.ask(token).expect(201).json();
            let visitor = Visitor::with_ticket(&signed.shop.client, &reply.ticket);
            visitors.push(visitor.session.visitor);
        }
    }
    visitors.dedup();
    assert_eq!(
        visitors.len(),
        1,
        "one subject is one visitor: {visitors:?}"
    );
}

#[integration_test]
fn a_token_that_is_not_as_it_should_be_is_refused_with_its_code(fixtures: &Fixtures) {
    let (signed, other) = (Signed::open(fixtures), Signed::open(fixtures));
    let now = unix_secs();
    let site_key = &signed.shop.site.key;
    let life = |issued: u64, expired: u64| {
        let mut claims = signed.with("iat", json!(issued));
        claims["exp"] = json!(expired);
        claims
    };
    let twice = |first: &str, second: &str, name: &str| {
        let rest = signed.without(name).to_string();
        let rest = rest.trim_start_matches('{');
        json!(format!("{{\"{name}\":{first},\"{name}\":{second},{rest}"))
    };
    let claims = [
        (
            "another site's aud",
            signed.with("aud", json!(other.shop.site.key)),
            Code::TokenInvalid,
        ),
        (
            "aud in capitals",
            signed.with("aud", json!(site_key.to_uppercase())),
            Code::TokenInvalid,
        ),
        (
            "many an aud",
            signed.with("aud", json!([site_key, "x"])),
            Code::TokenInvalid,
        ),
        ("no aud", signed.without("aud"), Code::TokenInvalid),
        ("no sub", signed.without("sub"), Code::TokenInvalid),
        (
            "sub null",
            signed.with("sub", Value::Null),
            Code::TokenInvalid,
        ),
        (
            "sub a number",
            signed.with("sub", json!(7)),
            Code::TokenInvalid,
        ),
        (
            "sub a list",
            signed.with("sub", json!(["ada"])),
            Code::TokenInvalid,
        ),
        (
            "sub an object",
            signed.with("sub", json!({ "id": "ada" })),
            Code::TokenInvalid,
        ),
        (
            "sub empty",
            signed.with("sub", json!("")),
            Code::TokenInvalid,
        ),
        (
            "sub too long",
            signed.with("sub", json!("x".repeat(129))),
            Code::TokenInvalid,
        ),
        ("no iat", signed.without("iat"), Code::TokenInvalid),
        ("no exp", signed.without("exp"), Code::TokenInvalid),
        ("a life too long", life(now, now + 301), Code::TokenInvalid),
        (
            "a life without end",
            life(now, 9_999_999_999),
            Code::TokenInvalid,
        ),
        (
            "a life that ends first",
            life(now, now - 1),
            Code::TokenInvalid,
        ),
        (
            "made in the future",
            life(now + 90, now + 150),
            Code::TokenInvalid,
        ),
        (
            "not yet",
            signed.with("nbf", json!(now + 90)),
            Code::TokenInvalid,
        ),
        ("expired", life(now - 200, now - 100), Code::TokenExpired),
        (
            "sub twice",
            twice("\"ada\"", "\"eve\"", "sub"),
            Code::TokenInvalid,
        ),
        (
            "aud twice",
            twice(
                &json!(other.shop.site.key).to_string(),
                &json!(site_key).to_string(),
                "aud",
            ),
            Code::TokenInvalid,
        ),
        (
            "exp twice",
            twice("1", &(now + 60).to_string(), "exp"),
            Code::TokenInvalid,
        ),
        ("not an object", json!("[]"), Code::TokenInvalid),
        ("not JSON", json!("ada"), Code::TokenInvalid),
    ];
    let headers = [
        ("alg none", "alg", json!("none")),
        ("alg HS384", "alg", json!("HS384")),
        ("alg HS512", "alg", json!("HS512")),
        ("alg ES256", "alg", json!("ES256")),
        ("no kid", "header", json!({})),
        (
            "an unknown kid",
            "header",
            json!({ "kid": format!("kid_{}", "A".repeat(22)) }),
        ),
        (
            "another site's kid",
            "header",
            json!({ "kid": other.key.kid }),
        ),
        ("another site's secret", "secret", json!(other.key.secret)),
    ];
    for library in LIBRARIES {
        let mut orders = vec![signed.order(library, &signed.claims())];
        let mut expected = Vec::new();
        for (what, claims, code) in &claims {
            orders.push(signed.order(library, claims));
            expected.push((*what, *code));
        }
        for (what, member, value) in &headers {
            orders.push(signed.forged(library, member, value.clone()));
            expected.push((*what, Code::TokenInvalid));
        }
        // A good token of another site, as it is.
        orders.push(other.order(library, &other.claims()));
        expected.push(("another site's token", Code::TokenInvalid));
        let tokens = make(&orders);
        let _premise = signed.ask(&tokens[0]).expect(201);
        let _premise = other.ask(tokens.last().expect("made above")).expect(201);
        for ((what, code), token) in expected.iter().zip(&tokens[1..]) {
            let answer = signed.ask(token);
            assert_eq!(answer.status, 401, "{library}: {what}: {}", answer.text());
            answer.problem(*code);
        }
    }
}

#[integration_test]
fn a_signature_that_is_cut_padded_or_spelled_otherwise_is_refused(fixtures: &Fixtures) {
    let signed = Signed::open(fixtures);
    for library in LIBRARIES {
        let token = &make(&[signed.order(library, &signed.claims())])[0];
        let _premise = signed.ask(token).expect(201);
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            panic!("{library} made a token of {} parts", parts.len());
        };
        // 32 bytes leave two bits of the last character unused: any other spelling of them is another text.
        const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let last = signature.as_bytes()[signature.len() - 1];
        let at = BASE64.iter().position(|c| *c == last).expect("base64");
        let respelled = char::from(BASE64[at ^ 1]);
        let cut = |n: usize| &signature[..signature.len() - n];
        let mut bad = vec![
            format!("{header}.{claims}."),
            format!("{header}.{claims}"),
            format!("{header}.{claims}.{signature}="),
            format!("{header}.{claims}.{signature}=="),
            format!("{header}=.{claims}.{signature}"),
            format!("{header}.{claims}=.{signature}"),
            format!("{header}.{claims}.{signature}A"),
            format!("{header}.{claims}.{signature}AAAA"),
            format!("{header}.{claims}.{signature}."),
            format!("{header}.{claims}.{signature}.{signature}"),
            format!("{header}.{claims}.{}{respelled}", cut(1)),
            format!("{header}.{claims}.{signature} "),
            format!(" {token}"),
            format!("{token}\n"),
            format!("Bearer {token}"),
            format!("{header}..{signature}"),
            format!(".{claims}.{signature}"),
            format!("{claims}.{header}.{signature}"),
        ];
        bad.extend([1, 2, 4, 21, 42].map(|n| format!("{header}.{claims}.{}", cut(n))));
        for token in bad {
            let answer = signed.ask(&token);
            assert_eq!(answer.status, 401, "{library}: {token}: {}", answer.text());
            answer.problem(Code::TokenInvalid);
        }
    }
}

#[integration_test]
fn a_token_of_a_mebibyte_is_not_read(fixtures: &Fixtures) {
    let signed = Signed::open(fixtures);
    for library in LIBRARIES {
        let with_words = |n_bytes: usize| signed.with("words", json!("x".repeat(n_bytes)));
        let sizes = [2_000, 40_000, 1 << 20];
        let tokens = make(&sizes.map(|n_bytes| signed.order(library, &with_words(n_bytes))));
        // A claim that the edge does not know is no reason to refuse.
        let _premise = signed.ask(&tokens[0]).expect(201);
        // It fits into a body, and nothing honest is that long.
        signed.ask(&tokens[1]).problem(Code::TokenInvalid);
        assert!(tokens[2].len() > 1 << 20);
        signed.ask(&tokens[2]).problem(Code::BodyTooLarge);
    }
}

#[integration_test]
fn a_token_with_a_jti_is_good_for_one_ticket(fixtures: &Fixtures) {
    let signed = Signed::open(fixtures);
    for library in LIBRARIES {
        let once = |jti: &str| signed.order(library, &signed.with("jti", json!(jti)));
        let name = format!("once-{library}");
        let tokens = make(&[
            once(&name),
            once(&format!("{name}-more")),
            signed.order(library, &signed.claims()),
        ]);
        let _first = signed.ask(&tokens[0]).expect(201);
        signed.ask(&tokens[0]).problem(Code::TokenInvalid);
        // Neither another one of the same visitor nor one without a name is the worse for it.
        let _another = signed.ask(&tokens[1]).expect(201);
        for _ in 0..2 {
            let _unnamed = signed.ask(&tokens[2]).expect(201);
        }
    }
}

#[integration_test]
fn a_live_key_of_two_admits_and_a_revoked_one_does_not(fixtures: &Fixtures) {
    let signed = Signed::open(fixtures);
    let shop = &signed.shop;
    let next = shop.team.make_signing_key(&shop.site.id);
    let by_next = |library: &str| {
        let mut order = signed.forged(library, "secret", json!(next.secret));
        order["header"]["kid"] = json!(next.kid);
        order
    };
    let mut orders: Vec<Value> = LIBRARIES.map(by_next).into();
    orders.extend(LIBRARIES.map(|library| signed.order(library, &signed.claims())));
    // A secret under the other key's name.
    orders.push(signed.forged("jose", "secret", json!(next.secret)));
    let tokens = make(&orders);
    let (of_next, of_old, mixed) = (&tokens[..2], &tokens[2..4], &tokens[4]);
    until("the second key to be known", IN_FORCE, || {
        (signed.ask(&of_next[0]).status == 201).then_some(())
    });
    for token in of_next.iter().chain(of_old) {
        let _premise = signed.ask(token).expect(201);
    }
    signed.ask(mixed).problem(Code::TokenInvalid);
    let path = format!("/sites/{}/signing-keys/{}", shop.site.id, signed.key.kid);
    let _revoked = shop.team.call("DELETE", &path).send().expect(204);
    until("the revoked key to be refused", IN_FORCE, || {
        (signed.ask(&of_old[0]).status == 401).then_some(())
    });
    for token in of_old {
        signed.ask(token).problem(Code::TokenInvalid);
    }
    for token in of_next {
        let _still_good = signed.ask(token).expect(201);
    }
}

/// What docs/signed-visitors.md links to, each in the language that it is written in.
#[integration_test]
fn the_examples_of_every_language_make_good_tokens(fixtures: &Fixtures) {
    let signed = Signed::open(fixtures);
    let node = node();
    let node = node.to_str().expect("a path in UTF-8");
    let cargo = [
        "run",
        "--quiet",
        "--package",
        "oriel-tests",
        "--example",
        "visitor_token",
    ];
    let mut n_run = 0;
    for (program, arguments) in [
        (env!("CARGO"), &cargo[..]),
        (node, &["examples/tokens/visitor_token.mjs"]),
        ("python3", &["examples/tokens/visitor_token.py"]),
        ("php", &["examples/tokens/visitor_token.php"]),
        ("ruby", &["examples/tokens/visitor_token.rb"]),
        ("go", &["run", "examples/tokens/visitor_token.go"]),
    ] {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(workspace())
            .env("ORIEL_SITE_KEY", &signed.shop.site.key)
            .env("ORIEL_SIGNING_KID", signed.key.kid.as_str())
            .env("ORIEL_SIGNING_SECRET", &signed.key.secret)
            .output();
        let output = match output {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                eprintln!("SKIPPED: {program} is not on this machine, so its example was not run");
                continue;
            }
            output => output.unwrap_or_else(|error| panic!("{program}: {error}")),
        };
        let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(
            output.status.success(),
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let answer = signed.ask(&token);
        assert!(
            answer.expect(201).json::<TicketReply>().verified,
            "{program}"
        );
        n_run += 1;
    }
    assert!(
        n_run >= 3,
        "Rust, Node and Python are there for the other tests"
    );
}
