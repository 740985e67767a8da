//! What is kept of a change, and which field is named when one is refused.

use serde_json::{Value, json};

use super::*;
use crate::id::{SiteId, UnixMs};
use crate::wire::admin::{Limits, Mode};
use crate::wire::site::{Answers, Hours, Model};
use crate::wire::theme::Theme;

fn site() -> Site {
    Site {
        id: SiteId::from_random([1; 16]),
        key: "pk_1".into(),
        name: "Shop".into(),
        mode: Mode::Safelist,
        safelist: Vec::new(),
        enabled: false,
        token_ttl_max: 300,
        limits: Limits::DEFAULT,
        greeting: "Hello".into(),
        disclosure: "A machine answers".into(),
        answers: Answers::default(),
        model: Model::default(),
        hours: Hours::default(),
        theme: Theme::default(),
        locale: None,
        suggestions: Vec::new(),
        prechat: None,
        retention_days: 0,
        created_at: UnixMs(0).rfc3339(),
    }
}

fn changed(change: Value) -> Result<Site, InvalidSetting> {
    let mut site = site();
    apply(&mut site, serde_json::from_value(change).expect("a change")).map(|()| site)
}

#[test]
fn absent_fields_keep_their_value() {
    assert_eq!(changed(json!({})), Ok(site()));
}

#[test]
fn words_of_the_sites_own_can_be_taken_back() {
    let site = changed(json!({"greeting": "", "disclosure": ""})).expect("accepted");
    assert_eq!((&*site.greeting, &*site.disclosure), ("", ""));
}

#[test]
fn a_setting_is_kept_in_its_normal_form() {
    let site = changed(json!({
        "name": " Cafe\u{301} ", "mode": "signed", "enabled": true, "token_ttl_max": 86_400,
        "safelist": ["Example.com", "https://example.com:443", "*.Example.com"],
    }))
    .expect("accepted");
    assert_eq!(site.name, "Café");
    assert_eq!((site.mode, site.enabled), (Mode::Signed, true));
    assert_eq!(
        site.safelist,
        ["https://example.com", "https://*.example.com"]
    );
}

#[test]
fn what_is_replaced_whole_is_kept_whole() {
    let hours = json!({
        "time_zone": "Europe/Berlin", "shifts": [{"days": ["monday"], "from": "09:00", "until": "17:00"}],
    });
    let site = changed(json!({
        "answers": {"synonyms": [[" parcel ", "package"]], "link_hosts": ["Example.com"], "needs_review": true},
        "model": {"provider": "workers_ai", "name": "@cf/meta/llama", "instructions": "Be short.\r\nBe kind."},
        "hours": hours, "retention_days": 30,
    }))
    .expect("accepted");
    assert_eq!(site.answers.synonyms, [["parcel", "package"]]);
    assert_eq!(site.answers.link_hosts, ["https://example.com"]);
    assert_eq!(site.model.instructions, "Be short.\nBe kind.");
    assert_eq!((site.hours.shifts.len(), site.retention_days), (1, 30));
    // A site without a model has none of a model's settings either.
    // Nor one without an embedding model its.
    let off = changed(json!({"answers": {"embeddings": {"name": "m", "price": 7}}}));
    assert!(off.expect("accepted").answers.embeddings.is_off());
    let off = changed(json!({"model": {"name": "m", "input_price": 7}})).expect("accepted");
    assert_eq!(off.model, Model::default());
}

