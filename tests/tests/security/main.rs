//! What SECURITY.md promises: headers, tenancy, tokens, attacks, injections, the guard of outbound requests.

mod attack_scene;
mod attacks;
mod changes;
mod credentials;
mod endpoints;
mod frame_isolation;
mod headers;
mod injections;
mod outbound;
mod payloads;
mod promises;
mod scanners;
mod sources;
mod tenancy;
mod tokens;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
