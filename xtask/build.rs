//! Empty: cargo resolves `[build-dependencies]` only where there is a build script, and Cargo.toml says why they are there.
fn main() {}
