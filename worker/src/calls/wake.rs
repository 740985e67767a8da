//! Calls to objects that work in the background, a connection's webhook sender and a site's importer: they are woken, and
//! read from the database what is to be done.

use worker::Env;

use super::ask;
use crate::http::problem::Problem;
use crate::store::deliveries;
use crate::store::imports;

/// Wakes a connection's webhook sender: something is due.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn wake_webhook_sender(env: &Env, job: &deliveries::DeliveryJob) -> Result<(), Problem> {
    let webhook_sender = env
        .durable_object("WEBHOOK_SENDERS")?
        .get_by_name(job.connection.as_str())?;
    ask("webhook_sender", &webhook_sender, job).await
}

/// Wakes a site's importer: there is something to import.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn wake_importer(env: &Env, job: &imports::ImportJob) -> Result<(), Problem> {
    let importer = env
        .durable_object("IMPORTERS")?
        .get_by_name(job.site.as_str())?;
    ask("importer", &importer, job).await
}
