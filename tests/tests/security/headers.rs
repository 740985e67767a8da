//! What every answer carries, whoever made it and whatever went wrong. Source: CONTROLS HDR-1 to HDR-3.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use oriel_shared::wire::embed::{MANIFEST_PATH, Manifest};
use oriel_shared::wire::problem::Code;
use oriel_tests::asserts::{ResponseKind, assert_security_headers, directive, integrity};
use oriel_tests::client::{Client, Response};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, from_frame};
use oriel_tests::wait::{SOON, until};
use serde_json::json;
use sha2::{Digest, Sha256};

#[integration_test]
fn what_is_no_endpoint_carries_the_security_headers_and_is_not_stored(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let tickets = format!("/v1/sites/{}/tickets", site.key);
    // Besides, those answers of endpoints that `endpoints.rs` does not come by.
    for (status, answer) in [
        (404, client.get("/").send()),
        (404, client.get("/nowhere").send()),
        (404, client.get("/favicon.ico").send()),
        (404, client.get("/assets/none.0000000000000000.js").send()),
        (404, client.get("/frame").send()),
        (
            404,
            client.get("/frame?site=pk_AAAAAAAAAAAAAAAAAAAAAA").send(),
        ),
        (404, team.call("GET", "/nowhere").send()),
        (204, client.call("OPTIONS", &tickets).origin(ORIGIN).send()),
        (426, from_frame(&client, "GET", "/v1/socket").send()),
        (
            422,
            team.call("POST", "/sites")
                .json(&json!({ "name": "" }))
                .send(),
        ),
    ] {
        let answer = answer.expect(status);
        assert_security_headers(&answer, ResponseKind::Api);
        assert_eq!(
            answer.header("cache-control").as_deref(),
            Some("no-store"),
            "{}",
            answer.what
        );
        if status >= 400 {
            let _whole = answer.any_problem();
        }
    }
}

fn manifest(client: &Client) -> Manifest {
    client.get(MANIFEST_PATH).send().expect(200).json()
}

#[integration_test]
fn every_files_name_is_its_hash_and_it_may_be_stored_for_good(fixtures: &Fixtures) {
    let client = fixtures.edge().client();
    let manifest = manifest(&client);
    assert!(manifest.assets().count() >= 15);
    for asset in manifest.assets() {
        let media_type = match asset.path.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("wasm") => "application/wasm",
            Some("css") => "text/css",
            Some("json") => "application/json",
            other => panic!("{}: {other:?}", asset.path),
        };
        let answer = client.get(&asset.path).origin(ORIGIN).send().expect(200);
        assert_eq!(integrity(&answer.body), asset.integrity, "{}", asset.path);
        assert_eq!(answer.body.len() as u64, asset.bytes, "{}", asset.path);
        let hash: String = sha2_hex(&answer.body)[..16].to_owned();
        assert!(
            asset.path.contains(&format!(".{hash}.")),
            "{} and not {hash}",
            asset.path
        );
        let its_type = answer.header("content-type").unwrap_or_default();
        assert!(
            its_type.starts_with(media_type),
            "{}: {its_type}",
            asset.path
        );
        assert_eq!(
            answer.header("cache-control").as_deref(),
            Some("public, max-age=31536000, immutable")
        );
        // SRI needs CORS, and a star is right where no answer depends on who asks.
        assert_eq!(
            answer.header("access-control-allow-origin").as_deref(),
            Some("*")
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    for path in ["/oriel.js", "/oriel.d.ts", MANIFEST_PATH] {
        let answer = client.get(path).send().expect(200);
        let cached = answer.header("cache-control").unwrap_or_default();
        assert!(
            cached.contains("must-revalidate") && !cached.contains("immutable"),
            "{path}: {cached}"
        );
    }
}

fn sha2_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[integration_test]
fn the_frame_document_is_the_only_one_that_may_be_framed_and_by_the_safelist_alone(
    fixtures: &Fixtures,
) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let site = team.open_site(
        "Shop",
        &[ORIGIN, "*.boats.example", "http://localhost:3000"],
    );
    let answer = client
        .get(&format!("/frame?site={}", site.key))
        .send()
        .expect(200);
    assert_security_headers(&answer, ResponseKind::Frame);
    let csp = answer.header("content-security-policy").unwrap_or_default();
    let ancestors = directive(&csp, "frame-ancestors").unwrap_or_default();
    let mut ancestors: Vec<&str> = ancestors.split(' ').collect();
    ancestors.sort_unstable();
    assert_eq!(
        ancestors,
        ["http://localhost:3000", "https://*.boats.example", ORIGIN]
    );
    let closed = team.open_site("Closed", &[]);
    let answer = client
        .get(&format!("/frame?site={}", closed.key))
        .send()
        .expect(200);
    let csp = answer.header("content-security-policy").unwrap_or_default();
    assert_eq!(
        directive(&csp, "frame-ancestors").as_deref(),
        Some("'none'")
    );
}

