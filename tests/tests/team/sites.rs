//! Sites: how they are made and changed, and what their settings may be.

use oriel_shared::id::{SiteId, SiteKey};
use oriel_shared::wire::admin::{Site, SiteChange};
use oriel_shared::wire::problem::Code;
use oriel_tests::asserts::integrity;
use oriel_tests::client::Response;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Shop, ask_for_ticket};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

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
