//! What a recorder was told by its builder.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::instrument::{NativeShape, SummaryShape};
use crate::matcher::Matcher;
use crate::view::Kind;

/// What is made of what is recorded as a histogram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Histogram {
        bounds: Arc<[f64]>,
        native: Option<NativeShape>,
    },
    Summary(SummaryShape),
}

/// What the builder was told to make of what is recorded as a histogram. Exponential buckets come besides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Bounds(Arc<[f64]>),
    Summary(SummaryShape),
}

/// What becomes of a series beyond a limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Overflow {
    /// It counts for one series of its metric, `{otel_metric_overflow="true"}`, as in OpenTelemetry: the
    /// total of the metric stays right.
    #[default]
    Gathered,
    /// It is not recorded.
    Dropped,
}

/// Which metrics a limit of time is for.
#[derive(Clone, Debug)]
pub(crate) enum IdleRule {
    Kind(Kind),
    Matching(Matcher),
}

#[derive(Debug)]
pub(crate) struct Settings {
    /// Names are legal, and differ.
    pub(crate) global_labels: Vec<(String, String)>,
    /// In the order in which they are looked at.
    pub(crate) told: Vec<(Matcher, Told)>,
    /// In the order in which they are looked at.
    pub(crate) natives: Vec<(Matcher, NativeShape)>,
    pub(crate) default_bounds: Arc<[f64]>,
    /// The last one that fits holds.
    pub(crate) idle: Vec<(IdleRule, Duration)>,
    /// The last one that fits holds.
    pub(crate) series_limits: Vec<(Matcher, usize)>,
    pub(crate) max_series_per_metric: usize,
    pub(crate) max_series: usize,
    pub(crate) max_metrics: usize,
    pub(crate) overflow: Overflow,
    /// As they are shown.
    pub(crate) reserved: Vec<Matcher>,
    /// How long a page waits for gauges that are read for it.
    pub(crate) patience: Duration,
    pub(crate) clock: Clock,
}

impl Settings {
    /// Returns what is made of a histogram; `declared` are bounds that stand in the code.
    pub(crate) fn shape(&self, name: &str, declared: Option<Arc<[f64]>>) -> Shape {
        let native = first_fitting(&self.natives, name);
        // Who names a metric in full knows of what stands in the code.
        let counts = |matcher: &Matcher| declared.is_none() || matches!(matcher, Matcher::Full(_));
        let told = first_fitting(&self.told, name).filter(|(matcher, _)| counts(matcher));
        // What is meant as precisely wins over a summary, which has no buckets.
        let is_vaguer = |matcher: &Matcher| {
            native.is_none_or(|(native, _)| native.vagueness() > matcher.vagueness())
        };
        let bounds = match told {
            Some((matcher, Told::Summary(shape))) if is_vaguer(matcher) => {
                return Shape::Summary(shape.clone());
            }
            Some((_, Told::Bounds(bounds))) => Arc::clone(bounds),
            _ => declared.unwrap_or_else(|| Arc::clone(&self.default_bounds)),
        };
        let native = native.map(|(_, shape)| *shape);
        Shape::Histogram { bounds, native }
    }

    /// Returns after how long without a change a series of this metric goes.
    pub(crate) fn idle_timeout(&self, name: &str, kind: Kind) -> Option<Duration> {
        let rule = self.idle.iter().rev().find(|(rule, _)| match rule {
            IdleRule::Kind(of) => *of == kind,
            IdleRule::Matching(matcher) => matcher.matches(name),
        });
        rule.map(|(_, timeout)| *timeout)
    }

    /// Returns how many series this metric may have.
    pub(crate) fn series_limit(&self, name: &str) -> usize {
        let limits = self.series_limits.iter().rev();
        let mut fitting = limits.filter(|(matcher, _)| matcher.matches(name));
        fitting
            .next()
            .map_or(self.max_series_per_metric, |(_, limit)| *limit)
    }

    pub(crate) fn is_reserved(&self, name: &str) -> bool {
        self.reserved.iter().any(|matcher| matcher.matches(name))
    }
}

/// Returns the first setting that is for this metric.
fn first_fitting<'s, T>(settings: &'s [(Matcher, T)], name: &str) -> Option<&'s (Matcher, T)> {
    settings.iter().find(|(matcher, _)| matcher.matches(name))
}

/// Says whether these can be the bounds of buckets, without infinity.
pub(crate) fn are_bounds(bounds: &[f64]) -> bool {
    let rise = bounds.windows(2).all(|pair| pair[0] < pair[1]);
    !bounds.is_empty() && rise && bounds.iter().all(|bound| bound.is_finite())
}

/// What tells how time passes.
pub(crate) struct Clock(pub(crate) Box<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    pub(crate) fn now(&self) -> Instant {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock(..)")
    }
}