#[test]
fn a_theme_is_kept_in_its_normal_form() {
    let site = changed(json!({
        "theme": {
            "accent": "#FFD400", "scheme": "dark", "radius": 24, "position": "start", "offset": [0, 200],
            "launcher": {"shape": "pill", "label": " Fragen? "},
        },
        "locale": "pt-br", "suggestions": [" Where is my parcel? "],
        "prechat": {"fields": [{"name": "email", "required": true}, {"name": "company", "label": " Firma "}],
            "consent": "I agree."},
    }))
    .expect("accepted");
    let theme = json!({
        "accent": "#ffd400", "scheme": "dark", "radius": 24, "position": "start", "offset": [0, 200],
        "launcher": {"shape": "pill", "label": "Fragen?"},
    });
    assert_eq!(serde_json::to_value(&site.theme).expect("JSON"), theme);
    assert_eq!(site.locale.as_deref(), Some("pt-BR"));
    assert_eq!(site.suggestions, ["Where is my parcel?"]);
    let form = json!({
        "fields": [{"name": "email", "required": true}, {"name": "company", "label": "Firma"}],
        "consent": "I agree.",
    });
    assert_eq!(serde_json::to_value(&site.prechat).expect("JSON"), form);

    // What is replaced is replaced whole; null takes away, absent keeps.
    let again = |site: &Site, change: Value| {
        let mut site = site.clone();
        let change = serde_json::from_value(change).expect("a change");
        apply(&mut site, change).map(|()| site)
    };
    let kept = again(&site, json!({"name": "Other"})).expect("accepted");
    assert_eq!((&kept.locale, &kept.prechat), (&site.locale, &site.prechat));
    let bare = json!({"theme": {}, "locale": null, "suggestions": [], "prechat": null});
    let bare = again(&site, bare).expect("accepted");
    assert_eq!(bare.theme, Theme::default());
    assert_eq!(
        (bare.locale, bare.suggestions, bare.prechat),
        (None, Vec::new(), None)
    );
}

#[test]
fn a_theme_of_another_shape_is_not_a_change() {
    for change in [
        json!({"theme": {"css": "*{display:none}"}}),
        json!({"theme": {"accent": ["#000000"]}}),
        json!({"theme": {"scheme": "sepia"}}),
        json!({"theme": {"position": "left"}}),
        json!({"theme": {"radius": -1}}),
        json!({"theme": {"radius": 1.5}}),
        json!({"theme": {"radius": "4px"}}),
        json!({"theme": {"radius": 65_536}}),
        json!({"theme": {"offset": 4}}),
        json!({"theme": {"offset": [4]}}),
        json!({"theme": {"offset": [4, 4, 4]}}),
        json!({"theme": {"offset": ["4px", "calc(1px)"]}}),
        json!({"theme": {"launcher": {"icon": "<svg onload=alert(1)>"}}}),
        json!({"theme": {"launcher": {"shape": "star"}}}),
        json!({"suggestions": "one"}),
        json!({"suggestions": [{"text": "one"}]}),
        json!({"prechat": {"fields": [{"name": "password"}]}}),
        json!({"prechat": {"fields": [{"name": "email", "type": "hidden"}]}}),
        json!({"prechat": {"fields": [{"label": "E-mail"}]}}),
        json!({"prechat": {"consent": "I agree."}}),
        json!({"prechat": {"fields": [], "action": "https://evil.example"}}),
    ] {
        assert!(
            serde_json::from_value::<SiteChange>(change.clone()).is_err(),
            "{change}"
        );
    }
}

