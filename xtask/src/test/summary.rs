//! Reads the closing lines of test runners.

use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Counts {
    /// Adds what a line says, if it is a closing line of libtest: `test result: ok. 3 passed; 0 failed; …`.
    pub fn add_line(&mut self, line: &str) {
        let Some((_, results)) = line
            .trim()
            .strip_prefix("test result:")
            .and_then(|rest| rest.split_once('.'))
        else {
            return;
        };
        for result in results.split(';') {
            let mut words = result.split_whitespace();
            let (Some(Ok(count)), Some(kind)) = (words.next().map(str::parse::<u64>), words.next())
            else {
                continue;
            };
            match kind {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_summed_up_and_all_others_ignored() {
        let mut counts = Counts::default();
        for line in [
            "running 12 tests",
            "test tests::the_number_1_passed ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
            "a test that prints: 5 passed; 5 failed",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9.99s",
            "test result:",
        ] {
            counts.add_line(line);
        }
        assert_eq!(
            counts,
            Counts {
                passed: 15,
                failed: 2
            }
        );
    }
}
