//! A web page as a document: HTML to Markdown, and a title for whatever was fetched.
//!
//! Keeps true: what comes out is text with headings, paragraphs, lists and code; no markup of the page survives as
//! markup (raw HTML and Markdown in its text are escaped), nothing of scripts, styles or forms is text. Where the page
//! marks its `<main>` part, the rest is left out, and navigation and footers always are. Not a browser: tags are read
//! one after the other without building a tree, which is enough for text and cannot be made deep.
//!
//! Source: WHATWG HTML, 13.2.5 (tokenization, by `html5gum`) and 15.3.3 (which elements are blocks).

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::label::{TITLE_MAX, label};
use super::markdown::dialect;
use super::unicode;

/// A page's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `<title>`, or the first heading.
    pub title: Option<String>,
    /// The text as Markdown.
    pub markdown: String,
}

/// Reads a page.
pub fn html(text: &str) -> Page {
    let mut emitter = DefaultEmitter::default();
    // As a browser does on `<script>`, `<style>`, `<title>` and `<textarea>`: their content is no markup.
    emitter.naively_switch_states(true);
    let mut reader = Reader::default();
    for Ok(token) in Tokenizer::new_with_emitter(text, emitter) {
        match token {
            Token::StartTag(tag) => reader.open(&tag),
            Token::EndTag(tag) => reader.close(&tag.name),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.finish()
}

/// Returns the first heading of a Markdown text.
pub fn markdown_title(text: &str) -> Option<String> {
    let mut title = None::<String>;
    for event in Parser::new_ext(text, dialect()) {
        match (event, &mut title) {
            (Event::Start(Tag::Heading { .. }), None) => title = Some(String::new()),
            (Event::Text(text) | Event::Code(text), Some(title)) => title.push_str(&text),
            (Event::SoftBreak | Event::HardBreak, Some(title)) => title.push(' '),
            (Event::End(TagEnd::Heading(_)), Some(_)) => break,
            _ => {}
        }
    }
    title.and_then(|title| as_title(&title))
}

/// Returns the first line of a plain text.
pub fn text_title(text: &str) -> Option<String> {
    text.lines().find_map(as_title)
}

/// Makes one printable line of at most [`TITLE_MAX`] characters; `None` when nothing is left.
fn as_title(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let printable: String = words
        .join(" ")
        .chars()
        .filter(|&c| !c.is_control() && !unicode::is_hidden_order(c))
        .take(TITLE_MAX)
        .collect();
    label(&printable, TITLE_MAX).ok()
}

/// What is no text of the page.
const SKIPPED: [&[u8]; 17] = [
    b"script",
    b"style",
    b"template",
    b"noscript",
    b"noembed",
    b"noframes",
    b"iframe",
    b"object",
    b"svg",
    b"math",
    b"nav",
    b"footer",
    b"select",
    b"button",
    b"textarea",
    b"dialog",
    b"canvas",
];

/// What begins and ends a block of text.
const BLOCKS: [&[u8]; 36] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"body",
    b"caption",
    b"center",
    b"dd",
    b"details",
    b"div",
    b"dl",
    b"dt",
    b"fieldset",
    b"figcaption",
    b"figure",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hgroup",
    b"hr",
    b"html",
    b"legend",
    b"li",
    b"main",
    b"ol",
    b"p",
    b"section",
    b"summary",
    b"table",
    b"tr",
    b"ul",
];

#[derive(Default)]
struct Reader {
    title: String,
    in_title: bool,
    /// The skipped element that is open, and how often inside itself.
    skipped: Option<(Vec<u8>, u32)>,
    /// Open lists: whether each is numbered.
    lists: Vec<bool>,
    in_main: bool,
    in_pre: bool,
    /// What the block at hand begins with.
    mark: String,
    block: String,
    blocks: Vec<Block>,
}

struct Block {
    text: String,
    is_heading: bool,
    in_main: bool,
}

impl Reader {
    fn open(&mut self, tag: &StartTag<()>) {
        let name: &[u8] = &tag.name;
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += u32::from(skipped == name);
            return;
        }
        if SKIPPED.contains(&name) {
            if !tag.self_closing {
                self.skipped = Some((name.to_vec(), 0));
            }
            return;
        }
        match name {
            b"title" => self.in_title = self.title.is_empty(),
            b"br" => self.block.push('\n'),
            b"td" | b"th" if !self.block.trim().is_empty() => self.block.push_str(" · "),
            b"pre" => {
                self.end_block();
                self.in_pre = true;
            }
            _ if BLOCKS.contains(&name) => {
                self.end_block();
                match name {
                    b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => {
                        let level = usize::from(name[1] - b'0');
                        self.mark = format!("{} ", "#".repeat(level));
                    }
                    b"ul" => self.lists.push(false),
                    b"ol" => self.lists.push(true),
                    b"li" if self.lists.last() == Some(&true) => "1. ".clone_into(&mut self.mark),
                    b"li" | b"tr" => "- ".clone_into(&mut self.mark),
                    b"main" => self.in_main = true,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8]) {
        if let Some((skipped, depth)) = &mut self.skipped {
            if skipped == name {
                match depth.checked_sub(1) {
                    Some(outer) => *depth = outer,
                    None => self.skipped = None,
                }
            }
            return;
        }
        match name {
            b"title" => self.in_title = false,
            b"pre" => {
                self.end_block();
                self.in_pre = false;
            }
            _ if BLOCKS.contains(&name) => {
                self.end_block();
                match name {
                    b"ul" | b"ol" => drop(self.lists.pop()),
                    b"main" => self.in_main = false,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped.is_some() {
            return;
        }
        if self.in_title {
            self.title.push_str(text);
        } else {
            self.block.push_str(text);
        }
    }

    /// Ends the block at hand. A mark without text waits for the next block: `<li><p>`.
    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.trim().is_empty() {
            return;
        }
        let mark = std::mem::take(&mut self.mark);
        let text = if self.in_pre {
            fenced(&block)
        } else {
            format!("{mark}{}", escaped(&block))
        };
        self.blocks.push(Block {
            text,
            is_heading: mark.starts_with('#'),
            in_main: self.in_main,
        });
    }

    fn finish(mut self) -> Page {
        self.end_block();
        let has_main = self.blocks.iter().any(|block| block.in_main);
        let blocks: Vec<&Block> = self
            .blocks
            .iter()
            .filter(|block| block.in_main || !has_main)
            .collect();
        let heading = || {
            let heading = blocks.iter().find(|block| block.is_heading)?;
            markdown_title(&heading.text)
        };
        let texts: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
        Page {
            title: as_title(&self.title).or_else(heading),
            markdown: texts.join("\n\n"),
        }
    }
}

/// Writes code as it stands, between fences longer than any inside.
fn fenced(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}\n{}\n{fence}", code.trim_matches('\n'))
}

/// Writes the words of a block, white space collapsed within lines, and nothing in them that Markdown would take for
/// its own.
fn escaped(block: &str) -> String {
    let mut out = String::with_capacity(block.len());
    for line in block.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        escape_line(&words.join(" "), &mut out);
    }
    out
}

fn escape_line(line: &str, out: &mut String) {
    // `1.` and `1)` begin a list at the start of a line.
    let n_digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut before = ' ';
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |&(_, next)| next);
        let is_markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '~' | '|' => true,
            // Inside a word it means nothing.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '<' => after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?'),
            '&' => after.is_ascii_alphabetic() || after == '#',
            '#' | '+' | '-' | '=' | '>' | ':' => at == 0,
            '.' | ')' => n_digits > 0 && at == n_digits,
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::markdown;

    #[test]
    fn a_page_becomes_its_text_with_headings_lists_and_code() {
        let page = html(
            "<!doctype html><html><head><title> Returns &amp;\n refunds </title><style>p{}</style>
             <script>if (a < b) document.write('<p>no</p>')</script></head>
             <body><nav><a href=/>Home</a></nav><h1>Returns</h1><p>Send it <b>back</b>\n within 30&nbsp;days.</p>
             <ul><li>In a box<li><p>With the <em>slip</em></p></ul><ol><li>First</ol>
             <table><tr><th>Size<th>Price<tr><td>S<td>5</table>
             <pre>fn main() {\n    ```\n}</pre>Tail<br>line<footer>Imprint</footer></body>",
        );
        assert_eq!(page.title.as_deref(), Some("Returns & refunds"));
        assert_eq!(
            page.markdown,
            "# Returns\n\nSend it back\nwithin 30 days.\n\n- In a box\n\n- With the slip\n\n1. First\n\n\
             - Size · Price\n\n- S · 5\n\n````\nfn main() {\n    ```\n}\n````\n\nTail\nline"
        );
    }

    #[test]
    fn only_the_main_part_is_read_where_the_page_marks_it() {
        let page = html(
            "<header>Shop</header><main><h2>Hours</h2><p>Nine to five.</main><div>Cookies?</div>",
        );
        assert_eq!(page.markdown, "## Hours\n\nNine to five.");
        assert_eq!(page.title.as_deref(), Some("Hours"));
    }

    #[test]
    fn what_is_skipped_may_nest_and_may_stay_open() {
        assert_eq!(html("a<nav>b<nav>c</nav>d</nav>e").markdown, "ae");
        assert_eq!(html("a<svg/>b<svg><title>no</title>").markdown, "ab");
        assert_eq!(html("a<script>b").markdown, "a");
    }

    #[test]
    fn text_that_looks_like_markup_stays_text() {
        for text in [
            "# no heading",
            "- no item",
            "1. no item",
            "*no* _emphasis_ `no code`",
            "[no](https://example.com) link",
            "<b>no tag</b> &amp; no entity",
            "--- no rule",
            "> no quote",
            "a | b",
            "snake_case and 2 < 3",
            "\\ backslash",
        ] {
            let escaped_html = text.replace('&', "&amp;").replace('<', "&lt;");
            let page = html(&format!("<p>{escaped_html}</p>"));
            let shown = markdown::plain(&markdown::blocks(&page.markdown));
            assert_eq!(shown, text, "{}", page.markdown);
        }
    }

    #[test]
    fn titles_are_one_printable_line() {
        assert_eq!(
            markdown_title("intro\n\n## The `code` *way*\n\n# Later").as_deref(),
            Some("The code way")
        );
        assert_eq!(markdown_title("no heading"), None);
        assert_eq!(
            text_title("\n  First\u{202e} line \nsecond").as_deref(),
            Some("First line")
        );
        assert_eq!(text_title(" \n "), None);
        assert_eq!(
            text_title(&"é".repeat(300)).map(|title| title.chars().count()),
            Some(TITLE_MAX)
        );
        assert_eq!(html("<title></title><p>text").title, None);
    }

    proptest! {
        #[test]
        fn no_soup_breaks_it_and_none_leaves_a_tag(soup in "(<|>|/|!|-|a|p|li|ul|pre|script|main|nav|&amp;|&lt;|\"|=| |\n){0,40}") {
            let page = html(&soup);
            let shown = markdown::blocks(&page.markdown);
            let raw = Parser::new_ext(&page.markdown, dialect())
                .any(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
            prop_assert!(!raw, "{:?} in {:?}", shown, page.markdown);
        }
    }
}
