//! What a call costs, in tokens and money, before and after it.
//!
//! The estimate is meant to be high: no tokenizer is carried, since each model has its own. Three letters of ASCII are
//! taken for a token (English has about four), any other character for one, and one outside the basic plane for three.
//! What the API says that it used replaces the estimate.

use serde::{Deserialize, Serialize};

/// What chat formats put around each message.
const PER_MESSAGE: u32 = 6;

/// Estimates the tokens of a text.
pub fn estimate(text: &str) -> u32 {
    let (mut n_ascii, mut n_others) = (0_u32, 0_u32);
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => n_ascii = n_ascii.saturating_add(1),
            '\u{80}'..='\u{ffff}' => n_others = n_others.saturating_add(1),
            _ => n_others = n_others.saturating_add(3),
        }
    }
    n_ascii.div_ceil(3).saturating_add(n_others)
}

/// Estimates the tokens of a message in a chat.
pub fn estimate_message(text: &str) -> u32 {
    estimate(text).saturating_add(PER_MESSAGE)
}

/// Tokens of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Sent.
    pub input: u32,
    /// Answered.
    pub output: u32,
}

impl Tokens {
    /// Adds both.
    pub const fn total(self) -> u64 {
        self.input as u64 + self.output as u64
    }
}

/// What a million tokens cost, in millionths of a currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// Sent.
    pub input: u64,
    /// Answered.
    pub output: u64,
}

impl Prices {
    /// Returns what a call costs, in millionths of the currency, rounded up.
    pub fn cost(self, tokens: Tokens) -> u64 {
        let price = |n: u32, price: u64| u128::from(n) * u128::from(price);
        let sum = price(tokens.input, self.input) + price(tokens.output, self.output);
        // A whole number to JavaScript, whatever was set as a price.
        u64::try_from(sum.div_ceil(1_000_000)).map_or(MOST, |cost| cost.min(MOST))
    }
}

/// 2^53 - 1.
const MOST: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_above_what_tokenizers_say() {
        // Counted with OpenAI's o200k_base.
        for (text, counted) in [
            ("How long does shipping take to Switzerland?", 8),
            (
                "The boathouse opens at nine on weekdays and at ten on Sundays.",
                14,
            ),
            ("営業時間は何時から何時までですか？", 12),
            ("Wie lange dauert der Versand in die Schweiz?", 9),
            ("👩‍👧", 6),
        ] {
            assert!(estimate(text) >= counted, "{text}: {}", estimate(text));
        }
        assert_eq!(estimate(""), 0);
    }

    #[test]
    fn a_cost_is_rounded_up_and_bounded() {
        let tokens = Tokens {
            input: 1_000,
            output: 500,
        };
        // 2.50 and 10.00 a million: 0.0025 + 0.005.
        let prices = Prices {
            input: 2_500_000,
            output: 10_000_000,
        };
        assert_eq!(prices.cost(tokens), 7_500);
        assert_eq!(
            Prices {
                input: 1,
                output: 0
            }
            .cost(tokens),
            1
        );
        assert_eq!(Prices::default().cost(tokens), 0);
        let most = Tokens {
            input: u32::MAX,
            output: u32::MAX,
        };
        assert_eq!(
            Prices {
                input: u64::MAX,
                output: u64::MAX
            }
            .cost(most),
            MOST
        );
    }
}
