//! The answer that is being made: what has come of it so far, until the stored message takes its place.

/// What has come of an answer.
#[derive(Clone, Debug)]
pub struct Live {
    /// The id that the message will have.
    pub id: String,
    /// The words so far.
    pub text: String,
    /// Whether its beginning was heard. Who comes in the middle of it waits for the whole.
    pub is_whole: bool,
    /// Whether the visitor has said that it is enough.
    pub is_stopped: bool,
}

impl Live {
    /// Puts the next words behind those before; words of another answer begin anew. `is_begun`: whether an answer was
    /// said to begin.
    pub fn grow(live: &mut Option<Self>, id: String, text: &str, is_begun: bool) {
        match live {
            Some(live) if live.id == id => live.text.push_str(text),
            _ => {
                *live = Some(Self {
                    id,
                    text: text.to_owned(),
                    is_whole: is_begun,
                    is_stopped: false,
                });
            }
        }
    }
}
