//! How a message begins, for lists.

/// Characters at the most: two lines of a list on a phone.
pub const PREVIEW_MAX: usize = 120;

/// Returns the beginning of a message on one line, without the marks of quotations. What is left out is shown as `…`.
pub fn preview(text: &str) -> String {
    let mut preview = String::new();
    let mut n_left = PREVIEW_MAX;
    let lines = text.lines().map(|line| line.trim_start_matches(['>', ' ']));
    for word in lines.flat_map(str::split_whitespace) {
        let between = usize::from(!preview.is_empty());
        let n = word.chars().count() + between;
        if n > n_left {
            // A word that is longer than a preview is cut, any other is left out.
            if preview.is_empty() {
                preview.extend(word.chars().take(PREVIEW_MAX - 1));
            }
            preview.push('…');
            break;
        }
        if between == 1 {
            preview.push(' ');
        }
        preview.push_str(word);
        n_left -= n;
    }
    preview
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line_of_whole_words() {
        for (text, expected) in [
            ("", ""),
            (" \n\t ", ""),
            ("Hello?", "Hello?"),
            ("One\n\ntwo  three\t", "One two three"),
            (
                "From “A”:\n\n> one\n> > two\n>\n3 > 2",
                "From “A”: one two 3 > 2",
            ),
        ] {
            assert_eq!(preview(text), expected, "{text}");
        }
        let exact = format!("{} b", "a".repeat(PREVIEW_MAX - 2));
        assert_eq!(preview(&exact), exact);
        assert_eq!(
            preview(&format!("{exact} c")),
            format!("{exact}…"),
            "the mark may stand beyond the last character"
        );
        let one_word = "ß".repeat(PREVIEW_MAX + 1);
        assert_eq!(
            preview(&one_word),
            format!("{}…", "ß".repeat(PREVIEW_MAX - 1))
        );
    }
}
