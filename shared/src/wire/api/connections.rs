//! Receivers of what happens, models, and what was sent to receivers.

use super::declaration::{delete, get, optional, patch, post};
use crate::event::Action;
use crate::wire::admin::{
    Connection, ConnectionChange, ConnectionCreate, ConnectionCreated, Delivery,
};
use crate::wire::problem::Code::{
    ConnectionUnverified, EgressBlocked, InvalidField, TooManyConnections,
};

endpoints!(
    connections,
    admin::connections::create(Team) = post("/v1/admin/connections", "create_connection")
        .summary(
            "Makes a connection, once a live call to it went well. A secret that is made here is shown this once.",
        )
        .audits(Action("connection.create"))
        .body::<ConnectionCreate>()
        .replies::<ConnectionCreated>(201)
        .problems(&[InvalidField, EgressBlocked, ConnectionUnverified, TooManyConnections]),
    admin::connections::list(Team) = get("/v1/admin/connections", "list_connections")
        .summary("The connections, in pages.")
        .replies_page_of::<Connection>(),
    admin::connections::show(Team) = get("/v1/admin/connections/{connection}", "show_connection")
        .summary("A connection, without its secret.")
        .replies::<Connection>(200),
    admin::connections::change(Team) = patch("/v1/admin/connections/{connection}", "change_connection")
        .summary("Changes the fields that are named; another address or secret is verified first.")
        .audits(Action("connection.change"))
        .body::<ConnectionChange>()
        .replies::<Connection>(200)
        .problems(&[InvalidField, EgressBlocked, ConnectionUnverified]),
    admin::connections::delete(Team) = delete("/v1/admin/connections/{connection}", "delete_connection")
        .summary("Forgets a connection and its deliveries.")
        .audits(Action("connection.delete"))
        .replies_nothing(),
    admin::deliveries::list(Team) = get("/v1/admin/connections/{connection}/deliveries", "list_deliveries")
        .summary("What was or is to be sent to a receiver, in pages.")
        .query(&[optional("status")])
        .replies_page_of::<Delivery>(),
    admin::deliveries::replay(Team) = post(
        "/v1/admin/connections/{connection}/deliveries/{delivery}/replay",
        "replay_delivery",
    )
        .summary("Sends a delivery once more, under the same id.")
        .audits(Action("delivery.replay"))
        .replies::<Delivery>(200),
);
