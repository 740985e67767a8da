//! What visitors do, and the pages that they come from: the frame, a ticket, a session, a socket and what stands in for
//! one, their conversations, the transcript, and their erasure. One file a resource, one function an endpoint.

pub mod access;
pub mod assets;
pub mod conversations;
pub mod events;
pub mod frame;
pub mod frames;
pub mod host_page;
pub mod messages;
pub mod own_data;
pub mod session;
pub mod socket;
pub mod tickets;
pub mod transcript;
