//! What is drawn, one component a file. Components take data and callbacks and draw; they decide nothing.

pub mod aside;
pub mod composer;
pub mod copy;
pub mod delivery;
pub mod feedback;
pub mod form;
pub mod frame;
pub mod header;
pub mod log;
pub mod menu;
pub mod message;
pub mod notice;
pub mod rich_text;
pub mod sources;
pub mod suggestions;
