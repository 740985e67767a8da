//! What the visitor thinks of answers.

use oriel_shared::{
    id::Seq,
    wire::visitor::{ClientFrame, Message},
};

/// The visitor's ratings, one an answer: the last one counts, from whichever of the visitor's devices it came.
#[derive(Clone, Debug, Default)]
pub struct Feedback(Vec<Rating>);

#[derive(Clone, Copy, Debug)]
struct Rating {
    seq: Seq,
    is_good: bool,
    /// Whether the edge knows.
    is_sent: bool,
}

impl Feedback {
    /// The visitor rates an answer. Offline, the rating is sent again on the next connection.
    pub fn rate(&mut self, seq: Seq, is_good: bool, is_online: bool) -> ClientFrame {
        self.set(seq, is_good, is_online);
        ClientFrame::Feedback { seq, good: is_good }
    }

    /// Takes over what a stored message says of it.
    pub(super) fn on_message(&mut self, message: &Message) {
        // Complete, so that whoever adds a member to a message decides whether the visitor can change it.
        let Message {
            seq,
            feedback,
            id: _,
            role: _,
            author: _,
            text: _,
            blocks: _,
            sources: _,
            offer: _,
            at: _,
        } = message;
        if let Some(is_good) = feedback {
            self.set(*seq, *is_good, true);
        }
    }

    /// Stores a rating. `is_sent` says whether the edge knows of it, or is being told.
    pub fn set(&mut self, seq: Seq, is_good: bool, is_sent: bool) {
        self.0.retain(|rating| rating.seq != seq);
        self.0.push(Rating {
            seq,
            is_good,
            is_sent,
        });
    }

    /// Whether an answer was rated good; `None` when it was not rated.
    pub fn get(&self, seq: Seq) -> Option<bool> {
        let rating = self.0.iter().find(|rating| rating.seq == seq)?;
        Some(rating.is_good)
    }

    /// Adds the frames of the ratings that the edge does not know of.
    pub(super) fn send_unsent(&mut self, frames: &mut Vec<ClientFrame>) {
        for rating in self.0.iter_mut().filter(|rating| !rating.is_sent) {
            rating.is_sent = true;
            frames.push(ClientFrame::Feedback {
                seq: rating.seq,
                good: rating.is_good,
            });
        }
    }
}
