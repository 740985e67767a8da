//! Makes the machine ready: what is missing is installed, what is there is left alone.
//!
//! Needed beforehand: Rust with rustup, Node with npm, and a C compiler.

pub mod chromium;
pub mod node;
pub mod rust;
