//! Blocks of text cut into pieces of a size that can be quoted, and neighbours joined up to that size.

use pulldown_cmark::Tag;

use crate::answer::sentences::sentence_ends;

/// A passage grows to about this size: some 200 words, a screen of a chat. Shorter ones quote badly, longer ones are
/// about several things, and the index cannot tell which.
pub(super) const TARGET_BYTES: usize = 1_400;

/// A single block may be this large before it is cut inside: a long table or list reads badly in pieces.
pub(super) const LARGEST_BYTES: usize = 2_800;

/// Cuts a block into pieces if it is too large. `cuts` are the places between items or rows.
pub(super) fn split_block(source: &str, kind: &Tag<'_>, cuts: &[usize]) -> Vec<String> {
    let source = source.trim_end();
    if source.len() <= LARGEST_BYTES {
        return vec![source.to_owned()];
    }
    match kind {
        Tag::List(_) if cuts.len() > 1 => gather(split_at(source, cuts), "\n", ""),
        Tag::Table(_) => {
            let rows = split_at(source, cuts);
            // The names of the columns and the line under them belong to every piece.
            let (head, rows) = rows
                .split_first()
                .map_or((String::new(), Vec::new()), |(head, rows)| {
                    (format!("{}\n", head.trim_end()), rows.to_vec())
                });
            if rows.is_empty() {
                vec![source.to_owned()]
            } else {
                gather(rows, "\n", &head)
            }
        }
        Tag::CodeBlock(_) => {
            let fence = if source.contains("~~~") {
                "````"
            } else {
                "~~~"
            };
            let lines: Vec<_> = source.lines().collect();
            let is_fenced = lines
                .first()
                .is_some_and(|line| line.starts_with("```") || line.starts_with("~~~"));
            let inner = match lines.as_slice() {
                [_, inner @ .., _] if is_fenced => inner,
                all => all,
            };
            let lines = inner.iter().map(|line| (*line).to_owned()).collect();
            let pieces = gather(lines, "\n", "");
            pieces
                .into_iter()
                .map(|piece| format!("{fence}\n{piece}\n{fence}"))
                .collect()
        }
        _ => gather(split_sentences(source), " ", ""),
    }
}

/// Cuts `source` at the byte positions `cuts`; what stands before the first cut is the first piece if it has words.
fn split_at(source: &str, cuts: &[usize]) -> Vec<String> {
    let ends = cuts.iter().copied().chain([source.len()]);
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in ends {
        if let Some(piece) = source
            .get(start..end)
            .filter(|piece| !piece.trim().is_empty())
        {
            pieces.push(piece.trim_end().to_owned());
            start = end;
        }
    }
    pieces
}

/// Cuts a long run of words into its sentences; one that has none to cut at is cut at blanks.
pub(super) fn split_sentences(source: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in sentence_ends(source).chain([source.len()]) {
        let sentence = source.get(start..end).unwrap_or_default().trim();
        start = end;
        if sentence.len() <= TARGET_BYTES {
            if !sentence.is_empty() {
                pieces.push(sentence.to_owned());
            }
            continue;
        }
        let words = sentence.split_whitespace().flat_map(|word| {
            // A word of this length is data; it is cut so that rows stay small.
            let chars: Vec<char> = word.chars().collect();
            chars
                .chunks(TARGET_BYTES / 4)
                .map(|part| part.iter().collect::<String>())
                .collect::<Vec<_>>()
        });
        pieces.extend(gather(words.collect(), " ", ""));
    }
    pieces
}

/// Joins neighbours up to the target size; each result begins with `head`.
pub(super) fn gather(pieces: Vec<String>, joint: &str, head: &str) -> Vec<String> {
    let mut gathered: Vec<String> = Vec::new();
    let mut open = String::new();
    for piece in pieces {
        if !open.is_empty() && open.len() + piece.len() > TARGET_BYTES {
            gathered.push(format!("{head}{open}"));
            open.clear();
        }
        if !open.is_empty() {
            open.push_str(joint);
        }
        open.push_str(&piece);
    }
    if !open.is_empty() {
        gathered.push(format!("{head}{open}"));
    }
    gathered
}
