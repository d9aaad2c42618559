//! What can be observed: a number of any type.

use std::time::Duration;

/// A number that [`observe`](crate::observe) takes: an integer, a float, or a [`Duration`], which
/// counts in seconds.
///
/// Integers beyond 2^53 lose their last digits, as every value in Prometheus does.
pub trait Number: sealed::Sealed {
    /// Returns the value as a series has it.
    fn to_f64(self) -> f64;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! numbers {
    ($($type:ty),+) => {
        $(
            impl sealed::Sealed for $type {}
            impl Number for $type {
                #[allow(
                    clippy::cast_lossless,
                    clippy::cast_precision_loss,
                    reason = "a series has no more digits"
                )]
                fn to_f64(self) -> f64 {
                    self as f64
                }
            }
        )+
    };
}

numbers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32);

impl sealed::Sealed for f64 {}

impl Number for f64 {
    fn to_f64(self) -> f64 {
        self
    }
}

impl sealed::Sealed for Duration {}

impl Number for Duration {
    fn to_f64(self) -> f64 {
        self.as_secs_f64()
    }
}
