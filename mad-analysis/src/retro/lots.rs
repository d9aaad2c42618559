//! Lots that are drawn the same way each time.

/// Numbers that look random: `SplitMix64` (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).
#[derive(Debug)]
pub(crate) struct Lots(u64);

impl Lots {
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Draws a number from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.draw() >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
    }

    /// Draws a number below another one, which is not 0. That some come up a little more often does not matter here.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    /// Puts values in an order that is drawn (Fisher and Yates).
    pub(crate) fn shuffle(&mut self, values: &mut [u64]) {
        for left in (1..values.len()).rev() {
            let other = self.below(left as u64 + 1);
            values.swap(left, usize::try_from(other).unwrap_or(left));
        }
    }
}
