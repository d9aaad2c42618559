//! Series whose truth is known, as they are planted for tests and benchmarks.

#![allow(
    dead_code,
    clippy::cast_precision_loss,
    reason = "each test and each benchmark uses a part of it"
)]

pub(crate) mod trial;

/// Numbers that look random and are the same each time: `SplitMix64` (Steele, Lea and Flood, 2014).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number above 0 and below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        let digits = u32::try_from(self.next() >> 32).expect("32 bits are left");
        (f64::from(digits) + 0.5) / f64::from(u32::MAX).mul_add(1.0, 1.0)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below an index")
    }

    /// By Box and Muller.
    pub(crate) fn gaussian(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// What noise is like. Its standard deviation is 1, but for outliers, which come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noise {
    Gaussian,
    /// Student's t with three degrees of freedom.
    HeavyTails,
    /// Gaussian, with 4 % of the values 3 to 15 deviations too high.
    Outliers,
    /// Half of each value's noise is that of the one before.
    Remembering,
    /// Two modes, each with half of the values.
    Bimodal,
    /// Exponential.
    Skewed,
}

impl Noise {
    pub(crate) const ALL: [Self; 6] = [
        Self::Gaussian,
        Self::HeavyTails,
        Self::Outliers,
        Self::Remembering,
        Self::Bimodal,
        Self::Skewed,
    ];

    pub(crate) fn values(self, count: usize, numbers: &mut Numbers) -> Vec<f64> {
        let mut last = numbers.gaussian();
        let mut one = || match self {
            Self::Gaussian => numbers.gaussian(),
            Self::HeavyTails => {
                let squares: f64 = (0..3).map(|_| numbers.gaussian().powi(2)).sum();
                numbers.gaussian() / (squares / 3.0).sqrt() / 3.0_f64.sqrt()
            }
            Self::Outliers => {
                let outlier = if numbers.uniform() < 0.04 {
                    3.0 + 12.0 * numbers.uniform()
                } else {
                    0.0
                };
                numbers.gaussian() + outlier
            }
            Self::Remembering => {
                last = 0.5 * last + 0.75_f64.sqrt() * numbers.gaussian();
                last
            }
            Self::Bimodal => {
                let mode = if numbers.uniform() < 0.5 { -0.9 } else { 0.9 };
                mode + 0.19_f64.sqrt() * numbers.gaussian()
            }
            Self::Skewed => -numbers.uniform().ln() - 1.0,
        };
        (0..count).map(|_| one()).collect()
    }
}
