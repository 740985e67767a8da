//! What is right, decided from what the clients were told and what the edge kept: plain data in, counts out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;

use oriel_shared::wire::visitor::{Message, Role};

/// What the clients of one visitor know.
#[derive(Clone, Debug, Default)]
pub struct ClientLog {
    /// For each tab the ids of what it said, in that order.
    pub said: Vec<Vec<String>>,
    /// Every acknowledgement, as it came.
    pub acknowledged: Vec<Message>,
    /// For each tab the messages that it holds, from the first on.
    pub seen: Vec<Vec<Message>>,
    /// Messages that came to a tab out of turn, after it had caught up.
    pub n_gaps: usize,
}

/// Counts of one visitor, or of all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Visitors that were looked at.
    pub n_visitors: usize,
    /// Messages that tabs said.
    pub n_said: usize,
    /// Of these, acknowledged.
    pub n_acknowledged: usize,
    /// Answers of the assistant.
    pub n_answers: usize,
    /// Said or acknowledged, and not kept as it was.
    pub n_lost: usize,
    /// Kept more than once, or answered more than once.
    pub n_doubled: usize,
    /// Kept before something that the same tab had said earlier.
    pub n_out_of_order: usize,
    /// Places of the log that are missing, or that a tab did not see, saw out of turn, or saw otherwise.
    pub n_gaps: usize,
    /// Visitors whose conversation is the same in D1.
    pub n_equal: usize,
}

impl Verdict {
    /// Whether there is nothing to complain about.
    pub fn is_good(&self) -> bool {
        let faults = self.n_lost + self.n_doubled + self.n_out_of_order + self.n_gaps;
        faults == 0
            && self.n_said > 0
            && self.n_acknowledged == self.n_said
            && self.n_answers == self.n_said
            && self.n_equal == self.n_visitors
    }
}

impl AddAssign for Verdict {
    fn add_assign(&mut self, one: Self) {
        self.n_visitors += one.n_visitors;
        self.n_said += one.n_said;
        self.n_acknowledged += one.n_acknowledged;
        self.n_answers += one.n_answers;
        self.n_lost += one.n_lost;
        self.n_doubled += one.n_doubled;
        self.n_out_of_order += one.n_out_of_order;
        self.n_gaps += one.n_gaps;
        self.n_equal += one.n_equal;
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} said, {} acknowledged, {} answered\n\
             {} lost, {} doubled, {} out of order, {} gaps, D1 equal to the object for {} of {} visitors",
            self.n_said,
            self.n_acknowledged,
            self.n_answers,
            self.n_lost,
            self.n_doubled,
            self.n_out_of_order,
            self.n_gaps,
            self.n_equal,
            self.n_visitors,
        )
    }
}

/// Judges one visitor's conversation: what the object kept, from the first message on, and what D1 has.
pub fn verdict_on(told: &ClientLog, kept: &[Message], in_d1: &[Message]) -> Verdict {
    let at = |seq: usize| kept.get(seq.wrapping_sub(1));
    let is_visitors = |message: &&Message| message.role == Role::Visitor;
    let places: BTreeMap<&str, usize> = kept
        .iter()
        .enumerate()
        .filter(|(_, message)| message.role == Role::Visitor)
        .map(|(place, message)| (message.id.as_str(), place))
        .collect();
    let texts: BTreeSet<&str> = kept
        .iter()
        .filter(is_visitors)
        .map(|message| message.text.as_str())
        .collect();
    let n_questions = kept.iter().filter(is_visitors).count();
    let n_answers = kept
        .iter()
        .filter(|message| message.role == Role::Assistant)
        .count();
    let acknowledged: BTreeSet<&str> = told
        .acknowledged
        .iter()
        .map(|message| message.id.as_str())
        .collect();
    let said = || told.said.iter().flatten();
    let n_unkept = said()
        .filter(|id| !places.contains_key(id.as_str()))
        .count();
    let n_moved = told
        .acknowledged
        .iter()
        .filter(|message| at(message.seq.0 as usize) != Some(message))
        .count();
    let n_out_of_order = told
        .said
        .iter()
        .flat_map(|ids| ids.windows(2))
        .filter(
            |pair| match (places.get(pair[0].as_str()), places.get(pair[1].as_str())) {
                (Some(earlier), Some(later)) => earlier > later,
                _ => false,
            },
        )
        .count();
    let n_misnumbered = kept
        .iter()
        .enumerate()
        .filter(|(place, message)| message.seq.0 as usize != place + 1)
        .count();
    let n_seen_otherwise = told
        .seen
        .iter()
        .flatten()
        .filter(|message| at(message.seq.0 as usize) != Some(message))
        .count();
    Verdict {
        n_visitors: 1,
        n_said: said().count(),
        n_acknowledged: acknowledged.len(),
        n_answers,
        n_lost: n_unkept + n_moved,
        n_doubled: n_questions - texts.len() + n_answers.saturating_sub(n_questions),
        n_out_of_order,
        n_gaps: told.n_gaps + n_misnumbered + n_seen_otherwise,
        n_equal: usize::from(in_d1 == kept),
    }
}
