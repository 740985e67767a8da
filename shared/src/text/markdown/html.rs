//! What a reader would see of raw HTML, which is never markup here.

/// Tags that people write into Markdown to lay it out. Any other `<word>` is more likely a placeholder or a type's
/// parameter, and is shown as written.
const LAYOUT_TAGS: [&str; 48] = [
    "a",
    "abbr",
    "article",
    "b",
    "blockquote",
    "br",
    "center",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "ol",
    "p",
    "picture",
    "pre",
    "s",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Returns what a reader would see of raw HTML: the words between layout tags. Comments go.
pub(super) fn visible(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        words.push_str(before);
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match tag.find('>') {
            Some(end) if LAYOUT_TAGS.contains(&name.as_str()) => {
                if name == "br" {
                    words.push('\n');
                }
                rest = tag.get(end + 1..).unwrap_or_default();
            }
            _ => {
                words.push('<');
                rest = tag.get(1..).unwrap_or_default();
            }
        }
    }
    words.push_str(rest);
    words
}
