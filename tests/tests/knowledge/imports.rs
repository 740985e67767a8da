//! A sitemap becomes documents, in the background, through the guard; and again, as a diff.

use oriel_shared::wire::admin::{Document, DocumentSaved, Import, ImportStatus};
use oriel_shared::wire::problem::Code;
use oriel_tests::fake_internet::Reply;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::until;
use serde_json::json;

use super::shop::{DONE_WITHIN, Shop, ask, counts, documents, ended, failure, import, look};

#[integration_test]
fn a_sitemap_becomes_documents_that_visitors_are_answered_from(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "one.example.com"),
    );
    let site = team.open_site("Sitemap", &[ORIGIN]);
    shop.page("/hours", "Hours", "On weekdays we open at nine.");
    shop.page("/fees?a=1&b=2", "Fees", "The mooring fee is ten pounds.");
    shop.put("/old", Reply::redirect(301, "/new"));
    shop.page("/new", "Returns", "Send a rope back within thirty days.");
    let sitemap = shop.lists(&["/hours", "/fees?a=1&b=2", "/old"]);
    let answer = ask(&team, &site, &sitemap).expect(202);
    let started: Import = answer.json();
    assert_eq!(started.status, ImportStatus::Running);
    let import = ended(&team, &site, &started);
    assert_eq!(import.status, ImportStatus::Finished, "{import:?}");
    assert_eq!(counts(&import), [3, 0, 0, 0, 0], "{import:?}");
    assert_eq!((import.found, import.done, import.skipped), (3, 3, 0));
    let listed: Vec<Import> = team
        .pages(&format!("/sites/{}/imports", site.id), 1)
        .concat();
    assert_eq!((listed.len(), &listed[0].id), (1, &import.id));
    let mut titles: Vec<String> = documents(&team, &site)
        .into_iter()
        .map(|document| document.title)
        .collect();
    titles.sort();
    assert_eq!(titles, ["Fees", "Hours", "Returns"]);
    let mut socket = Visitor::arrive(&online.client(), &site.key, ORIGIN).socket();
    for (at, (question, word, path)) in [
        ("When do you open on weekdays?", "nine", "/hours"),
        ("How much is the mooring fee?", "ten", "/fees?a=1&b=2"),
        (
            "Within how many days can I send a rope back?",
            "thirty",
            "/old",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = socket.ask(&format!("m{at}"), question);
        assert!(answer.text.contains(word), "{answer:?}");
        assert_eq!(answer.sources[0].url.as_deref(), Some(&*shop.url(path)));
    }
}

