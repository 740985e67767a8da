//! The real thing: real workerd, real D1, real Chromium; black box over the contract.
//!
//! In scope: what a visitor, a site owner or an attacker can see from outside. Out of scope: logic, which is tested
//! beside the code. Every folder in `tests/` is one binary, an area that a user would name, with a module a file. Its tests
//! share edges, which [`harness`] starts on free ports with fresh state folders and stops at the end, and nothing else: each
//! makes a site of its own. Nothing sleeps for luck: [`wait`] looks at a condition until a deadline.
//!
//! - [`harness`]: the `main` of every binary, and [`macro@integration_test`], which registers a test
//! - [`edge`]: the process under test; [`database`]: its SQLite files, for what no API may do
//! - [`online_edge`]: an edge whose outbound requests reach a [`fake_internet`], where the test plays everybody else
//! - [`client`], [`team`], [`visitor`], [`socket`], [`events`]: those who call an edge; [`signed`], [`signed_site`]: visitors
//!   whom a site vouches for
//! - [`openapi`]: the endpoints that the edge describes; [`sample_calls`]: how each of them is called
//! - [`asserts`]: what every response must carry; [`confidential`]: what no log may hold
//! - [`connections`]: webhooks, and what their receivers check; [`model`]: a stand-in for a language model;
//!   [`embeddings`]: one for an embedding model
//! - [`browser`]: Chromium over its DevTools protocol; [`page_server`]: customers' pages, on other origins than the edge's;
//!   [`host_page`], [`widget`]: what is done on them and in the chat; [`proxy`]: what may stand between it and the edge
//! - [`chaos`]: visitors who go on talking while everything breaks
//! - [`tools`]: scanners and libraries that nobody here wrote; [`webdriver`]: other browsers, for `cargo xtask browsers`
//! - [`wait`]: deadlines; [`processes`]: signals to what a test started

pub mod asserts;
pub mod browser;
pub mod chaos;
pub mod client;
pub mod confidential;
pub mod connections;
pub mod database;
pub mod edge;
pub mod embeddings;
pub mod events;
pub mod fake_internet;
pub mod harness;
pub mod host_page;
pub mod model;
pub mod online_edge;
pub mod openapi;
pub mod page_server;
pub mod processes;
pub mod proxy;
pub mod sample_calls;
pub mod signed;
pub mod signed_site;
pub mod socket;
pub mod team;
pub mod tools;
pub mod visitor;
pub mod wait;
pub mod webdriver;
pub mod widget;

pub use oriel_tests_macros::integration_test;
