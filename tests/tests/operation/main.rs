//! What an operator relies on: crashes, kills, broken parts, health, the log.

mod chaos;
mod crash;
mod idle;
mod jobs;
mod operator;
mod resilience;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
