//! The management API, as a team and its programs use it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use oriel_shared::id::{SiteId, SiteKey};
use oriel_shared::wire::admin::{Document, Site, SiteChange};
use oriel_shared::wire::problem::Code;
use oriel_tests::asserts::integrity;
use oriel_tests::client::{Client, Response};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, Shop, ask_for_ticket};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

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
fn a_site_is_made_disabled_with_nobody_on_its_list(fixtures: &Fixtures) {
    let (edge, team) = (fixtures.edge(), fixtures.edge().team());
    let site = team.make_site("Fresh");
    assert!(!site.enabled);
    assert!(site.safelist.is_empty(), "{:?}", site.safelist);
    assert!(
        SiteId::is_wellformed(site.id.as_str()) && SiteKey::is_wellformed(&site.key),
        "{site:?}"
    );
    assert_ne!(site.key, team.make_site("Fresh").key);
    ask_for_ticket(&edge.client(), &site.key, ORIGIN).problem(Code::SiteNotFound);
    // Enabled and still with an empty list: it exists, and admits nobody.
    let change = SiteChange {
        enabled: Some(true),
        ..SiteChange::default()
    };
    let site: Site = team.change(&site.id, &change).expect(200).json();
    assert!(site.enabled);
    until("the enabled site to be known", SOON, || {
        (ask_for_ticket(&edge.client(), &site.key, ORIGIN).status != 404).then_some(())
    });
    ask_for_ticket(&edge.client(), &site.key, ORIGIN).problem(Code::OriginNotAllowed);
}

#[integration_test]
fn a_site_cannot_be_made_enabled(fixtures: &Fixtures) {
    let body = json!({ "name": "Hasty", "enabled": true, "safelist": [ORIGIN] });
    let answer = fixtures
        .edge()
        .team()
        .call("POST", "/sites")
        .json(&body)
        .send();
    answer.problem(Code::InvalidField);
}

#[integration_test]
fn a_change_is_kept_and_touches_nothing_else(fixtures: &Fixtures) {
    let Shop {
        team, site: before, ..
    } = Shop::open(fixtures);
    let show = || {
        team.call("GET", &format!("/sites/{}", before.id))
            .send()
            .expect(200)
            .json::<Site>()
    };
    assert_eq!(show(), before);
    let change = SiteChange {
        name: Some("Café Zürich 🚤".to_owned()),
        ..SiteChange::default()
    };
    let changed: Site = team.change(&before.id, &change).expect(200).json();
    assert_eq!(
        changed,
        Site {
            name: "Café Zürich 🚤".to_owned(),
            ..before.clone()
        }
    );
    assert_eq!(show(), changed);
    let empty = team
        .call("PATCH", &format!("/sites/{}", before.id))
        .json(&json!({}))
        .send();
    assert_eq!(empty.expect(200).json::<Site>(), changed);
}

/// Whoever suspends a site, or takes an origin off its list, wins against everybody who changes something else.
#[integration_test]
fn a_suspension_is_not_undone_by_changes_that_are_made_at_the_same_time(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    for round in 0..8 {
        let site = team.open_site("Shop", &[ORIGIN]);
        let path = format!("/sites/{}", site.id);
        let change = |body: Value| {
            let answer = team.call("PATCH", &path).json(&body).send();
            answer.expect(200);
        };
        std::thread::scope(|scope| {
            for other in [
                json!({ "greeting": "Ahoy" }),
                json!({ "name": "Boats" }),
                json!({ "locale": "de" }),
                json!({ "prechat": { "fields": [{ "name": "email" }] } }),
                json!({ "enabled": false, "mode": "signed", "safelist": [] }),
                json!({ "theme": { "radius": 4 } }),
                json!({ "limits": { "message_burst": 7 } }),
                json!({ "retention_days": 9 }),
            ] {
                scope.spawn(move || change(other));
            }
        });
        let kept: Site = team.call("GET", &path).send().expect(200).json();
        let kept = serde_json::to_value(&kept).expect("JSON");
        for (field, expected) in [
            ("enabled", json!(false)),
            ("mode", json!("signed")),
            ("safelist", json!([])),
            ("greeting", json!("Ahoy")),
            ("name", json!("Boats")),
            ("locale", json!("de")),
            ("prechat", json!({ "fields": [{ "name": "email" }] })),
            ("theme", json!({ "radius": 4 })),
            ("retention_days", json!(9)),
        ] {
            assert_eq!(kept[field], expected, "{field} in round {round}");
        }
        assert_eq!(kept["limits"]["message_burst"], 7);
    }
}

#[integration_test]
fn safelist_entries_are_kept_in_their_normal_form(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    let site = team.make_site("Normal");
    let written = [
        "EXAMPLE.com",
        "https://example.com:443",
        "*.Example.org",
        "http://localhost:3000",
        "bücher.example",
    ];
    let change = SiteChange {
        safelist: Some(written.map(str::to_owned).to_vec()),
        ..SiteChange::default()
    };
    let kept: Site = team.change(&site.id, &change).expect(200).json();
    let expected = [
        "https://example.com",
        "https://*.example.org",
        "http://localhost:3000",
        "https://xn--bcher-kva.example",
    ];
    assert_eq!(kept.safelist, expected);
}

