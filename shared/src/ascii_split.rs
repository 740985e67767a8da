//! Text, cut at an ASCII character. The widget runs this, and would otherwise carry the searcher of the standard
//! library, which looks for any character in eight bytes at a time and is several times the size.

/// Splits at the first `at`, which is ASCII; `None` when there is none.
pub fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Splits at each `at`, which is ASCII; empty pieces are included.
pub const fn split(text: &str, at: u8) -> Split<'_> {
    Split {
        rest: Some(text),
        at,
    }
}

/// See [`split`].
pub struct Split<'a> {
    rest: Option<&'a str>,
    at: u8,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.take()?;
        let Some((piece, rest)) = split_once(rest, self.at) else {
            return Some(rest);
        };
        self.rest = Some(rest);
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_cut_as_the_standard_library_cuts_it(text in "[a;ü🙂\n]{0,12}") {
            for at in [b';', b'\n'] {
                prop_assert_eq!(split_once(&text, at), text.split_once(at as char));
                let expected: Vec<&str> = text.split(at as char).collect();
                prop_assert_eq!(split(&text, at).collect::<Vec<_>>(), expected);
            }
        }
    }
}
