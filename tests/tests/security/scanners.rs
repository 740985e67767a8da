//! Judges from outside on what the edge sends: Mozilla's HTTP Observatory and Google's CSP Evaluator. Both run on this
//! machine, on what the running edge really answers. Source: CONTROLS HDR-4.

use std::collections::BTreeMap;
use std::io::Write;

use oriel_shared::wire::embed::{MANIFEST_PATH, Manifest};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::openapi;
use oriel_tests::page_server::{PageReply, PageServer};
use oriel_tests::tools;
use oriel_tests::visitor::ORIGIN;
use serde_json::{Value, json};

/// What the evaluator calls high. The larger the number, the less it matters.
const HIGH: u64 = 10;

/// Pages of the edge, of every kind that it answers: name and address.
fn pages(fixtures: &Fixtures) -> Vec<(String, String)> {
    let client = fixtures.edge().client();
    let team = fixtures.edge().team();
    let listed = team.open_site("Shop", &[ORIGIN, "*.boats.example"]);
    let closed = team.open_site("Closed", &[]);
    let manifest: Manifest = client.get(MANIFEST_PATH).send().expect(200).json();
    let mut paths: Vec<String> = [
        "/",
        "/healthz",
        "/readyz",
        "/nowhere",
        "/frame",
        "/v1/session",
        "/v1/admin/sites",
        "/v1/socket",
        "/oriel.js",
        MANIFEST_PATH,
        openapi::PATH,
    ]
    .map(str::to_owned)
    .into();
    paths.extend([&listed, &closed].map(|site| format!("/frame?site={}", site.key)));
    paths.push(format!("/v1/sites/{}/tickets", listed.key));
    paths.extend(manifest.assets().map(|asset| asset.path.clone()));
    paths
        .into_iter()
        .map(|path| (path.clone(), format!("{}{path}", client.edge())))
        .collect()
}

/// The demo customer's pages, which show how a page of a customer's can be.
fn demo_pages(fixtures: &Fixtures) -> Vec<(String, String)> {
    let demo = fixtures.edge().ready.demo.trim_end_matches('/').to_owned();
    ["/", "/contact", "/style.css"]
        .map(|path| (format!("demo {path}"), format!("{demo}{path}")))
        .into()
}

fn scan(pages: &[(String, String)]) -> Vec<Value> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])
        .expect("a certificate for localhost");
    let certificate = made.cert.pem();
    let mut trusted = tempfile::NamedTempFile::new().expect("a file");
    trusted
        .write_all(certificate.as_bytes())
        .expect("room for a certificate");
    let trusted = trusted.path().to_str().expect("a path that is text");
    let pages: Vec<Value> = pages
        .iter()
        .map(|(name, url)| json!({ "name": name, "url": url }))
        .collect();
    let found = tools::run(
        "observatory.mjs",
        &[("NODE_EXTRA_CA_CERTS", trusted)],
        &json!({ "certificate": certificate, "key": made.signing_key.serialize_pem(), "pages": pages }),
    );
    assert_eq!(
        found["otherHosts"],
        json!([]),
        "the scanner asked other machines"
    );
    let graded = found["pages"].as_array().cloned().unwrap_or_default();
    assert_eq!(graded.len(), pages.len());
    graded
}

#[integration_test]
fn mozillas_observatory_grades_every_page_and_file_a_plus(fixtures: &Fixtures) {
    let mut all = pages(fixtures);
    all.extend(demo_pages(fixtures));
    let graded = scan(&all);
    for page in &graded {
        println!("{} {} {}", page["grade"], page["score"], page["name"]);
    }
    let below: Vec<&Value> = graded
        .iter()
        .filter(|page| page["grade"] != "A+" || page["failed"] != json!([]))
        .collect();
    assert!(below.is_empty(), "{below:#?}");
    // It does grade: a page without any header is far from it.
    let host = PageServer::start();
    host.serve(
        "/",
        PageReply::open_page("<script src=http://other.example/x.js></script>"),
    );
    let bare = scan(&[("bare".to_owned(), format!("{}/", host.origin("localhost")))]);
    assert_eq!(bare[0]["grade"], "F", "{bare:?}");
}

#[integration_test]
fn googles_csp_evaluator_finds_nothing_high_in_any_policy(fixtures: &Fixtures) {
    let client = fixtures.edge().client();
    let mut policies: BTreeMap<String, String> = BTreeMap::new();
    for (name, url) in pages(fixtures) {
        let path = url.trim_start_matches(client.edge());
        let answer = client.get(path).send();
        let policy = answer
            .header("content-security-policy")
            .unwrap_or_else(|| panic!("{name} has no policy"));
        policies.entry(policy).or_insert(name);
    }
    assert!(policies.len() >= 3, "{policies:#?}");
    let evaluate = |policies: &[&str]| {
        let found = tools::run("csp.mjs", &[], &json!(policies));
        let found: Vec<Vec<Value>> = serde_json::from_value(found).expect("a list a policy");
        assert_eq!(found.len(), policies.len());
        found
    };
    let is_high = |finding: &&Value| finding["severity"].as_u64().is_none_or(|s| s <= HIGH);
    let texts: Vec<&str> = policies.keys().map(String::as_str).collect();
    let mut high = Vec::new();
    for ((policy, name), findings) in policies.iter().zip(evaluate(&texts)) {
        println!("{name}: {policy}");
        for finding in &findings {
            println!(
                "  {} {}: {}",
                finding["severity"], finding["directive"], finding["description"]
            );
        }
        high.extend(findings.iter().filter(is_high).cloned());
    }
    assert!(high.is_empty(), "{high:#?}");
    // It does find.
    let careless = evaluate(&["script-src * 'unsafe-inline'"]);
    assert!(
        careless[0].iter().any(|finding| is_high(&finding)),
        "{careless:?}"
    );
}
