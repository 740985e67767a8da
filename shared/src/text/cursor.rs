//! Places in a list, as callers hand them back in `?cursor=`.

/// A place in a list. Callers get it as text and give it back as it is; nothing in it is secret or trusted.
pub trait Cursor: Sized {
    /// Reads what [`Cursor::write`] wrote, and nothing else.
    fn read(text: &str) -> Option<Self>;
    /// As text for a query string.
    fn write(&self) -> String;
}

/// Place of an item in a list that is ordered by a time and then by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeCursor {
    /// Milliseconds since 1970.
    pub at: u64,
    /// Tells items of the same moment apart.
    pub id: String,
}

/// Every id of ours is shorter.
const ID_MAX: usize = 64;
/// The end of the year 9999: later times have no RFC 3339 form, and D1 would round them.
const LATEST_MS: u64 = 253_402_300_799_999;

impl Cursor for TimeCursor {
    fn read(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        let is_id = (1..=ID_MAX).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let at = number(at).filter(|at| *at <= LATEST_MS)?;
        is_id.then(|| Self {
            at,
            id: id.to_owned(),
        })
    }

    fn write(&self) -> String {
        format!("{}.{}", self.at, self.id)
    }
}

impl Cursor for u32 {
    fn read(text: &str) -> Option<Self> {
        number(text).and_then(|number| number.try_into().ok())
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

/// Reads a number as it is written: digits, no sign, no zeros in front.
fn number(text: &str) -> Option<u64> {
    let is_plain = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_that_no_list_gave_is_refused() {
        for text in [
            "",
            "1",
            "1.",
            ".a",
            "x.cnv_a",
            "1.cnv_a'b",
            "1.a.b",
            "1.\0",
            "1.é",
            "+1.a",
            "-1.a",
            "01.a",
            " 1.a",
            "1.5.a",
            "253402300800000.a",
            "18446744073709551616.a",
        ] {
            assert_eq!(TimeCursor::read(text), None, "{text:?}");
        }
        assert_eq!(TimeCursor::read(&format!("1.{}", "a".repeat(65))), None);
        for text in ["", "x", "-1", "+1", "01", "1.0", "4294967296", "1 "] {
            assert_eq!(u32::read(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_reads_back_as_it_was_written(at in 0..=LATEST_MS, id in "[A-Za-z0-9_-]{1,64}", place: u32) {
            let cursor = TimeCursor { at, id };
            prop_assert_eq!(TimeCursor::read(&cursor.write()), Some(cursor));
            prop_assert_eq!(u32::read(&place.write()), Some(place));
        }

        #[test]
        fn what_reads_is_what_would_be_written(text in ".{0,30}|[0-9]{1,16}\\.[a-z_]{1,4}") {
            if let Some(cursor) = TimeCursor::read(&text) {
                prop_assert_eq!(cursor.write(), text);
            }
        }
    }
}
