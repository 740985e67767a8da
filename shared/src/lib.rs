//! Rules and wire types on which the edge and the widget must agree.
//!
//! In scope: deciding (may this origin embed? is this token good? what answers this question?), and the shapes of
//! everything that crosses a boundary. Out of scope: I/O, clocks and randomness; the caller passes them in, so that
//! every decision can be replayed in a native test.
//!
//! - [`wire`]: what crosses a boundary, one file per conversation
//! - [`colour`]: a site's one colour, made legible
//! - [`ascii_split`]: text, split at an ASCII character
//! - [`digits`]: numbers as text
//! - [`id`]: identifiers, sequence numbers and times as types
//! - [`theme`]: a site's theme as the frame's style sheet takes it
//! - [`origin`]: parse an origin, match a site's safelist
//!
//! With the feature `edge`, what only the edge decides:
//! - [`address`]: callers' addresses, counted in blocks and shown cut short
//! - [`answer`]: documents to passages, questions to terms, passages to an answer or an honest "I don't know"
//! - [`dns`]: answers of a resolver
//! - [`egress`]: where a request may be sent
//! - [`event`]: security events, the closed list of what is logged
//! - [`headers`]: the header policy as data
//! - [`hours`]: when the team is there
//! - [`locale`]: which language a visitor gets
//! - [`model`]: what a language model is told, and what of its words may be said
//! - [`rate`]: limits, by one number that is kept
//! - [`secret`]: confidential values as types that cannot be printed or sent
//! - [`i18n`]: what the edge itself says to a visitor, in every language
//! - [`sitemap`]: what a sitemap lists, and what becomes of each entry
//! - [`snippet`]: the embed code
//! - [`text`]: validators, one file per kind of input, and Markdown to rich text
//! - [`token`]: mint and verify tickets, access and refresh tokens; verify visitor tokens
//! - [`vault`]: confidential values at rest
//! - [`webhook`]: signatures and retries of outgoing webhooks

pub mod address;
#[cfg(feature = "edge")]
pub mod answer;
pub mod ascii_split;
pub mod colour;
pub mod digits;
#[cfg(feature = "edge")]
pub mod dns;
#[cfg(feature = "edge")]
pub mod egress;
pub mod event;
#[cfg(feature = "edge")]
pub mod headers;
#[cfg(feature = "edge")]
pub mod hours;
#[cfg(feature = "edge")]
pub mod i18n;
pub mod id;
#[cfg(feature = "edge")]
pub mod locale;
#[cfg(feature = "edge")]
pub mod model;
pub mod origin;
#[cfg(feature = "edge")]
pub mod rate;
#[cfg(feature = "edge")]
pub mod secret;
#[cfg(feature = "edge")]
pub mod sitemap;
#[cfg(feature = "edge")]
pub mod snippet;
#[cfg(feature = "edge")]
pub mod text;
pub mod theme;
#[cfg(feature = "edge")]
pub mod token;
#[cfg(feature = "edge")]
pub mod vault;
#[cfg(feature = "edge")]
pub mod webhook;
pub mod wire;
