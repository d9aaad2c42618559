//! Changes in what is never the same twice.

use super::location::relocated;
use super::memory::Estimated;
use super::residuals::Residuals;
use super::spread::{self, Spread};
use super::stretch::{Change, Stretch};
use super::tamed::tamed;
use crate::float;

/// What happened in a series.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Of its level, from first to last: steps, or else drifts.
    pub(crate) levels: Vec<Change>,
    /// Of what is left when the levels are taken off.
    pub(crate) spreads: Vec<Spread>,
}

/// Returns the changes of a series.
pub(crate) fn changes(values: &[f64]) -> Changes {
    let tamed = tamed(values);
    let penalty = 3.0 * float(values.len()).ln();
    let stretch = Stretch::of(&tamed, penalty, Estimated::certain);
    if stretch.is_constant() {
        return Changes::default();
    }
    let cuts = stretch.cuts();
    let (levels, residuals) = if let Some(trend) = stretch.better_trend(&cuts) {
        let residuals = Residuals::along(values, trend.levels());
        (stretch.drifts(&trend), residuals)
    } else {
        let cuts = relocated(values, &tamed, stretch.refined(cuts));
        let segments = stretch.segments(&cuts);
        let residuals = Residuals::of_segments(values, &stretch.moments, segments);
        (stretch.steps(&cuts, Estimated::possible), residuals)
    };
    Changes {
        levels,
        spreads: spread::changes(values, &residuals),
    }
}
