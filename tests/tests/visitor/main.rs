//! What a visitor does and is entitled to: sessions, messages, limits, handover to a person, and their own data; without a browser.

mod archive;
mod conversation_switch;
mod d1_sync;
mod drafts;
mod erasure;
mod fallback;
mod handover;
mod leads;
mod limits;
mod locale;
mod messages;
mod own_data;
mod retention;
mod session;
mod signed_visitors;
mod socket;
mod switch_effects;
mod team_feed;
mod transcript_links;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
