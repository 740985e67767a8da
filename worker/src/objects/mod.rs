//! Durable Objects: one file each, and [`calls`], which names an object's calls for both sides.

pub mod calls;
pub mod visitor;
