//! What a build puts in front of browsers, and what a site owner pastes.

use serde::{Deserialize, Serialize};

use super::theme::Prechat;

/// Where the manifest is served. It names the files of one build; every file is named by the hash of its own bytes.
pub const MANIFEST_PATH: &str = "/manifest.json";

/// The files of one build and the integrity of each. Written by `cargo xtask bundle`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Manifest {
    /// Version of the workspace that was built.
    pub version: String,
    /// The script on the host page.
    pub loader: Asset,
    /// What the loader fetches with the first intent: the panel around the frame.
    pub panel: Asset,
    /// What the panel fetches when something needs it: the rest of the page's API.
    pub page_api: Asset,
    /// The frame's script: boots the wasm.
    pub frame_script: Asset,
    /// What it fetches when the visitor wants to see their conversations.
    pub frame_list: Asset,
    /// The frame's program.
    pub frame_wasm: Asset,
    /// The frame's styles.
    pub frame_style: Asset,
    /// The widget's languages, by their tags.
    pub locales: Vec<Locale>,
}

impl Manifest {
    /// Lists every file of the build.
    pub fn assets(&self) -> impl Iterator<Item = &Asset> {
        // Taken apart whole, so that a new file cannot be left out of what is checked and kept.
        let Self {
            version: _,
            loader,
            panel,
            page_api,
            frame_script,
            frame_list,
            frame_wasm,
            frame_style,
            locales,
        } = self;
        [
            loader,
            panel,
            page_api,
            frame_script,
            frame_list,
            frame_wasm,
            frame_style,
        ]
        .into_iter()
        .chain(locales.iter().map(|locale| &locale.words))
    }
}

/// The widget in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Locale {
    /// The language, as BCP 47 writes it.
    pub tag: String,
    /// What the program says: a JSON list of strings, in the order of their names in `widget/locales`.
    pub words: Asset,
    /// What the frame's document says before the program runs.
    pub shell: Shell,
}

/// The words that the frame's document holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Shell {
    /// Button: once more.
    pub again: String,
    /// Who sent a message, for screen readers: the visitor.
    pub by_visitor: String,
    /// Button that closes the chat.
    pub close: String,
    /// Tells that an assistant answers, when the site does not say it in its own words.
    pub disclosure: String,
    /// Button under a message that was refused: back into the field with it.
    pub edit: String,
    /// First words, when the site has none of its own.
    pub greeting: String,
    /// Name of the log.
    pub log: String,
    /// Button that opens the menu.
    pub menu: String,
    /// The launcher, which is on the host page.
    pub open: String,
    /// Button that makes the panel larger, or smaller again.
    pub resize: String,
    /// Button that sends.
    pub send: String,
    /// Under a message that waits for the program.
    pub sending: String,
    /// The program did not come.
    pub start_failed: String,
    /// Who answers, until somebody else does.
    pub status_open: String,
    /// Button that stops an answer.
    pub stop: String,
    /// Label and placeholder of the field.
    pub write: String,
}

/// One immutable file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Asset {
    /// Path on the edge: `/assets/{name}.{hash}.{ext}`.
    pub path: String,
    /// Size as it is.
    pub bytes: u64,
    /// Size as brotli, quality 11.
    pub brotli: u64,
    /// `sha384-` and the base64 digest, as the `integrity` attribute wants it.
    pub integrity: String,
}

/// What the frame document tells the widget about its site, as JSON in `data-site` of `#oriel`, beside what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct FrameSite {
    /// Public key of the site.
    pub key: String,
    /// Questions that are suggested in an empty chat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// The form before the first message, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prechat: Option<Prechat>,
    /// Origins that may talk to the frame, as [`crate::origin::Pattern`] writes them. The same list that makes
    /// `frame-ancestors`.
    pub embedders: Vec<String>,
}
