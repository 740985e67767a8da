//! The sources of an answer: a chip for each passage, which links to its document.

use oriel_shared::wire::visitor::Source;

use super::rich_text::link;
use crate::{
    app::App,
    dom::{Node, element, with_text},
};

/// Adds the chips to a row; nothing for an answer without sources.
pub fn sources(app: &'static App, row: Node, sources: &[Source]) {
    if sources.is_empty() {
        return;
    }
    let list = element("ul", "sources", &[]);
    list.set("aria-label", app.strings.sources());
    for source in sources {
        let chip = link(source.url.as_deref().unwrap_or(""));
        chip.set("class", "chip");
        let part = |class: &str, text: &str| {
            let part = with_text("bdi", class, text);
            chip.add(part);
        };
        part("title", &source.title);
        if let Some(heading) = source
            .heading
            .as_deref()
            .filter(|heading| !heading.is_empty())
        {
            part("heading", heading);
        }
        list.add(element("li", "", &[chip]));
    }
    row.add(list);
}
