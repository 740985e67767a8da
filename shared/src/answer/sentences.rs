//! Where sentences end.

/// Finds where sentences end in running text: byte positions after the full stop and what closes with it.
///
/// A full stop ends a sentence when a blank follows and the next word does not begin in lower case; common
/// abbreviations and single letters do not end one.
pub fn sentence_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    const ABBREVIATIONS: [&str; 14] = [
        "e.g.", "i.e.", "etc.", "vs.", "cf.", "mr.", "mrs.", "ms.", "dr.", "no.", "st.", "approx.",
        "inc.", "ltd.",
    ];
    let mut start_of_word = 0;
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while let Some((at, c)) = chars.next() {
            if c.is_whitespace() {
                start_of_word = at + c.len_utf8();
                continue;
            }
            // Scripts without blanks between words end a sentence with the mark alone.
            if matches!(c, '。' | '！' | '？') {
                return Some(at + c.len_utf8());
            }
            if !matches!(c, '.' | '!' | '?' | '…') {
                continue;
            }
            while chars
                .next_if(|(_, c)| {
                    matches!(
                        c,
                        '.' | '!' | '?' | '…' | ')' | '"' | '”' | '’' | '»' | '*' | '_'
                    )
                })
                .is_some()
            {}
            let end = chars.peek().map_or(text.len(), |(at, _)| *at);
            let rest = text.get(end..).unwrap_or_default();
            if !rest.starts_with(char::is_whitespace) {
                continue;
            }
            let word = text
                .get(start_of_word..end)
                .unwrap_or_default()
                .trim_start_matches(['(', '"', '“']);
            let is_initial = word.len() == 2 && word.ends_with('.');
            let is_number = word.ends_with('.')
                && word.len() <= 3
                && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let is_abbreviation = ABBREVIATIONS.contains(&word.to_lowercase().as_str());
            let goes_on = rest.trim_start().starts_with(char::is_lowercase);
            if !(is_initial || is_number || is_abbreviation || goes_on) {
                return Some(end);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_end_where_readers_say_so() {
        for (text, n_ends) in [
            ("One. Two! Three? Four", 3),
            ("See e.g. Paris. Then go.", 1),
            ("Version 1.2 is out. It works.", 1),
            ("J. Smith wrote it. Good.", 1),
            ("Use wrangler.toml for it", 0),
            ("He said “no.” Then left.", 1),
            ("etc. and so on", 0),
            ("一。二。", 2),
        ] {
            assert_eq!(sentence_ends(text).count(), n_ends, "{text}");
        }
    }

    proptest! {
        #[test]
        fn sentences_lie_inside_the_text(text in "(?s).{0,200}") {
            let mut last = 0;
            for end in sentence_ends(&text) {
                prop_assert!(end > last && text.get(last..end).is_some());
                last = end;
            }
        }
    }
}
