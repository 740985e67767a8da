//! Sites, the keys that sign their visitors, and what to paste into their pages.

use serde::{Deserialize, Deserializer, Serialize};

use super::limits::{Limits, LimitsChange};
use crate::event::Action;
use crate::id::{Rfc3339, SiteId};
use crate::wire::api::declaration::{delete, get, patch, post};
use crate::wire::problem::Code::{InvalidField, TooManyKeys};
use crate::wire::site::{Answers, Hours, Model};
use crate::wire::theme::{Prechat, Theme};

/// How a site admits visitors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By the origin of the host page.
    #[default]
    Safelist,
    /// By a visitor token that the customer's backend signed, and by the safelist if there is one.
    Signed,
}

/// `POST /v1/admin/sites` and `PATCH /v1/admin/sites/{id}`: fields that are absent keep their value, or take the
/// default on creation. Only `name` is needed to create.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteChange {
    /// What visitors see on top of the chat, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How visitors are admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Origins: `https://example.com`, `example.com`, `*.example.com`, `http://localhost:3000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safelist: Option<Vec<String>>,
    /// A site is disabled when made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Longest life of a signed visitor token, seconds; at most 86,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_ttl_max: Option<u32>,
    /// How much visitors may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsChange>,
    /// First words of the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// Tells visitors that an assistant answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<String>,
    /// How the assistant answers; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// The language model, if any; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// When the team is there; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Colours and shapes; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// Language of the chat for visitors whose page and browser ask for none, as BCP 47 writes it; null for the widget's own.
    #[serde(
        default,
        deserialize_with = "or_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub locale: Option<Option<String>>,
    /// Questions that are suggested in an empty chat, up to 4 of up to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<Vec<String>>,
    /// The form before the first message; null for none.
    #[serde(
        default,
        deserialize_with = "or_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub prechat: Option<Option<Prechat>>,
    /// Days until a conversation that rests is deleted, at most 3,650; 0 keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

/// Reads a member that null takes away: it is present then, and holds nothing.
fn or_null<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

/// A site as the management API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Site {
    /// For the management API.
    pub id: SiteId,
    /// Public key, in the embed code.
    pub key: String,
    /// What visitors see on top of the chat.
    pub name: String,
    /// How visitors are admitted.
    pub mode: Mode,
    /// Origins that may embed.
    pub safelist: Vec<String>,
    /// Whether visitors can reach it.
    pub enabled: bool,
    /// Longest life of a signed visitor token, seconds.
    pub token_ttl_max: u32,
    /// How much visitors may ask for.
    pub limits: Limits,
    /// First words of the chat.
    pub greeting: String,
    /// Tells visitors that an assistant answers.
    pub disclosure: String,
    /// How the assistant answers.
    pub answers: Answers,
    /// The language model, if any.
    pub model: Model,
    /// When the team is there.
    pub hours: Hours,
    /// Colours and shapes.
    #[serde(default)]
    pub theme: Theme,
    /// Language of the chat, when the site has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Questions that are suggested in an empty chat.
    #[serde(default)]
    pub suggestions: Vec<String>,
    /// The form before the first message, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prechat: Option<Prechat>,
    /// Days until a conversation that rests is deleted; 0 keeps it.
    pub retention_days: u32,
    /// When it was made.
    pub created_at: Rfc3339,
}

/// Answer to `POST /v1/admin/sites/{id}/signing-keys`. The only time that the secret is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct SigningKeyCreated {
    /// Names the key in a token's header.
    pub kid: String,
    /// HMAC key as text; sign with its UTF-8 bytes.
    pub secret: String,
    /// When it was made.
    pub created_at: Rfc3339,
}

/// Answer to `GET /v1/admin/sites/{id}/embed`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Embed {
    /// The script tag to paste before `</body>`.
    pub snippet: String,
    /// Integrity of the loader that the snippet pins.
    pub integrity: String,
    /// What the host page's Content-Security-Policy must allow, and nothing more.
    pub csp: Vec<CspLine>,
}

/// One directive and the source that it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct CspLine {
    /// `script-src`, `frame-src`, …
    pub directive: String,
    /// Source expression to add to it.
    pub source: String,
}

endpoints!(
    sites,
    admin::sites::create(Team) = post("/v1/admin/sites", "create_site")
        .summary("Makes a site: disabled, and with nobody on its list.")
        .organisation_wide()
        .audits(Action("site.create"))
        .body::<SiteChange>()
        .replies::<Site>(201)
        .problems(&[InvalidField]),
    admin::sites::list(Team) = get("/v1/admin/sites", "list_sites")
        .summary("The sites, in pages.")
        .replies_page_of::<Site>(),
    admin::sites::show(Team) = get("/v1/admin/sites/{site}", "show_site")
        .summary("A site.")
        .replies::<Site>(200),
    admin::sites::change(Team) = patch("/v1/admin/sites/{site}", "change_site")
        .summary("Changes the fields that are named, and no other.")
        .audits(Action("site.change"))
        .body::<SiteChange>()
        .replies::<Site>(200)
        .problems(&[InvalidField]),
    admin::sites::revoke_sessions(Team) =
        delete("/v1/admin/sites/{site}/sessions", "revoke_sessions")
            .summary("Ends every session of the site's visitors.")
            .audits(Action("sessions.revoke"))
            .replies_nothing(),
    admin::signing_keys::create(Team) =
        post("/v1/admin/sites/{site}/signing-keys", "create_signing_key")
            .summary("Makes a key for visitor tokens, and shows its secret this once.")
            .audits(Action("signing_key.create"))
            .replies::<SigningKeyCreated>(201)
            .problems(&[TooManyKeys]),
    admin::signing_keys::revoke(Team) = delete(
        "/v1/admin/sites/{site}/signing-keys/{kid}",
        "revoke_signing_key"
    )
    .summary("Revokes a key, everywhere within ten seconds.")
    .audits(Action("signing_key.revoke"))
    .replies_nothing(),
    admin::embed::show(Team) = get("/v1/admin/sites/{site}/embed", "show_embed")
        .summary("What to paste into a page.")
        .replies::<Embed>(200),
);
