//! Every call that changes something: a page of another origin changes nothing by it, and what was changed is in the
//! audit trail.

use std::collections::BTreeSet;

use oriel_shared::wire::admin::{AuditActor, AuditLine};
use oriel_tests::asserts::ResponseKind;
use oriel_tests::database::Database;
use oriel_tests::edge::workspace;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::openapi::Description;
use oriel_tests::sample_calls::{CredentialPlace, Customer, ELSEWHERE, upgrade};
use oriel_tests::visitor::ORIGIN;
use serde_json::Value;

use super::endpoints::{EVIL, Faults, is_refusal, kind_of};

#[integration_test]
fn a_page_of_another_origin_changes_nothing_on_any_route(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let client = &customer.client;
    let description = Description::read(client);
    let before = customer.snapshot();
    let mut faults = Faults::default();
    let mut n_refused = 0;
    for call in &description.calls {
        let sample = customer.target(call);
        // The page that shows the chat is no exception: it needs a ticket and nothing else.
        let of_host_page = (sample.place != CredentialPlace::Origin).then_some(ORIGIN);
        let others = [EVIL, "null", ELSEWHERE, "http://localhost:1"];
        for origin in others.into_iter().chain(of_host_page) {
            // What a preflight would allow is nothing.
            let preflight = client
                .call("OPTIONS", &sample.path())
                .origin(origin)
                .header("access-control-request-method", &call.method)
                .header("access-control-request-headers", "authorization")
                .send();
            faults.unless(!(200..300).contains(&preflight.status), || {
                format!("{origin}: {} {}", preflight.what, preflight.status)
            });
            let answer = match (&sample.place, sample.body()) {
                (CredentialPlace::Subprotocol, _) => {
                    upgrade(client.edge(), origin, &format!("oriel.v1, {}", sample.key))
                }
                // With everything that a browser would bring along by itself, its cookies, and with a stolen access token.
                (place, body) => {
                    let mut attack = client.call(&call.method, &sample.path()).origin(origin);
                    match place {
                        CredentialPlace::Cookie(name) => {
                            attack = attack.header("cookie", &format!("{name}={}", sample.key));
                        }
                        CredentialPlace::Access => attack = attack.bearer(&sample.key),
                        _ => {}
                    }
                    match body {
                        Some(body) => attack.json(&body).send(),
                        None => attack.send(),
                    }
                }
            };
            let readable = answer.header("access-control-allow-origin");
            let kind = kind_of(call, &answer);
            faults.unless(readable.is_none() || kind == ResponseKind::File, || {
                format!("{origin} may read {}: {readable:?}", call.name)
            });
            faults.unless(
                answer.header("access-control-allow-credentials").is_none(),
                || format!("{origin} is shown {} with its cookies", call.name),
            );
            // Whoever has a link may follow it from anywhere; reading what it gives is another thing.
            if !matches!(sample.place, CredentialPlace::Open | CredentialPlace::Link) {
                n_refused += 1;
                faults.unless(is_refusal(answer.status), || {
                    format!("{origin}: {} {}", call.name, answer.status)
                });
            }
            faults.unless(answer.cookies().is_empty(), || {
                format!("{origin}: {} sets a cookie", call.name)
            });
            faults.look_at(&answer, kind);
        }
        // It was good all the time.
        if matches!(
            sample.place,
            CredentialPlace::Cookie(_) | CredentialPlace::Ticket
        ) {
            let good = sample.send(client);
            faults.unless(call.good.contains(&good.status), || {
                format!("{} was spent by the attack: {}", call.name, good.text())
            });
        }
    }
    assert!(n_refused > 80, "{n_refused}");
    assert_eq!(customer.snapshot(), before);
    faults.none();
}

/// Changes nothing but what a visitor sees for a moment.
const OF_THE_MOMENT: [&str; 2] = ["show_typing", "mark_read"];

#[integration_test]
fn every_change_leaves_a_line_in_the_audit_trail(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let client = &customer.client;
    let mut faults = Faults::default();
    let mut n_changes = 0;
    let actions = std::fs::read_to_string(workspace().join("docs/security-log.md"));
    let actions = actions.expect("the page about the log");
    let org = Database::with_table(fixtures.edge(), "sites");
    let org = org.run(&[&format!(
        "SELECT org_id FROM sites WHERE id = '{}'",
        customer.site.id
    )]);
    let org = org.expect("a row")[0]["org_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    for call in Description::read(client).calls {
        let name = call.name.as_str();
        let is_change = call.method != "GET" || name == "export_visitor";
        if call.caller != "Team" || !is_change || OF_THE_MOMENT.contains(&name) {
            continue;
        }
        let sample = customer.sample(&call);
        let lines = |target: &str| -> Vec<AuditLine> {
            let path = format!("/audit?target={target}");
            customer
                .team
                .pages(&path, 100)
                .into_iter()
                .flatten()
                .collect()
        };
        // What names nothing is the organisation's own.
        let named = sample.ids.last().cloned().unwrap_or_else(|| org.clone());
        let before = lines(&named);
        let answer = sample.send(client);
        if !call.good.contains(&answer.status) {
            // The way out of this edge leads nowhere; team/connections.rs makes good ones.
            assert!(
                ["create_connection", "start_import"].contains(&name),
                "{}",
                answer.text()
            );
            continue;
        }
        n_changes += 1;
        // What was made, or what the path named.
        let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let made = ["/id", "/kid"].map(|id| body.pointer(id).and_then(Value::as_str));
        let made = made.into_iter().flatten().next().map(str::to_owned);
        let targets: BTreeSet<String> = made.into_iter().chain([named]).collect();
        let new: Vec<AuditLine> = targets
            .iter()
            .flat_map(|target| lines(target))
            .filter(|line| !before.contains(line))
            .collect();
        faults.unless(new.len() == 1, || format!("{name}: {new:?}"));
        // The budget and these connections are the whole organisation's.
        let has_site = !call.path.contains("/connections") && name != "change_budget";
        for line in &new {
            faults.unless(
                line.actor == AuditActor::ApiKey
                    && line.key.is_some()
                    && line.site.is_some() == has_site,
                || format!("{name}: {line:?}"),
            );
            let action = &line.action;
            faults.unless(actions.contains(&format!("`{action}`")), || {
                format!("{name}: {action} is no action of the log")
            });
        }
    }
    assert!(n_changes >= 14, "{n_changes}");
    faults.none();
}