#[test]
fn a_setting_that_is_refused_is_named() {
    for (change, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(81)}), "name"),
        (json!({"name": "pay\u{202e}lap"}), "name"),
        (json!({"greeting": "a\u{200b}b"}), "greeting"),
        (json!({"greeting": " "}), "greeting"),
        (json!({"disclosure": "x".repeat(401)}), "disclosure"),
        (json!({"token_ttl_max": 0}), "token_ttl_max"),
        (json!({"token_ttl_max": 86_401}), "token_ttl_max"),
        (
            json!({"limits": {"message_burst": 0}}),
            "limits.message_burst",
        ),
        (
            json!({"limits": {"tickets_per_minute": 60_001}}),
            "limits.tickets_per_minute",
        ),
        (
            json!({"safelist": ["a.example", "javascript:alert(1)"]}),
            "safelist[1]",
        ),
        (json!({"safelist": vec!["a.example"; 51]}), "safelist"),
        (
            json!({"answers": {"synonyms": [["a"], ["b", ""]]}}),
            "answers.synonyms[1][1]",
        ),
        (
            json!({"answers": {"synonyms": vec![["a"]; 101]}}),
            "answers.synonyms",
        ),
        (
            json!({"answers": {"refuse": vec!["a"; 101]}}),
            "answers.refuse",
        ),
        (
            json!({"answers": {"withhold": ["a\nb"]}}),
            "answers.withhold[0]",
        ),
        (
            json!({"answers": {"link_hosts": ["javascript:alert(1)"]}}),
            "answers.link_hosts[0]",
        ),
        (
            json!({"answers": {"refusal": "x".repeat(401)}}),
            "answers.refusal",
        ),
        (
            json!({"model": {"provider": "connection", "name": "m"}}),
            "model.connection_id",
        ),
        (json!({"model": {"provider": "workers_ai"}}), "model.name"),
        (
            json!({"model": {"provider": "workers_ai", "name": "m", "max_output_tokens": 15}}),
            "model.max_output_tokens",
        ),
        (
            json!({"model": {"provider": "workers_ai", "name": "m", "instructions": "x".repeat(2001)}}),
            "model.instructions",
        ),
        (
            json!({"answers": {"embeddings": {"provider": "connection", "name": "m"}}}),
            "answers.embeddings.connection_id",
        ),
        (
            json!({"answers": {"embeddings": {"provider": "workers_ai"}}}),
            "answers.embeddings.name",
        ),
        (
            json!({"answers": {"embeddings": {"provider": "workers_ai", "name": "m", "timeout_ms": 49}}}),
            "answers.embeddings.timeout_ms",
        ),
        (
            json!({"answers": {"embeddings": {"provider": "workers_ai", "name": "m", "passage_prefix": "x".repeat(81)}}}),
            "answers.embeddings.passage_prefix",
        ),
        (
            json!({"hours": {"shifts": [{"days": ["monday"], "from": "09:00", "until": "17:00"}]}}),
            "hours",
        ),
        (json!({"retention_days": 3_651}), "retention_days"),
        (json!({"theme": {"accent": "red"}}), "theme.accent"),
        (json!({"theme": {"accent": "#fff"}}), "theme.accent"),
        (
            json!({"theme": {"accent": "#000000;}*{background:url(//e.example)"}}),
            "theme.accent",
        ),
        (json!({"theme": {"accent": "var(--x)"}}), "theme.accent"),
        (json!({"theme": {"radius": 25}}), "theme.radius"),
        (json!({"theme": {"offset": [0, 201]}}), "theme.offset[1]"),
        (
            json!({"theme": {"launcher": {"label": ""}}}),
            "theme.launcher.label",
        ),
        (
            json!({"theme": {"launcher": {"label": "x".repeat(25)}}}),
            "theme.launcher.label",
        ),
        (
            json!({"theme": {"launcher": {"label": "a\u{0}b"}}}),
            "theme.launcher.label",
        ),
        (
            json!({"theme": {"launcher": {"label": "pay\u{202e}lap"}}}),
            "theme.launcher.label",
        ),
        (json!({"locale": ""}), "locale"),
        (json!({"locale": "en\" onload=\"x"}), "locale"),
        (json!({"suggestions": vec!["a"; 5]}), "suggestions"),
        (json!({"suggestions": ["a", ""]}), "suggestions[1]"),
        (json!({"suggestions": ["a", "b\nc"]}), "suggestions[1]"),
        (json!({"suggestions": ["x".repeat(81)]}), "suggestions[0]"),
        (
            json!({"suggestions": ["x".repeat(60_000)]}),
            "suggestions[0]",
        ),
        (json!({"prechat": {"fields": []}}), "prechat.fields"),
        (
            json!({"prechat": {"fields": [{"name": "email"}, {"name": "name"}, {"name": "email"}]}}),
            "prechat.fields[2].name",
        ),
        (
            json!({"prechat": {"fields": [{"name": "email", "label": "x".repeat(41)}]}}),
            "prechat.fields[0].label",
        ),
        (
            json!({"prechat": {"fields": [{"name": "email"}], "consent": ""}}),
            "prechat.consent",
        ),
        (
            json!({"prechat": {"fields": [{"name": "email"}], "consent": "x".repeat(401)}}),
            "prechat.consent",
        ),
    ] {
        assert_eq!(
            changed(change.clone()).map_err(|refused| refused.field),
            Err(field.to_owned()),
            "{change}"
        );
    }
}
