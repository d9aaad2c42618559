//! What a recorder is told before there is one.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::build_error::{BuildError, Kind as Mistake};
use crate::handle::Handle;
use crate::instrument::{NativeShape, SummaryShape};
use crate::matcher::Matcher;
use crate::naming;
use crate::recorder::Recorder;
use crate::registry::Registry;
use crate::rejection::{Hook, Rejection, Rejections};
use crate::settings::{Clock, IdleRule, Overflow, Settings, Told, are_bounds};
use crate::site;
use crate::view::Kind;

/// The bounds of buckets that nobody declares, in seconds: those of Prometheus' own clients.
const DEFAULT_BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How many series a metric may have, how many all have together, and how many metrics there may be.
const MAX_SERIES_PER_METRIC: usize = 2_000;
const MAX_SERIES: usize = 100_000;
const MAX_METRICS: usize = 10_000;

/// How long a page waits for gauges that are read for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many buckets a native histogram may have, and from where on an observation is not zero: the
/// defaults of Prometheus.
const NATIVE_MAX_BUCKETS: usize = 160;
const NATIVE_ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

/// The windows of a summary that nobody sets: the last minute.
const SUMMARY_WINDOW: Duration = Duration::from_secs(20);
const SUMMARY_WINDOWS: usize = 3;

/// Makes a [`Recorder`].
///
/// What nobody sets is safe: histograms have buckets, no metric has more than 2,000 series, and series
/// stay.
///
/// ```
/// use mad_metrics::{Builder, Matcher};
///
/// let sizes = Matcher::Suffix("_bytes".to_owned());
/// let handle = Builder::new()
///     .global_label("region", "eu")
///     .buckets_for(sizes, &[1024.0, 65536.0, 1048576.0])
///     .install()?;
/// metrics::counter!("orders_total").increment(1);
/// assert!(handle.render().contains("orders_total{region=\"eu\"} 1\n"));
/// # Ok::<(), mad_metrics::BuildError>(())
/// ```
///
/// # Coming from metrics-exporter-prometheus
///
/// For each setting of its `PrometheusBuilder` there is one that means the same, or a word on why there is none; a
/// test records the same with both.
///
/// | there | here |
/// |---|---|
/// | `set_buckets`, `set_buckets_for_metric` | [`buckets`](Builder::buckets), [`buckets_for`](Builder::buckets_for): without them, there are the usual ones and no summaries |
/// | `set_native_histogram_for_metric` | [`native_for`](Builder::native_for), [`native_with_limits_for`](Builder::native_with_limits_for) |
/// | `set_quantiles` | [`summary_for`](Builder::summary_for), with `Matcher::Prefix(String::new())` for all |
/// | `set_bucket_duration`, `set_bucket_count` | [`summary_with_windows_for`](Builder::summary_with_windows_for) |
/// | `idle_timeout` | [`idle_timeout`](Builder::idle_timeout), once for each kind of its mask; what that calls histograms are [`Kind::Histogram`] and, where they have quantiles, [`Kind::Summary`] |
/// | `add_global_label` | [`global_label`](Builder::global_label) |
/// | `install_recorder`, `build_recorder` | [`install`](Builder::install), [`build`](Builder::build), also below the layers of metrics-util |
/// | `install`, `build` | [`install`](Builder::install), and `.recorder(handle)` of mad-exporter's builder, which serves it |
/// | `upkeep_timeout`, `run_upkeep` | nothing: there is nothing to keep up |
/// | `with_recommended_naming`, `set_enable_unit_suffix` | nothing: names are as the program gives them, in all formats |
/// | `with_http_listener`, `with_http_uds_listener`, `add_allowed_address` | mad-exporter's own server |
/// | `with_push_gateway` | nothing: send what [`Handle::render`] returns with the HTTP client that the program has |
/// | `render_to_write`, `render_protobuf` of its handle | [`Handle::page`], [`ProtobufWriter`](crate::protobuf::ProtobufWriter) |
///
/// Who stays with it hands `move || handle.render()` of its `PrometheusHandle` to `.application_metrics(..)` of
/// mad-exporter's builder: what MAD knows of checks is then on one page with that.
#[must_use]
pub struct Builder {
    settings: Settings,
    hook: Option<Hook>,
    mistake: Option<Mistake>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Begins with what is safe.
    pub fn new() -> Self {
        let settings = Settings {
            global_labels: Vec::new(),
            told: Vec::new(),
            natives: Vec::new(),
            default_bounds: DEFAULT_BOUNDS.into(),
            idle: Vec::new(),
            series_limits: Vec::new(),
            max_series_per_metric: MAX_SERIES_PER_METRIC,
            max_series: MAX_SERIES,
            max_metrics: MAX_METRICS,
            overflow: Overflow::default(),
            reserved: Vec::new(),
            patience: PATIENCE,
            clock: Clock(Box::new(Instant::now)),
        };
        Self {
            settings,
            hook: None,
            mistake: None,
        }
    }

