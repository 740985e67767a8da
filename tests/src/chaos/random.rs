//! Random numbers that a seed repeats.

/// A source of random numbers, which a seed and a purpose determine. Source: `SplitMix64`, Steele, Lea and Flood 2014.
pub struct Random(u64);

impl Random {
    /// Makes the source for one purpose of a run.
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a: purposes that differ by a letter have nothing to do with each other.
        let purpose = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self(seed ^ purpose)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from the first to the second, both included.
    pub fn between(&mut self, [least, most]: [u64; 2]) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// Returns `true` once in so many times, on average.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }
}
