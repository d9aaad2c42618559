//! Sums over any stretch of a series at once.

use std::ops::Range;

use crate::float;

/// Sums of values and of their squares from the beginning on, around the mean of all, so that large values keep their digits.
#[derive(Debug)]
pub(crate) struct Moments {
    centre: f64,
    sums: Vec<f64>,
    squares: Vec<f64>,
    products: Vec<f64>,
    neighbours: Vec<f64>,
}

impl Moments {
    pub(crate) fn of(values: &[f64]) -> Self {
        let centre = values.iter().sum::<f64>() / float(values.len().max(1));
        let from_zero = || {
            let mut sums = Vec::with_capacity(values.len() + 1);
            sums.push(0.0);
            sums
        };
        let mut moments = Self {
            centre,
            sums: from_zero(),
            squares: from_zero(),
            products: from_zero(),
            neighbours: from_zero(),
        };
        let (mut sum, mut square, mut product, mut neighbour) = (0.0, 0.0, 0.0, 0.0);
        let mut last = 0.0;
        for (index, value) in values.iter().enumerate() {
            let value = value - centre;
            sum += value;
            square += value * value;
            product += value * float(index);
            neighbour += value * last;
            last = value;
            moments.sums.push(sum);
            moments.squares.push(square);
            moments.products.push(product);
            moments.neighbours.push(neighbour);
        }
        moments
    }

    /// Returns the mean of the whole series.
    pub(crate) fn centre(&self) -> f64 {
        self.centre
    }

    pub(crate) fn mean(&self, range: &Range<usize>) -> f64 {
        self.centre + self.sum(range) / float(range.len())
    }

    /// Returns the squared distances from the mean, in sum.
    pub(crate) fn spread(&self, range: &Range<usize>) -> f64 {
        let sum = self.sum(range);
        (self.square(range) - sum * sum / float(range.len())).max(0.0)
    }

    /// Returns the sum of what is above the mean of the whole series.
    pub(crate) fn sum(&self, range: &Range<usize>) -> f64 {
        self.sums[range.end] - self.sums[range.start]
    }

    /// Returns the sum of the squares of that.
    pub(crate) fn square(&self, range: &Range<usize>) -> f64 {
        self.squares[range.end] - self.squares[range.start]
    }

    /// Returns the sum of that, each times its index.
    pub(crate) fn product(&self, range: &Range<usize>) -> f64 {
        self.products[range.end] - self.products[range.start]
    }

    /// Returns the products of neighbours' distances from the mean, in sum.
    pub(crate) fn neighbour_product(&self, range: &Range<usize>) -> f64 {
        if range.len() < 2 {
            return 0.0;
        }
        let mean = self.sum(range) / float(range.len());
        let products = self.neighbours[range.end] - self.neighbours[range.start + 1];
        let firsts = self.sum(&(range.start..range.end - 1));
        let seconds = self.sum(&(range.start + 1..range.end));
        let pairs = float(range.len() - 1);
        (pairs * mean).mul_add(mean, products - mean * (firsts + seconds))
    }
}
