//! How much of its noise a series remembers from one point to the next.

use crate::float;

/// The share of a residual that is found again in the next one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory(f64);

/// An estimate of that share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimated {
    share: f64,
    error: f64,
}

/// How many standard errors it may be off.
const DOUBT: f64 = 2.0;

/// More than that is no memory of noise, but a level that wanders.
const WANDERING: f64 = 0.6;

/// Nothing remembers all.
const MOST: f64 = 0.98;

impl Estimated {
    /// Estimates it from residuals, whose squares and products of neighbours are given in sum. Each level that was taken off
    /// makes a plain estimate lower than the truth.
    pub(crate) fn of(products: f64, squares: f64, count: usize, levels: usize) -> Self {
        let count = float(count);
        let error = 1.0 / count.sqrt();
        if squares <= 0.0 {
            return Self { share: 0.0, error };
        }
        let raw = products / squares;
        // Kendall (1954) has (1 + 3 r) / n for one mean; each level more takes about as much again.
        let taken = float(levels) * 3.0_f64.mul_add(raw.max(0.0), 1.0) / count;
        Self {
            share: raw + taken,
            error,
        }
    }

    /// Estimates it from the residuals themselves.
    pub(crate) fn of_residuals(residuals: &[f64], levels: usize) -> Self {
        let squares = residuals.iter().map(|residual| residual * residual).sum();
        let products = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
        Self::of(products, squares, residuals.len(), levels)
    }

    /// Returns what is likeliest, in noise.
    pub(crate) fn likely(self) -> Memory {
        Memory(self.share.clamp(0.0, WANDERING))
    }

    /// Returns what is certain of it, in noise.
    pub(crate) fn certain(self) -> Memory {
        Memory((self.share - DOUBT * self.error).clamp(0.0, WANDERING))
    }

    /// Returns what is certain of it, whether it is noise that has a memory or a level that wanders.
    pub(crate) fn certain_of_levels(self) -> Memory {
        Memory((self.share - DOUBT * self.error).clamp(0.0, MOST))
    }

    /// Returns what is still possible.
    pub(crate) fn possible(self) -> Memory {
        Memory((self.share + DOUBT * self.error).clamp(0.0, MOST))
    }
}

impl Memory {
    pub(crate) fn share(self) -> f64 {
        self.0
    }

    /// Returns by how much the variance of a mean is larger than that of as many independent values.
    pub(crate) fn inflation(self) -> f64 {
        (1.0 + self.0) / (1.0 - self.0)
    }
}
