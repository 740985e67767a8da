//! What a visitor does and is entitled to: sessions, messages, limits, handover to a person, and their own data; without a browser.

mod archive;
mod conversation_switch;
mod fallback;
mod handover;
mod limits;
mod messages;
mod own_data;
mod session;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
