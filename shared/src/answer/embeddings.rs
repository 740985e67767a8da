//! How near a passage is to a question in meaning: a third opinion beside the words of [`super::matcher`] and the
//! letters of [`super::ngrams`], on sites whose owner has an embedding model.
//!
//! Keeps true: it changes which passages are named, or given to a model, and in which order. What is quoted it never
//! changes: nearness says what is alike, not that it answers.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::float::count;

/// Of a passage or a question, what is embedded: below what the small models read, in any script.
const TEXT_MAX_BYTES: usize = 900;
/// Numbers of a vector.
const FEWEST: usize = 8;
/// Models with more exist; nobody searches with them.
pub const DIMENSIONS_MAX: usize = 4_096;
/// Of the vectors of a whole site, this many numbers are compared: among thousands they tell the nearest forty nearly
/// as well as all do, in a third of a kilobyte a passage. Whole triples, so that base64 can be cut there.
const BEGINNING: usize = 255;
/// Characters of [`Vector::text`] that hold them.
pub const BEGINNING_CHARACTERS: usize = BEGINNING / 3 * 4;

/// A text's meaning: a direction, one byte a dimension. Its length says nothing and is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector(Vec<i8>);

impl Vector {
    /// Makes a vector of a model's numbers; `None` when they name no direction: too few or too many, one that is no
    /// number, or all zero.
    pub fn of(values: &[f32]) -> Option<Self> {
        let most = values
            .iter()
            .fold(0.0_f32, |most, value| most.max(value.abs()));
        let is_fit = (FEWEST..=DIMENSIONS_MAX).contains(&values.len())
            && values.iter().all(|value| value.is_finite())
            && most > 0.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within -127 and 127 after the division"
        )]
        let byte = |value: &f32| (value / most * 127.0).round() as i8;
        is_fit.then(|| Self(values.iter().map(byte).collect()))
    }

    /// Reads what [`Vector::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        let is_fit = (FEWEST..=DIMENSIONS_MAX).contains(&bytes.len());
        is_fit.then(|| Self(bytes.into_iter().map(u8::cast_signed).collect()))
    }

    /// As a database keeps it: base64.
    pub fn text(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().map(|byte| byte.cast_unsigned()).collect();
        BASE64_STANDARD.encode(bytes)
    }

    /// Returns its first numbers.
    #[must_use]
    fn beginning(&self) -> Self {
        Self(self.0.iter().take(BEGINNING).copied().collect())
    }

    /// Counts its numbers.
    pub fn dimensions(&self) -> usize {
        self.0.len()
    }

    /// Returns the cosine of the angle between two; `None` when they are not of one model.
    fn cosine_similarity(&self, other: &Self) -> Option<f32> {
        if self.dimensions() != other.dimensions() {
            return None;
        }
        let dot = |a: &Self, b: &Self| -> i64 {
            let pairs = a.0.iter().zip(&b.0);
            pairs.map(|(a, b)| i64::from(*a) * i64::from(*b)).sum()
        };
        #[expect(clippy::cast_precision_loss, reason = "a cosine needs no more digits")]
        let length = |vector: &Self| (dot(vector, vector) as f32).sqrt();
        let both = length(self) * length(other);
        #[expect(clippy::cast_precision_loss, reason = "a cosine needs no more digits")]
        let nearness = dot(self, other) as f32 / both;
        (both > 0.0).then_some(nearness)
    }
}

/// Returns the `n` passages nearest to a question, best first, by what their vectors begin with: each by its id, with
/// the first [`BEGINNING_CHARACTERS`] of [`Vector::text`].
pub fn nearest<'t>(
    question: &Vector,
    passages: impl IntoIterator<Item = (u64, &'t str)>,
    n: usize,
) -> Vec<u64> {
    let question = question.beginning();
    let near = |(id, text)| Some((question.cosine_similarity(&Vector::parse(text)?)?, id));
    let mut all: Vec<(f32, u64)> = passages.into_iter().filter_map(near).collect();
    all.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    all.into_iter().take(n).map(|(_, id)| id).collect()
}

/// Tells how far each of these stands above or below the others, in standard deviations of their nearness to the
/// question: models differ in how near they put everything. 0 for one without a vector of the question's model.
pub(super) fn z_scores(question: &Vector, passages: &[Option<&Vector>]) -> Vec<f32> {
    let near: Vec<Option<f32>> = passages
        .iter()
        .map(|passage| passage.and_then(|passage| question.cosine_similarity(passage)))
        .collect();
    let known: Vec<f32> = near.iter().flatten().copied().collect();
    let n = count(known.len().max(1));
    let mean = known.iter().sum::<f32>() / n;
    let variance = known.iter().map(|it| (it - mean).powi(2)).sum::<f32>() / n;
    let spread = variance.sqrt();
    let of = |near: &Option<f32>| match near {
        Some(near) if spread > f32::EPSILON => (near - mean) / spread,
        _ => 0.0,
    };
    near.iter().map(of).collect()
}

