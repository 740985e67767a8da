//! The frame document: a few lines that name the widget's files by hash, under a policy of their own.

use oriel_shared::text::html::escape;
use oriel_shared::wire::embed::FrameSite;
use oriel_shared::wire::problem::Code;
use worker::Url;

use super::{assets, sites};
use crate::http::answer::{Answer, Outcome};
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::query;

/// `GET /frame?site={key}`. Only the site's embedders may show it: `frame-ancestors` is the lock.
pub async fn show(url: &Url, context: &Context) -> Outcome {
    let key = query::param(url, "site").ok_or_else(|| Problem::refused(Code::SiteNotFound))?;
    let live = sites::find(&context.env, &key).await?;
    let manifest = assets::manifest(&context.env).await?;
    let embedders = live.embedders();
    let owned = &live.owned.site;
    let site = FrameSite {
        key,
        name: owned.name.clone(),
        greeting: owned.greeting.clone(),
        disclosure: owned.disclosure.clone(),
        theme: owned.theme.clone(),
        locale: owned.locale.clone(),
        suggestions: owned.suggestions.clone(),
        prechat: owned.prechat.clone(),
        embedders: embedders.clone(),
    };
    let (style, script, wasm) = (
        &manifest.frame_style,
        &manifest.frame_script,
        &manifest.frame_wasm,
    );
    let html = format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover, \
         interactive-widget=resizes-content\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{name}</title>\n\
         <link rel=\"stylesheet\" href=\"{}\" integrity=\"{}\" crossorigin=\"anonymous\">\n\
         <link rel=\"preload\" as=\"fetch\" href=\"{}\" crossorigin=\"anonymous\">\n\
         <script type=\"module\" src=\"{}\" integrity=\"{}\" crossorigin=\"anonymous\"></script>\n\
         <main id=\"oriel\" data-site=\"{data}\"></main>\n\
         </html>\n",
        style.path,
        style.integrity,
        // No integrity on the preload: browsers ignore it there and say so. The fetch that uses it has it.
        wasm.path,
        script.path,
        script.integrity,
        name = escape(&site.name),
        data = escape(&serde_json::to_string(&site)?),
    );
    Ok(Answer::frame(html, embedders))
}
