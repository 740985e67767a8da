//! The embed code: one script tag that pins the loader, names the site, and says how the launcher looks, because the
//! launcher is drawn before anything is asked of the edge.

use std::fmt::Write;

use crate::text::html::escape;
use crate::wire::admin::Site;
use crate::wire::embed::Asset;

/// The script tag that a site's owner pastes. `edge` is the edge's origin, without a slash at its end.
///
/// Of the theme it carries what is set, as the attributes that an owner may change by hand: `data-accent="#rrggbb"`,
/// `data-scheme`, `data-radius="16"`, `data-position`, `data-offset="20 20"` (from the side, from below), `data-shape`,
/// `data-label`. The language is not among them: in the tag it would come before that of the page and of the visitor.
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
    use serde_json::json;

    use super::*;

    fn tag(change: serde_json::Value) -> String {
        let mut site: Site = serde_json::from_value(json!({
            "id": "site_1", "key": "pk_1", "name": "Shop", "mode": "safelist", "safelist": [], "enabled": true,
            "token_ttl_max": 300, "limits": {"message_burst": 1, "messages_per_minute": 1, "messages_per_day": 1,
            "tickets_per_minute": 1}, "greeting": "", "disclosure": "", "answers": {}, "model": {}, "hours": {},
            "retention_days": 0, "created_at": "",
        }))
        .expect("a site as it was written before it had looks");
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

    #[test]
    fn a_site_without_a_look_has_the_shortest_tag() {
        assert_eq!(
            tag(json!({})),
            "<script async src=\"https://edge.example/assets/oriel.1.js\" integrity=\"sha384-x\" \
             crossorigin=\"anonymous\" data-site=\"pk_1\"></script>"
        );
    }

    #[test]
    fn the_tag_carries_the_look_and_nothing_leaves_its_attribute() {
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
