//! The frame document, under a policy of its own: the chat as it looks before the program runs, in the visitor's
//! language and the site's colours, and the names of the widget's files, by hash.
//!
//! `frame.html` is the one place where this part of the chat is drawn, the rows of what the visitor sends included:
//! both `widget/boot.ts`, which lets visitors write at once, and the program clone its template. The program takes the
//! document over as it is: its ids are what these three agree on.

use oriel_shared::locale::{self, Negotiated};
use oriel_shared::text::html::escape;
use oriel_shared::theme;
use oriel_shared::wire::admin::Site;
use oriel_shared::wire::embed::{Asset, FrameSite, Locale, Manifest, Shell};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::theme::Scheme;

use super::assets;
use crate::http::call::{Anybody, Call};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::sites;

/// Shows the document. Only the site's embedders may frame it: `frame-ancestors` is the lock.
///
/// The parameter `lang` holds the languages that the page asks for, as tags in falling order with commas between them.
/// What is no language is passed over.
pub async fn show(call: Call<'_, Anybody>) -> HandlerResult {
    let key = call.query("site");
    let key = key.ok_or_else(|| Problem::refused(Code::SiteNotFound))?;
    let live = sites::find(call.env(), &key).await?;
    let manifest = assets::manifest(call.env()).await?;
    let embedders = live.embedders();
    let owned = &live.owned.site;
    let asked = call.query("lang").unwrap_or_default();
    let accepted = call.header("accept-language")?.unwrap_or_default();
    let wishes = [
        &*asked,
        &accepted,
        owned.locale.as_deref().unwrap_or_default(),
    ];
    let words = choose(&manifest, wishes)?;
    let data = serde_json::to_string(&FrameSite {
        key,
        suggestions: owned.suggestions.clone(),
        prechat: owned.prechat.clone(),
        embedders: embedders.clone(),
    })?;
    let rule = theme::rule(&owned.theme);
    let html = document(&manifest, words, owned, &data, &rule);
    let style = (!rule.is_empty()).then(|| theme::source(&rule));
    Ok(HttpReply::frame(html, embedders, style).with_header("vary", "accept-language"))
}

/// The language of the visitor, and its name in the document. The lists of preferences are those of the page, the
/// browser and the site, and earlier ones count more.
fn choose<'m>(manifest: &'m Manifest, wishes: [&str; 3]) -> Result<(&'m Locale, String), Problem> {
    let there_are: Vec<&str> = manifest.locales.iter().map(|one| &*one.tag).collect();
    let wishes = wishes.into_iter().flat_map(locale::preferences);
    let Negotiated { words, lang } = locale::negotiate(&there_are, wishes);
    let locale = manifest.locales.iter().find(|one| one.tag == words);
    let locale = locale.ok_or_else(|| Problem::ours("manifest", &"it names no language"))?;
    Ok((locale, lang))
}

fn document(
    manifest: &Manifest,
    (locale, lang): (&Locale, String),
    site: &Site,
    data: &str,
    rule: &str,
) -> String {
    let Manifest {
        frame_script,
        frame_wasm,
        frame_style,
        ..
    } = manifest;
    let Asset {
        path: words_path,
        integrity: words_pin,
        ..
    } = &locale.words;
    let Shell {
        again,
        by_visitor,
        close,
        disclosure,
        edit,
        greeting,
        log,
        menu,
        open,
        resize,
        send,
        sending,
        start_failed,
        status_open,
        stop,
        write,
    } = &locale.shell;
    let scheme = site.theme.scheme.filter(|scheme| *scheme != Scheme::Auto);
    let scheme = scheme.map(Scheme::name);
    let own = |words: &str, default: &str| escape(if words.is_empty() { default } else { words });
    format!(
        include_str!("frame.html"),
        lang = escape(&lang),
        dir = if locale::is_right_to_left(&lang) {
            "rtl"
        } else {
            "ltr"
        },
        // The first paint has the site's colours, long before the program could set them.
        scheme = match scheme {
            Some(name) => format!(" data-scheme=\"{name}\""),
            None => String::new(),
        },
        schemes = scheme.unwrap_or("light dark"),
        style = if rule.is_empty() {
            String::new()
        } else {
            // The rule is not escaped: it is CSS, made of values that have nothing to escape.
            format!("<style>{rule}</style>\n")
        },
        name = escape(&site.name),
        style_path = frame_style.path,
        style_pin = frame_style.integrity,
        script_path = frame_script.path,
        script_pin = frame_script.integrity,
        // The preloads have no integrity: browsers ignore it there and warn. The fetches that use them have it.
        wasm_path = frame_wasm.path,
        words_path = words_path,
        words_pin = words_pin,
        data = escape(data),
        open = escape(open),
        by_visitor = escape(by_visitor),
        edit = escape(edit),
        sending = escape(sending),
        status = escape(status_open),
        menu = escape(menu),
        resize = escape(resize),
        close = escape(close),
        greeting = own(&site.greeting, greeting),
        disclosure = own(&site.disclosure, disclosure),
        log = escape(log),
        // A visitor who is asked something first cannot write before that.
        asks_first = if site.prechat.is_some() {
            " hidden"
        } else {
            ""
        },
        start_failed = escape(start_failed),
        again = escape(again),
        stop = escape(stop),
        write = escape(write),
        send = escape(send),
    )
}
