//! Calls to what works in the background, a connection's courier and a site's importer: they are woken, and read from the
//! database what is to be done.

use worker::Env;

use super::ask;
use crate::http::problem::Problem;
use crate::store::deliveries;
use crate::store::imports;

/// Tells a connection's courier that something is due.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn wake_courier(env: &Env, errand: &deliveries::Errand) -> Result<(), Problem> {
    let courier = env
        .durable_object("COURIERS")?
        .get_by_name(errand.connection.as_str())?;
    ask("courier", &courier, errand).await
}

/// Tells a site's importer that there is something to import.
///
/// # Errors
/// As [`super::visitor()`].
pub async fn wake_importer(env: &Env, errand: &imports::Errand) -> Result<(), Problem> {
    let importer = env
        .durable_object("IMPORTERS")?
        .get_by_name(errand.site.as_str())?;
    ask("importer", &importer, errand).await
}