#[integration_test]
fn a_sitemap_that_is_imported_again_is_a_diff(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "diff.example.com"),
    );
    let site = team.open_site("Diff", &[ORIGIN]);
    // One page that the team imported by itself, one that it wrote: neither is the sitemap's to remove.
    shop.page("/own", "Own", "Ropes are blue.");
    let own: DocumentSaved = team
        .call("POST", &format!("/sites/{}/documents", site.id))
        .json(&json!({ "url": shop.url("/own") }))
        .send()
        .expect(201)
        .json();
    let written = team.add_document(&site.id, "Written", "Sails are white.");
    shop.page("/a", "Ropes", "A blue rope costs three pounds.");
    shop.page("/b", "Mooring", "The mooring fee is ten pounds.");
    shop.page("/c", "Sails", "A white sail costs ninety pounds.");
    let first = import(&team, &site, &shop.lists(&["/a", "/b", "/c", "/own"]));
    assert_eq!(counts(&first), [3, 0, 1, 0, 0]);
    let by_source = |documents: &[Document], path: &str| {
        let url = shop.url(path);
        let found = documents
            .iter()
            .find(|document| document.source.as_deref() == Some(&url));
        found.map(|document| (document.id.clone(), document.version))
    };
    let before = documents(&team, &site);

    let again = import(&team, &site, &shop.lists(&["/a", "/b", "/c", "/own"]));
    assert_eq!(counts(&again), [0, 0, 4, 0, 0]);

    let mut socket = Visitor::arrive(&online.client(), &site.key, ORIGIN).socket();
    let (fee, sail) = (
        "How much is the mooring fee?",
        "How much does a white sail cost?",
    );
    for (id, question, word) in [("m1", fee, "ten"), ("m2", sail, "ninety")] {
        let answer = socket.ask(id, question);
        assert!(answer.text.contains(word), "{answer:?}");
    }
    shop.page("/b", "Mooring", "The mooring fee is twelve pounds.");
    shop.page("/d", "Oars", "An oar is made of ash.");
    let third = import(&team, &site, &shop.lists(&["/a", "/b", "/d"]));
    assert_eq!(counts(&third), [1, 1, 1, 1, 0]);
    let after = documents(&team, &site);
    assert_eq!(by_source(&after, "/a"), by_source(&before, "/a"));
    let (id, version) = by_source(&before, "/b").expect("it was there");
    assert_eq!(by_source(&after, "/b"), Some((id, version + 1)));
    assert_eq!(by_source(&after, "/c"), None);
    assert!(by_source(&after, "/d").is_some());
    assert_eq!(by_source(&after, "/own"), Some((own.document.id, 1)));
    assert!(after.iter().any(|document| document.id == written.id));
    let changed = socket.ask("m3", fee);
    assert!(changed.text.contains("twelve"), "{changed:?}");
    let gone = socket.ask("m4", sail);
    assert!(!gone.text.contains("ninety"), "{gone:?}");
    // Another sitemap of the same shop lists fewer pages: those of the first are not its to remove.
    let other = shop.sitemap("/other.xml", &[shop.url("/a")]);
    assert_eq!(counts(&import(&team, &site, &other)), [0, 0, 1, 0, 0]);
    assert_eq!(documents(&team, &site).len(), after.len());
}

#[integration_test]
fn pages_that_cannot_be_had_are_named_with_the_reason_and_nothing_is_lost(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "odd.example.com"),
    );
    let site = team.make_site("Odd");
    let paths = [
        "/good", "/missing", "/empty", "/pdf", "/inside", "/loop", "/huge",
    ];
    shop.page("/good", "Good", "All is well.");
    shop.page("/missing", "Here", "It is here.");
    for path in ["/empty", "/pdf", "/inside", "/loop", "/huge"] {
        shop.page(path, path, "It is here.");
    }
    let sitemap = shop.lists(&paths);
    assert_eq!(counts(&import(&team, &site, &sitemap)), [7, 0, 0, 0, 0]);
    let before = documents(&team, &site);

    shop.put("/missing", Reply::status(503));
    shop.put("/empty", Reply::page("text/html", "<nav>Menu</nav>"));
    shop.put("/pdf", Reply::page("application/pdf", "%PDF-1.7"));
    shop.put(
        "/inside",
        Reply::redirect(302, "https://169.254.169.254/latest"),
    );
    shop.put("/loop", Reply::redirect(302, "/loop"));
    shop.put("/huge", Reply::Flood);
    let second = import(&team, &site, &sitemap);
    assert_eq!(counts(&second), [0, 0, 1, 0, 6], "{second:?}");
    for (path, code, word) in [
        ("/missing", Code::PageUnreadable, "503"),
        ("/empty", Code::InvalidField, "empty"),
        ("/pdf", Code::PageUnreadable, "PDF"),
        ("/inside", Code::EgressBlocked, "not public"),
        ("/loop", Code::EgressBlocked, "too often"),
        ("/huge", Code::PageUnreadable, "more than"),
    ] {
        let failure = failure(&second, &shop.url(path));
        assert_eq!(failure.fault.code, code.name(), "{failure:?}");
        assert!(failure.fault.detail.contains(word), "{failure:?}");
    }
    let versions = |documents: &[Document]| -> Vec<_> {
        let version = |document: &Document| (document.id.clone(), document.version);
        documents.iter().map(version).collect()
    };
    assert_eq!(versions(&documents(&team, &site)), versions(&before));
    assert!(online.internet.seen("169.254.169.254").is_empty());
}

