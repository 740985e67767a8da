//! The screens on which every state of the chat is looked at, and the pages around it.

use oriel_shared::wire::admin::Embed;
use oriel_tests::browser::Screen;
use oriel_tests::page_server::{PageReply, strict_csp};

use super::theme_scripts::Script;

const PHONE: [u32; 2] = [390, 844];
/// Room for the panel and some of the page around it.
pub(super) const DESKTOP: [u32; 2] = [560, 760];
/// A desktop of 1280 × 1024 at 400 %: what WCAG 1.4.10 asks to reflow.
pub(super) const ZOOMED: [u32; 2] = [320, 256];
/// Room for the larger panel.
pub(super) const WIDE: [u32; 2] = [960, 760];

pub(super) const fn screen(size: [u32; 2], scheme: &'static str) -> Screen {
    let [width, height] = size;
    Screen {
        width,
        height,
        is_touched: width == PHONE[0],
        scheme,
        is_forced: false,
    }
}

const fn forced(size: [u32; 2], scheme: &'static str) -> Screen {
    Screen {
        is_forced: true,
        ..screen(size, scheme)
    }
}

pub(super) const SCREENS: [(&str, Screen); 4] = [
    ("phone, light", screen(PHONE, "light")),
    ("phone, dark", screen(PHONE, "dark")),
    ("desktop, light", screen(DESKTOP, "light")),
    ("desktop, dark", screen(DESKTOP, "dark")),
];

pub(super) const FORCED: [(&str, Screen); 4] = [
    ("phone, light", forced(PHONE, "light")),
    ("phone, dark", forced(PHONE, "dark")),
    ("desktop, light", forced(DESKTOP, "light")),
    ("desktop, dark", forced(DESKTOP, "dark")),
];

pub(super) const LARGE: [(&str, Screen); 2] = [
    ("desktop, light", screen(WIDE, "light")),
    ("desktop, dark", screen(WIDE, "dark")),
];

pub(super) fn host_page(script: &Script, embed: &Embed) -> PageReply {
    let Script {
        lang, dir, name, ..
    } = script;
    let html = format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{name}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n</head>\n<body>\n\
         <main><h1>{name}</h1>\n<p>{}</p></main>\n{}\n</body>\n</html>\n",
        script.greeting, embed.snippet
    );
    PageReply::page(&strict_csp(&embed.csp), &html)
}

/// A page that the chat is a part of.
pub(super) fn inline_page(script: &Script, embed: &Embed) -> PageReply {
    let Script {
        lang, dir, name, ..
    } = script;
    let target = "data-mode=\"inline\" data-target=\"#chat\" data-site";
    let html = format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{name}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <style>body {{ margin: 16px }} #chat {{ block-size: 560px }}</style>\n</head>\n<body>\n\
         <main><h1>{name}</h1>\n<p>{}</p><div id=\"chat\"></div></main>\n{}\n</body>\n</html>\n",
        script.greeting,
        embed.snippet.replace("data-site", target)
    );
    let policy = strict_csp(&embed.csp) + "; style-src 'unsafe-inline'";
    PageReply::page(&policy, &html)
}