#[integration_test]
fn a_bad_safelist_entry_is_refused_by_name_and_changes_nothing(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let set = |entries: &[&str]| {
        let safelist = Some(entries.iter().map(|&entry| entry.to_owned()).collect());
        team.change(
            &site.id,
            &SiteChange {
                safelist,
                ..SiteChange::default()
            },
        )
    };
    let _premise = set(&[ORIGIN, "https://fine.example"]).expect(200);
    let bad = [
        "",
        "*",
        "https://a.example;require-trusted-types-for",
        "https://a,b.example",
        "a.example'",
        "null",
        "https://",
        "https://a.example/path",
        "https://user@a.example",
        "ftp://a.example",
        "*.com",
        "a.example:8443",
        "javascript:alert(1)",
        "https://a.example https://b.example",
        "'self'",
        "https://*.a.example",
        "a.example;script-src *",
    ];
    for entry in bad {
        let problem = set(&[ORIGIN, entry]).problem(Code::InvalidField);
        let names_it = problem.detail.contains("safelist[1]") && problem.detail.contains(entry);
        assert!(names_it, "`{entry}` is not named: {}", problem.detail);
    }
    let kept: Site = team
        .call("GET", &format!("/sites/{}", site.id))
        .send()
        .expect(200)
        .json();
    assert_eq!(kept.safelist, [ORIGIN, "https://fine.example"]);
}

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
fn the_embed_code_pins_the_bytes_that_are_served(fixtures: &Fixtures) {
    let edge = fixtures.edge();
    let Shop { team, site, .. } = Shop::open(fixtures);
    let embed = team.embed(&site.id);
    let origin = edge.client().edge().to_owned();
    let attribute = |name: &str| {
        let (_, rest) = embed
            .snippet
            .split_once(&format!(" {name}=\""))
            .unwrap_or_else(|| panic!("{}", embed.snippet));
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    assert_eq!(attribute("data-site"), site.key);
    assert_eq!(attribute("crossorigin"), "anonymous");
    assert_eq!(attribute("integrity"), embed.integrity);
    assert!(
        embed.snippet.starts_with("<script async ") && embed.snippet.ends_with("></script>"),
        "{}",
        embed.snippet
    );
    let address = attribute("src");
    let path = address
        .strip_prefix(&origin)
        .unwrap_or_else(|| panic!("{address} is not on {origin}"));
    let loader: Response = edge.client().get(path).origin(ORIGIN).send().expect(200);
    assert_eq!(integrity(&loader.body), embed.integrity);
    let mut lines: Vec<(&str, &str)> = embed
        .csp
        .iter()
        .map(|line| (line.directive.as_str(), line.source.as_str()))
        .collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            ("connect-src", &*origin),
            ("frame-src", &*origin),
            ("script-src", &*origin)
        ]
    );
    // The rolling loader is the same program under a name that stays.
    assert_eq!(
        edge.client().get("/oriel.js").send().expect(200).body,
        loader.body
    );
}

#[integration_test]
fn a_look_is_kept_and_goes_with_the_embed_code_and_the_frame(fixtures: &Fixtures) {
    let Shop { team, site, .. } = Shop::open(fixtures);
    let patch = |change: &Value| {
        team.call("PATCH", &format!("/sites/{}", site.id))
            .json(change)
            .send()
    };
    let plain = team.embed(&site.id).snippet;
    assert!(!plain.contains("data-accent"), "{plain}");
    let change = json!({
        "theme": {
            "accent": "#FFD400", "scheme": "dark", "radius": 4, "position": "start", "offset": [16, 80],
            "launcher": {"shape": "pill", "label": "\"><img src=x>"},
        },
        "locale": "de", "suggestions": ["Where is my parcel?", "</main><script>alert(1)</script>"],
        "prechat": {"fields": [{"name": "email", "required": true}], "consent": "I agree."},
    });
    let kept: Site = patch(&change).expect(200).json();
    let mut expected = change.clone();
    expected["theme"]["accent"] = json!("#ffd400");
    let shown: Site = team
        .call("GET", &format!("/sites/{}", site.id))
        .send()
        .expect(200)
        .json();
    assert_eq!(shown, kept);
    let kept = serde_json::to_value(kept).expect("JSON");
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&kept[name], value, "{name}");
    }

    let tag = team.embed(&site.id).snippet;
    let look = " data-accent=\"#ffd400\" data-scheme=\"dark\" data-radius=\"4\" data-position=\"start\" \
                data-offset=\"16 80\" data-shape=\"pill\" data-label=\"&quot;&gt;&lt;img src=x&gt;\"></script>";
    assert!(tag.contains(look), "{tag}");

    let client = fixtures.edge().client();
    let frame = format!("/frame?site={}", site.key);
    until("the frame has the look", SOON, || {
        let document = client.get(&frame).send().expect(200).text();
        assert!(!document.contains("<script>alert"), "{document}");
        let look = " data-scheme=\"dark\"";
        (document.contains(look) && document.contains("&quot;Where is my parcel?&quot;"))
            .then_some(())
    });

    // A part that is refused changes nothing, and null takes away.
    let problem = patch(&json!({"locale": "fr", "theme": {"accent": "url(https://evil.example)"}}));
    let problem = problem.problem(Code::InvalidField);
    assert!(
        problem.detail.contains("theme.accent"),
        "{}",
        problem.detail
    );
    let unknown = patch(&json!({"theme": {"css": "*{}"}})).problem(Code::InvalidBody);
    assert!(unknown.detail.contains("css"), "{}", unknown.detail);
    let bare: Site = patch(&json!({"locale": null, "prechat": null}))
        .expect(200)
        .json();
    assert_eq!((bare.locale, bare.prechat), (None, None));
    assert_eq!(bare.suggestions.len(), 2);
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
