//! Parses server-sent events, wherever the network cuts them. The browser makes text of the bytes.
//!
//! Only what the edge writes is read: lines that end in a line feed, and their `data`. The place to come back to, an
//! event's `id`, is a message's sequence number, and the chat knows those itself.
//!
//! Source: HTML Living Standard, section 9.2.6 (interpreting an event stream).

use oriel_shared::ascii_split::split;

/// What has come of the current event.
#[derive(Default)]
pub struct EventStream {
    /// The line that has not ended.
    line: String,
    /// The data of the lines before.
    data: String,
}

impl EventStream {
    /// Takes in what came next. Returns the data of each event that it completes.
    pub fn read(&mut self, text: &str) -> Vec<String> {
        let mut complete = Vec::new();
        for (place, text) in split(text, b'\n').enumerate() {
            if place > 0 {
                let line = std::mem::take(&mut self.line);
                if let Some(data) = line.strip_prefix("data: ") {
                    self.data.push_str(data);
                } else if line.is_empty() && !self.data.is_empty() {
                    complete.push(std::mem::take(&mut self.data));
                }
            }
            self.line.push_str(text);
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
        let characters: Vec<char> = STREAM.chars().collect();
        for size in 1..=characters.len() {
            let mut events = EventStream::default();
            let read: Vec<String> = characters
                .chunks(size)
                .flat_map(|chunk| events.read(&chunk.iter().collect::<String>()))
                .collect();
            assert_eq!(read, expected, "in pieces of {size} characters");
        }
    }

    #[test]
    fn an_event_that_is_cut_off_is_not_one() {
        let mut events = EventStream::default();
        assert!(events.read("data: {}\n").is_empty());
        assert_eq!(events.read("\n"), ["{}"]);
    }
}