#[integration_test]
fn the_frame_document_runs_hashed_files_under_trusted_types_and_nothing_inline(
    fixtures: &Fixtures,
) {
    let client = fixtures.edge().client();
    let site = fixtures.edge().team().open_site("Shop", &[ORIGIN]);
    let answer = client
        .get(&format!("/frame?site={}", site.key))
        .send()
        .expect(200);
    let csp = answer.header("content-security-policy").unwrap_or_default();
    for (name, value) in [
        ("default-src", "'none'"),
        ("script-src", "'self' 'wasm-unsafe-eval'"),
        ("style-src", "'self'"),
        ("connect-src", "'self'"),
        ("img-src", "'self'"),
        ("require-trusted-types-for", "'script'"),
        ("trusted-types", "'none'"),
    ] {
        assert_eq!(
            directive(&csp, name).as_deref(),
            Some(value),
            "{name} in `{csp}`"
        );
    }
    let html = answer.text();
    assert!(
        answer
            .header("content-type")
            .unwrap_or_default()
            .starts_with("text/html")
    );
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let Manifest {
        frame_script,
        frame_wasm,
        frame_style,
        locales,
        ..
    } = manifest(&client);
    let tag_of = |path: &str| {
        let (_, after) = html
            .split_once(path)
            .unwrap_or_else(|| panic!("{path} is not in {html}"));
        after.split('>').next().unwrap_or_default().to_owned()
    };
    for asset in [&frame_script, &frame_style] {
        let tag = tag_of(&asset.path);
        assert!(
            tag.contains(&format!("integrity=\"{}\"", asset.integrity)),
            "{}: {tag}",
            asset.path
        );
    }
    // Browsers know no integrity on a preload; the script that fetches the program brings it.
    let _preloaded = tag_of(&frame_wasm.path);
    let words = locales.iter().find(|locale| locale.tag == "en");
    let words = &words.expect("English").words;
    assert!(tag_of(&words.path).contains("crossorigin"));
    assert!(html.contains(&format!("data-pin=\"{}\"", words.integrity)));
    let script = client.get(&frame_script.path).send().expect(200).text();
    assert!(script.contains(&frame_wasm.path) && script.contains(&frame_wasm.integrity));
    for inline in [" style=", "<style", " onload=", " onclick=", "javascript:"] {
        assert!(!html.contains(inline), "{inline} in {html}");
    }
    assert_eq!(html.matches("<script").count(), 1, "{html}");
}

#[integration_test]
fn a_sites_colours_are_a_rule_that_is_admitted_by_its_hash(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let theme = json!({ "theme": { "accent": "#102060", "radius": 4, "scheme": "dark" } });
    let _changed = team
        .call("PATCH", &format!("/sites/{}", site.id))
        .json(&theme)
        .send()
        .expect(200);
    let answer = until("the colours", SOON, || {
        let answer = client.get(&format!("/frame?site={}", site.key)).send();
        answer.text().contains("<style>").then_some(answer)
    });
    let html = answer.text();
    let (_, rest) = html.split_once("<style>").expect("a rule");
    let (rule, _) = rest.split_once("</style>").expect("its end");
    assert!(rule.contains("--fill:#102060") && rule.contains("--r:4px"));
    let hash = BASE64_STANDARD.encode(Sha256::digest(rule));
    let csp = answer.header("content-security-policy").unwrap_or_default();
    assert_eq!(
        directive(&csp, "style-src"),
        Some(format!("'self' 'sha256-{hash}'"))
    );
    assert_eq!(html.matches("<style").count(), 1, "{html}");
    assert!(!html.contains(" style="), "{html}");
}

