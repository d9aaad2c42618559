//! What others read on the metrics page, and that nothing the application does breaks it.

use mad_metrics::ExemplarLayer;
use serde_json::{Value, json};
use tests::{
    Format, Metered, Prometheus, Samples, eventually, good, page, promtool_parses,
    python_client_reads, record_good, record_hostile,
};
use tracing_subscriber::layer::SubscriberExt as _;

/// Both real ones: the one without native histograms asks for OpenMetrics, the other for protobuf.
const NATIVE: [&str; 1] = ["--enable-feature=native-histograms"];

#[test]
fn both_parsers_of_the_python_client_read_what_was_put_in() {
    let service = Metered::start(record_good);
    for format in [Format::Text, Format::OpenMetrics] {
        let read = python_client_reads(&page(&service.url(), format), format);
        assert_eq!(Samples::from_json(&read).of_the_application(), good());
    }
}

#[test]
fn all_parsers_can_read_a_hostile_page() {
    let service = Metered::start(record_hostile);
    for format in [Format::Text, Format::OpenMetrics] {
        let read = python_client_reads(&page(&service.url(), format), format);
        assert!(read.as_array().unwrap().len() > 2_000);
    }
    assert_eq!(promtool_parses(&page(&service.url(), Format::Text)), "");
}

#[test]
fn prometheus_stores_what_was_put_in_with_native_histograms_and_without() {
    let service = Metered::start(record_good);
    for flags in [&[][..], &NATIVE] {
        let prometheus = Prometheus::scraping_with(&service.url(), flags);
        prometheus.becomes("up", 1.0);
        let stored =
            prometheus.samples(r#"{job="shop",__name__!~"mad_.*|process_.*|up|scrape_.*"}"#);
        assert_eq!(stored, good(), "{flags:?}");
    }
}

#[test]
fn prometheus_says_up_to_a_hostile_page_with_native_histograms_and_without() {
    let service = Metered::start(record_hostile);
    for flags in [&[][..], &NATIVE] {
        let prometheus = Prometheus::scraping_with(&service.url(), flags);
        prometheus.becomes("up", 1.0);
        eventually("the scrape has no error", || {
            prometheus.last_error() == "\"\""
        });
        prometheus.becomes("survivor_total", 1.0);
        // And one for all that are too many.
        prometheus.becomes("count(churn_total)", 2_001.0);
        let lifecycle = r#"mad_lifecycle{state="serving"}"#;
        prometheus.becomes(lifecycle, 1.0);
    }
}

#[test]
fn prometheus_reads_native_histograms() {
    let service = Metered::start(|| {
        for number in 1..=100 {
            metrics::histogram!("native_seconds").record(f64::from(number) / 10.0);
        }
        metrics::histogram!("native_empty").record(0.0);
    });
    let prometheus = Prometheus::scraping_with(&service.url(), &NATIVE);
    prometheus.becomes("up", 1.0);
    prometheus.becomes("histogram_count(native_seconds)", 100.0);
    prometheus.becomes("histogram_sum(native_seconds)", 505.0);
    let median = prometheus.value("histogram_quantile(0.5, native_seconds)");
    assert!((4.5..5.5).contains(&median), "{median:?}");
    prometheus.becomes("histogram_count(native_empty)", 1.0);
}

#[test]
fn compressed_or_not_it_is_the_same_page() {
    let service = Metered::start(record_good);
    let samples = |page: &str| {
        let read = python_client_reads(page, Format::Text);
        Samples::from_json(&read).of_the_application()
    };
    let plain = samples(&page(&service.url(), Format::Text));
    for _ in 0..3 {
        let gzip = tests::gunzipped_page(&service.url());
        assert_eq!(samples(&gzip), plain);
    }
    assert_eq!(plain, good());
}

/// Records inside a span of a trace.
fn record_traced() {
    let subscriber = tracing_subscriber::registry().with(ExemplarLayer::new());
    tracing::subscriber::with_default(subscriber, || {
        let request = tracing::info_span!("request", trace_id = "4bf92f35-77b3", span_id = 17);
        request.in_scope(|| {
            metrics::counter!("orders_total").increment(3);
            metrics::histogram!("wait_seconds").record(0.5);
        });
    });
}

#[test]
fn the_python_client_reads_exemplars() {
    let service = Metered::start(record_traced);
    let format = Format::OpenMetrics;
    let read = python_client_reads(&page(&service.url(), format), format);
    let samples = read.as_array().unwrap().iter();
    let mut exemplars = samples.filter_map(|sample| sample.get("exemplar"));
    let labels = json!({"trace_id": "4bf92f35-77b3", "span_id": "17"});
    assert_eq!(exemplars.next(), Some(&json!([labels, 3.0])));
    assert_eq!(exemplars.next(), Some(&json!([labels, 0.5])));
    assert_eq!(exemplars.next(), None);
}

#[test]
fn prometheus_stores_exemplars_from_openmetrics_and_from_protobuf() {
    const STORED: &str = "--enable-feature=exemplar-storage";
    let service = Metered::start(record_traced);
    let labels = json!({"trace_id": "4bf92f35-77b3", "span_id": "17"});
    let exemplar = |value: &str| vec![(labels.clone(), Value::from(value))];
    for flags in [&[STORED][..], &[STORED, NATIVE[0]]] {
        let prometheus = Prometheus::scraping_with(&service.url(), flags);
        prometheus.becomes("up", 1.0);
        assert_eq!(prometheus.exemplars("orders_total"), exemplar("3"));
        assert_eq!(prometheus.exemplars("wait_seconds_bucket"), exemplar("0.5"));
    }
}
