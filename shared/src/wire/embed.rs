//! What a build puts in front of browsers, and what a site owner pastes.

use serde::{Deserialize, Serialize};

use super::look::{Prechat, Theme};

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
    /// The frame's script: boots the wasm.
    pub frame_script: Asset,
    /// The frame's program.
    pub frame_wasm: Asset,
    /// The frame's styles.
    pub frame_style: Asset,
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

/// What the frame document tells the widget about its site, as JSON in `data-site` of `#oriel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct FrameSite {
    /// Public key of the site.
    pub key: String,
    /// Name that the chat carries.
    pub name: String,
    /// First words, before the visitor said anything.
    pub greeting: String,
    /// Says that an assistant answers. Shown before the first answer.
    pub disclosure: String,
    /// Colours and shapes. What the page says in its attributes comes before it.
    #[serde(default)]
    pub theme: Theme,
    /// Language of the chat, when the site has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
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
