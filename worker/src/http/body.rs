//! Request bodies: JSON, bounded while they are read.

use futures_util::StreamExt;
use oriel_shared::text::json;
use oriel_shared::wire::api::Body;
use oriel_shared::wire::problem::Code;
use serde::de::DeserializeOwned;
use worker::Request;

use super::problem::Problem;

/// Reads a JSON body as an endpoint declares it.
///
/// # Errors
/// 413 `body_too_large`, 415 `unsupported_media_type`, 400 `invalid_body`.
pub async fn json<T: DeserializeOwned>(
    request: &mut Request,
    declared: Body,
) -> Result<T, Problem> {
    let bytes = read(request, declared.max_bytes).await?;
    if bytes.is_empty() && declared.is_optional {
        return parse(b"{}");
    }
    check_media_type(request)?;
    parse(&bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // serde would read an array as an object, field by field.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::new(
            Code::InvalidBody,
            "The body must be a JSON object.",
        ));
    }
    json::check_depth(bytes)
        .map_err(|error| Problem::new(Code::InvalidBody, format!("The body {error}.")))?;
    // serde_json's message may quote a value. It goes back to whoever sent the value, and nowhere else.
    // The body is read as text because everything else is: a reader of bytes would compile serde_json a second time.
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::new(Code::InvalidBody, "The body must be UTF-8."))?;
    serde_json::from_str(text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => {
                format!("The body is not what this call takes: {error}.")
            }
            _ => format!("The body is not JSON: {error}."),
        };
        Problem::new(Code::InvalidBody, what)
    })
}

fn check_media_type(request: &Request) -> Result<(), Problem> {
    let media_type = request.headers().get("content-type")?.unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(
        Code::UnsupportedMediaType,
        "Send `Content-Type: application/json`.",
    ))
}

async fn read(request: &mut Request, max: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        Problem::new(
            Code::BodyTooLarge,
            format!("The body must have at most {max} bytes."),
        )
    };
    let announced = request
        .headers()
        .get("content-length")?
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
    let mut stream = request.stream()?;
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk?);
        if bytes.len() > max {
            return Err(too_large());
        }
    }
    Ok(bytes)
}
