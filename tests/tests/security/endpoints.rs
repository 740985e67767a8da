//! Every endpoint that the edge describes is called: well, badly, and by the wrong people. An endpoint that is added to the
//! description is called from then on; without a sample in `tests/src/sample_calls/samples.rs` it fails.

use std::collections::BTreeSet;

use oriel_shared::wire::embed::{MANIFEST_PATH, Manifest};
use oriel_shared::wire::problem::Code;
use oriel_tests::asserts::{ResponseKind, security_header_faults};
use oriel_tests::client::Response;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::openapi::{Description, METHODS, Operation};
use oriel_tests::sample_calls::{CredentialPlace, Customer};
use oriel_tests::tools;
use serde_json::{Value, json};

pub(super) const EVIL: &str = "https://evil.example";

/// What a test found wrong, all of it.
#[derive(Default)]
pub(super) struct Faults(Vec<String>);

impl Faults {
    pub(super) fn unless(&mut self, is_right: bool, what: impl FnOnce() -> String) {
        if !is_right {
            self.0.push(what());
        }
    }

    /// The header policy, and a whole problem document for what is refused.
    pub(super) fn look_at(&mut self, answer: &Response, kind: ResponseKind) {
        for fault in security_header_faults(answer, kind) {
            self.0
                .push(format!("{} ({}): {fault}", answer.what, answer.status));
        }
    }

    #[track_caller]
    pub(super) fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

pub(super) fn kind_of(call: &Operation, answer: &Response) -> ResponseKind {
    match (call.name.as_str(), answer.status) {
        ("show_frame", 200) => ResponseKind::Frame,
        ("rolling_loader" | "types" | "manifest" | "asset", _) => ResponseKind::File,
        _ => ResponseKind::Api,
    }
}

pub(super) fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 403 | 404)
}

#[integration_test]
fn the_description_is_openapi_and_every_good_answer_is_what_it_says(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let Description { document, calls } = Description::read(&customer.client);
    assert_eq!(document["openapi"], "3.1.0");
    let mut faults = Faults::default();
    let mut answers = Vec::new();
    for call in &calls {
        let answer = customer.sample(call).send(&customer.client);
        let (name, status) = (&call.name, answer.status);
        if name == "create_connection" {
            // The way out of this edge leads nowhere; team/connections.rs makes good ones.
            answer.problem(Code::EgressBlocked);
            continue;
        }
        faults.unless(call.good.contains(&status), || {
            format!("{name}: {status} is not described: {}", answer.text())
        });
        if let Some(pointer) = call.schema_of(status) {
            let body: Value = answer.json();
            answers.push(json!({ "name": name, "pointer": pointer, "body": body }));
        }
    }
    assert!(calls.len() > 25 && answers.len() > 15, "{}", answers.len());
    let judged = tools::run(
        "openapi.mjs",
        &[],
        &json!({ "document": document, "answers": answers }),
    );
    assert_eq!(judged, json!({ "document": [], "answers": [] }));
    // The judge does judge.
    let mut broken = document.clone();
    broken["paths"]["/healthz"]["get"]["responses"] = json!([]);
    let wrong = json!({ "name": "wrong", "pointer": "/components/schemas/Site", "body": {} });
    let judged = tools::run(
        "openapi.mjs",
        &[],
        &json!({ "document": broken, "answers": [wrong] }),
    );
    for part in ["document", "answers"] {
        assert_ne!(judged[part], json!([]), "{part}");
    }
    faults.none();
}