#[integration_test]
fn a_sitemap_leads_nowhere_but_to_its_own_host(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, internet) = (online.team(), &online.internet);
    let site = team.make_site("Own host");
    let shop = Shop::open(internet, "own.example.com");
    let other = Shop::open(internet, "other.example.org");
    other.page("/", "Other", "Somebody else's page.");
    shop.page("/", "Ours", "Our own page.");
    let foreign = [
        "https://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://other.example.org/",
        "https://own.example.com.other.example.org/",
        "https://own.example.com@other.example.org/",
        "not an address",
    ];
    let own = ["http://own.example.com/", "https://own.example.com:8443/"];
    let entries: Vec<String> = [shop.url("/")]
        .into_iter()
        .chain(foreign.into_iter().chain(own).map(str::to_owned))
        .collect();
    let import = import(&team, &site, &shop.sitemap("/sitemap.xml", &entries));
    assert_eq!(counts(&import), [1, 0, 0, 0, 9], "{import:?}");
    for url in foreign {
        assert_eq!(failure(&import, url).fault.code, "egress_blocked");
    }
    for (url, word) in own.into_iter().zip(["https://", "port"]) {
        let failure = failure(&import, url);
        assert!(failure.fault.detail.contains(word), "{failure:?}");
    }
    for host in [
        "other.example.org",
        "169.254.169.254",
        "127.0.0.1",
        "localhost",
    ] {
        assert!(internet.seen(host).is_empty(), "{host}");
    }
    // Nor is the sitemap itself fetched from where nothing may be.
    for sitemap in [
        "https://169.254.169.254/sitemap.xml",
        "http://own.example.com/sitemap.xml",
        "https://localhost/sitemap.xml",
        "sitemap.xml",
    ] {
        ask(&team, &site, sitemap).problem(Code::EgressBlocked);
    }
    internet.name("inside.example.org", &["10.0.0.1"]);
    internet.host("inside.example.org", |_| Reply::status(200));
    let started: Import = ask(&team, &site, "https://inside.example.org/sitemap.xml")
        .expect(202)
        .json();
    let failed = ended(&team, &site, &started);
    assert_eq!(failed.status, ImportStatus::Failed);
    assert_eq!(failed.fault.expect("a reason").code, "egress_blocked");
    assert!(internet.seen("inside.example.org").is_empty());
}

#[integration_test]
fn an_index_of_sitemaps_is_followed_one_level_deep(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "deep.example.com"),
    );
    let site = team.make_site("Deep");
    for path in ["/a", "/b", "/never"] {
        shop.page(path, path, "A page.");
    }
    let a = shop.sitemap("/a.xml", &[shop.url("/a")]);
    let b = shop.sitemap("/b.xml", &[shop.url("/b"), shop.url("/a")]);
    let never = shop.sitemap("/never.xml", &[shop.url("/never")]);
    let index = shop.index("/index.xml", &[a.clone(), b.clone()]);
    let whole = import(&team, &site, &index);
    assert_eq!((counts(&whole), whole.found), ([2, 0, 0, 0, 0], 2));

    let deeper = shop.index("/deeper.xml", &[never]);
    let missing = shop.url("/missing.xml");
    let elsewhere = "https://other.example.org/sitemap.xml".to_owned();
    let odd = [deeper.clone(), missing.clone(), elsewhere.clone()];
    let entries: Vec<String> = [b].into_iter().chain(odd.clone()).collect();
    // Page /a is in no sitemap that can be read now; but not all could be read, so nothing is known to be gone.
    let _listing = shop.sitemap("/b.xml", &[shop.url("/b")]);
    let part = import(&team, &site, &shop.index("/index.xml", &entries));
    assert_eq!((counts(&part), part.found), ([0, 0, 1, 0, 3], 4));
    for url in &odd {
        let _named = failure(&part, url);
    }
    assert_eq!(documents(&team, &site).len(), 2);
    let never = shop.url("/never");
    let seen = online.internet.seen("deep.example.com");
    assert!(seen.iter().all(|seen| seen.url != never));

    let listing = shop.index("/index.xml", &[shop.url("/b.xml")]);
    assert_eq!(counts(&import(&team, &site, &listing)), [0, 0, 1, 1, 0]);
}

