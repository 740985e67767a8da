//! Transcripts by link. A link is signed, and whoever has it can use it until its time is over or the visitor is
//! erased. Nothing else revokes it, so its time is short by default.

use oriel_shared::event::{Action, Actor};
use oriel_shared::token::TokenError;
use oriel_shared::token::session::Download;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::transcript::{
    LINK_SECS, LINK_SECS_MAX, TranscriptLink, TranscriptLinkCreate,
};

use super::{Call, audit, conversations};
use crate::http::call::{self, Anybody};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::{self, Db};
use crate::visitor::transcript::{self, Source};
use crate::{clock, config};

/// Makes a link to the transcript of a conversation.
pub async fn create(mut call: Call<'_>) -> HandlerResult {
    let row = conversations::find(&call).await?;
    let asked: TranscriptLinkCreate = call.body().await?;
    let expires_in = asked.expires_in.unwrap_or(LINK_SECS);
    if !(1..=LINK_SECS_MAX).contains(&expires_in) {
        let why = format!("must be from 1 to {LINK_SECS_MAX} seconds");
        return Err(Problem::field("expires_in", &why));
    }
    let (env, edge) = (call.env(), call.edge());
    let download = Download {
        org: call.org().clone(),
        visitor: row.visitor_id,
        conversation: row.id,
        by: call.caller.key.clone(),
        format: asked.format.unwrap_or_default(),
    };
    let (now, life_ms) = (clock::now(), u64::from(expires_in) * 1_000);
    let token = config::token_key(env)?
        .mint_for(download, now, life_ms)
        .map_err(|error| Problem::ours("link", &error))?;
    HttpReply::created(&TranscriptLink {
        url: format!("{edge}/v1/downloads/{token}"),
        expires_at: now.plus(life_ms).rfc3339(),
    })
}

/// Sends the transcript that a link gives. Each time is a line of the audit trail; if the line cannot be written, no
/// transcript is sent.
pub async fn show(call: call::Call<'_, Anybody>) -> HandlerResult {
    let (env, context) = (call.env(), call.context);
    let download: Download = config::token_key(env)?
        .verify(call.param("token"), clock::now())
        .map_err(|error| match error {
            TokenError::Expired { .. } => Problem::refused(Code::TokenExpired),
            _ => Problem::refused(Code::TokenInvalid),
        })?;
    context.set_actor(Actor::Link(download.by));
    let db = Db::open(env)?;
    let conversation = download.conversation;
    let row = store::conversations::find(&db, &download.org, None, conversation.as_str()).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    context.set_site(&row.site_id);
    let object = Source::Object {
        env: env.clone(),
        visitor: download.visitor.clone(),
        family: None,
        conversation: Some(conversation.clone()),
    };
    let answer = transcript::send(object, &download.visitor, download.format).await?;
    let target = Some(conversation.as_str());
    audit::try_record(context, &download.org, Action::TRANSCRIPT_DOWNLOAD, target).await?;
    // A search engine must not index it.
    Ok(answer.with_header("x-robots-tag", "noindex, nofollow"))
}
