//! The metrics page, read by the library of Go services and by a Prometheus 3: programs in Go.

use std::path::Path;

use tests::{
    Format, Metered, Prometheus, Samples, eventually, expfmt_reads, good, good_with_any_names,
    python_client_reads, record_good, record_hostile, scrape,
};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// What Prometheus 3 does not do unless it is told so.
const NATIVE: &str = "scrape_native_histograms: true,";

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn the_library_of_go_services_reads_what_was_put_in() {
    let service = Metered::start(record_good);
    for format in [Format::Text, Format::Protobuf] {
        let page = expfmt_reads(folder(), &scrape(&service.url(), format), format);
        let read = Samples::from_json(&python_client_reads(&page, Format::OpenMetrics));
        assert_eq!(read.of_the_application(), good(), "{format:?}");
    }
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn the_library_of_go_services_can_read_a_hostile_page() {
    let service = Metered::start(record_hostile);
    for format in [Format::Text, Format::Protobuf] {
        let page = expfmt_reads(folder(), &scrape(&service.url(), format), format);
        assert!(page.contains("\nsurvivor_total 1.0\n"));
    }
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn prometheus_3_stores_what_was_put_in_with_the_names_that_the_program_gave() {
    let service = Metered::start(record_good);
    // It asks for protobuf without a word on how names are to be escaped.
    for (scraping, expected) in [("", good_with_any_names()), (NATIVE, good())] {
        let prometheus = Prometheus::version_3(folder(), &service.url(), scraping);
        prometheus.becomes("up", 1.0);
        let stored =
            prometheus.samples(r#"{job="shop",__name__!~"mad_.*|process_.*|up|scrape_.*"}"#);
        assert_eq!(stored, expected, "{scraping}");
    }
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn prometheus_3_says_up_to_a_hostile_page() {
    let service = Metered::start(record_hostile);
    for scraping in ["", NATIVE] {
        let prometheus = Prometheus::version_3(folder(), &service.url(), scraping);
        prometheus.becomes("up", 1.0);
        eventually("the scrape has no error", || {
            prometheus.last_error() == "\"\""
        });
        prometheus.becomes("survivor_total", 1.0);
    }
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn prometheus_3_reads_native_histograms() {
    let service = Metered::start(|| {
        for number in 1..=100 {
            metrics::histogram!("native_seconds").record(f64::from(number) / 10.0);
        }
    });
    let prometheus = Prometheus::version_3(folder(), &service.url(), NATIVE);
    prometheus.becomes("up", 1.0);
    prometheus.becomes("histogram_count(native_seconds)", 100.0);
    let median = prometheus.value("histogram_quantile(0.5, native_seconds)");
    assert!((4.5..5.5).contains(&median), "{median:?}");
}
