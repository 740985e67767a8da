//! Server-sent events, read as their bytes arrive.
//!
//! Keeps true: chunks may end anywhere, inside a character or a line end as well; what is kept between two of them is
//! bounded by [`LINE_MAX`]. Only `data` matters here: names, ids and comments are dropped.
//! Source: HTML, 9.2.6 "Interpreting an event stream".

/// An event of a model's API is a few hundred bytes; one that is longer is no such thing.
pub const LINE_MAX: usize = 256 * 1024;

/// Reads a stream.
#[derive(Debug, Default)]
pub struct SseParser {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// The data lines of the event that has not ended yet.
    data: Option<String>,
    /// Whether the last byte was a carriage return, so that a line feed belongs to it.
    was_return: bool,
    /// Whether the first line was read: a byte order mark may stand before it.
    has_begun: bool,
}

/// A line or an event longer than [`LINE_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {LINE_MAX} bytes")]
pub struct EventTooLong;

impl SseParser {
    /// Takes the next bytes and tells the data of each event that they end.
    ///
    /// # Errors
    /// [`EventTooLong`]; the stream cannot be read any further.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, EventTooLong> {
        let mut ended = Vec::new();
        for &byte in bytes {
            let is_rest_of_line_end = byte == b'\n' && self.was_return;
            self.was_return = byte == b'\r';
            match byte {
                _ if is_rest_of_line_end => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    ended.extend(self.end_line(&line)?);
                }
                _ if self.line.len() >= LINE_MAX => return Err(EventTooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(ended)
    }

    fn end_line(&mut self, line: &[u8]) -> Result<Option<String>, EventTooLong> {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let line = match line.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) if is_first => rest,
            _ => line,
        };
        if line.is_empty() {
            return Ok(self.data.take());
        }
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(at) => (
                line.get(..at).unwrap_or_default(),
                line.get(at + 1..).unwrap_or_default(),
            ),
            None => (line, &b""[..]),
        };
        if name != b"data" {
            return Ok(None);
        }
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        let data = match &mut self.data {
            Some(data) => {
                data.push('\n');
                data
            }
            none => none.insert(String::new()),
        };
        if data.len() + value.len() > LINE_MAX {
            return Err(EventTooLong);
        }
        data.push_str(&value);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<String> {
        let mut events = SseParser::default();
        chunks
            .iter()
            .flat_map(|chunk| events.push(chunk).expect("short enough"))
            .collect()
    }

    #[test]
    fn the_standards_own_examples_are_read_as_it_says() {
        // HTML, 9.2.6.
        for (stream, expected) in [
            ("data: YHOO\ndata: +2\ndata: 10\n\n", vec!["YHOO\n+2\n10"]),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                vec!["first event", "second event", " third event"],
            ),
            ("data\n\ndata\ndata\n\ndata:", vec!["", "\n"]),
            ("data:test\n\ndata: test\n\n", vec!["test", "test"]),
        ] {
            assert_eq!(read(&[stream.as_bytes()]), expected, "{stream}");
        }
    }

    #[test]
    fn every_line_end_ends_a_line_and_an_unended_event_is_none() {
        let expected = ["{\"a\":1}", "[DONE]"];
        for stream in [
            "data: {\"a\":1}\n\ndata: [DONE]\n\n",
            "data: {\"a\":1}\r\n\r\ndata: [DONE]\r\n\r\n",
            "data: {\"a\":1}\r\rdata: [DONE]\r\r",
            "\u{feff}data: {\"a\":1}\r\n\n: keep-alive\n\nevent: x\ndata: [DONE]\n\ndata: lost",
        ] {
            assert_eq!(read(&[stream.as_bytes()]), expected, "{stream:?}");
            let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
            assert_eq!(read(&bytes), expected, "{stream:?} byte by byte");
        }
    }

    #[test]
    fn what_has_no_end_is_not_kept() {
        let mut events = SseParser::default();
        let long = vec![b'x'; LINE_MAX + 1];
        assert_eq!(events.push(&long), Err(EventTooLong));
        let mut events = SseParser::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; LINE_MAX - 10], b"\n"].concat();
        assert_eq!(events.push(&line), Ok(vec![]));
        assert_eq!(events.push(&line), Err(EventTooLong));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_chunks_end(
            stream in prop::collection::vec(prop::sample::select(b"data: x\n\r:\xc3\xa9".to_vec()), 0..200),
            cuts in prop::collection::vec(0_usize..200, 0..10),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= stream.len()).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([stream.len()]) {
                chunks.push(&stream[from..cut]);
                from = cut;
            }
            prop_assert_eq!(read(&chunks), read(&[&stream]));
        }

        #[test]
        fn any_bytes_are_read_without_harm(stream in prop::collection::vec(any::<u8>(), 0..400)) {
            let _events = SseParser::default().push(&stream);
        }
    }
}
