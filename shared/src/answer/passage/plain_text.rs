//! Plain text as Markdown that shows the same words.

use super::pieces::{LARGEST_BYTES, gather, split_sentences};

/// Writes plain text as Markdown paragraphs that show the same words and line breaks.
pub(super) fn paragraphs(content: &str) -> Vec<String> {
    let content = content.replace("\r\n", "\n").replace('\r', "\n");
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in content.split('\n').chain([""]) {
        let line = line.trim();
        if !line.is_empty() {
            lines.push(line);
            continue;
        }
        let size: usize = lines.iter().map(|line| line.len() + 1).sum();
        if size <= LARGEST_BYTES {
            let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
            paragraphs.extend((!lines.is_empty()).then(|| lines.join("\\\n")));
        } else {
            let pieces = gather(split_sentences(&lines.join(" ")), " ", "");
            paragraphs.extend(pieces.iter().map(|piece| escape(piece)));
        }
        lines.clear();
    }
    paragraphs
}

/// Escapes a line of plain text, so that Markdown shows it as it is.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len() + 8);
    let n_digits = line.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in line.char_indices() {
        let is_markup = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' => true,
            '-' | '+' | '=' => at == 0,
            '.' | ')' => at == n_digits && at > 0,
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
