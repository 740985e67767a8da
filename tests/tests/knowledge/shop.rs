//! A shop whose sitemap is imported, played by the test (`oriel_tests::fake_internet`), and what the team does with the
//! import.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oriel_shared::wire::admin::{Document, Import, ImportFailure, ImportStatus, Site};
use oriel_tests::client::Response;
use oriel_tests::fake_internet::{FakeInternet, Reply};
use oriel_tests::team::Team;
use oriel_tests::wait::until;
use serde_json::json;

/// Longer than two hundred pages take on a machine that has other work.
pub(super) const DONE_WITHIN: Duration = Duration::from_secs(240);

/// A shop on the web: its pages by path.
#[derive(Clone, Default)]
pub(super) struct Shop {
    pub(super) host: String,
    pub(super) pages: Arc<Mutex<BTreeMap<String, Reply>>>,
}

impl Shop {
    pub(super) fn open(internet: &FakeInternet, host: &str) -> Self {
        let shop = Self {
            host: host.to_owned(),
            pages: Arc::default(),
        };
        shop.serve(internet, Duration::ZERO);
        shop
    }

    /// Answers from now on, each page after a while.
    pub(super) fn serve(&self, internet: &FakeInternet, each: Duration) {
        let (pages, host) = (Arc::clone(&self.pages), self.host.clone());
        internet.host(&self.host, move |seen| {
            std::thread::sleep(each);
            let path = seen.url.trim_start_matches(&format!("https://{host}"));
            let pages = pages.lock().expect("no page panics");
            pages
                .get(path)
                .cloned()
                .unwrap_or_else(|| Reply::status(404))
        });
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.host)
    }

    pub(super) fn put(&self, path: &str, reply: Reply) {
        let mut pages = self.pages.lock().expect("no page panics");
        pages.insert(path.to_owned(), reply);
    }

    pub(super) fn page(&self, path: &str, title: &str, text: &str) {
        let html = format!("<title>{title}</title><main><p>{text}</p></main>");
        self.put(path, Reply::page("text/html", &html));
    }

    /// Lists these addresses in a sitemap.
    pub(super) fn sitemap(&self, path: &str, entries: &[String]) -> String {
        self.list(path, "urlset", "url", entries)
    }

    pub(super) fn index(&self, path: &str, entries: &[String]) -> String {
        self.list(path, "sitemapindex", "sitemap", entries)
    }

    pub(super) fn list(&self, path: &str, root: &str, item: &str, entries: &[String]) -> String {
        let items: String = entries
            .iter()
            .map(|url| format!("<{item}><loc>{}</loc></{item}>", url.replace('&', "&amp;")))
            .collect();
        let xml = format!("<?xml version=\"1.0\"?><{root}>{items}</{root}>");
        self.put(path, Reply::page("application/xml", &xml));
        self.url(path)
    }

    /// Lists these paths in `/sitemap.xml`.
    pub(super) fn lists(&self, paths: &[&str]) -> String {
        let entries: Vec<String> = paths.iter().map(|path| self.url(path)).collect();
        self.sitemap("/sitemap.xml", &entries)
    }
}

pub(super) fn ask(team: &Team, site: &Site, sitemap: &str) -> Response {
    let path = format!("/sites/{}/imports", site.id);
    let body = json!({ "sitemap": sitemap });
    team.call("POST", &path).json(&body).send()
}

pub(super) fn look(team: &Team, site: &Site, import: &Import) -> Import {
    let path = format!("/sites/{}/imports/{}", site.id, import.id);
    team.call("GET", &path).send().expect(200).json()
}

#[track_caller]
pub(super) fn ended(team: &Team, site: &Site, import: &Import) -> Import {
    until("the import to end", DONE_WITHIN, || {
        Some(look(team, site, import)).filter(|import| import.status != ImportStatus::Running)
    })
}

/// Imports a sitemap and waits for the end.
#[track_caller]
pub(super) fn import(team: &Team, site: &Site, sitemap: &str) -> Import {
    let started: Import = ask(team, site, sitemap).expect(202).json();
    let import = ended(team, site, &started);
    assert_eq!(import.status, ImportStatus::Finished, "{import:?}");
    assert_eq!(import.found, import.done + import.skipped, "{import:?}");
    let failures = import.failures.as_ref().expect("by id");
    assert_eq!(failures.len(), import.failed as usize, "{import:?}");
    import
}

/// Added, changed, unchanged, removed, failed.
pub(super) fn counts(import: &Import) -> [u32; 5] {
    [
        import.added,
        import.changed,
        import.unchanged,
        import.removed,
        import.failed,
    ]
}

pub(super) fn documents(team: &Team, site: &Site) -> Vec<Document> {
    let path = format!("/sites/{}/documents", site.id);
    team.pages(&path, 100).into_iter().flatten().collect()
}

pub(super) fn failure<'i>(import: &'i Import, url: &str) -> &'i ImportFailure {
    let failures = import.failures.as_deref().unwrap_or_default();
    failures
        .iter()
        .find(|failure| failure.url == url)
        .unwrap_or_else(|| panic!("{url} in {failures:?}"))
}