/// Returns what of a passage is embedded: where it stands, and how it begins.
pub fn passage_text(title: &str, heading: &str, body: &str) -> String {
    let mut text = title.to_owned();
    if !heading.is_empty() {
        text.push_str(" › ");
        text.push_str(heading);
    }
    text.push('\n');
    text.push_str(body);
    beginning(&text).to_owned()
}

/// Returns what of a question is embedded.
pub fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_MAX_BYTES))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vector(values: &[f32]) -> Vector {
        let mut all = vec![0.0; FEWEST];
        for (place, value) in all.iter_mut().zip(values) {
            *place = *value;
        }
        Vector::of(&all).expect("fit")
    }

    #[test]
    fn numbers_that_name_no_direction_are_no_vector() {
        for unfit in [
            vec![],
            vec![1.0; FEWEST - 1],
            vec![1.0; DIMENSIONS_MAX + 1],
            vec![0.0; FEWEST],
            vec![f32::NAN; FEWEST],
            [vec![1.0; FEWEST], vec![f32::INFINITY]].concat(),
        ] {
            assert_eq!(Vector::of(&unfit), None);
        }
        assert!(Vector::of(&vec![f32::MIN_POSITIVE; DIMENSIONS_MAX]).is_some());
        for unfit in ["", "?", "AAAA"] {
            assert_eq!(Vector::parse(unfit), None);
        }
    }

    #[test]
    fn what_points_the_same_way_is_nearer_whatever_its_length() {
        let question = vector(&[1.0, 1.0]);
        let same = question
            .cosine_similarity(&vector(&[200.0, 200.0]))
            .expect("alike");
        let other = question
            .cosine_similarity(&vector(&[1.0, -1.0]))
            .expect("alike");
        assert!((same - 1.0).abs() < 0.01 && other.abs() < 0.01);
        let longer = Vector::of(&[1.0; FEWEST + 1]).expect("fit");
        assert_eq!(question.cosine_similarity(&longer), None);
        // Nothing but a row that somebody else wrote is zero.
        let zero = Vector::parse(&BASE64_STANDARD.encode([0; FEWEST])).expect("a vector");
        assert_eq!(question.cosine_similarity(&zero), None);
    }

    #[test]
    fn a_passage_without_a_vector_stands_in_the_middle() {
        let question = vector(&[1.0, 0.0]);
        let (near, far) = (vector(&[1.0, 0.1]), vector(&[0.0, 1.0]));
        let scores = z_scores(&question, &[Some(&far), None, Some(&near)]);
        assert!(scores[0] < 0.0 && scores[1] == 0.0 && scores[2] > 0.0);
        assert_eq!(z_scores(&question, &[None, None]), [0.0, 0.0]);
        assert_eq!(z_scores(&question, &[Some(&near)]), [0.0]);
        assert!(z_scores(&question, &[]).is_empty());
    }

    #[test]
    fn the_nearest_are_told_by_how_vectors_begin() {
        let of = |values: &[f32]| {
            let mut all = vec![0.0; BEGINNING + 45];
            for (place, value) in all.iter_mut().zip(values) {
                *place = *value;
            }
            Vector::of(&all).expect("fit")
        };
        let texts = [[0.0, 1.0], [1.0, 0.1], [1.0, 0.9]].map(|values| of(&values).text());
        let cut = texts
            .each_ref()
            .map(|text| text.get(..BEGINNING_CHARACTERS));
        let passages = || (1..).zip(cut.into_iter().flatten());
        let question = of(&[1.0, 0.0]);
        assert_eq!(nearest(&question, passages(), 2), [2, 3]);
        assert_eq!(nearest(&question, passages(), 9), [2, 3, 1]);
        // Another model's, and none at all.
        let unlike = [(7, "AAECAwQFBgcICQ=="), (8, "?"), (9, "")];
        assert_eq!(nearest(&question, unlike, 9), Vec::<u64>::new());
        assert_eq!(
            nearest(&vector(&[1.0, 0.0]), passages(), 9),
            Vec::<u64>::new()
        );
        let short = vector(&[1.0, 0.0]).text();
        assert_eq!(nearest(&vector(&[1.0, 0.5]), [(5, short.as_str())], 9), [5]);
    }

    #[test]
    fn a_text_is_cut_between_two_characters() {
        assert_eq!(passage_text("T", "A › B", "Body"), "T › A › B\nBody");
        assert_eq!(passage_text("T", "", "Body"), "T\nBody");
        let cut = passage_text("T", "", &"語".repeat(1_000));
        assert!((TEXT_MAX_BYTES - 3..=TEXT_MAX_BYTES).contains(&cut.len()));
    }

    proptest! {
        #[test]
        fn a_vector_is_kept_as_it_is(values in prop::collection::vec(-1.0e30_f32..1.0e30, FEWEST..64)) {
            let vector = Vector::of(&values);
            prop_assert_eq!(vector.as_ref().and_then(|vector| Vector::parse(&vector.text())), vector.clone());
            for score in vector.iter().flat_map(|one| z_scores(one, &[Some(one), None, Some(one)])) {
                prop_assert!(score.is_finite());
            }
        }
    }
}