#[integration_test]
fn a_sites_words_cannot_leave_the_frame_document(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let words = "</title></main><script>alert(1)</script>\"'&";
    let site = team.open_site(words, &[ORIGIN]);
    let change = json!({ "greeting": words, "disclosure": words });
    let _changed = team
        .call("PATCH", &format!("/sites/{}", site.id))
        .json(&change)
        .send()
        .expect(200);
    let html = client
        .get(&format!("/frame?site={}", site.key))
        .send()
        .expect(200)
        .text();
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    assert_eq!(html.matches("</main>").count(), 1, "{html}");
    assert!(!html.contains("alert(1)</script>"), "{html}");
}

#[integration_test]
fn a_listed_page_may_read_its_ticket_and_nobody_else_may(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let site = team.open_site("Shop", &[ORIGIN, "*.boats.example"]);
    let ask = |origin: &str, body: &str| {
        let path = format!("/v1/sites/{}/tickets", site.key);
        client
            .post(&path)
            .origin(origin)
            .body("application/json", body)
            .send()
    };
    for origin in [ORIGIN, "https://a.boats.example"] {
        // A page that may embed may also read why its call was refused.
        for (body, status) in [("{}", 201), ("{\"x\":1}", 400)] {
            let answer = ask(origin, body).expect(status);
            assert_eq!(
                answer.header("access-control-allow-origin").as_deref(),
                Some(origin)
            );
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_varies_by_origin(&answer);
        }
    }
    for origin in [
        "https://evil.example",
        "null",
        "https://shop.example.evil.example",
    ] {
        let answer = ask(origin, "{}");
        answer.problem(Code::OriginNotAllowed);
        assert_no_cors(&answer);
        assert_varies_by_origin(&answer);
    }
}

#[integration_test]
fn a_preflight_is_answered_for_listed_pages_alone(fixtures: &Fixtures) {
    let (client, team) = (fixtures.edge().client(), fixtures.edge().team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let ask = |origin: &str| {
        client
            .call("OPTIONS", &format!("/v1/sites/{}/tickets", site.key))
            .origin(origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .send()
    };
    let listed = ask(ORIGIN).expect(204);
    assert_eq!(
        listed.header("access-control-allow-origin").as_deref(),
        Some(ORIGIN)
    );
    assert_eq!(
        listed.header("access-control-allow-methods").as_deref(),
        Some("POST")
    );
    assert_eq!(
        listed.header("access-control-allow-headers").as_deref(),
        Some("content-type")
    );
    assert_varies_by_origin(&listed);
    for origin in ["https://evil.example", "null"] {
        let answer = ask(origin).expect(403);
        assert_no_cors(&answer);
        assert_varies_by_origin(&answer);
    }
}

#[integration_test]
fn no_page_reads_what_a_key_reads(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    assert_no_cors(&team.call("GET", "/sites").origin(ORIGIN).send().expect(200));
}

#[track_caller]
fn assert_no_cors(answer: &Response) {
    let found: Vec<_> = answer
        .headers
        .keys()
        .filter(|name| name.as_str().starts_with("access-control-allow"))
        .collect();
    assert!(
        found.is_empty(),
        "{} ({}): {found:?}",
        answer.what,
        answer.status
    );
}

#[track_caller]
fn assert_varies_by_origin(answer: &Response) {
    let vary = answer.header("vary").unwrap_or_default();
    assert!(
        vary.split(',')
            .any(|name| name.trim().eq_ignore_ascii_case("origin")),
        "{}: `{vary}`",
        answer.what
    );
}
