//! The management API, as a team and its programs use it.

use oriel_shared::wire::admin::Document;
use oriel_shared::wire::problem::Code;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::Shop;
use serde_json::json;

#[integration_test]
fn nothing_answers_without_a_good_key(fixtures: &Fixtures) {
    let edge = fixtures.edge();
    let key = &edge.ready.admin_key;
    let ask = |authorization: Option<&str>| {
        let client = edge.client();
        let call = client.get("/v1/admin/sites");
        match authorization {
            Some(value) => call.header("authorization", value).send(),
            None => call.send(),
        }
    };
    let _premise = ask(Some(&format!("Bearer {key}"))).expect(200);
    let stranger = format!("ok_{}", "A".repeat(43));
    let shorter = &key[..key.len() - 1];
    let garbled = [
        "Bearer ".to_owned(),
        "Bearer ok_".to_owned(),
        format!("Bearer {stranger}"),
        format!("Bearer {shorter}"),
        format!("Bearer {key}x"),
        format!("Bearer x{key}"),
        format!("Basic {key}"),
        key.clone(),
        format!("Bearer {}", "ok_".repeat(1000)),
        "Bearer ' OR 1=1 --".to_owned(),
    ];
    let none = ask(None).problem(Code::Unauthorized);
    for authorization in &garbled {
        let problem = ask(Some(authorization)).problem(Code::Unauthorized);
        assert_eq!(
            problem.detail, none.detail,
            "one refusal tells more than another: {authorization}"
        );
    }
    // A key in the address would be in every log.
    let _ignored = edge
        .client()
        .get(&format!("/v1/admin/sites?key={key}"))
        .send()
        .problem(Code::Unauthorized);
}

#[integration_test]
fn a_document_is_kept_as_it_was_given_until_it_is_deleted(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let path = format!("/sites/{}/documents", site.id);
    let content = "# Boats\r\n\r\n<b>Ten</b> pounds\tan hour — \u{1f6a4}\n";
    let body = json!({ "title": "Prices", "format": "text", "content": content, "url": "https://shop.example/p?a=1&b=2" });
    let made: Document = team
        .call("POST", &path)
        .json(&body)
        .send()
        .expect(201)
        .json();
    assert!(made.passages >= 1, "{made:?}");
    let one = format!("{path}/{}", made.id);
    let kept: Document = team.call("GET", &one).send().expect(200).json();
    assert_eq!(kept.content.as_deref(), Some(content));
    assert_eq!(kept.url.as_deref(), Some("https://shop.example/p?a=1&b=2"));
    assert_eq!(
        (kept.title.as_str(), kept.id.clone()),
        ("Prices", made.id.clone())
    );
    // Another site of the same organisation does not hold it.
    let elsewhere = format!(
        "/sites/{}/documents/{}",
        team.make_site("Other").id,
        made.id
    );
    team.call("GET", &elsewhere).send().problem(Code::NotFound);
    team.call("DELETE", &elsewhere)
        .send()
        .problem(Code::NotFound);

    let deleted = team.call("DELETE", &one).send().expect(204);
    assert!(deleted.body.is_empty());
    team.call("GET", &one).send().problem(Code::NotFound);
    team.call("DELETE", &one).send().problem(Code::NotFound);
}

#[integration_test]
fn two_signing_keys_live_at_once_and_no_third(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let keys = format!("/sites/{}/signing-keys", site.id);
    let (one, other) = (
        team.make_signing_key(&site.id),
        team.make_signing_key(&site.id),
    );
    assert_ne!(one.kid, other.kid);
    assert_ne!(one.secret, other.secret);
    assert!(
        one.secret.len() >= 43,
        "less than 256 bits: {}",
        one.secret.len()
    );
    team.call("POST", &keys).send().problem(Code::TooManyKeys);
    let _revoked = team
        .call("DELETE", &format!("{keys}/{}", one.kid))
        .send()
        .expect(204);
    team.call("DELETE", &format!("{keys}/{}", one.kid))
        .send()
        .problem(Code::NotFound);
    let _third = team.make_signing_key(&site.id);
}

#[integration_test]
fn a_signing_keys_secret_is_shown_once(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let key = team.make_signing_key(&site.id);
    for path in [
        format!("/sites/{}", site.id),
        "/sites".to_owned(),
        format!("/sites/{}/embed", site.id),
    ] {
        let text = team.call("GET", &path).send().expect(200).text();
        assert!(!text.contains(&key.secret), "{path}");
    }
}

#[integration_test]
fn an_address_that_is_not_there_is_told_from_a_method_that_is_not_there(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    for path in [
        "/nowhere",
        "/v1",
        "/v1/admin",
        "/v1/sites",
        "/frame/x",
        "/..%2f",
        "/assets/none.0000000000000000.js",
    ] {
        client.get(path).send().problem(Code::NotFound);
    }
    team.call("GET", "/sites/site_AAAAAAAAAAAAAAAAAAAAAA")
        .send()
        .problem(Code::NotFound);
    for (method, path, allow) in [
        ("PUT", "/v1/admin/sites", "GET, POST"),
        ("DELETE", "/frame", "GET"),
        ("GET", "/v1/session/refresh", "POST"),
        ("POST", "/healthz", "GET"),
    ] {
        let answer = client.call(method, path).send();
        answer.problem(Code::MethodNotAllowed);
        assert_eq!(
            answer.header("allow").as_deref(),
            Some(allow),
            "{method} {path}"
        );
    }
}
