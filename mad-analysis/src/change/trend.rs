//! Straight lines: what a series looks like that goes somewhere without ever taking a step.

use std::ops::Range;

use super::moments::Moments;
use crate::float;

/// A line, or two that meet.
#[derive(Debug)]
pub(crate) struct Trend {
    /// Squared distances from it, in sum.
    pub(crate) spread: f64,
    /// How many numbers describe it.
    pub(crate) parameters: usize,
    pub(crate) legs: Vec<Leg>,
}

/// A stretch on which a trend is straight.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    /// The first and the last index; neighbouring legs share one.
    pub(crate) begin: usize,
    pub(crate) end: usize,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// The least room for a leg: what is shorter is as well told by a step.
const SHORTEST_LEG: usize = 8;

impl Trend {
    /// Returns the one line that fits best.
    pub(crate) fn line(moments: &Moments, count: usize) -> Self {
        let sums = Sums::of(moments, 0..count);
        let determinant = float(count).mul_add(sums.xx, -sums.x * sums.x);
        let slope = float(count).mul_add(sums.xy, -sums.x * sums.y) / determinant;
        let start = slope.mul_add(-sums.x, sums.y) / float(count);
        let spread = moments.square(&(0..count)) - start.mul_add(sums.y, slope * sums.xy);
        let at = |index: usize| slope.mul_add(float(index), start) + moments.centre();
        Self {
            spread: spread.max(0.0),
            parameters: 2,
            legs: vec![Leg {
                begin: 0,
                end: count - 1,
                from: at(0),
                to: at(count - 1),
            }],
        }
    }

    /// Returns the two lines that fit best and meet in one place, if there is room for them.
    pub(crate) fn broken(moments: &Moments, count: usize) -> Option<Self> {
        let total = moments.square(&(0..count));
        let whole = Sums::of(moments, 0..count);
        let knots = SHORTEST_LEG..count.saturating_sub(SHORTEST_LEG);
        let fits = knots.filter_map(|knot| {
            let after = Sums::of(moments, knot..count);
            let place = float(knot);
            // What is beyond the knot, counted from it: 0 before.
            let beyond = after.x - place * after.count;
            let beyond_x = after.xx - place * after.x;
            let beyond_beyond = beyond_x - place * beyond;
            let beyond_y = after.xy - place * after.y;
            let coefficients = solved([
                [whole.count, whole.x, beyond, whole.y],
                [whole.x, whole.xx, beyond_x, whole.xy],
                [beyond, beyond_x, beyond_beyond, beyond_y],
            ])?;
            let [start, slope, bend] = coefficients;
            let explained = start * whole.y + slope * whole.xy + bend * beyond_y;
            Some((total - explained, knot, coefficients))
        });
        let (spread, knot, [start, slope, bend]) = fits.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let at = |index: usize| {
            let beyond = float(index.saturating_sub(knot));
            bend.mul_add(beyond, slope.mul_add(float(index), start)) + moments.centre()
        };
        let leg = |begin, end| Leg {
            begin,
            end,
            from: at(begin),
            to: at(end),
        };
        Some(Self {
            spread: spread.max(0.0),
            parameters: 4,
            legs: vec![leg(0, knot), leg(knot, count - 1)],
        })
    }

    /// Returns what the trend says of each index.
    pub(crate) fn levels(&self) -> Vec<f64> {
        let first = self.legs.iter().take(1).map(|leg| leg.from);
        let rest = self
            .legs
            .iter()
            .flat_map(|leg| (leg.begin + 1..=leg.end).map(|index| leg.at(index)));
        first.chain(rest).collect()
    }
}

impl Leg {
    pub(crate) fn steps(&self) -> usize {
        self.end - self.begin
    }

    fn at(&self, index: usize) -> f64 {
        let share = float(index - self.begin) / float(self.steps());
        (self.to - self.from).mul_add(share, self.from)
    }
}

struct Sums {
    count: f64,
    x: f64,
    xx: f64,
    y: f64,
    xy: f64,
}

impl Sums {
    fn of(moments: &Moments, range: Range<usize>) -> Self {
        let below = |end: usize| {
            let n = float(end);
            (n * (n - 1.0) / 2.0, (n - 1.0) * n * (2.0 * n - 1.0) / 6.0)
        };
        let (first, first_squares) = below(range.start);
        let (last, last_squares) = below(range.end);
        Self {
            count: float(range.len()),
            x: last - first,
            xx: last_squares - first_squares,
            y: moments.sum(&range),
            xy: moments.product(&range),
        }
    }
}

/// Solves three equations by elimination; the matrix of a regression needs no pivots.
fn solved(mut rows: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for pivot in 0..3 {
        let above = rows[pivot];
        for row in &mut rows[pivot + 1..] {
            let factor = row[pivot] / above[pivot];
            for (cell, above) in row.iter_mut().zip(above).skip(pivot) {
                *cell -= factor * above;
            }
        }
    }
    let mut solution = [0.0; 3];
    for row in (0..3).rev() {
        let known: f64 = (row + 1..3)
            .map(|column| rows[row][column] * solution[column])
            .sum();
        solution[row] = (rows[row][3] - known) / rows[row][row];
    }
    solution
        .iter()
        .all(|value| value.is_finite())
        .then_some(solution)
}
