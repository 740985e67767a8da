//! The widget in real Chromium: on host pages of every kind, by pointer, keyboard and screen reader.

mod browser;
mod browser_harness;
mod conversation;
mod conversation_list;
mod cookies;
mod element;
mod embed;
mod engines;
mod identity;
mod inline;
mod journey;
mod layout;
mod loader;
mod locale;
mod message_log;
mod networks;
mod policies;
mod proactive;
mod recipes;
mod refusals;
mod sound;
mod startup;
mod theme;
mod theme_screens;
mod theme_scripts;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
