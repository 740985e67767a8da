//! The answer that is being streamed: its text so far, until the stored message takes its place.

/// An answer that is not finished.
#[derive(Clone, Debug)]
pub struct StreamingAnswer {
    /// The id that the message will have.
    pub id: String,
    /// The text so far.
    pub text: String,
    /// Whether the text is here from its beginning. A client that connects in the middle of an answer waits for the
    /// stored message.
    pub is_complete_so_far: bool,
    /// Whether the visitor has stopped it.
    pub is_stopped: bool,
}

impl StreamingAnswer {
    /// Appends the next text; text of another answer replaces this one. `has_begun` says whether the assistant was
    /// announced to be typing, so that this text is the first of its answer.
    pub fn append(answer: &mut Option<Self>, id: String, text: &str, has_begun: bool) {
        match answer {
            Some(answer) if answer.id == id => answer.text.push_str(text),
            _ => {
                *answer = Some(Self {
                    id,
                    text: text.to_owned(),
                    is_complete_so_far: has_begun,
                    is_stopped: false,
                });
            }
        }
    }
}
