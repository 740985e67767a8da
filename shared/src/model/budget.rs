//! Whether a call of a model may be made, by what it may use at the most, and what is told of a month.
//!
//! Keeps true: what was spent and what is reserved never exceed a bound together, whatever the order of calls, as long
//! as a call uses no more than was reserved for it. Leaves to others: the clock, and keeping the numbers.

use serde::{Deserialize, Serialize};

use super::tokens::Tokens;
use crate::id::UnixMs;
use crate::rate::{Quota, UnixUs};
use crate::wire::usage::Budget;
use crate::wire::webhook::EventKind;

/// An amount of tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Tokens, sent and answered.
    pub tokens: u64,
    /// Millionths of the currency.
    pub cost: u64,
}

impl Amount {
    /// Makes the amount of a call.
    pub fn new(tokens: Tokens, cost: u64) -> Self {
        Self {
            tokens: tokens.total(),
            cost,
        }
    }

    /// Adds two amounts.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            cost: self.cost.saturating_add(other.cost),
        }
    }
}

/// Which bound a call would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExceededLimit {
    /// The minute's: the next call may be made.
    Burst,
    /// The month's.
    Month,
}

/// Decides whether a call may be made now that uses `call` at the most. `spent` is the month's, reservations included;
/// `arrival` is what the minute's count left behind. Tells what to keep of that.
///
/// # Errors
/// [`ExceededLimit`]; then nothing is to be kept.
pub fn admit(
    budget: &Budget,
    spent: Amount,
    arrival: UnixUs,
    call: Amount,
    now: UnixMs,
) -> Result<UnixUs, ExceededLimit> {
    let sum = spent.plus(call);
    if is_over(budget.tokens_per_month, sum.tokens) || is_over(budget.cost_per_month, sum.cost) {
        return Err(ExceededLimit::Month);
    }
    match per_minute(budget) {
        Some(quota) => quota
            .admit_many(count(call.tokens), arrival, now)
            .map_err(|_| ExceededLimit::Burst),
        None => Ok(arrival),
    }
}

/// Returns what the minute's count leaves behind when a call used other than it reserved.
pub fn correct(budget: &Budget, arrival: UnixUs, reserved: Amount, used: Amount) -> UnixUs {
    match per_minute(budget) {
        Some(quota) => quota.correct(arrival, count(reserved.tokens), count(used.tokens)),
        None => arrival,
    }
}

const fn is_over(bound: u64, amount: u64) -> bool {
    bound > 0 && amount > bound
}

fn per_minute(budget: &Budget) -> Option<Quota> {
    let tokens = count(budget.tokens_per_minute);
    (tokens > 0).then(|| Quota::per_minute("model-tokens", tokens, tokens))
}

fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Returns the event that a month calls for in which so much was spent, reservations not included.
pub fn threshold_event(budget: &Budget, spent: Amount) -> Option<EventKind> {
    let share = |bound: u64, amount: u64, percent: u128| {
        bound > 0 && u128::from(amount) * 100 >= u128::from(bound) * percent
    };
    let reaches = |percent| {
        share(budget.tokens_per_month, spent.tokens, percent)
            || share(budget.cost_per_month, spent.cost, percent)
    };
    if reaches(100) {
        Some(EventKind::BudgetExceeded)
    } else if reaches(80) {
        Some(EventKind::BudgetWarning)
    } else {
        None
    }
}

/// Returns the calendar month of a moment, UTC: `2026-11`.
pub fn month(at: UnixMs) -> String {
    let mut month = at.rfc3339().0;
    month.truncate("2026-11".len());
    month
}