    /// Adds a label to every series. One of its own with the same name wins; one with the same value, too, says
    /// nothing new, and the series is that without it. A label without a value is none.
    pub fn global_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), naming::without_carriage_returns(&value.into()));
        let is_legal =
            naming::label_name(&name) == name && naming::unreserved_label(&name).is_none();
        if !is_legal {
            return self.refuse(Mistake::GlobalLabel(name));
        }
        let labels = &mut self.settings.global_labels;
        labels.retain(|(earlier, _)| *earlier != name);
        if !value.is_empty() {
            labels.push((name, value));
        }
        self
    }

    /// Sets the upper bounds of the buckets of histograms that say nothing else, instead of the usual ones
    /// from 5 ms to 10 s. Infinity need not be among them.
    pub fn buckets(mut self, bounds: &[f64]) -> Self {
        match buckets(bounds) {
            Ok(bounds) => self.settings.default_bounds = bounds,
            Err(mistake) => return self.refuse(mistake),
        }
        self
    }

    /// Sets the upper bounds of the buckets of some histograms.
    ///
    /// If several matchers fit, a [`Full`](Matcher::Full) one wins over one for the beginning, and that
    /// over one for the end of names. Bounds that stand in the code, beside the description, win over all
    /// but the full name.
    pub fn buckets_for(self, matcher: Matcher, bounds: &[f64]) -> Self {
        match buckets(bounds) {
            Ok(bounds) => self.tell(matcher, Told::Bounds(bounds)),
            Err(mistake) => self.refuse(mistake),
        }
    }

    /// Gives some histograms exponential buckets, too, each at most by this factor wider than the one
    /// below: Prometheus' native histograms.
    ///
    /// They take the place of the others where the format has them; 1.1 is a good factor. When there are
    /// more than 160 buckets in use, they become wider. The others are those of
    /// [`buckets_for`](Builder::buckets_for), of the code, or the usual ones. Of matchers that fit, the same one wins as
    /// there, and it wins over one of [`summary_for`](Builder::summary_for) that is no more precise.
    pub fn native_for(self, matcher: Matcher, factor: f64) -> Self {
        self.native_with_limits_for(matcher, factor, NATIVE_MAX_BUCKETS, NATIVE_ZERO_THRESHOLD)
    }

    /// As [`native_for`](Builder::native_for), with as many buckets in use as said, and with
    /// observations as near to zero as said counted as zero.
    pub fn native_with_limits_for(
        mut self,
        matcher: Matcher,
        factor: f64,
        max_buckets: usize,
        zero_threshold: f64,
    ) -> Self {
        if !(factor > 1.0 && factor.is_finite()) {
            return self.refuse(Mistake::Factor(factor));
        }
        let shape = NativeShape {
            schema: NativeShape::schema_of(factor),
            max_buckets: max_buckets.max(1),
            zero_threshold: zero_threshold.max(0.0),
        };
        replace(&mut self.settings.natives, matcher, shape);
        self
    }

    /// Makes summaries of some histograms: quantiles of the last minute.
    ///
    /// Summaries of several instances cannot be added up, and each observation takes a lock. Buckets are
    /// the better choice nearly always.
    pub fn summary_for(self, matcher: Matcher, quantiles: &[f64]) -> Self {
        self.summary_with_windows_for(matcher, quantiles, SUMMARY_WINDOW, SUMMARY_WINDOWS)
    }

    /// As [`summary_for`](Builder::summary_for), with quantiles of so many windows of so much time.
    pub fn summary_with_windows_for(
        self,
        matcher: Matcher,
        quantiles: &[f64],
        window: Duration,
        windows: usize,
    ) -> Self {
        let is_share = |quantile: &f64| (0.0..=1.0).contains(quantile);
        if quantiles.is_empty() || !quantiles.iter().all(is_share) {
            return self.refuse(Mistake::Quantiles(quantiles.to_vec()));
        }
        if window.is_zero() {
            return self.refuse(Mistake::Windows);
        }
        let mut quantiles = quantiles.to_vec();
        quantiles.sort_by(f64::total_cmp);
        quantiles.dedup();
        let shape = SummaryShape {
            quantiles: quantiles.into(),
            window,
            windows: windows.max(1),
        };
        self.tell(matcher, Told::Summary(shape))
    }

    /// Lets series of a kind go when nothing was recorded for so long.
    ///
    /// They go from the page, and from memory unless somebody holds a handle of them: then what is
    /// recorded brings them back, with all that was counted. A counter that is increased by nothing rests.
    ///
    /// A thread that looks up series holds the last ones, 1,024 at most of a kind, until it looks up a new one or ends:
    /// those of a thread that waits for long go later, and count for the limits meanwhile.
    pub fn idle_timeout(mut self, kind: Kind, timeout: Duration) -> Self {
        self.settings.idle.push((IdleRule::Kind(kind), timeout));
        self
    }

    /// Lets series of some metrics go when nothing was recorded for so long. Of rules that fit, the last
    /// one holds.
    pub fn idle_timeout_for(mut self, matcher: Matcher, timeout: Duration) -> Self {
        let rule = IdleRule::Matching(matcher);
        self.settings.idle.push((rule, timeout));
        self
    }

    /// Sets how many series a metric may have, instead of 2,000.
    pub fn max_series_per_metric(mut self, limit: usize) -> Self {
        self.settings.max_series_per_metric = limit;
        self
    }

    /// Sets how many series some metrics may have. Of limits that fit, the last one holds.
    pub fn max_series_for(mut self, matcher: Matcher, limit: usize) -> Self {
        self.settings.series_limits.push((matcher, limit));
        self
    }

    /// Sets how many series there may be in all, instead of 100,000.
    pub fn max_series(mut self, limit: usize) -> Self {
        self.settings.max_series = limit;
        self
    }

    /// Sets how many metrics there may be, instead of 10,000.
    pub fn max_metrics(mut self, limit: usize) -> Self {
        self.settings.max_metrics = limit;
        self
    }

    /// Sets what becomes of a series beyond a limit.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.settings.overflow = overflow;
        self
    }

    /// Keeps names for somebody else who writes on the same page.
    pub fn reserve(mut self, matcher: Matcher) -> Self {
        self.settings.reserved.push(matcher);
        self
    }

    /// Sets who is told of what is not recorded as the program meant it: once for each metric and reason.
    ///
    /// It is called by the thread that records, and must not take long.
    pub fn on_rejection(mut self, hook: impl Fn(&Rejection<'_>) + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// Sets how long a page waits for [gauges that are read for it](Handle::read_gauge), instead of a second.
    pub fn gauge_patience(mut self, patience: Duration) -> Self {
        self.settings.patience = patience;
        self
    }

    /// Sets the clock by which series are idle, for tests.
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.settings.clock = Clock(Box::new(now));
        self
    }

    /// Makes the recorder.
    ///
    /// # Errors
    ///
    /// If a setting made no sense.
    pub fn build(self) -> Result<Recorder, BuildError> {
        self.registry().map(Recorder::new)
    }

    pub(crate) fn registry(mut self) -> Result<Registry, BuildError> {
        if let Some(mistake) = self.mistake {
            return Err(mistake.into());
        }
        // Full names first, then beginnings, then ends.
        let settings = &mut self.settings;
        settings.told.sort_by(|(one, _), (other, _)| one.cmp(other));
        settings
            .natives
            .sort_by(|(one, _), (other, _)| one.cmp(other));
        let rejections = Rejections::new(self.hook);
        Ok(Registry::new(self.settings, rejections))
    }

    /// Makes the recorder, and makes it that of the program.
    ///
    /// # Errors
    ///
    /// If a setting made no sense, or the program has a recorder already.
    #[inline]
    pub fn install(self) -> Result<Handle, BuildError> {
        let recorder = self.build()?;
        let handle = recorder.handle();
        site::install(recorder).map_err(|_| BuildError::from(Mistake::Installed))?;
        Ok(handle)
    }

    fn tell(mut self, matcher: Matcher, told: Told) -> Self {
        replace(&mut self.settings.told, matcher, told);
        self
    }

    fn refuse(mut self, mistake: Mistake) -> Self {
        self.mistake.get_or_insert(mistake);
        self
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Adds a setting in place of an earlier one for the same matcher.
fn replace<T>(settings: &mut Vec<(Matcher, T)>, matcher: Matcher, setting: T) {
    settings.retain(|(earlier, _)| *earlier != matcher);
    settings.push((matcher, setting));
}

/// Returns the bounds of buckets without infinity.
fn buckets(bounds: &[f64]) -> Result<Arc<[f64]>, Mistake> {
    let finite = bounds.strip_suffix(&[f64::INFINITY]).unwrap_or(bounds);
    if !are_bounds(finite) {
        return Err(Mistake::Bounds(bounds.to_vec()));
    }
    Ok(finite.into())
}
