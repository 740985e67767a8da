//! What the clock calls for. Each job is safe to repeat and bounded, and what it does not get to is there the next
//! time.
//!
//! Keeps true: a job that fails stops no other, and a thing that a job fails with stops no other thing ([`runner`]).
//! Each failure is a line of the log with the job's name, and so is what a job did.

use worker::Env;

use self::runner::{Done, Job, Outcome};

mod audit;
mod cleanup;
mod recut;
mod reseal;
mod retention;
mod runner;
mod wake;

/// Every minute, as wrangler.toml has it: nobody waits longer for a webhook sender that was not woken.
const EVERY_MINUTE: &str = "* * * * *";

/// Does what is due at this cron expression: what may not wait every minute, housekeeping otherwise (every hour).
///
/// A job is named after what it counts.
pub async fn run(env: &Env, cron: &str) {
    let jobs = if cron == EVERY_MINUTE {
        vec![
            Job::new("webhook_senders_woken", wake::webhook_senders(env)),
            Job::new("importers_woken", wake::importers(env)),
            Job::new("documents_recut", recut::run(env)),
        ]
    } else {
        vec![
            Job::new("deliveries_deleted", cleanup::deliveries(env)),
            Job::new("imports_deleted", cleanup::imports(env)),
            Job::new("conversations_erased", retention::run(env)),
            Job::new("organisation_ends_recorded", audit::record_ends(env)),
            Job::new("audit_lines_deleted", audit::delete_ended(env)),
            Job::new("secrets_resealed", reseal::run(env)),
        ]
    };
    runner::run(jobs, log).await;
}

/// Logs what a job did, when it did something, and each of its failures.
fn log(job: &str, outcome: &Outcome) {
    let (n, failures) = match outcome {
        Ok(Done { n, failures }) => (*n, failures.as_slice()),
        Err(problem) => (0, std::slice::from_ref(problem)),
    };
    if n > 0 {
        let line = serde_json::json!({ "event": "job_done", "job": job, "n": n });
        worker::console_log!("{line}");
    }
    for problem in failures {
        let line =
            serde_json::json!({ "event": "job_failed", "job": job, "cause": problem.cause() });
        worker::console_error!("{line}");
    }
}
