//! What the management API takes for a body.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use oriel_shared::wire::admin::Document;
use oriel_shared::wire::problem::Code;
use oriel_tests::client::Client;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::team::Team;
use oriel_tests::visitor::Shop;
use oriel_tests::wait::SOON;
use serde_json::json;

#[integration_test]
fn fields_that_are_not_known_are_refused_by_name(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let documents = format!("/sites/{}/documents", site.id);
    let patch = format!("/sites/{}", site.id);
    for (method, path, good, bad) in [
        (
            "POST",
            "/sites",
            json!({ "name": "A" }),
            json!({ "name": "A", "colour": "red" }),
        ),
        (
            "PATCH",
            &patch,
            json!({ "name": "A" }),
            json!({ "name": "A", "colour": "red" }),
        ),
        (
            "PATCH",
            &patch,
            json!({ "name": "A" }),
            json!({ "name": "A", "colour": null }),
        ),
        (
            "POST",
            &documents,
            json!({ "title": "A", "content": "b" }),
            json!({ "title": "A", "content": "b", "colour": "red" }),
        ),
    ] {
        let premise = team.call(method, path).json(&good).send();
        assert!(
            matches!(premise.status, 200 | 201),
            "{path}: {}",
            premise.text()
        );
        let problem = team
            .call(method, path)
            .json(&bad)
            .send()
            .problem(Code::InvalidBody);
        assert!(problem.detail.contains("colour"), "{}", problem.detail);
    }
}

#[integration_test]
fn values_out_of_bounds_are_refused_by_the_fields_name(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let documents = format!("/sites/{}/documents", site.id);
    let patch = format!("/sites/{}", site.id);
    for (method, path, body, field) in [
        ("POST", "/sites", json!({}), "name"),
        ("POST", "/sites", json!({ "name": "" }), "name"),
        ("POST", "/sites", json!({ "name": "x".repeat(81) }), "name"),
        ("POST", "/sites", json!({ "name": "two\nlines" }), "name"),
        (
            "PATCH",
            &patch,
            json!({ "token_ttl_max": 0 }),
            "token_ttl_max",
        ),
        (
            "PATCH",
            &patch,
            json!({ "token_ttl_max": 86_401 }),
            "token_ttl_max",
        ),
        (
            "POST",
            &documents,
            json!({ "title": "", "content": "words" }),
            "title",
        ),
        (
            "POST",
            &documents,
            json!({ "title": "x".repeat(201), "content": "words" }),
            "title",
        ),
        (
            "POST",
            &documents,
            json!({ "title": "A", "content": " \n " }),
            "content",
        ),
        (
            "POST",
            &documents,
            json!({ "title": "A", "content": "b", "url": "javascript:alert(1)" }),
            "url",
        ),
    ] {
        let problem = team
            .call(method, path)
            .json(&body)
            .send()
            .problem(Code::InvalidField);
        assert!(
            problem.detail.contains(field),
            "{path} {field}: {}",
            problem.detail
        );
    }
}

#[integration_test]
fn a_body_that_is_not_json_is_refused(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    let _premise = team
        .call("POST", "/sites")
        .body("application/json", "{\"name\":\"A\"}")
        .send()
        .expect(201);
    let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"name\"",
        "{\"name\":7}",
        "{\"name\":\"A\"}{}",
        "\u{feff}{}",
        &deep,
    ] {
        team.call("POST", "/sites")
            .body("application/json", body)
            .send()
            .problem(Code::InvalidBody);
    }
    let not_utf8 = [b"{\"name\":\"".as_slice(), &[0xff, 0xfe], b"\"}"].concat();
    team.call("POST", "/sites")
        .body("application/json", not_utf8)
        .send()
        .problem(Code::InvalidBody);
}

#[integration_test]
fn only_json_is_read(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    let body = "{\"name\":\"A\"}";
    for good in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
    ] {
        let _premise = team
            .call("POST", "/sites")
            .body(good, body)
            .send()
            .expect(201);
    }
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
        "",
    ] {
        team.call("POST", "/sites")
            .body(bad, body)
            .send()
            .problem(Code::UnsupportedMediaType);
    }
    team.call("POST", "/sites")
        .untyped_body(body)
        .send()
        .problem(Code::UnsupportedMediaType);
}

#[integration_test]
fn bodies_over_64_kib_are_refused(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    let body = |n_bytes: usize| {
        let empty = "{\"name\":\"A\"}";
        format!("{empty}{}", " ".repeat(n_bytes - empty.len()))
    };
    let post = |n_bytes| {
        team.call("POST", "/sites")
            .body("application/json", body(n_bytes))
            .send()
    };
    let _premise = post(64 * 1024).expect(201);
    post(64 * 1024 + 1).problem(Code::BodyTooLarge);
    post(1024 * 1024).problem(Code::BodyTooLarge);
    // Nor are they read to the end where no length was announced.
    let in_chunks = |n_bytes| status_of_chunks(&team, &fixtures.edge().client(), &body(n_bytes));
    assert_eq!((in_chunks(64 * 1024), in_chunks(64 * 1024 + 1)), (201, 413));
}

/// The status of a POST that makes a site, whose body comes in chunks.
fn status_of_chunks(team: &Team, client: &Client, body: &str) -> u16 {
    let host = client.edge().strip_prefix("http://").expect("http");
    let mut stream = TcpStream::connect(host).expect("a connection");
    stream.set_read_timeout(Some(SOON)).expect("a time-out");
    let mut request = format!(
        "POST /v1/admin/sites HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        team.key()
    );
    for chunk in body.as_bytes().chunks(8 * 1024) {
        let chunk = std::str::from_utf8(chunk).expect("ASCII");
        request += &format!("{:x}\r\n{chunk}\r\n", chunk.len());
    }
    request += "0\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("sent");
    let mut line = String::new();
    BufReader::new(stream)
        .read_line(&mut line)
        .expect("a status");
    let status = line.split(' ').nth(1).and_then(|text| text.parse().ok());
    status.unwrap_or_else(|| panic!("no status: {line}"))
}

#[integration_test]
fn documents_over_2_mib_are_refused(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let post = |n_bytes: usize| {
        let document = json!({ "title": "Long", "content": "word ".repeat(n_bytes / 5) });
        team.call("POST", &format!("/sites/{}/documents", site.id))
            .json(&document)
            .send()
    };
    // More than any other call takes, so the limit is this call's own.
    let _premise = post(100 * 1024).expect(201);
    post(2 * 1024 * 1024 + 1).problem(Code::BodyTooLarge);
    post(8 * 1024 * 1024).problem(Code::BodyTooLarge);
}

#[integration_test]
fn a_document_close_to_2_mib_is_taken_or_refused_but_never_a_failure(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let content =
        "All boats go out at ten and come back at noon. ".repeat(2 * 1024 * 1024 / 47 - 10);
    let path = format!("/sites/{}/documents", site.id);
    let answer = team
        .call("POST", &path)
        .json(&json!({ "title": "Nearly all", "content": content }))
        .send();
    assert!(answer.status < 500, "{}", answer.text());
    if answer.status == 201 {
        let document: Document = answer.json();
        let kept = team
            .call("GET", &format!("{path}/{}", document.id))
            .send()
            .expect(200)
            .json::<Document>();
        assert_eq!(kept.content.map(|text| text.len()), Some(content.len()));
    }
}
