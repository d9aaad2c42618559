//! Services with metrics of every kind, good and hostile, each with a recorder of its own.

use std::time::Duration;

use mad_core::{Check, HealthOptions, Registry};
use mad_exporter::Exporter;
use mad_metrics::{Builder, Matcher};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::samples::Samples;

/// A service with metrics, on a free port. It is stopped at the end of the test.
#[derive(Debug)]
pub struct Metered {
    exporter: Exporter,
}

impl Metered {
    /// Starts one that records this once.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start(record: impl FnOnce()) -> Self {
        let recorder = Builder::new()
            .buckets(&[0.005, 1.0, 1e6])
            .native_for(Matcher::Prefix("native_".to_owned()), 1.1)
            .summary_for(Matcher::Suffix("_summary".to_owned()), &[0.5, 1.0])
            .build()
            .unwrap();
        metrics::with_local_recorder(&recorder, record);
        let mut registry = Registry::new();
        let check = Check::health_check("database", HealthOptions::DEFAULT, |_| true);
        registry.add(check).unwrap();
        let exporter = Exporter::builder()
            .registry(registry)
            .recorder(recorder.handle())
            .listen(([127, 0, 0, 1], 0))
            .start();
        Self {
            exporter: exporter.unwrap(),
        }
    }

    /// Returns where it is, such as `http://127.0.0.1:9464`.
    ///
    /// # Panics
    ///
    /// If it has no server; it has one.
    pub fn url(&self) -> String {
        format!("http://{}", self.exporter.local_addr().unwrap())
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        self.exporter.shutdown(Duration::ZERO);
    }
}

/// Records what any service may.
pub fn record_good() {
    describe_counter!("orders_total", "Orders placed.");
    counter!("orders_total", "kind" => "book", "country" => "de").increment(3);
    counter!("orders_total", "kind" => "a \"quoted\\\" \n line", "country" => "größe").absolute(7);
    describe_gauge!(
        "queue_bytes",
        metrics::Unit::Bytes,
        "Length of the \\queue\\,\nin bytes."
    );
    gauge!("queue_bytes").set(1.5e12);
    for (state, value) in [
        ("nan", f64::NAN),
        ("up", f64::INFINITY),
        ("down", f64::NEG_INFINITY),
    ] {
        gauge!("odd", "state" => state).set(value);
    }
    gauge!("odd", "state" => "small").set(-1e-300);
    describe_histogram!(
        "wait_seconds",
        metrics::Unit::Seconds,
        "Time that requests wait."
    );
    for wait in [0.001, 0.5, 0.5, 2.0, 1e7] {
        histogram!("wait_seconds", "route" => "/").record(wait);
    }
    counter!("http.requests_total", "http.method" => "GET").increment(1);
}

/// Returns what is to be read of [`record_good`] by who can read letters, digits and `_` in names.
pub fn good() -> Samples {
    let mut samples = good_but_for_names();
    samples.add("http_requests_total", [("http_method", "GET")], 1.0);
    samples
}

/// Returns what is to be read of [`record_good`] by who can read any names.
pub fn good_with_any_names() -> Samples {
    let mut samples = good_but_for_names();
    samples.add("http.requests_total", [("http.method", "GET")], 1.0);
    samples
}

fn good_but_for_names() -> Samples {
    let mut samples = Samples::default();
    let mut add = |name, labels: &[(&'static str, &'static str)], value| {
        samples.add(name, labels.iter().copied(), value);
    };
    add("orders_total", &[("kind", "book"), ("country", "de")], 3.0);
    let odd = "a \"quoted\\\" \n line";
    add("orders_total", &[("kind", odd), ("country", "größe")], 7.0);
    add("queue_bytes", &[], 1.5e12);
    add("odd", &[("state", "nan")], f64::NAN);
    add("odd", &[("state", "up")], f64::INFINITY);
    add("odd", &[("state", "down")], f64::NEG_INFINITY);
    add("odd", &[("state", "small")], -1e-300);
    for (bound, count) in [("0.005", 1.0), ("1.0", 3.0), ("1e+06", 4.0), ("+Inf", 5.0)] {
        let labels = [("route", "/"), ("le", bound)];
        add("wait_seconds_bucket", &labels, count);
    }
    add("wait_seconds_sum", &[("route", "/")], 1e7 + 3.001);
    add("wait_seconds_count", &[("route", "/")], 5.0);
    samples
}

/// Records what a scrape could break of.
pub fn record_hostile() {
    counter!("survivor_total").increment(1);
    counter!("reserved_total", "__name__" => "other", "le" => "1", "quantile" => "2").increment(1);
    counter!("labels_total", "" => "empty", "1" => "digit", "a b" => "blank", "a\nb" => "feed")
        .increment(1);
    counter!("twice_total", "a" => "1", "a" => "2", "a.a" => "3", "a_a" => "4").increment(1);
    counter!("").increment(1);
    counter!("\n# TYPE survivor_total gauge\nsurvivor_total 666\n").increment(1);
    counter!("# EOF").increment(1);
    describe_counter!(
        "help_total",
        "a\n# TYPE help_total gauge\nhelp_total 5\r\n\u{feff}\0\"\\"
    );
    counter!("help_total", "value" => "\0\r\u{2028}\u{feff}\\\"}\n{").increment(1);
    for name in ["a.b_total", "U__a_2e_b__total", "_total", "%total"] {
        counter!(name, "x.y" => "1", "U__x_2e_y" => "2", "_name_" => "3").increment(1);
    }
    counter!("kind").increment(1);
    gauge!("kind").set(1.0);
    histogram!("kind").record(1.0);
    counter!("same.name").increment(1);
    counter!("same_name").increment(2);
    gauge!("same-name").set(3.0);
    histogram!("clash").record(1.0);
    gauge!("clash_count").set(1.0);
    gauge!("clash_created").set(1.0);
    counter!("clash_bucket", "le" => "1").increment(1);
    gauge!("a").set(1.0);
    counter!("a_total").increment(1);
    counter!("b").increment(1);
    counter!("b_total").increment(1);
    gauge!("c_info").set(2.0);
    for value in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -1.0,
        f64::MAX,
        f64::MAX,
        5e-324,
    ] {
        gauge!("numbers").set(value);
        histogram!("numbers_seconds").record(value);
        histogram!("numbers_summary").record(value);
        histogram!("native_numbers").record(value);
    }
    gauge!("mad_lifecycle", "state" => "serving").set(0.0);
    counter!("mad_check_runs_total", "check" => "database").absolute(u64::MAX);
    gauge!("mad_check_runs").set(1.0);
    counter!("mad_lifecycle_total").increment(1);
    gauge!("mad_check_duration_seconds_created").set(1.0);
    counter!("process_open_fds_total").increment(1);
    counter!("up").increment(7);
    counter!("long_total", "value" => "x".repeat(100_000)).increment(1);
    gauge!("n".repeat(10_000)).set(1.0);
    for number in 0..3_000 {
        counter!("churn_total", "number" => number.to_string()).increment(1);
    }
}
