//! What a visitor does, one file each: the frame, a ticket, a session, a socket and what stands in for one, the
//! visitor's conversations, the transcript, being forgotten.

pub mod access;
pub mod assets;
pub mod conversations;
pub mod fallback;
pub mod frame;
pub mod ip_rate_limit;
pub mod own_data;
pub mod session;
pub mod socket;
pub mod tickets;
pub mod transcript;
