//! A shop, and an attacker whose pages are on another site.

use std::time::Duration;

use oriel_tests::browser::{Frame, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::page_server::{PageReply, customer_page};
use oriel_tests::widget::{ANSWER, QUESTION, ShopPage, ask, open_chat};

/// Names below `localhost` that no site has listed; for a browser, other sites than `localhost`.
const EVIL: &str = "evil.localhost";

/// Long enough for what is on its way to arrive.
pub(super) const A_MOMENT: Duration = Duration::from_secs(1);

/// A shop whose page has no policy, and an attacker.
pub(super) struct Scene {
    pub(super) shop: ShopPage,
    /// Address of the shop's page.
    pub(super) host: String,
    /// Origin of the attacker.
    pub(super) evil: String,
}

impl Scene {
    pub(super) fn open(fixtures: &Fixtures) -> Self {
        let shop = ShopPage::open(fixtures);
        let (host, evil) = (shop.host.origin("localhost"), shop.host.origin(EVIL));
        // As careless as a page can be: no policy, and somebody else's frame, the way an advertisement comes.
        let neighbour = format!("<iframe src=\"{evil}/empty\"></iframe>");
        let careless = customer_page(&format!("{neighbour}{}", shop.embed.snippet));
        shop.host
            .serve("/careless", PageReply::open_page(&careless));
        shop.host.serve(
            "/empty",
            PageReply::open_page("<!doctype html><meta charset=utf-8><title>empty</title>"),
        );
        Self {
            host: format!("{host}/careless"),
            shop,
            evil,
        }
    }

    /// A visitor of the careless page who has been answered, and their chat.
    #[track_caller]
    pub(super) fn victim(&self) -> (Page, Frame) {
        let page = self.shop.browser.page();
        page.open(&self.host);
        let frame = open_chat(&page, &self.shop.edge);
        ask(&frame, QUESTION, ANSWER);
        (page, frame)
    }

    /// The attacker's frame in a page.
    #[track_caller]
    pub(super) fn neighbour(&self, page: &Page) -> Frame {
        page.frame(&format!("{}/empty", self.evil))
    }

    /// Address of the frame's document.
    pub(super) fn frame_document(&self) -> String {
        format!("{}/frame?site={}", self.shop.edge, self.shop.site.key)
    }
}

/// The calls of the session endpoints that a page made so far.
pub(super) fn session_calls(page: &Page, edge: &str) -> usize {
    let prefix = format!("{edge}/v1/session");
    let calls = page.requests().into_iter();
    calls
        .filter(|request| request.url.starts_with(&prefix))
        .count()
}