/// Tells whether a text names a month as [`month`] does.
pub fn is_month(text: &str) -> bool {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('-').is_some_and(|(year, month)| {
        digits(year, 4) && digits(month, 2) && ("01"..="12").contains(&month)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMs = UnixMs(1_795_314_763_042);

    fn amount(tokens: u64, cost: u64) -> Amount {
        Amount { tokens, cost }
    }

    fn budget(tokens_per_minute: u64, tokens_per_month: u64, cost_per_month: u64) -> Budget {
        Budget {
            tokens_per_minute,
            tokens_per_month,
            cost_per_month,
        }
    }

    #[test]
    fn a_call_is_made_while_its_worst_fits() {
        let start = UnixUs::default();
        for (budget, spent, call, expected) in [
            (
                budget(0, 0, 0),
                amount(u64::MAX, u64::MAX),
                amount(u64::MAX, 1),
                None,
            ),
            (budget(0, 100, 0), amount(60, 0), amount(40, 9), None),
            (
                budget(0, 100, 0),
                amount(60, 0),
                amount(41, 0),
                Some(ExceededLimit::Month),
            ),
            (budget(0, 0, 50), amount(0, 49), amount(1_000, 1), None),
            (
                budget(0, 0, 50),
                amount(0, 50),
                amount(1, 1),
                Some(ExceededLimit::Month),
            ),
            (budget(100, 0, 0), amount(0, 0), amount(100, 0), None),
            (
                budget(100, 0, 0),
                amount(0, 0),
                amount(101, 0),
                Some(ExceededLimit::Burst),
            ),
        ] {
            assert_eq!(
                admit(&budget, spent, start, call, NOW).err(),
                expected,
                "{budget:?} {spent:?} {call:?}"
            );
        }
    }

    #[test]
    fn a_minute_comes_back_as_it_passes_and_at_once_where_less_was_used() {
        let budget = budget(600, 0, 0);
        let arrival = admit(
            &budget,
            amount(0, 0),
            UnixUs::default(),
            amount(600, 0),
            NOW,
        )
        .expect("all of it");
        assert!(admit(&budget, amount(0, 0), arrival, amount(100, 0), NOW).is_err());
        // Ten a second.
        assert!(
            admit(
                &budget,
                amount(0, 0),
                arrival,
                amount(100, 0),
                NOW.plus(10_000)
            )
            .is_ok()
        );
        let corrected = correct(&budget, arrival, amount(600, 0), amount(50, 0));
        assert!(admit(&budget, amount(0, 0), corrected, amount(550, 0), NOW).is_ok());
    }

    #[test]
    fn a_month_is_told_of_at_four_fifths_and_at_its_end() {
        for (spent, expected) in [
            (amount(79, 0), None),
            (amount(80, 0), Some(EventKind::BudgetWarning)),
            (amount(0, 8), Some(EventKind::BudgetWarning)),
            (amount(99, 9), Some(EventKind::BudgetWarning)),
            (amount(1, 10), Some(EventKind::BudgetExceeded)),
            (amount(100, 0), Some(EventKind::BudgetExceeded)),
        ] {
            assert_eq!(
                threshold_event(&budget(0, 100, 10), spent),
                expected,
                "{spent:?}"
            );
        }
        assert_eq!(
            threshold_event(&budget(100, 0, 0), amount(1_000, 1_000)),
            None
        );
    }

    #[test]
    fn months_are_utc() {
        assert_eq!(month(UnixMs(1_795_314_763_042)), "2026-11");
        assert_eq!(month(UnixMs(0)), "1970-01");
        for (text, expected) in [
            ("2026-11", true),
            ("2026-00", false),
            ("2026-13", false),
            ("26-11", false),
            ("2026-11-01", false),
            ("", false),
        ] {
            assert_eq!(is_month(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_order_of_calls_exceeds_a_month(
            bound in 1_u64..5_000,
            calls in prop::collection::vec((1_u64..900, 0_u64..900, any::<bool>()), 1..60),
        ) {
            let budget = budget(0, bound, bound);
            let (mut spent, mut reserved) = (Amount::default(), Vec::new());
            for (worst, used, is_settled_at_once) in calls {
                let worst = amount(worst, worst);
                let all = reserved.iter().fold(spent, |sum: Amount, (worst, _)| sum.plus(*worst));
                if admit(&budget, all, UnixUs::default(), worst, NOW).is_ok() {
                    let used = used.min(worst.tokens);
                    if is_settled_at_once {
                        spent = spent.plus(amount(used, used));
                    } else {
                        reserved.push((worst, used));
                    }
                }
                if let Some((_, used)) = reserved.first().copied().filter(|_| reserved.len() > 3) {
                    reserved.remove(0);
                    spent = spent.plus(amount(used, used));
                }
                prop_assert!(spent.tokens <= bound);
            }
        }
    }
}
