//! What is drawn, one component a file. Components draw the chat and pass on what the visitor does; they decide
//! nothing.

pub mod composer;
pub mod form;
pub mod frame;
pub mod header;
pub mod log;
pub mod menu;
pub mod message;
pub mod notice;
pub mod prompt;
pub mod suggestions;
