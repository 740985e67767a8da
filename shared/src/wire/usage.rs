//! What the models of an organisation may cost, and what they cost.

use serde::{Deserialize, Deserializer, Serialize};

use super::site::Provider;
use crate::id::{Rfc3339, SiteId, UsageId};

/// What the calls of an organisation's models may use; 0 is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Budget {
    /// Tokens in a minute, sent and answered.
    pub tokens_per_minute: u64,
    /// Tokens in a calendar month, UTC.
    pub tokens_per_month: u64,
    /// Money in a calendar month, in millionths of the currency in which the sites' prices are.
    pub cost_per_month: u64,
}

/// `PATCH /v1/admin/budget`: fields that are absent keep their value; 0 or null is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BudgetChange {
    /// See [`Budget::tokens_per_minute`]; at most 10,000,000.
    #[serde(
        default,
        deserialize_with = "zero_for_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub tokens_per_minute: Option<u64>,
    /// See [`Budget::tokens_per_month`]; at most 10^12.
    #[serde(
        default,
        deserialize_with = "zero_for_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub tokens_per_month: Option<u64>,
    /// See [`Budget::cost_per_month`]; at most 10^12, a million of the currency.
    #[serde(
        default,
        deserialize_with = "zero_for_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub cost_per_month: Option<u64>,
}

fn zero_for_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or(0)))
}

impl Budget {
    /// The most that a field may say.
    pub const CEILING: Self = Self {
        tokens_per_minute: 10_000_000,
        tokens_per_month: 1_000_000_000_000,
        cost_per_month: 1_000_000_000_000,
    };

    /// Takes over what a change names.
    ///
    /// # Errors
    /// The first field that is over its ceiling, by name, with the ceiling; nothing has changed then.
    pub fn apply(&mut self, change: &BudgetChange) -> Result<(), (&'static str, u64)> {
        let BudgetChange {
            tokens_per_minute,
            tokens_per_month,
            cost_per_month,
        } = *change;
        let changed = Self {
            tokens_per_minute: tokens_per_minute.unwrap_or(self.tokens_per_minute),
            tokens_per_month: tokens_per_month.unwrap_or(self.tokens_per_month),
            cost_per_month: cost_per_month.unwrap_or(self.cost_per_month),
        };
        let over = changed
            .named()
            .into_iter()
            .zip(Self::CEILING.named())
            .find(|((_, value), (_, ceiling))| value > ceiling);
        if let Some((_, named_ceiling)) = over {
            return Err(named_ceiling);
        }
        *self = changed;
        Ok(())
    }

    /// Lists each field by its name.
    fn named(&self) -> [(&'static str, u64); 3] {
        let Self {
            tokens_per_minute,
            tokens_per_month,
            cost_per_month,
        } = *self;
        [
            ("tokens_per_minute", tokens_per_minute),
            ("tokens_per_month", tokens_per_month),
            ("cost_per_month", cost_per_month),
        ]
    }
}

/// A budget, and where its month stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct BudgetState {
    /// The bounds.
    #[serde(flatten)]
    pub budget: Budget,
    /// The month, UTC: `2026-11`.
    pub month: String,
    /// Tokens that its calls used.
    pub tokens: u64,
    /// What they cost, in millionths of the currency.
    pub cost: u64,
    /// Tokens that calls under way may use at the most.
    pub reserved_tokens: u64,
    /// What they may cost at the most.
    pub reserved_cost: u64,
}

/// A call of a model, metered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Usage {
    /// The call.
    pub id: UsageId,
    /// For which site.
    pub site: SiteId,
    /// When it was made.
    pub at: Rfc3339,
    /// Where the model is.
    pub provider: Provider,
    /// Its name there.
    pub model: String,
    /// Tokens that were sent.
    pub input_tokens: u32,
    /// Tokens that were answered.
    pub output_tokens: u32,
    /// What that cost, in millionths of the currency.
    pub cost: u64,
    /// How long it took, milliseconds.
    pub ms: u64,
    /// What came of it, in a word: `answered`, `stopped`, `timeout`, `status_429`; docs/models.md has all.
    pub outcome: String,
}

/// Calls of a month, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct UsageTotals {
    /// How many.
    pub calls: u64,
    /// Tokens that were sent.
    pub input_tokens: u64,
    /// Tokens that were answered.
    pub output_tokens: u64,
    /// What they cost, in millionths of the currency.
    pub cost: u64,
}

/// `GET /v1/admin/usage`: a page of a month's calls, latest first, and the sum of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct UsagePage {
    /// The month, UTC.
    pub month: String,
    /// All calls of the month, not of the page.
    pub totals: UsageTotals,
    /// The calls.
    pub items: Vec<Usage>,
    /// Hand back as `?cursor=` for the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_what_it_does_not_name_and_null_is_no_bound() {
        let mut budget = Budget {
            tokens_per_minute: 1,
            tokens_per_month: 2,
            cost_per_month: 3,
        };
        for (change, expected) in [
            ("{}", Ok((1, 2, 3))),
            (
                r#"{"tokens_per_minute":7,"cost_per_month":null}"#,
                Ok((7, 2, 0)),
            ),
            (r#"{"tokens_per_month":0}"#, Ok((7, 0, 0))),
            (
                r#"{"tokens_per_minute":10000001,"tokens_per_month":5}"#,
                Err(("tokens_per_minute", 10_000_000)),
            ),
        ] {
            let change: BudgetChange = serde_json::from_str(change).expect("a change");
            let applied = budget.apply(&change).map(|()| {
                (
                    budget.tokens_per_minute,
                    budget.tokens_per_month,
                    budget.cost_per_month,
                )
            });
            assert_eq!(applied, expected);
        }
        assert_eq!(
            budget.tokens_per_month, 0,
            "a refused change changes nothing"
        );
        assert!(serde_json::from_str::<BudgetChange>(r#"{"tokens":1}"#).is_err());
        assert!(serde_json::from_str::<BudgetChange>(r#"{"tokens_per_month":-1}"#).is_err());
    }
}
