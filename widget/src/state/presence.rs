//! Presence: who is typing right now, and how far each side has read.

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::visitor::{ClientFrame, Role},
};

/// After so long without another typing frame a person has stopped typing.
const PERSON_TYPES_MS: u64 = 6_000;

/// The assistant sends one typing frame when it begins, and a model may take a while.
const ASSISTANT_TYPES_MS: u64 = 60_000;

/// How often a typing frame of the visitor's is sent at most.
const SEND_EVERY_MS: u64 = 3_000;

/// Who is typing and who has read how far.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    /// Who is typing, and until when that holds.
    typing: Option<(Role, UnixMs)>,
    /// When the last typing frame was sent.
    sent_at: Option<UnixMs>,
    /// The last message that the visitor has seen, on any device.
    pub read: Seq,
    /// The last message that the team has seen.
    pub read_by_team: Seq,
}

impl Presence {
    /// Who is typing to the visitor.
    pub fn typing(&self) -> Option<Role> {
        self.typing.map(|(role, _)| role)
    }

    /// Somebody is typing. What the visitor writes on another device is not shown here.
    pub fn start_typing(&mut self, role: Role, now: UnixMs) {
        let holds_ms = match role {
            Role::Visitor => return,
            Role::Agent => PERSON_TYPES_MS,
            Role::Assistant | Role::System => ASSISTANT_TYPES_MS,
        };
        self.typing = Some((role, now.plus(holds_ms)));
    }

    /// Nobody is typing any more.
    pub const fn end_typing(&mut self) {
        self.typing = None;
    }

    /// How long it is until nobody counts as typing, without another typing frame; 0 when that time has come.
    pub fn typing_left_ms(&self, now: UnixMs) -> Option<u64> {
        self.typing.map(|(_, until)| until.0.saturating_sub(now.0))
    }

    /// The visitor is typing. Returns a frame every few seconds.
    pub fn send_typing(&mut self, now: UnixMs) -> Option<ClientFrame> {
        if self
            .sent_at
            .is_some_and(|sent_at| now < sent_at.plus(SEND_EVERY_MS))
        {
            return None;
        }
        self.sent_at = Some(now);
        Some(ClientFrame::Typing {})
    }

    /// The visitor sees everything up to this message.
    pub fn mark_seen(&mut self, seq: Seq) -> ClientFrame {
        self.mark_read(Role::Visitor, seq);
        ClientFrame::Read { seq }
    }

    /// Somebody has seen the messages up to this one.
    pub fn mark_read(&mut self, role: Role, seq: Seq) {
        let mark = if role == Role::Visitor {
            &mut self.read
        } else {
            &mut self.read_by_team
        };
        *mark = seq.max(*mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_795_314_763_042);

    #[test]
    fn somebody_who_falls_silent_stops_writing_and_the_visitor_never_writes_to_themselves() {
        let mut presence = Presence::default();
        presence.start_typing(Role::Visitor, NOW);
        assert_eq!(presence.typing(), None);
        for (role, holds_ms) in [(Role::Agent, 6_000), (Role::Assistant, 60_000)] {
            presence.start_typing(role, NOW);
            assert_eq!(presence.typing(), Some(role));
            assert_eq!(presence.typing_left_ms(NOW), Some(holds_ms));
            assert_eq!(presence.typing_left_ms(NOW.plus(holds_ms - 1)), Some(1));
            assert_eq!(presence.typing_left_ms(NOW.plus(holds_ms)), Some(0));
        }
    }

    #[test]
    fn the_visitors_writing_is_told_every_three_seconds_at_most() {
        let mut presence = Presence::default();
        let told: Vec<bool> = [0, 10, 2_999, 3_000, 3_001, 6_000]
            .map(|ms| presence.send_typing(NOW.plus(ms)).is_some())
            .into();
        assert_eq!(told, [true, false, false, true, false, true]);
    }

    #[test]
    fn a_mark_never_goes_back() {
        let mut presence = Presence::default();
        for (role, seq) in [
            (Role::Visitor, 4),
            (Role::Visitor, 2),
            (Role::Agent, 3),
            (Role::Agent, 1),
        ] {
            presence.mark_read(role, Seq(seq));
        }
        assert_eq!((presence.read, presence.read_by_team), (Seq(4), Seq(3)));
    }
}
