//! Which transport is opened, and when the next attempt is due.
//!
//! A socket is the first choice. Some networks refuse the upgrade or swallow it without a word; where that happens
//! while the rest of the edge answers, frames come as a stream of events and go as requests. A socket is tried again
//! beside the stream now and then, and takes over when it works.

/// After so many sockets in a row that end before their welcome, a stream is opened.
const SOCKETS_TRIED: u32 = 2;

/// How frames come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One socket for both directions.
    Socket,
    /// A stream of events in, requests out.
    Stream,
}

/// What is known of the transports.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransportChoice {
    /// Sockets that ended before their welcome, in a row.
    n_failed: u32,
}

impl TransportChoice {
    /// The transport to open now.
    pub const fn transport(self) -> Transport {
        if self.n_failed < SOCKETS_TRIED {
            Transport::Socket
        } else {
            Transport::Stream
        }
    }

    /// A socket was welcomed.
    pub const fn socket_works(self) -> Self {
        Self { n_failed: 0 }
    }

    /// A socket ended before its welcome.
    pub const fn socket_fails(self) -> Self {
        Self {
            n_failed: self.n_failed + 1,
        }
    }

    /// A socket neither opens nor fails: the network swallows it.
    pub const fn socket_hangs(self) -> Self {
        Self {
            n_failed: SOCKETS_TRIED,
        }
    }

    /// A stream failed too: neither is known to be better, so one socket is tried before the next stream.
    pub const fn stream_fails(self) -> Self {
        Self {
            n_failed: SOCKETS_TRIED - 1,
        }
    }

    /// Nothing answers at all. That says nothing about sockets; what was found out before still counts.
    pub const fn edge_is_away(self) -> Self {
        match self.transport() {
            Transport::Socket => self.socket_works(),
            Transport::Stream => self,
        }
    }
}

/// How long to wait before the next attempt: half a second, doubling up to half a minute, and a random half of that
/// less, so that a thousand widgets do not come back in step.
pub fn backoff_ms(n_attempts: u32, random: f64) -> u32 {
    const FIRST_MS: u32 = 500;
    const LONGEST_MS: u32 = 30_000;
    let full = (FIRST_MS << n_attempts.min(6)).min(LONGEST_MS);
    (f64::from(full) * (0.5 + random / 2.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sockets_that_fail_in_a_row_lead_to_the_stream() {
        let fresh = TransportChoice::default();
        assert_eq!(fresh.transport(), Transport::Socket);
        let once = fresh.socket_fails();
        assert_eq!(once.transport(), Transport::Socket);
        assert_eq!(once.socket_fails().transport(), Transport::Stream);
        assert_eq!(
            once.socket_works().socket_fails().transport(),
            Transport::Socket,
            "not in a row"
        );
    }

    #[test]
    fn a_socket_that_hangs_leads_to_the_stream_at_once() {
        assert_eq!(
            TransportChoice::default().socket_hangs().transport(),
            Transport::Stream
        );
    }

    #[test]
    fn an_edge_that_is_away_is_not_held_against_sockets_nor_forgotten_for_them() {
        let once = TransportChoice::default().socket_fails();
        assert_eq!(
            once.edge_is_away().socket_fails().transport(),
            Transport::Socket
        );
        let twice = once.socket_fails();
        assert_eq!(twice.edge_is_away().transport(), Transport::Stream);
    }

    #[test]
    fn a_socket_beside_the_stream_brings_back_the_socket_only_when_it_works() {
        let stream = TransportChoice::default().socket_hangs();
        assert_eq!(stream.socket_fails().transport(), Transport::Stream);
        assert_eq!(stream.socket_works().transport(), Transport::Socket);
    }

    #[test]
    fn where_neither_works_they_take_turns() {
        let mut choice = TransportChoice::default().socket_hangs();
        for _ in 0..3 {
            choice = choice.stream_fails();
            assert_eq!(choice.transport(), Transport::Socket);
            choice = choice.socket_fails();
            assert_eq!(choice.transport(), Transport::Stream);
        }
    }

    #[test]
    fn attempts_come_later_each_time_and_never_in_step() {
        for (n_attempts, shortest, longest) in [
            (0, 250, 500),
            (1, 500, 1000),
            (3, 2000, 4000),
            (6, 15_000, 30_000),
            (1000, 15_000, 30_000),
        ] {
            assert_eq!(backoff_ms(n_attempts, 0.0), shortest);
            assert_eq!(backoff_ms(n_attempts, 1.0), longest);
        }
    }
}
