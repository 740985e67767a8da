//! What is drawn, one component a file. Components take data and callbacks and draw; they decide nothing.

pub mod composer;
pub mod delivery;
pub mod frame;
pub mod header;
pub mod intro;
pub mod log;
pub mod message;
pub mod notice;
pub mod rich_text;
pub mod sources;
