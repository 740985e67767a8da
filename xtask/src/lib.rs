//! What the commands share: where things are, how other programs are run, how the sources become what is served.
//!
//! [`setup`] makes the machine ready, [`build`] makes the browser's files and the worker, [`dev`] serves, [`mod@test`]
//! checks; [`command`] and [`guard`] run other programs and make sure that none outlives us. The crates `release` and
//! `bench` have commands of their own, because what they depend on takes longer to compile than everything here.

pub mod build;
pub mod clock;
pub mod command;
pub mod dev;
pub mod digest;
pub mod fingerprint;
pub mod guard;
pub mod programs;
pub mod progress;
pub mod rotate_vault;
pub mod setup;
pub mod test;
pub mod workspace;
