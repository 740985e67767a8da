//! What the clock calls for goes on where a part of it fails.
//!
//! These tests take a table away, so each has its edge for itself.

use oriel_tests::fake_internet::Reply;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::{EVERY_HOUR, EVERY_MINUTE, OnlineEdge};
use oriel_tests::wait::{SOON, until};
use serde_json::json;

/// A table that is away until this is dropped.
struct Away<'o>(&'o OnlineEdge, &'static str);

impl<'o> Away<'o> {
    fn take(online: &'o OnlineEdge, table: &'static str) -> Self {
        online.sql(&format!("ALTER TABLE {table} RENAME TO {table}_away"));
        Self(online, table)
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let Self(online, table) = self;
        online.sql(&format!("ALTER TABLE {table}_away RENAME TO {table}"));
    }
}

#[integration_test]
fn webhook_senders_that_cannot_be_found_leave_no_import_asleep(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let site = online.team().make_site("Jobs");
    online
        .internet
        .host("jobs.example.com", |_| Reply::status(404));
    online.sql(&format!(
        "INSERT INTO imports (id, org_id, site_id, sitemap, status, made_by, created_at, updated_at)
         SELECT 'imp_jobs', org_id, id, 'https://jobs.example.com/sitemap.xml', 'running', replace(org_id, 'org', 'key'), 1, 1
         FROM sites WHERE id = '{}'",
        site.id
    ));
    let away = Away::take(online, "deliveries");
    online.run_cron(EVERY_MINUTE);
    until("the importer to have been woken", SOON, || {
        let rows = online.sql("SELECT status FROM imports WHERE id = 'imp_jobs'");
        (rows == json!([{ "status": "failed" }])).then_some(())
    });
    drop(away);
    let failed = online.until_logged(&["\"job\":\"webhook_senders_woken\""]);
    assert!(failed.contains("job_failed"), "{failed}");
    let done = online.until_logged(&["\"job\":\"importers_woken\""]);
    assert!(done.contains("\"n\":1"), "{done}");
}

#[integration_test]
fn a_clean_up_that_fails_leaves_the_others_to_be_done(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    online.sql(
        "INSERT INTO audit (id, org_id, site_id, at, actor, key_id, action, target, n)
         VALUES ('aud_jobs', 'org_jobs', NULL, 1, 'api_key', 'key_x', 'site.create', 'site_x', NULL)",
    );
    let trail = || online.sql("SELECT action FROM audit WHERE org_id = 'org_jobs' ORDER BY at");
    let away = Away::take(online, "import_steps");
    online.run_cron(EVERY_HOUR);
    drop(away);
    let failed = online.until_logged(&["\"job\":\"imports_deleted\""]);
    assert!(failed.contains("job_failed"), "{failed}");
    assert_eq!(
        trail(),
        json!([{ "action": "site.create" }, { "action": "organisation.end" }])
    );
}
