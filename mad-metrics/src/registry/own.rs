//! What a recorder says about itself.

use std::sync::atomic::Ordering::Relaxed;

use super::Registry;
use crate::view::{Family, Kind, LabelText, Labels, Sample, Visitor};

/// What the names of its own metrics begin with. Nobody else's do, so that they stand together.
pub(super) const PREFIX: &str = "mad_metrics_";

const OVERFLOWED: Family<'_> = Family::new("mad_metrics_overflowed_total", Kind::Counter)
    .with_help("Series that were asked for beyond a limit, by metric; each call counts.");

const REJECTED: Family<'_> = Family::new("mad_metrics_rejected_total", Kind::Counter)
    .with_help("What was not recorded as the program meant it, by reason.");

const SERIES: Family<'_> =
    Family::new("mad_metrics_series", Kind::Gauge).with_help("Series that the recorder holds.");

/// Shows what a recorder says about itself.
pub(super) fn show(registry: &Registry, visitor: &mut impl Visitor) {
    if visitor.family(&OVERFLOWED) {
        for family in registry.families.sorted().iter() {
            let count = family.n_overflowed.load(Relaxed);
            if count > 0 {
                let metric = LabelText::from_iter([("metric", family.name())]);
                visitor.sample(&OVERFLOWED, &Sample::count(metric.labels(), count));
            }
        }
    }
    if visitor.family(&REJECTED) {
        for (reason, count) in registry.rejections.counts() {
            let reason = LabelText::from_iter([("reason", reason.as_str())]);
            visitor.sample(&REJECTED, &Sample::count(reason.labels(), count));
        }
    }
    if visitor.family(&SERIES) {
        let count = registry.n_series.load(Relaxed) as u64;
        visitor.sample(&SERIES, &Sample::count(Labels::NONE, count));
    }
}
