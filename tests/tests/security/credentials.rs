//! Every endpoint that the edge describes is called with the wrong credentials: none opens what another one does.

use std::collections::BTreeSet;

use super::endpoints::{Faults, is_refusal, kind_of};
use oriel_shared::wire::problem::Code;
use oriel_tests::client::Response;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::openapi::Description;
use oriel_tests::sample_calls::{CredentialPlace, Customer, ELSEWHERE, Sample};
use oriel_tests::visitor::{Visitor, from_frame};
use serde_json::{Value, json};

/// A refusal without what differs from call to call.
fn essence(answer: &Response) -> (u16, Option<Value>) {
    let problem = serde_json::from_slice::<Value>(&answer.body).ok();
    let problem = problem.map(|mut problem| {
        if let Some(members) = problem.as_object_mut() {
            members.remove("request_id");
        }
        problem
    });
    (answer.status, problem)
}

#[integration_test]
fn no_credential_opens_what_another_one_does(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let client = &customer.client;
    let strays = customer.strays();
    let before = customer.snapshot();
    let mut faults = Faults::default();
    let mut n_tried = 0;
    for call in Description::read(client).calls {
        let sample = customer.target(&call);
        let fits = |what: &str| match &sample.place {
            CredentialPlace::Open => true,
            CredentialPlace::Origin => what == "the site's origin",
            CredentialPlace::Ticket => what == "a ticket",
            CredentialPlace::Cookie(_) => what == "a refresh token",
            CredentialPlace::Subprotocol | CredentialPlace::Access => what == "an access token",
            CredentialPlace::Link => what == "a link's token",
            CredentialPlace::Key => what == "an API key",
        };
        let refused = |what: &str, answer: &Response| match call.name.as_str() {
            // Leaving without a session is no mistake, and nothing is told by it.
            "end_session" => answer.status == 204 && answer.cookies().is_empty(),
            _ => is_refusal(answer.status) && answer.cookies().is_empty() || fits(what),
        };
        let mut told = BTreeSet::new();
        for stray in strays.iter().filter(|stray| !fits(stray.what)) {
            // An address is in the development server's own log, and no secret goes there: visitor/own_data.rs shows some of
            // them as links.
            if sample.place == CredentialPlace::Link && !["nothing", "words"].contains(&stray.what)
            {
                continue;
            }
            n_tried += 1;
            let answer = sample.with_credential(&stray.text).send(client);
            faults.unless(refused(stray.what, &answer), || {
                format!("{} opens {}: {}", stray.what, call.name, answer.status)
            });
            if sample.place == CredentialPlace::Key {
                // One refusal tells no more than another.
                told.insert(format!("{:?}", essence(&answer)));
            }
            faults.look_at(&answer, kind_of(&call, &answer));
        }
        faults.unless(told.len() <= 1, || format!("{}: {told:?}", call.name));
    }
    assert!(n_tried > 250, "{n_tried}");
    assert_eq!(customer.snapshot(), before);
    faults.none();
}

