//! Whether the service runs, and whom to tell about a weakness.

use super::declaration::get;
use crate::wire::health::{Alive, Readiness};

endpoints!(
    service,
    health::alive(Anybody) = get("/healthz", "alive")
        .summary("Whether the edge runs.")
        .replies::<Alive>(200),
    health::ready(Anybody) = get("/readyz", "ready")
        .summary("Whether its parts answer.")
        .replies::<Readiness>(200)
        .replies::<Readiness>(503),
    security::contact(Anybody) = get("/.well-known/security.txt", "security_contact")
        .summary("Whom to tell about a weakness.")
        .replies_bytes("text/plain"),
);
