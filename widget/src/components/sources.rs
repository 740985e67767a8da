//! What an answer rests on: a chip for each passage, leading to the document.

use oriel_shared::wire::visitor::Source;
use web_sys::Element;

use super::rich_text::link;
use crate::{
    app::App,
    dom::{add, element, set, words},
};

/// Draws the chips into a row; nothing for an answer without sources.
pub fn sources(app: &'static App, row: &Element, sources: &[Source]) {
    if sources.is_empty() {
        return;
    }
    let list = element("ul", "sources", &[]);
    set(&list, "aria-label", app.strings.sources);
    for source in sources {
        let chip = link(source.url.as_deref().unwrap_or(""));
        set(&chip, "class", "chip");
        let part = |class: &str, text: &str| {
            let part = words("bdi", class, text);
            add(&chip, &part);
        };
        part("title", &source.title);
        if let Some(heading) = source
            .heading
            .as_deref()
            .filter(|heading| !heading.is_empty())
        {
            part("heading", heading);
        }
        add(&list, &element("li", "", &[&chip]));
    }
    add(row, &list);
}
