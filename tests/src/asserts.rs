//! What every answer must carry, spelled out here a second time on purpose: a change of the policy has to be made
//! twice. Source: CONTROLS HDR-1 to HDR-3.

use crate::client::Response;

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseKind {
    /// Data, a problem, anything that is not one of the others.
    Api,
    /// The frame document.
    Frame,
    /// A file that pages of other sites load.
    File,
}

/// Holds an answer to the header policy.
///
/// # Panics
/// When a header is missing, weaker, or there although it must not be; the message names all of them.
#[track_caller]
pub fn assert_security_headers(answer: &Response, kind: ResponseKind) {
    let faults = security_header_faults(answer, kind);
    assert!(
        faults.is_empty(),
        "{} ({}):\n  {}",
        answer.what,
        answer.status,
        faults.join("\n  ")
    );
}

/// What an answer lacks.
pub fn security_header_faults(answer: &Response, kind: ResponseKind) -> Vec<String> {
    let mut faults = Vec::new();
    let corp = match kind {
        ResponseKind::Api => "same-origin",
        ResponseKind::Frame | ResponseKind::File => "cross-origin",
    };
    let mut exact = vec![
        (
            "strict-transport-security",
            Some("max-age=31536000; includeSubDomains; preload"),
        ),
        ("x-content-type-options", Some("nosniff")),
        ("referrer-policy", Some("strict-origin-when-cross-origin")),
        ("cross-origin-opener-policy", Some("same-origin")),
        ("cross-origin-resource-policy", Some(corp)),
        ("x-xss-protection", None),
        ("x-powered-by", None),
    ];
    exact.push((
        "x-frame-options",
        (kind != ResponseKind::Frame).then_some("DENY"),
    ));
    for (name, expected) in exact {
        let actual = answer.header(name);
        if actual.as_deref() != expected {
            faults.push(format!("{name}: {actual:?} and not {expected:?}"));
        }
    }
    let permissions = answer.header("permissions-policy").unwrap_or_default();
    for feature in [
        "camera=()",
        "microphone=()",
        "geolocation=()",
        "payment=()",
        "usb=()",
    ] {
        if !permissions.split(',').any(|part| part.trim() == feature) {
            faults.push(format!(
                "permissions-policy lacks {feature}: `{permissions}`"
            ));
        }
    }
    let csp = answer.header("content-security-policy").unwrap_or_default();
    if csp.contains("unsafe-inline")
        || csp.contains("'unsafe-eval'")
        || csp.contains("script-src *")
    {
        faults.push(format!("content-security-policy is open: `{csp}`"));
    }
    let mut wanted = vec![
        ("default-src", "'none'"),
        ("base-uri", "'none'"),
        ("form-action", "'none'"),
        ("require-trusted-types-for", "'script'"),
        ("trusted-types", "'none'"),
    ];
    if kind != ResponseKind::Frame {
        wanted.push(("frame-ancestors", "'none'"));
    }
    for (name, value) in wanted {
        if directive(&csp, name).as_deref() != Some(value) {
            faults.push(format!(
                "content-security-policy lacks `{name} {value}`: `{csp}`"
            ));
        }
    }
    faults
}

/// A directive's value in a policy; `None` when absent.
pub fn directive(csp: &str, name: &str) -> Option<String> {
    csp.split(';').find_map(|part| {
        let (its_name, value) = part.trim().split_once(' ').unwrap_or((part.trim(), ""));
        (its_name == name).then(|| value.trim().to_owned())
    })
}

/// `sha384-` and the base64 digest of these bytes, as the `integrity` attribute wants it.
pub fn integrity(bytes: &[u8]) -> String {
    use base64::Engine;
    use sha2::Digest;
    format!(
        "sha384-{}",
        base64::prelude::BASE64_STANDARD.encode(sha2::Sha384::digest(bytes))
    )
}
