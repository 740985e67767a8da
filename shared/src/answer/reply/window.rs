//! Which run of units is quoted: the one that says most of what was asked, with what it cannot be understood without.

use super::units::{LARGEST_CHARS, QUOTE_CHARS, Unit};
use crate::answer::matcher::Matcher;
use crate::text::markdown;
use crate::wire::rich_text::Block;

/// A shorter quotation takes in what stands around it: a sentence alone seldom answers.
const SHORT_QUOTE_CHARS: usize = 280;

/// Returns the run from the start that fits: for a passage that only its heading makes an answer.
pub(super) fn beginning(units: &[Unit]) -> (usize, usize) {
    let mut n_chars = 0;
    let fits = |unit: &&Unit| {
        n_chars += unit.n_chars;
        n_chars <= QUOTE_CHARS
    };
    (0, units.iter().take_while(fits).count().saturating_sub(1))
}

/// Finds the first and the last unit of the run that says most of what was asked within the quotation's size; none when
/// no unit says any of it.
pub(super) fn best_window(matcher: &Matcher<'_>, units: &[Unit]) -> Option<(usize, usize)> {
    let mut best = None;
    let mut best_worth = f32::MIN;
    for first in 0..units.len() {
        let mut covered = vec![0.0_f32; matcher.weights.len()];
        let mut n_chars = 0;
        let mut n_hits = 0;
        for (last, unit) in units.iter().enumerate().skip(first) {
            n_chars += unit.n_chars;
            if last > first && n_chars > QUOTE_CHARS {
                break;
            }
            n_hits += unit.n_hits;
            for (covered, more) in covered.iter_mut().zip(&unit.covered) {
                *covered = covered.max(*more);
            }
            // What is asked comes first, how much is said of it second; then the shorter run, then the earlier one.
            #[expect(clippy::cast_precision_loss, reason = "counts of a passage are small")]
            let worth = matcher.share(&covered) + 0.04 * (n_hits as f32).min(6.0)
                - 0.000_15 * n_chars as f32;
            if n_hits > 0 && worth > best_worth + f32::EPSILON {
                best_worth = worth;
                best = Some((first, last));
            }
        }
    }
    best
}

/// Lets a run of words that is much shorter than a quotation may be take in its neighbours, what stands before it
/// first. A list or code with what leads into it is whole as it is.
pub(super) fn grown(units: &[Unit], mut first: usize, mut last: usize) -> (usize, usize) {
    let mut n_chars: usize = units
        .iter()
        .skip(first)
        .take(last + 1 - first)
        .map(|unit| unit.n_chars)
        .sum();
    let mut run = units.iter().skip(first).take(last + 1 - first);
    if run.any(|unit| !matches!(unit.block, Block::Paragraph { .. })) {
        return (first, last);
    }
    while n_chars < SHORT_QUOTE_CHARS {
        let before = first.checked_sub(1).and_then(|at| units.get(at));
        let fits = |unit: &&Unit| n_chars + unit.n_chars <= QUOTE_CHARS;
        if let Some(unit) = before.filter(fits) {
            n_chars += unit.n_chars;
            first -= 1;
        } else if let Some(unit) = units.get(last + 1).filter(fits) {
            n_chars += unit.n_chars;
            last += 1;
        } else {
            break;
        }
    }
    (first, last)
}

/// Takes in what the run cannot be understood without: the sentence that leads into a list or code, and the list or
/// code that its last sentence leads into.
pub(super) fn with_context(units: &[Unit], mut first: usize, mut last: usize) -> (usize, usize) {
    let ends_with_colon = |unit: &Unit| {
        markdown::plain(std::slice::from_ref(&unit.block))
            .trim_end()
            .ends_with(':')
    };
    let is_paragraph = |unit: &Unit| matches!(unit.block, Block::Paragraph { .. });
    let size = |first: usize, last: usize| -> usize {
        units
            .iter()
            .skip(first)
            .take(last + 1 - first)
            .map(|unit| unit.n_chars)
            .sum()
    };
    while let Some(next) = units.get(last + 1) {
        let is_led_into = units
            .get(last)
            .is_some_and(|unit| is_paragraph(unit) && ends_with_colon(unit));
        // Code directly after its explanation is what people came for.
        let is_code =
            matches!(next.block, Block::Code { .. }) && size(first, last + 1) <= LARGEST_CHARS;
        let is_rest_of_steps = matches!(next.block, Block::List { ordered: true, .. })
            && units
                .get(last)
                .is_some_and(|unit| unit.origin == next.origin)
            && size(first, last + 1) <= LARGEST_CHARS;
        if !(is_led_into || is_code || is_rest_of_steps) {
            break;
        }
        last += 1;
    }
    while first > 0 {
        let (Some(before), Some(now)) = (units.get(first - 1), units.get(first)) else {
            break;
        };
        let is_lead_in = !is_paragraph(now)
            && is_paragraph(before)
            && (ends_with_colon(before) || matches!(now.block, Block::Code { .. }));
        let is_same_steps =
            before.origin == now.origin && matches!(now.block, Block::List { ordered: true, .. });
        // A sentence that points back needs what it points to; a first sentence names what the others call "it".
        let is_same_paragraph = before.origin == now.origin && is_paragraph(now);
        let fits = size(first - 1, last) <= QUOTE_CHARS + QUOTE_CHARS / 4;
        if !(is_lead_in
            || is_same_steps && size(first - 1, last) <= LARGEST_CHARS
            || is_same_paragraph && fits)
        {
            break;
        }
        first -= 1;
    }
    (first, last)
}
