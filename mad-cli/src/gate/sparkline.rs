//! A series in a line of text: what a log, a terminal and the summary of a job can show.

use mad_analysis::Series;

/// So many of the newest points are shown.
const POINTS: usize = 40;

const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Returns the newest points as columns, with a stroke before the one at which it changed.
pub(super) fn of(series: &Series, changed_at: u64) -> String {
    let points = series.points();
    let shown = &points[points.len().saturating_sub(POINTS)..];
    let values = shown.iter().map(|point| point.value);
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(f64::NEG_INFINITY, f64::max);
    let mut line = String::new();
    for point in shown {
        if point.position == changed_at {
            line.push('|');
        }
        line.push(column((point.value - low) / (high - low)));
    }
    line
}

/// What never changes, and has no share, is in the middle.
fn column(share: f64) -> char {
    let limits = (1_u8..8).map(|eighth| f64::from(eighth) / 8.0);
    let height = limits.filter(|limit| share >= *limit).count();
    HEIGHTS[if share.is_nan() { 3 } else { height }]
}

#[cfg(test)]
mod tests {
    use mad_analysis::{Direction, Kind};

    use super::*;

    #[test]
    fn a_step_is_seen_where_it_is() {
        let of_values = |values: &[f64], at| {
            let series = Series::consecutive(Kind::Exact, Direction::Lower, values.iter().copied());
            of(&series, at)
        };
        assert_eq!(of_values(&[1.0, 1.0, 2.0, 2.0], 2), "▁▁|██");
        assert_eq!(of_values(&[0.0, 1.0, 2.0, 4.0], 9), "▁▃▅█");
        assert_eq!(of_values(&[5.0, 5.0], 1), "▄|▄");
        assert_eq!(of_values(&[7.0; 100], 0).chars().count(), POINTS);
    }
}
