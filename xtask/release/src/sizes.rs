//! The changelog's entry on sizes: what each file weighs, and weighed in the release before.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;
use serde_json::Value;

use crate::history;

/// The entry, as Markdown.
///
/// # Errors
/// When a manifest names files that are not ours.
pub fn entry(manifest: &Value, before: Option<&Value>) -> Result<String> {
    let version = |manifest: &Value| manifest["version"].as_str().unwrap_or("?").to_owned();
    let sizes = |manifest: &Value| -> Result<BTreeMap<String, u64>> {
        Ok(history::files(manifest)?
            .into_iter()
            .map(|file| (file.what.replace('_', " "), file.brotli))
            .collect())
    };
    let now = sizes(manifest)?;
    let then = before.map(sizes).transpose()?.unwrap_or_default();

    let mut text = format!("### Sizes of {}", version(manifest));
    if let Some(before) = before {
        let _cannot_fail = write!(text, ", beside {}", version(before));
    }
    text.push_str("\n\nBytes as brotli.\n\n| file | now | before | change |\n|---|--:|--:|--:|\n");
    let names: std::collections::BTreeSet<_> = now.keys().chain(then.keys()).collect();
    for name in names {
        let (now, then) = (now.get(name), then.get(name));
        let shown = |size: Option<&u64>| size.map_or_else(|| "–".to_owned(), u64::to_string);
        let change = match (now, then) {
            (Some(now), Some(then)) => format!("{:+}", *now as i64 - *then as i64),
            (Some(_), None) => "new".to_owned(),
            _ => "gone".to_owned(),
        };
        let _cannot_fail = writeln!(
            text,
            "| {name} | {} | {} | {change} |",
            shown(now),
            shown(then)
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_has_a_sign_and_what_came_and_went_is_said() -> Result<()> {
        let file = |path: &str, brotli: u64| json!({"path": path, "brotli": brotli, "integrity": "sha384-x"});
        let before = json!({"version": "0.1.0", "loader": file("/assets/a.0.js", 900), "frame_old": file("/assets/o.0.js", 5)});
        let now = json!({"version": "0.2.0", "loader": file("/assets/a.1.js", 880), "frame_wasm": file("/assets/f.1.wasm", 40)});
        let text = entry(&now, Some(&before))?;
        for line in [
            "### Sizes of 0.2.0, beside 0.1.0",
            "| loader | 880 | 900 | -20 |",
            "| frame wasm | 40 | – | new |",
            "| frame old | – | 5 | gone |",
        ] {
            assert!(text.lines().any(|have| have == line), "{line}\n{text}");
        }
        assert!(entry(&now, None)?.contains("### Sizes of 0.2.0\n"));
        Ok(())
    }
}
