//! The embed code: one script tag that pins the loader, names the site, and says how the launcher looks, because the
//! launcher is drawn before anything is asked of the edge.
//!
//! `embed_attributes.json` is the one list of the attributes that the tag may have, without their `data-`. Each stands
//! beside the field of the site that the embed code fills it from, or beside `null` when only the page's owner sets it.
//! The loader's types are made of the list, the element reads every name in it, and the tests below hold this file and
//! the table in `docs/page-api.md` to it.

use std::fmt::Write;

use crate::text::html::escape;
use crate::wire::admin::Site;
use crate::wire::embed::Asset;

/// Writes the script tag that a site's owner pastes. `edge` is the edge's origin, without a slash at its end.
///
/// Of the theme it carries what is set, as attributes that an owner may change by hand. The language is left out: in
/// the tag it would come before the languages of the page and of the visitor.
pub fn snippet(edge: &str, loader: &Asset, site: &Site) -> String {
    let theme = &site.theme;
    let launcher = theme.launcher.as_ref();
    let attributes = [
        ("accent", theme.accent.clone()),
        ("scheme", theme.scheme.map(|scheme| scheme.name().into())),
        ("radius", theme.radius.map(|radius| radius.to_string())),
        (
            "position",
            theme.position.map(|position| position.name().into()),
        ),
        (
            "offset",
            theme.offset.map(|[side, foot]| format!("{side} {foot}")),
        ),
        (
            "shape",
            launcher.and_then(|launcher| Some(launcher.shape?.name().into())),
        ),
        (
            "label",
            launcher.and_then(|launcher| launcher.label.clone()),
        ),
    ];
    let mut tag = format!(
        "<script async src=\"{edge}{}\" integrity=\"{}\" crossorigin=\"anonymous\" data-site=\"{}\"",
        loader.path, loader.integrity, site.key
    );
    for (name, value) in attributes {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = write!(tag, " data-{name}=\"{}\"", escape(&value));
        }
    }
    tag + "></script>"
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;

    use super::*;

    fn tag(change: serde_json::Value) -> String {
        let mut site: Site = serde_json::from_value(json!({
            "id": "site_1", "key": "pk_1", "name": "Shop", "mode": "safelist", "safelist": [], "enabled": true,
            "token_ttl_max": 300, "limits": {"message_burst": 1, "messages_per_minute": 1, "messages_per_day": 1,
            "tickets_per_minute": 1}, "greeting": "", "disclosure": "", "answers": {}, "model": {}, "hours": {},
            "retention_days": 0, "created_at": "",
        }))
        .expect("a site as it was written before it had a theme");
        let change = serde_json::from_value(change).expect("a change");
        crate::text::settings::apply(&mut site, change).expect("accepted");
        let loader = Asset {
            path: "/assets/oriel.1.js".into(),
            bytes: 1,
            brotli: 1,
            integrity: "sha384-x".into(),
        };
        snippet("https://edge.example", &loader, &site)
    }

    /// The attributes that a script tag may have, and the fields that fill them.
    fn listed() -> BTreeMap<String, Option<String>> {
        serde_json::from_str(include_str!("embed_attributes.json")).expect("names and fields")
    }

    #[test]
    fn the_tag_carries_each_listed_attribute_that_has_a_field_and_no_other() {
        let tag = tag(json!({"theme": {
            "accent": "#ffd400", "scheme": "dark", "radius": 4, "position": "start", "offset": [16, 80],
            "launcher": {"shape": "pill", "label": "Help"},
        }}));
        let values = BTreeMap::from([
            ("key", "pk_1"),
            ("theme.accent", "#ffd400"),
            ("theme.scheme", "dark"),
            ("theme.radius", "4"),
            ("theme.position", "start"),
            ("theme.offset", "16 80"),
            ("theme.launcher.shape", "pill"),
            ("theme.launcher.label", "Help"),
        ]);
        let expected = listed().into_iter().filter_map(|(name, field)| {
            Some(format!("data-{name}=\"{}\"", values[field?.as_str()]))
        });
        let written = tag.match_indices(" data-").filter_map(|(at, _)| {
            let from = tag.get(at + 1..)?;
            Some(from.get(..=from.match_indices('"').nth(1)?.0)?.to_owned())
        });
        assert_eq!(
            written.collect::<BTreeSet<_>>(),
            expected.collect::<BTreeSet<_>>()
        );
    }

    #[test]
    fn the_table_of_attributes_in_the_documentation_is_the_list() {
        let page = include_str!("../../docs/page-api.md");
        let (_, section) = page
            .split_once("\n## Attributes of the script\n")
            .expect("docs/page-api.md has a section on attributes");
        let section = section.split("\n## ").next().unwrap_or_default();
        let rows = section
            .lines()
            .filter_map(|line| line.strip_prefix("| `data-")?.split('`').next());
        let documented: BTreeSet<_> = rows.map(str::to_owned).collect();
        assert_eq!(documented, listed().into_keys().collect());
    }

    #[test]
    fn a_site_without_a_theme_has_the_shortest_tag() {
        assert_eq!(
            tag(json!({})),
            "<script async src=\"https://edge.example/assets/oriel.1.js\" integrity=\"sha384-x\" \
             crossorigin=\"anonymous\" data-site=\"pk_1\"></script>"
        );
    }

    #[test]
    fn the_tag_carries_the_theme_and_nothing_leaves_its_attribute() {
        let tag = tag(json!({
            "theme": {
                "accent": "#FFD400", "scheme": "dark", "radius": 0, "position": "start", "offset": [16, 80],
                "launcher": {"shape": "pill", "label": "\"><script>'&"},
            },
            "locale": "pt-br",
        }));
        let (_, attributes) = tag.split_once(" data-site=\"pk_1\"").expect("a site");
        assert_eq!(
            attributes,
            " data-accent=\"#ffd400\" data-scheme=\"dark\" data-radius=\"0\" data-position=\"start\" \
             data-offset=\"16 80\" data-shape=\"pill\" data-label=\"&quot;&gt;&lt;script&gt;&#39;&amp;\"></script>"
        );
    }
}
