//! The header policy as data: what every answer of the edge carries, whoever made it.
//!
//! The worker sets these in one place; `cargo xtask bundle` writes the same list into `_headers` for the files that
//! the platform serves without asking the worker. Sources: CONTROLS HDR-1 and HDR-2 in SECURITY.md, CSP Level 3,
//! Trusted Types.

/// A header's name and value.
pub type Header = (&'static str, String);

/// One year, as HSTS preload lists ask for.
const HSTS: &str = "max-age=31536000; includeSubDomains; preload";

/// Features that the frame document may not use, because no chat needs them. They are written out because an absent
/// feature keeps its default.
const PERMISSIONS: &str = "accelerometer=(),autoplay=(),browsing-topics=(),camera=(),display-capture=(),\
    encrypted-media=(),fullscreen=(),geolocation=(),gyroscope=(),magnetometer=(),microphone=(),midi=(),payment=(),\
    publickey-credentials-get=(),screen-wake-lock=(),usb=(),xr-spatial-tracking=()";

/// The features that would hurt most, for every other answer: no script runs there that could ask for the rest. Opening
/// a chat takes ten such answers, so the list is short.
const FEW_PERMISSIONS: &str = "camera=(),geolocation=(),microphone=(),payment=(),usb=()";

/// The policy of answers that no browser shows as a document.
const CLOSED_CSP: &str = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none';\
    require-trusted-types-for 'script';trusted-types 'none'";

/// Returns the part of every answer that does not depend on what it is.
fn common(permissions: &str) -> Vec<Header> {
    vec![
        ("strict-transport-security", HSTS.into()),
        ("x-content-type-options", "nosniff".into()),
        ("referrer-policy", "strict-origin-when-cross-origin".into()),
        ("cross-origin-opener-policy", "same-origin".into()),
        ("permissions-policy", permissions.into()),
    ]
}

/// Returns the headers of API answers, problems and crashes: not framed, not stored, not read by other sites without
/// CORS.
pub fn api_headers() -> Vec<Header> {
    let mut headers = common(FEW_PERMISSIONS);
    headers.extend([
        ("cross-origin-resource-policy", "same-origin".into()),
        ("x-frame-options", "DENY".into()),
        ("content-security-policy", CLOSED_CSP.into()),
        ("cache-control", "no-store".into()),
    ]);
    headers
}

/// Returns the headers of the frame document. `embedders` are safelist patterns in their normal form; an empty list
/// lets nobody frame. `style` is the source that admits the document's own rule, as [`crate::theme::source`] writes it,
/// if it has one.
///
/// No `X-Frame-Options`: it cannot name a list of origins, and browsers that know `frame-ancestors` ignore it.
pub fn frame_headers(embedders: &[String], style: Option<&str>) -> Vec<Header> {
    let ancestors = if embedders.is_empty() {
        "'none'".to_owned()
    } else {
        embedders.join(" ")
    };
    let style = style.map(|style| format!(" {style}")).unwrap_or_default();
    let mut headers = common(PERMISSIONS);
    headers.extend([
        ("cross-origin-resource-policy", "cross-origin".into()),
        // A page under this policy frames only documents that are under it too.
        ("cross-origin-embedder-policy", "require-corp".into()),
        (
            "content-security-policy",
            format!(
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'{style}; connect-src 'self'; \
                 img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; \
                 require-trusted-types-for 'script'; trusted-types 'none'"
            ),
        ),
        ("cache-control", "no-store".into()),
    ]);
    headers
}

/// Returns the headers of hashed files: the host page loads the loader from another origin with SRI, hence CORS for all
/// and no secrets.
pub fn asset_headers() -> Vec<Header> {
    file_headers("public, max-age=31536000, immutable")
}

/// Returns the headers of files whose name stays while their bytes change: the rolling loader, the manifest.
pub fn rolling_headers() -> Vec<Header> {
    file_headers("public, max-age=300, must-revalidate")
}

fn file_headers(cache_control: &str) -> Vec<Header> {
    let mut headers = common(FEW_PERMISSIONS);
    headers.extend([
        ("cross-origin-resource-policy", "cross-origin".into()),
        ("access-control-allow-origin", "*".into()),
        ("x-frame-options", "DENY".into()),
        ("content-security-policy", CLOSED_CSP.into()),
        ("cache-control", cache_control.into()),
    ]);
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
        headers
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.as_str())
    }

    #[test]
    fn every_kind_of_answer_carries_the_common_headers_and_a_csp() {
        for headers in [
            api_headers(),
            frame_headers(&[], None),
            frame_headers(&[], Some("'sha256-x'")),
            asset_headers(),
            rolling_headers(),
        ] {
            for name in [
                "strict-transport-security",
                "x-content-type-options",
                "content-security-policy",
            ] {
                assert!(value(&headers, name).is_some(), "{name}");
            }
            let csp = value(&headers, "content-security-policy").unwrap_or_default();
            assert!(
                !csp.contains("unsafe-inline") && !csp.contains("'unsafe-eval'"),
                "{csp}"
            );
            assert!(csp.contains("require-trusted-types-for 'script'"), "{csp}");
        }
    }

    #[test]
    fn a_rule_of_the_documents_own_is_admitted_by_its_hash_alone() {
        for (style, sources) in [
            (None, "style-src 'self';"),
            (Some("'sha256-x='"), "style-src 'self' 'sha256-x=';"),
        ] {
            let frame = frame_headers(&[], style);
            let csp = value(&frame, "content-security-policy").unwrap_or_default();
            assert!(csp.contains(sources), "{csp}");
        }
    }

    #[test]
    fn only_the_frame_document_may_be_framed_and_only_by_its_embedders() {
        for headers in [api_headers(), asset_headers(), rolling_headers()] {
            assert_eq!(value(&headers, "x-frame-options"), Some("DENY"));
        }
        let frame = frame_headers(
            &["https://example.com".into(), "https://*.example.org".into()],
            None,
        );
        assert_eq!(value(&frame, "x-frame-options"), None);
        let csp = value(&frame, "content-security-policy").unwrap_or_default();
        assert!(
            csp.contains("frame-ancestors https://example.com https://*.example.org;"),
            "{csp}"
        );
        let closed = frame_headers(&[], None);
        let csp = value(&closed, "content-security-policy").unwrap_or_default();
        assert!(csp.contains("frame-ancestors 'none';"), "{csp}");
    }
}