/// What a team may not touch, tried call by call: for each, the answer must be that for what nobody has made.
fn assert_finds_nothing(
    customer: &Customer,
    stranger: &oriel_tests::team::Team,
    faults: &mut Faults,
) {
    let client = &customer.client;
    let before = customer.snapshot();
    let mut n_walked = 0;
    for call in Description::read(client).calls {
        if call.caller != "Team" {
            continue;
        }
        n_walked += 1;
        let sample = customer.target(&call);
        let theirs = sample.by(stranger);
        if call.name == "create_site" {
            continue;
        }
        let (ours, nothing) = (theirs.send(client), theirs.of_nothing().send(client));
        faults.unless(essence(&ours) == essence(&nothing), || {
            let (ours, nothing) = (ours.text(), nothing.text());
            format!(
                "{} tells that it exists: {ours} and not {nothing}",
                call.name
            )
        });
        if sample.ids.is_empty() {
            // A list: theirs, with nothing of ours in it.
            let text = ours.text();
            for id in customer.ids() {
                faults.unless(!text.contains(id), || format!("{} shows {id}", call.name));
            }
            faults.unless(ours.status < 500, || format!("{}: {text}", call.name));
        } else {
            faults.unless(ours.status == 404, || {
                format!("{}: {} {}", call.name, ours.status, ours.text())
            });
        }
        // Nor by what is wrong with the body: who may not see is told before what is said is read.
        if call.takes.is_some() {
            let garbled = |sample: &Sample| {
                let body = "{\"colour\":\"red\"}";
                essence(&sample.begin(client).body("application/json", body).send())
            };
            faults.unless(garbled(&theirs) == garbled(&theirs.of_nothing()), || {
                format!("{} tells by the body that it exists", call.name)
            });
        }
    }
    assert!(n_walked >= 16, "{n_walked}");
    assert_eq!(customer.snapshot(), before, "a stranger changed something");
}

#[integration_test]
fn another_organisations_key_learns_and_changes_nothing_on_any_route(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let stranger = fixtures.edge().another_team();
    // They are somebody: what is their own they may see.
    let own = stranger.make_site("Theirs");
    let _premise = stranger
        .call("GET", &format!("/sites/{}", own.id))
        .send()
        .expect(200);
    let mut faults = Faults::default();
    assert_finds_nothing(&customer, &stranger, &mut faults);
    faults.none();
}

#[integration_test]
fn a_key_that_is_held_to_one_site_learns_and_changes_nothing_of_another(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let held = fixtures.edge().team_of_demo_site();
    let demo = &fixtures.edge().ready.site_id;
    let _premise = held
        .call("GET", &format!("/sites/{demo}"))
        .send()
        .expect(200);
    let mut faults = Faults::default();
    assert_finds_nothing(&customer, &held, &mut faults);
    held.call("POST", "/sites")
        .json(&json!({ "name": "More" }))
        .send()
        .problem(Code::Forbidden);
    faults.none();
}

#[integration_test]
fn a_visitors_cookie_is_good_for_their_own_session_alone(fixtures: &Fixtures) {
    let customer = Customer::make(fixtures);
    let client = &customer.client;
    let elsewhere = Visitor::arrive(client, &customer.other_site.key, ELSEWHERE);
    let visitor = customer.newcomer();
    let refresh = |cookies: &str, site: &str| {
        from_frame(client, "POST", "/v1/session/refresh")
            .header("cookie", cookies)
            .json(&json!({ "site": site }))
            .send()
    };
    let (here, there) = (&customer.site.key, &customer.other_site.key);
    // One site's token under the other one's name, alone and after a name of nobody's.
    let swapped = format!("{}={}", visitor.cookie.name, elsewhere.cookie.value);
    for cookies in [
        swapped.clone(),
        format!("x=1; {swapped}"),
        elsewhere.cookie.pair(),
        format!("{}={}", visitor.cookie.name, visitor.session.access_token),
    ] {
        let answer = refresh(&cookies, here);
        answer.problem(Code::SessionExpired);
        assert!(answer.cookies().is_empty(), "{cookies}");
        let left = from_frame(client, "DELETE", "/v1/session")
            .header("cookie", &cookies)
            .json(&json!({ "site": here }))
            .send()
            .expect(204);
        assert!(left.cookies().is_empty(), "{cookies}");
    }
    // Neither session is the worse for it, and with both cookies each site gets its own.
    let both = format!("{}; {}", visitor.cookie.pair(), elsewhere.cookie.pair());
    for (site, its) in [(here, &visitor), (there, &elsewhere)] {
        let answer = refresh(&both, site).expect(200);
        let session: Value = answer.json();
        assert_eq!(session["visitor"], json!(its.session.visitor));
        assert_eq!(answer.cookies().len(), 1);
        assert_eq!(answer.cookies()[0].name, its.cookie.name);
    }
}
