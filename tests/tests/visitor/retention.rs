//! What is kept for so long and no longer.

use super::own_data::rows_with;
use oriel_shared::wire::admin::{AuditActor, AuditLine, Site, SiteChange};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::transcript::Transcript;
use oriel_tests::database::Database;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::EVERY_HOUR;
use oriel_tests::visitor::{ORIGIN, Visitor};

#[integration_test]
fn what_rests_longer_than_the_site_keeps_it_is_erased_in_both_places(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let (client, team) = (online.client(), online.team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let keeper = team.open_site("Keeper", &[ORIGIN]);
    let change = SiteChange {
        retention_days: Some(1),
        ..SiteChange::default()
    };
    let _changed = team.change(&site.id, &change).expect(200);
    let say = |site: &Site, words: &str| {
        let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
        let answer = visitor.socket().ask("m1", words);
        team.messages_up_to(&visitor.session.conversation, answer.seq);
        visitor
    };
    let (gone, back, kept) = (
        "An old wish of somebody",
        "Somebody who came back",
        "Where things are kept for good",
    );
    let (old, returned, other) = (say(&site, gone), say(&site, back), say(&keeper, kept));
    // As if all of it had been said the day before yesterday; but for one who said something since, of which the database
    // has not heard.
    let two_days_ms = 2 * 24 * 3_600_000;
    online.sql(&format!(
        "UPDATE conversations SET updated_at = updated_at - {two_days_ms}"
    ));
    for words in [gone, kept] {
        let age = format!(
            "UPDATE messages SET at = at - {two_days_ms}
             WHERE EXISTS (SELECT 1 FROM messages WHERE text = '{words}')"
        );
        let n_aged = Database::everywhere(&online.state().join("do"))
            .iter()
            .filter(|object| !object.tables_with(&[words]).is_empty())
            .filter(|object| object.run(&[&age]).is_ok())
            .count();
        assert!(n_aged >= 1, "{words}");
    }
    online.run_cron(EVERY_HOUR);
    for (words, n_places) in [(gone, 0), (back, 2), (kept, 2)] {
        let mut tables = rows_with(online, &[words]);
        tables.retain(|table| table == "messages");
        assert_eq!(tables.len(), n_places, "{words}");
    }
    old.call("GET", "/v1/transcript")
        .send()
        .problem(Code::SessionExpired);
    for visitor in [&returned, &other] {
        let _there: Transcript = visitor
            .call("GET", "/v1/transcript")
            .send()
            .expect(200)
            .json();
    }
    let path = format!("/audit?site={}", site.id);
    let lines: Vec<AuditLine> = team.pages(&path, 100).into_iter().flatten().collect();
    let of = |action: &str| {
        lines
            .iter()
            .filter(|line| line.action == action)
            .collect::<Vec<_>>()
    };
    let runs = of("retention.run");
    assert_eq!(runs.len(), 1, "{lines:?}");
    assert_eq!((runs[0].actor, runs[0].count), (AuditActor::Edge, Some(1)));
    assert!(of("visitor.erase").is_empty());
}

#[integration_test]
fn the_audit_trail_outlives_its_organisation_for_ninety_days(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let trail = || {
        let rows = online.sql("SELECT action FROM audit WHERE org_id = 'org_gone' ORDER BY at");
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| row["action"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    // However old a line is: what counts is when the organisation was found to be gone.
    online.sql(
        "INSERT INTO audit (id, org_id, site_id, at, actor, key_id, action, target, n)
         VALUES ('aud_old', 'org_gone', NULL, 1, 'api_key', 'key_x', 'site.create', 'site_x', NULL)",
    );
    online.run_cron(EVERY_HOUR);
    online.run_cron(EVERY_HOUR);
    assert_eq!(trail(), ["site.create", "organisation.end"]);
    let age_by = |days: u64| {
        online.sql(&format!(
            "UPDATE audit SET at = at - {} WHERE org_id = 'org_gone' AND action = 'organisation.end'",
            days * 24 * 3_600_000
        ));
    };
    age_by(89);
    online.run_cron(EVERY_HOUR);
    assert_eq!(trail().len(), 2);
    age_by(2);
    let lines = format!(
        "SELECT count(*) AS n FROM audit WHERE org_id = '{}'",
        online.organisation()
    );
    let count = || online.sql(&lines);
    let _site = online.team().make_site("One more line");
    let there = count();
    online.run_cron(EVERY_HOUR);
    assert_eq!(trail(), Vec::<String>::new());
    // The trail of who is there stays.
    assert_eq!(count(), there);
}
