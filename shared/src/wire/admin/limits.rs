//! How much the visitors of a site may ask for.

use serde::{Deserialize, Serialize};

/// How much the visitors of a site may ask for. The ceilings are [`Limits::CEILING`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Limits {
    /// Messages of one visitor at once.
    pub message_burst: u32,
    /// Messages of one visitor in a minute, after the burst.
    pub messages_per_minute: u32,
    /// Messages of one visitor in a day.
    pub messages_per_day: u32,
    /// Tickets for one address (IPv6: one /64) in a minute, as many at once; the site's own limit is
    /// [`Limits::SITE_FACTOR`] times that.
    pub tickets_per_minute: u32,
}

impl Limits {
    /// A person cannot type faster; an office behind one address opens fewer chats.
    pub const DEFAULT: Self = Self {
        message_burst: 30,
        messages_per_minute: 60,
        messages_per_day: 2_000,
        tickets_per_minute: 60,
    };
    /// What no site may exceed: about what one object can count, so that a limit is always one that holds.
    pub const CEILING: Self = Self {
        message_burst: 10_000,
        messages_per_minute: 60_000,
        messages_per_day: 10_000_000,
        tickets_per_minute: 60_000,
    };
    /// A hundred addresses at their limit are a busy site or an attack from many places; more is an attack.
    pub const SITE_FACTOR: u32 = 100;

    /// Takes over what a change names.
    pub fn apply(&mut self, change: &LimitsChange) {
        let LimitsChange {
            message_burst,
            messages_per_minute,
            messages_per_day,
            tickets_per_minute,
        } = *change;
        *self = Self {
            message_burst: message_burst.unwrap_or(self.message_burst),
            messages_per_minute: messages_per_minute.unwrap_or(self.messages_per_minute),
            messages_per_day: messages_per_day.unwrap_or(self.messages_per_day),
            tickets_per_minute: tickets_per_minute.unwrap_or(self.tickets_per_minute),
        };
    }

    /// Finds the first field that is zero or over its ceiling: its name, and the ceiling.
    pub fn first_invalid(&self) -> Option<(&'static str, u32)> {
        let ceilings = Self::CEILING.named();
        self.named()
            .into_iter()
            .zip(ceilings)
            .find(|&((_, value), (_, ceiling))| value == 0 || value > ceiling)
            .map(|(_, named_ceiling)| named_ceiling)
    }

    /// Lists each field by its name.
    fn named(&self) -> [(&'static str, u32); 4] {
        let Self {
            message_burst,
            messages_per_minute,
            messages_per_day,
            tickets_per_minute,
        } = *self;
        [
            ("message_burst", message_burst),
            ("messages_per_minute", messages_per_minute),
            ("messages_per_day", messages_per_day),
            ("tickets_per_minute", tickets_per_minute),
        ]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Limits to change; those that are absent keep their value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitsChange {
    /// See [`Limits::message_burst`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_burst: Option<u32>,
    /// See [`Limits::messages_per_minute`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages_per_minute: Option<u32>,
    /// See [`Limits::messages_per_day`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages_per_day: Option<u32>,
    /// See [`Limits::tickets_per_minute`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tickets_per_minute: Option<u32>,
}
