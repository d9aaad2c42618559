//! Families of every kind, and with everything in them that a format could stumble over.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mad_metrics::view::{
    Exemplar, Family, Histogram, Kind, LabelText, Labels, NativeHistogram, Number, Quantile,
    RenamedLabel, Sample, Summary, Value, Visitor,
};

pub(crate) fn at(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis)
}

/// Shows families that any service may have.
pub(crate) fn show(visitor: &mut impl Visitor) {
    numbers(visitor);
    histograms(visitor);
    summaries(visitor);
    any_names(visitor);
}

fn numbers(visitor: &mut impl Visitor) {
    let family = Family::new("app_build_info", Kind::Info).with_help("What it was built from.");
    let labels = LabelText::from_iter([("version", "1.2.3"), ("path", "C:\\new \"x\"\nend")]);
    visitor.family(&family);
    visitor.sample(&family, &Sample::count(labels.labels(), 1));

    let family = Family::new("app_light", Kind::StateSet).with_help("The light that is on.");
    visitor.family(&family);
    for (state, value) in [("green", 1), ("red", 0)] {
        let labels = LabelText::from_iter([("app_light", state)]);
        visitor.sample(&family, &Sample::count(labels.labels(), value));
    }

    let family = Family::new("disk_free_bytes", Kind::Gauge)
        .with_help("A back\\slash,\na line feed and a \"quote\".")
        .with_unit(Some("bytes"));
    visitor.family(&family);
    for (disk, free) in [
        ("a", 1.5e12),
        ("b", -0.25),
        ("c", f64::NAN),
        ("d", f64::INFINITY),
        ("e", f64::NEG_INFINITY),
        ("größe", 1e300),
    ] {
        let labels = LabelText::from_iter([("disk", disk)]);
        visitor.sample(&family, &Sample::gauge(labels.labels(), free));
    }

    let family = Family::new("nobody_counts", Kind::Counter).with_help("Has no samples.");
    visitor.family(&family);

    let family = Family::new("oddly_named", Kind::Counter);
    visitor.family(&family);
    visitor.sample(&family, &Sample::count(Labels::NONE, 3));

    let family = Family::new("sent_bytes_total", Kind::Counter)
        .with_help("Bytes sent.")
        .with_unit(Some("bytes"));
    let labels = LabelText::from_iter([("method", "GET"), ("code", "200")]);
    let exemplar = exemplar("abc", 17.0);
    let value = Value::Number {
        number: Number::Integer(u64::MAX),
        exemplar: Some(&exemplar),
    };
    visitor.family(&family);
    let sample = Sample::new(labels.labels(), value);
    visitor.sample(
        &family,
        &Sample {
            created: Some(at(1_600_000_000_250)),
            ..sample
        },
    );

    let family = Family::new("what_is_it", Kind::Unknown);
    visitor.family(&family);
    visitor.sample(&family, &Sample::gauge(Labels::NONE, 42.0));
}

fn histograms(visitor: &mut impl Visitor) {
    let family = Family::new("wait_seconds", Kind::Histogram)
        .with_help("Time that requests wait.")
        .with_unit(Some("seconds"))
        .with_bounds(&[0.005, 1.0, 10.0, 1e6]);
    let native = NativeHistogram {
        schema: 3,
        zero_threshold: 1e-9,
        zero_count: 1,
        count: 9,
        sum: 21.5,
        positive: vec![(-3, 1), (-2, 3), (4, 2), (9, 1)],
        negative: vec![(2, 1)],
    };
    let exemplars = [
        None,
        Some(exemplar("def", 0.67)),
        None,
        None,
        Some(too_long()),
    ];
    let histogram = Histogram {
        counts: &[1, 5, 2, 0, 1],
        sum: 21.5,
        exemplars: &exemplars,
        native: Some(&native),
    };
    let labels = LabelText::from_iter([("route", "/")]);
    visitor.family(&family);
    let sample = Sample::new(labels.labels(), Value::Histogram(histogram));
    visitor.sample(
        &family,
        &Sample {
            created: Some(at(1_600_000_000_000)),
            ..sample
        },
    );

    let family = Family::new("yield_ratio", Kind::Histogram).with_bounds(&[-1.0, 0.0, 1.0]);
    let histogram = Histogram {
        counts: &[1, 0, 2, 0],
        sum: -3.5,
        exemplars: &[],
        native: None,
    };
    visitor.family(&family);
    visitor.sample(
        &family,
        &Sample::new(Labels::NONE, Value::Histogram(histogram)),
    );
}

fn summaries(visitor: &mut impl Visitor) {
    let family = Family::new("zoom_ratio", Kind::Summary).with_help("How far people zoom in.");
    let quantile = |quantile, value| Quantile { quantile, value };
    let quantiles = [
        quantile(0.0, -1.0),
        quantile(0.5, f64::NAN),
        quantile(1.0, 2.25),
    ];
    let summary = Summary {
        quantiles: &quantiles,
        sum: 12.0,
        count: 7,
    };
    visitor.family(&family);
    visitor.sample(&family, &Sample::new(Labels::NONE, Value::Summary(summary)));
}

fn any_names(visitor: &mut impl Visitor) {
    let renamed = [RenamedLabel {
        name: "http_method".into(),
        original: "http.method".into(),
    }];
    let family = Family::new("zz_requests_total", Kind::Counter)
        .with_originals("zz.requests_total", &renamed)
        .with_help("Requests, with names as OpenTelemetry has them.");
    let labels = LabelText::from_iter([("code", "2\"00\""), ("http_method", "GET")]);
    visitor.family(&family);
    visitor.sample(&family, &Sample::count(labels.labels(), 5));
    let family = Family::new("zz_wait__s_", Kind::Histogram)
        .with_originals("zz \"wait\" (s)", &[])
        .with_bounds(&[0.5]);
    let histogram = Histogram {
        counts: &[1, 1],
        sum: 2.0,
        exemplars: &[],
        native: None,
    };
    visitor.family(&family);
    visitor.sample(
        &family,
        &Sample::new(Labels::NONE, Value::Histogram(histogram)),
    );
}

fn exemplar(trace_id: &str, value: f64) -> Exemplar {
    Exemplar {
        labels: LabelText::from_iter([("trace_id", trace_id)]),
        value,
        time: at(1_700_000_000_123),
    }
}

/// One with more letters than `OpenMetrics` allows.
fn too_long() -> Exemplar {
    exemplar(&"0".repeat(121), 2e6)
}
