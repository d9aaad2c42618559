//! Families of labels, before and after a recorder is installed, and beside one of a test's own.

use mad_metrics::{Builder, LabelFamily};
use metrics::{Counter, Gauge, Histogram, counter};

static REQUESTS: LabelFamily<Counter, 2> = LabelFamily::new("requests_total", ["method", "path"]);
static OTHERS: LabelFamily<Counter, 2> = LabelFamily::new("others_total", ["method", "path"]);
static LENGTH: LabelFamily<Gauge, 1> = LabelFamily::new("length", ["queue"]);
static WAIT: LabelFamily<Histogram, 0> = LabelFamily::new("wait", []);

fn record() {
    REQUESTS.get(["GET", "/"]).increment(1);
    REQUESTS.get(["GE", "T/"]).increment(10);
    REQUESTS.get(["GET/", ""]).increment(100);
    OTHERS.get(["GET", "/"]).increment(1000);
    LENGTH.get(["mail"]).set(3);
    WAIT.get([]).record(1);
}

#[test]
fn values_find_their_series_wherever_they_are_recorded() {
    record();
    let own = Builder::new().buckets(&[1.0]).build().unwrap();
    metrics::with_local_recorder(&own, record);
    let handle = Builder::new().buckets(&[1.0]).install().unwrap();
    record();
    record();
    // The facade means the same series.
    counter!("requests_total", "path" => "/", "method" => "GET").increment(5);
    let samples = |page: String| -> Vec<String> {
        let lines = page.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter(|line| !line.starts_with("mad_"))
            .map(str::to_owned)
            .collect()
    };
    let expected = |times: u64, plus: u64| {
        vec![
            format!("length{{queue=\"mail\"}} 3"),
            format!("others_total{{method=\"GET\",path=\"/\"}} {}", 1000 * times),
            format!("requests_total{{method=\"GE\",path=\"T/\"}} {}", 10 * times),
            format!(
                "requests_total{{method=\"GET\",path=\"/\"}} {}",
                times + plus
            ),
            format!("requests_total{{method=\"GET/\"}} {}", 100 * times),
            format!("wait_bucket{{le=\"1.0\"}} {times}"),
            format!("wait_bucket{{le=\"+Inf\"}} {times}"),
            format!("wait_sum {times}"),
            format!("wait_count {times}"),
        ]
    };
    assert_eq!(samples(own.handle().render()), expected(1, 0));
    assert_eq!(samples(handle.render()), expected(2, 5));
}