#[integration_test]
fn every_answer_of_every_call_carries_the_security_headers(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let client = &customer.client;
    let description = Description::read(client);
    let mut faults = Faults::default();
    let mut n_refused = BTreeSet::new();
    for call in description.calls.iter().filter(|call| !call.is_file()) {
        let sample = customer.sample(call);
        let good = sample.send(client);
        // The way out of this edge leads nowhere; team/connections.rs makes good ones.
        let leads_out = call.name == "create_connection";
        faults.unless(leads_out || call.good.contains(&good.status), || {
            format!("{}: {}: {}", good.what, good.status, good.text())
        });
        let mut answers = vec![good];
        // Without what lets in; for what is not there; with what is not to be read.
        answers.push(sample.with_credential("").send(client));
        answers.push(sample.of_nothing().send(client));
        if call.takes.is_some() {
            answers.push(sample.begin(client).body("application/json", "{").send());
        }
        let allowed = description.methods_of(&call.path);
        for method in METHODS.iter().filter(|method| !allowed.contains(*method)) {
            let answer = sample.begin_as(client, method).send();
            faults.unless(answer.status == 405, || {
                format!("{}: {} and not 405", answer.what, answer.status)
            });
            let mut named: Vec<String> = answer
                .header("allow")
                .unwrap_or_default()
                .split(", ")
                .map(str::to_owned)
                .collect();
            named.sort();
            let mut others: Vec<&str> = allowed.clone();
            others.retain(|method| *method != "OPTIONS");
            others.sort_unstable();
            faults.unless(named == others, || {
                format!("{}: allow {named:?} and not {others:?}", answer.what)
            });
            answers.push(answer);
        }
        for answer in &answers {
            faults.look_at(answer, kind_of(call, answer));
            // No problem is cached, and what is not a file never is.
            faults.unless(
                answer.header("cache-control").as_deref() == Some("no-store"),
                || format!("{} ({}) may be stored", answer.what, answer.status),
            );
            if answer.status < 400 || answer.body.is_empty() {
                continue;
            }
            n_refused.insert(answer.status);
            if answer.status == 405 {
                answer.problem(Code::MethodNotAllowed);
            } else if !call.good.contains(&answer.status) {
                let code = answer.any_problem().code;
                let described = call.codes.get(&answer.status);
                faults.unless(described.is_some_and(|codes| codes.contains(&code)), || {
                    format!("{}: {} `{code}` is not described", call.name, answer.status)
                });
            }
        }
    }
    let expected = [400, 401, 403, 404, 405];
    assert!(
        expected.iter().all(|status| n_refused.contains(status)),
        "{n_refused:?}"
    );
    faults.none();
}

#[integration_test]
fn every_file_carries_the_security_headers_whatever_is_asked_of_it(fixtures: &Fixtures) {
    let client = fixtures.edge().client();
    let manifest: Manifest = client.get(MANIFEST_PATH).send().expect(200).json();
    let files = manifest.assets();
    let mut paths: Vec<(String, ResponseKind)> = files
        .map(|asset| (asset.path.clone(), ResponseKind::File))
        .collect();
    let described = Description::read(&client).calls;
    let files = described
        .iter()
        .filter(|call| call.is_file() && !call.path.contains('{'));
    paths.extend(files.map(|call| {
        let kind = match call.name.as_str() {
            "describe" => ResponseKind::Api,
            _ => ResponseKind::File,
        };
        (call.path.clone(), kind)
    }));
    assert!(paths.len() >= 7, "{paths:?}");
    let mut faults = Faults::default();
    for (path, kind) in &paths {
        for method in METHODS {
            let answer = client.call(method, path).origin(EVIL).send();
            let is_read = ["GET", "HEAD"].contains(&method);
            faults.unless(answer.status == if is_read { 200 } else { 405 }, || {
                format!("{}: {}", answer.what, answer.status)
            });
            faults.look_at(&answer, *kind);
        }
        let same = client
            .get(path)
            .header(
                "if-none-match",
                &client.get(path).send().header("etag").unwrap_or_default(),
            )
            .send();
        faults.look_at(&same, *kind);
        // Near misses are the worker's.
        for other in [format!("{path}x"), format!("{path}/"), path.to_uppercase()] {
            let answer = client.get(&other).send();
            faults.unless(answer.status == 404, || {
                format!("{other}: {}", answer.status)
            });
            faults.look_at(&answer, ResponseKind::Api);
        }
    }
    faults.none();
}

