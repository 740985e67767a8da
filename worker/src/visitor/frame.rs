//! The frame document: a few lines that name the widget's files by hash, under a policy of their own.

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
    let site = FrameSite {
        key,
        name: live.owned.site.name.clone(),
        greeting: live.owned.site.greeting.clone(),
        disclosure: live.owned.site.disclosure.clone(),
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

/// Text for an element or a double-quoted attribute. Source: HTML section 13.3, escaping a string.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_site_name_cannot_leave_its_attribute() {
        assert_eq!(
            escape(r#""><script>'&"#),
            "&quot;&gt;&lt;script&gt;&#39;&amp;"
        );
    }
}
