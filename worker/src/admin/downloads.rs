//! Transcripts by link: signed, good for a while, and good for whoever has it. A link ends with its time or with the
//! visitor's erasure; nothing else takes it back, so that it is short by default.

use oriel_shared::event::{Action, Actor};
use oriel_shared::token::TokenError;
use oriel_shared::token::session::Download;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::transcript::{
    LINK_SECS, LINK_SECS_MAX, TranscriptLink, TranscriptLinkCreate,
};
use worker::Request;

use super::{Call, audit, conversations};
use crate::http::body;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::{self, Db};
use crate::visitor::ip_rate_limit;
use crate::visitor::transcript::{self, Source};
use crate::{clock, config};

/// `POST /v1/admin/conversations/{id}/transcript-link`
pub async fn link(call: Call<'_>, mut request: Request, conversation: &str) -> HandlerResult {
    let row = conversations::find(&call, conversation).await?;
    let asked: TranscriptLinkCreate = body::optional_json(&mut request).await?;
    let expires_in = asked.expires_in.unwrap_or(LINK_SECS);
    if !(1..=LINK_SECS_MAX).contains(&expires_in) {
        let why = format!("is from 1 to {LINK_SECS_MAX} seconds");
        return Err(Problem::field("expires_in", &why));
    }
    let download = Download {
        org: call.caller.org,
        visitor: row.visitor_id,
        conversation: row.id,
        by: call.caller.key,
        format: asked.format.unwrap_or_default(),
    };
    let (now, life_ms) = (clock::now(), u64::from(expires_in) * 1_000);
    let token = config::token_key(call.env)?
        .mint_for(download, now, life_ms)
        .map_err(|error| Problem::ours("link", &error))?;
    let edge = call.url.origin().ascii_serialization();
    HttpReply::created(&TranscriptLink {
        url: format!("{edge}/v1/downloads/{token}"),
        expires_at: now.plus(life_ms).rfc3339(),
    })
}

/// `GET /v1/downloads/{token}`. Each is a line of the audit trail; one that cannot be written is a transcript that is not
/// sent.
pub async fn send(context: &Context, token: &str) -> HandlerResult {
    let key = config::token_key(&context.env)?;
    ip_rate_limit::pass(context, &context.address_hash(&key), "downloads").await?;
    let download: Download = key
        .verify(token, clock::now())
        .map_err(|error| match error {
            TokenError::Expired { .. } => Problem::refused(Code::TokenExpired),
            _ => Problem::refused(Code::TokenInvalid),
        })?;
    context.is_by(Actor::Link(download.by));
    let db = Db::open(&context.env)?;
    let conversation = download.conversation;
    let row = store::conversations::find(&db, &download.org, None, conversation.as_str()).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    context.is_about(&row.site_id);
    let object = Source::Object {
        env: context.env.clone(),
        visitor: download.visitor.clone(),
        family: None,
        conversation: Some(conversation.clone()),
    };
    let answer = transcript::send(object, &download.visitor, download.format).await?;
    let target = Some(conversation.as_str());
    audit::try_record(context, &download.org, Action::TranscriptDownload, target).await?;
    // Nor is it anything that a search engine should remember.
    Ok(answer.with_header("x-robots-tag", "noindex, nofollow"))
}
