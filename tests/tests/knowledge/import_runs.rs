//! How an import runs: one at a time, two pages at once, and on when the runtime has died.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::shop::{Shop, ask, counts, documents, ended, import, look};
use oriel_shared::wire::admin::{Import, ImportStatus};
use oriel_shared::wire::problem::Code;
use oriel_tests::fake_internet::{FakeInternet, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::{EVERY_HOUR, EVERY_MINUTE, EdgeState, OnlineEdge};
use oriel_tests::visitor::ORIGIN;
use oriel_tests::wait::{SOON, until};
use serde_json::json;

#[integration_test]
fn one_import_of_a_site_runs_at_a_time_and_can_be_cancelled(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "slow.example.com"),
    );
    let (site, other) = (team.make_site("Slow"), team.make_site("Other"));
    let paths: Vec<String> = (0..100).map(|n| format!("/page-{n}")).collect();
    for path in &paths {
        shop.page(path, path, "A page.");
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let sitemap = shop.lists(&paths);
    shop.serve(&online.internet, Duration::from_millis(200));
    let started: Import = ask(&team, &site, &sitemap).expect(202).json();
    ask(&team, &site, &sitemap).problem(Code::ImportRunning);
    let elsewhere: Import = ask(&team, &other, &sitemap).expect(202).json();
    let _going = until("some progress", SOON, || {
        Some(look(&team, &site, &started)).filter(|import| import.done > 0)
    });
    for (site, import) in [(&site, &started), (&other, &elsewhere)] {
        let path = format!("/sites/{}/imports/{}", site.id, import.id);
        let _cancelled = team.call("DELETE", &path).send().expect(204);
        assert_eq!(look(&team, site, import).status, ImportStatus::Cancelled);
        // Again is the same.
        let _cancelled = team.call("DELETE", &path).send().expect(204);
    }
    let kept = documents(&team, &site).len();
    assert!((1..100).contains(&kept), "{kept}");
    // The next one may begin at once, and ends what was begun.
    shop.serve(&online.internet, Duration::ZERO);
    let second = import(&team, &site, &sitemap);
    assert_eq!(second.done, 100, "{second:?}");
    assert!(second.unchanged as usize >= kept, "{second:?}");
    assert_eq!(documents(&team, &site).len(), 100);
    assert_eq!(
        look(&team, &site, &started).status,
        ImportStatus::Cancelled,
        "what has ended stays as it ended"
    );
}

#[integration_test]
fn at_most_two_pages_are_asked_for_at_once(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let site = team.make_site("Polite");
    let host = "polite.example.com";
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let entries: String = (0..12)
        .map(|n| format!("<url><loc>https://{host}/{n}</loc></url>"))
        .collect();
    let highest = Arc::clone(&most);
    online.internet.host(host, move |seen| {
        if seen.url.ends_with("sitemap.xml") {
            return Reply::page("text/xml", &format!("<urlset>{entries}</urlset>"));
        }
        highest.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(150));
        now.fetch_sub(1, Ordering::SeqCst);
        Reply::page("text/plain", "A page.")
    });
    let import = import(&team, &site, &format!("https://{host}/sitemap.xml"));
    assert_eq!(counts(&import), [12, 0, 0, 0, 0]);
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[integration_test]
fn an_import_goes_on_when_the_runtime_dies() {
    let state = EdgeState::new();
    let mut online = OnlineEdge::start(&state).expect("it starts");
    let shop = Shop::open(&online.internet, "kill.example.com");
    let site = online.team().open_site("Killed", &[ORIGIN]);
    let n_pages = 60;
    let paths: Vec<String> = (0..n_pages).map(|n| format!("/page-{n}")).collect();
    for (n, path) in paths.iter().enumerate() {
        shop.page(path, path, &format!("Mooring {n} costs {n} pounds."));
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let sitemap = shop.lists(&paths);
    shop.serve(&online.internet, Duration::from_millis(20));
    let started: Import = ask(&online.team(), &site, &sitemap).expect(202).json();
    for n_done in [2, 20, 40] {
        until("some progress", SOON, || {
            let import = look(&online.team(), &site, &started);
            assert_eq!(import.status, ImportStatus::Running, "{import:?}");
            (import.done >= n_done).then_some(())
        });
        online.kill();
        online = OnlineEdge::start_again(FakeInternet::default(), &state).expect("it starts again");
        shop.serve(&online.internet, Duration::from_millis(20));
    }
    let team = online.team();
    let import = ended(&team, &site, &started);
    assert_eq!(import.status, ImportStatus::Finished, "{import:?}");
    assert_eq!(
        counts(&import),
        [n_pages, 0, 0, 0, 0],
        "what was added is counted as added, however often it was begun"
    );
    let documents = documents(&team, &site);
    assert_eq!(documents.len() as u32, n_pages, "each page once");
    assert!(documents.iter().all(|document| document.version == 1));
    let passages = online.index_sql(&format!(
        "SELECT count(*) AS n, count(DISTINCT document_id) AS m FROM passages WHERE site_id = '{}'",
        site.id
    ));
    assert_eq!(passages, json!([{ "n": n_pages, "m": n_pages }]));
}

#[integration_test]
fn an_importer_that_was_not_woken_is_woken_by_the_clock(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "clock.example.com"),
    );
    let site = team.make_site("Clock");
    shop.page("/a", "A", "A page.");
    let sitemap = shop.lists(&["/a"]);
    let id = "imp_AAAAAAAAAAAAAAAAAAAAAA";
    online.sql(&format!(
        "INSERT INTO imports (id, org_id, site_id, sitemap, status, made_by, created_at, updated_at)
         SELECT '{id}', org_id, id, '{sitemap}', 'running', 'key_0', 1, 1 FROM sites WHERE id = '{}'",
        site.id
    ));
    let path = format!("/sites/{}/imports/{id}", site.id);
    let asleep: Import = team.call("GET", &path).send().expect(200).json();
    assert_eq!(asleep.status, ImportStatus::Running);
    online.run_cron(EVERY_MINUTE);
    assert_eq!(counts(&ended(&team, &site, &asleep)), [1, 0, 0, 0, 0]);
    // And it is forgotten a month after it ended; its documents stay.
    online.run_cron(EVERY_HOUR);
    let _kept = team.call("GET", &path).send().expect(200);
    online.sql(&format!(
        "UPDATE imports SET updated_at = 1 WHERE id = '{id}'"
    ));
    online.run_cron(EVERY_HOUR);
    team.call("GET", &path).send().problem(Code::NotFound);
    assert_eq!(documents(&team, &site).len(), 1);
}