#[integration_test]
fn a_body_that_is_too_long_or_malformed_is_refused_by_every_call_that_takes_one(
    fixtures: &Fixtures,
) {
    let customer = Customer::make(fixtures);
    let client = &customer.client;
    let before = customer.snapshot();
    let mut faults = Faults::default();
    let mut n_walked = 0;
    for call in Description::read(client).calls {
        let Some(takes) = call.takes else { continue };
        n_walked += 1;
        let sample = customer.target(&call);
        let good = sample.body().expect("a sample of what it takes");
        let mut more = good.clone();
        more["colour"] = json!("red");
        let mut deep = good.clone();
        deep["colour"] = (0..200).fold(json!([]), |inner, _| json!([inner]));
        let member = good
            .as_object()
            .and_then(|members| members.keys().next().cloned());
        let mut wrong = good.clone();
        wrong[member.as_deref().unwrap_or("site")] = deep["colour"].clone();
        let twice = match member {
            Some(name) => format!("{{\"{name}\":\"a\",\"{name}\":\"a\"}}"),
            None => "{\"token\":\"a\",\"token\":\"a\"}".to_owned(),
        };
        let json = "application/json";
        let bodies: Vec<(Code, &str, Vec<u8>)> = vec![
            (Code::InvalidBody, json, b"{".to_vec()),
            (Code::InvalidBody, json, b"[]".to_vec()),
            (Code::InvalidBody, json, b"null".to_vec()),
            (Code::InvalidBody, json, b"\xff\xfe{}".to_vec()),
            (
                Code::InvalidBody,
                json,
                format!("{good}{good}").into_bytes(),
            ),
            (Code::InvalidBody, json, more.to_string().into_bytes()),
            (Code::InvalidBody, json, deep.to_string().into_bytes()),
            (Code::InvalidBody, json, wrong.to_string().into_bytes()),
            (Code::InvalidBody, json, twice.into_bytes()),
            (Code::InvalidBody, json, vec![b' '; takes.max_bytes]),
            (Code::InvalidBody, json, vec![b'['; takes.max_bytes]),
            (Code::BodyTooLarge, json, vec![b' '; takes.max_bytes + 1]),
            (
                Code::BodyTooLarge,
                "text/plain",
                vec![b'x'; takes.max_bytes + 1],
            ),
            (
                Code::UnsupportedMediaType,
                "text/plain",
                good.to_string().into_bytes(),
            ),
            (
                Code::UnsupportedMediaType,
                "application/x-www-form-urlencoded",
                b"ticket=x&site=y".to_vec(),
            ),
            (
                Code::UnsupportedMediaType,
                "multipart/form-data; boundary=x",
                b"--x\r\n\r\n--x--".to_vec(),
            ),
            (
                Code::UnsupportedMediaType,
                "application/jsonp",
                good.to_string().into_bytes(),
            ),
        ];
        for (code, media_type, body) in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let answer = sample.begin(client).body(media_type, body).send();
            faults.look_at(&answer, ResponseKind::Api);
            if answer.status < 400 {
                faults
                    .0
                    .push(format!("{} takes {media_type} `{shown}`", call.name));
                continue;
            }
            let told = answer.any_problem();
            faults.unless(told.code == code.name(), || {
                format!("{} with {media_type} `{shown}`: {}", call.name, told.code)
            });
            // A refusal shows no value that it was sent.
            faults.unless(!told.detail.contains("red"), || told.detail.clone());
        }
        let untyped = sample.begin(client).untyped_body(good.to_string()).send();
        untyped.problem(Code::UnsupportedMediaType);
        if takes.is_needed {
            let none = sample.begin(client).header("content-length", "0").send();
            faults.unless([400, 415].contains(&none.status), || {
                format!("{} without a body: {}", call.name, none.status)
            });
        }
    }
    assert!(n_walked >= 9, "{n_walked}");
    assert_eq!(
        customer.snapshot(),
        before,
        "a refused call changed something"
    );
    faults.none();
}

#[integration_test]
fn a_query_parameter_that_is_not_declared_is_refused_by_every_call_and_named(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let client = &customer.client;
    let before = customer.snapshot();
    let mut faults = Faults::default();
    let mut n_refused = 0;
    for call in Description::read(client).calls {
        if call.is_file() {
            continue;
        }
        let sample = customer.target(&call).with_parameter("colour", "red");
        let answer = sample.send(client);
        faults.look_at(&answer, ResponseKind::Api);
        let told = answer.problem(Code::InvalidQuery);
        faults.unless(told.field.as_deref() == Some("colour"), || {
            format!("{}: {:?}", call.name, told.field)
        });
        n_refused += 1;
        // Where callers are known before a handler runs, nobody learns by it what they may not call.
        let is_known = matches!(
            sample.place,
            CredentialPlace::Origin
                | CredentialPlace::Subprotocol
                | CredentialPlace::Access
                | CredentialPlace::Key
        );
        if is_known {
            let answer = sample.with_credential("").send(client);
            faults.unless(is_refusal(answer.status), || {
                format!("{} without a credential: {}", call.name, answer.status)
            });
        }
    }
    assert!(n_refused > 50, "{n_refused}");
    assert_eq!(
        customer.snapshot(),
        before,
        "a refused call changed something"
    );
    faults.none();
}
