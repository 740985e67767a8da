//! Server-sent events, taken apart however the network cuts them.
//!
//! Only what the edge writes is read: lines that end in a line feed, and their `data`. The place to come back to, an
//! event's `id`, is a message's sequence number, and the chat knows those itself.
//!
//! Source: HTML Living Standard, section 9.2.6 (interpreting an event stream).

/// What has come of the current event.
#[derive(Default)]
pub struct Events {
    /// The line that has not ended.
    line: Vec<u8>,
    /// The data of the lines before.
    data: String,
}

impl Events {
    /// Takes in the next bytes. Returns the data of each event that they complete.
    pub fn read(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut complete = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                self.line.push(byte);
                continue;
            }
            let line = String::from_utf8(std::mem::take(&mut self.line)).unwrap_or_default();
            if let Some(data) = line.strip_prefix("data: ") {
                self.data.push_str(data);
            } else if line.is_empty() && !self.data.is_empty() {
                complete.push(std::mem::take(&mut self.data));
            }
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ":\n\ndata: {\"type\":\"welcome\"}\n\nid: 4\ndata: {\"text\":\"süß\"}\n\n:\n\nevent: new\n\nda";

    #[test]
    fn events_are_the_same_however_the_network_cuts_them() {
        let expected = [r#"{"type":"welcome"}"#, r#"{"text":"süß"}"#];
        for size in 1..=STREAM.len() {
            let mut events = Events::default();
            let read: Vec<String> = STREAM
                .as_bytes()
                .chunks(size)
                .flat_map(|chunk| events.read(chunk))
                .collect();
            assert_eq!(read, expected, "in pieces of {size} bytes");
        }
    }

    #[test]
    fn an_event_that_is_cut_off_is_not_one() {
        let mut events = Events::default();
        assert!(events.read(b"data: {}\n").is_empty());
        assert_eq!(events.read(b"\n"), ["{}"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_skipped() {
        let mut events = Events::default();
        assert_eq!(events.read(b"data: \xff\n\ndata: x\n\n"), ["x"]);
    }
}