#[integration_test]
fn two_hundred_pages_are_taken_and_the_rest_is_counted(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "many.example.com"),
    );
    let site = team.make_site("Many");
    let paths: Vec<String> = (0..230).map(|n| format!("/page-{n}")).collect();
    for path in &paths {
        shop.page(path, path, "One of many pages.");
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let sitemap = shop.lists(&paths);
    let started: Import = ask(&team, &site, &sitemap).expect(202).json();
    // It can be watched while it runs.
    let midway = until("some progress", DONE_WITHIN, || {
        Some(look(&team, &site, &started)).filter(|import| import.done > 0)
    });
    assert!(midway.done < 200 && midway.found == 230, "{midway:?}");
    let import = ended(&team, &site, &started);
    assert_eq!(import.status, ImportStatus::Finished, "{import:?}");
    assert_eq!(counts(&import), [200, 0, 0, 0, 0]);
    assert_eq!((import.found, import.skipped), (230, 30));
    assert_eq!(documents(&team, &site).len(), 200);
    let fetched = online.internet.seen("many.example.com").len();
    assert_eq!(fetched, 201, "each page once, and the sitemap");
}

#[integration_test]
fn a_sitemap_that_is_none_fails_and_changes_nothing(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "none.example.com"),
    );
    let site = team.make_site("None");
    shop.page("/a", "A", "A page.");
    let sitemap = shop.lists(&["/a"]);
    assert_eq!(counts(&import(&team, &site, &sitemap)), [1, 0, 0, 0, 0]);
    for (reply, word) in [
        (Reply::status(404), "404"),
        (Reply::page("text/html", "<h1>Not found</h1>"), "sitemap"),
        (
            Reply::page("application/xml", "<urlset></urlset>"),
            "no page",
        ),
        (
            Reply::page("application/xml", "<rss><loc>x</loc></rss>"),
            "sitemap",
        ),
        (Reply::Flood, "more than"),
    ] {
        shop.put("/sitemap.xml", reply);
        let started: Import = ask(&team, &site, &sitemap).expect(202).json();
        let failed = ended(&team, &site, &started);
        assert_eq!(failed.status, ImportStatus::Failed, "{failed:?}");
        let fault = failed.fault.as_ref().expect("a reason");
        assert_eq!(fault.code, "page_unreadable");
        assert!(fault.detail.contains(word), "{word}: {fault:?}");
        assert_eq!(counts(&failed), [0; 5]);
    }
    assert_eq!(documents(&team, &site).len(), 1);
    let problem = team
        .call("POST", &format!("/sites/{}/imports", site.id))
        .json(&json!({ "sitemap": sitemap, "depth": 7 }))
        .send()
        .problem(Code::InvalidBody);
    assert!(problem.detail.contains("depth"), "{}", problem.detail);
}

/// `security/credentials.rs` shows that other keys find nothing of it.
#[integration_test]
fn an_import_is_no_other_sites_of_the_same_team(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let (team, shop) = (
        online.team(),
        Shop::open(&online.internet, "mine.example.com"),
    );
    let (site, other) = (team.make_site("Mine"), team.make_site("Not mine"));
    shop.page("/a", "A", "A page.");
    let import = import(&team, &site, &shop.lists(&["/a"]));
    let astray = format!("/sites/{}/imports/{}", other.id, import.id);
    for method in ["GET", "DELETE"] {
        team.call(method, &astray).send().problem(Code::NotFound);
    }
    assert_eq!(online.internet.seen("mine.example.com").len(), 2);
}
