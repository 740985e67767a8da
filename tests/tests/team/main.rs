//! What a team does over the management API, and what it is told: sites, connections, deliveries, budgets.

mod admin;
mod budgets;
mod connections;
mod deliveries;
mod pagination;
mod request_bodies;
mod sites;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
