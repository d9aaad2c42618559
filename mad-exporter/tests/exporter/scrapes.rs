//! How a scraper is sent what: formats, compression, a choice of metrics, and in time.

use std::io::Read;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use mad_metrics::{Builder, Recorder};

use crate::support::{Answer, Request, Service, readiness, with_token};

const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0,\
     application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

const PROTOBUF: &str =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

/// A service with a recorder of its own, as all tests of this process would share the program's.
fn service(record: impl FnOnce()) -> (Service, Recorder) {
    let recorder = Builder::new().build().unwrap();
    metrics::with_local_recorder(&recorder, record);
    let builder = with_token([readiness("database", |_| true)]);
    let service = Service::start(builder.recorder(recorder.handle()));
    (service, recorder)
}

fn orders() {
    metrics::describe_counter!("orders_total", "Orders placed.");
    metrics::counter!("orders_total", "kind" => "book").increment(2);
    metrics::counter!("http.requests").increment(1);
    metrics::histogram!("wait_seconds").record(0.3);
}

fn scrape(service: &Service, headers: &[(&str, &str)]) -> Answer {
    let get = Request::new("GET", "/metrics");
    let request = headers.iter();
    let request = request.fold(get, |request, (name, value)| request.with(name, value));
    let answer = request.send_to(service.address());
    assert_eq!(answer.status, 200);
    answer
}

#[test]
fn each_format_is_called_what_it_is() {
    let (service, _recorder) = service(orders);
    for (accept, media_type, begins) in [
        (
            "*/*",
            "text/plain; version=0.0.4; charset=utf-8",
            "# TYPE http_requests counter\nhttp_requests 1\n",
        ),
        (
            OPEN_METRICS,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "# TYPE http_requests unknown\nhttp_requests 1\n",
        ),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8",
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
            "# TYPE \"http.requests\" counter\n{\"http.requests\"} 1\n",
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=values",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values",
            "# TYPE U__http_2e_requests unknown\nU__http_2e_requests 1\n",
        ),
    ] {
        let answer = scrape(&service, &[("Accept", accept)]);
        assert_eq!(answer.header("content-type"), media_type);
        assert!(answer.body.starts_with(begins), "{}", answer.body);
        assert_eq!(answer.header("vary"), "Accept, Accept-Encoding");
        assert!(answer.body.contains("mad_lifecycle{state=\"serving\"} 1\n"));
    }
    let answer = scrape(&service, &[("Accept", PROTOBUF)]);
    let media_type = PROTOBUF.replace(';', "; ");
    assert_eq!(answer.header("content-type"), media_type);
    // The name of the first family, after the length of its message.
    assert_eq!(answer.bytes[5..20], *b"\x0a\x0dhttp_requests");
}

#[test]
fn mads_own_families_are_in_every_format() {
    let (service, _recorder) = service(orders);
    let page = scrape(&service, &[("Accept", OPEN_METRICS)]).body;
    for lines in [
        "# TYPE mad_build info\n# HELP mad_build What",
        "\nmad_build_info{version=\"\",",
        "# TYPE mad_check_runs counter\n",
        "\nmad_check_runs_total{check=\"database\",outcome=\"fail\"} 0\n",
        "# TYPE mad_check_duration_seconds histogram\n# UNIT mad_check_duration_seconds seconds\n",
        "# TYPE mad_lifecycle gauge\n",
    ] {
        assert!(page.contains(lines), "{lines} is not on\n{page}");
    }
    assert!(page.ends_with("# EOF\n"));
}

/// In `OpenMetrics`, samples of families of other names may be called like a family.
#[test]
fn nothing_that_the_application_records_takes_the_place_of_mads_families() {
    let (service, _recorder) = service(|| {
        metrics::counter!("mad_check_health_total").increment(7);
        metrics::counter!("mad_lifecycle_total").increment(7);
        metrics::gauge!("mad_check_duration_seconds_created").set(7);
        metrics::counter!("process_open_fds_total").increment(7);
        metrics::gauge!("scrape_timeout_seconds").set(7);
        metrics::counter!("mad_of_the_application_total").increment(7);
    });
    for accept in ["text/plain", OPEN_METRICS] {
        let page = scrape(&service, &[("Accept", accept)]).body;
        for line in [
            "\n# TYPE mad_check_health gauge\n",
            "\n# TYPE mad_lifecycle gauge\n",
            "\n# TYPE mad_check_duration_seconds histogram\n",
            "\n# TYPE process_open_fds gauge\n",
            "mad_of_the_application_total 7\n",
        ] {
            assert!(page.contains(line), "{line} is not on\n{page}");
        }
        assert_eq!(page.matches(" 7\n").count(), 1, "{page}");
    }
}

#[test]
fn who_asks_for_gzip_is_sent_it() {
    let (service, _recorder) = service(orders);
    let answer = scrape(&service, &[("Accept-Encoding", "gzip")]);
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(
        answer.header("content-length"),
        answer.bytes.len().to_string()
    );
    let mut page = String::new();
    GzDecoder::new(&answer.bytes[..])
        .read_to_string(&mut page)
        .unwrap();
    assert!(page.contains("orders_total{kind=\"book\"} 2\n"));
    for other in ["", "identity", "zstd", "gzip;q=0, identity"] {
        let answer = scrape(&service, &[("Accept-Encoding", other)]);
        assert_eq!(answer.header("content-encoding"), "", "{other}");
        assert!(answer.body.contains("orders_total{kind=\"book\"} 2\n"));
    }
}

#[test]
fn head_is_answered_without_a_body() {
    let (service, _recorder) = service(orders);
    let answer = Request::new("HEAD", "/metrics").send_to(service.address());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.bytes, b"");
    assert_ne!(answer.header("content-length"), "0");
}

#[test]
fn two_scrapes_have_the_same_lines_in_the_same_order() {
    let (service, recorder) = service(|| {
        for number in 0..1_000 {
            metrics::counter!("orders_total", "number" => number.to_string()).increment(number);
        }
    });
    let series = || {
        let page = scrape(&service, &[]).body;
        let lines = page.lines().map(|line| line.rsplit_once(' ').unwrap().0);
        lines
            .filter(|line| !line.contains("mad_check_"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let first = series();
    metrics::with_local_recorder(&recorder, || {
        metrics::counter!("orders_total", "number" => "7").increment(1_000_000);
    });
    assert_eq!(first, series());
}

#[test]
fn a_scraper_can_choose_what_it_wants() {
    let (service, _recorder) = service(orders);
    let get = |path: &str| service.get(path).body;
    assert_eq!(
        get("/metrics?name[]=orders_total"),
        "# HELP orders_total Orders placed.\n# TYPE orders_total counter\norders_total{kind=\"book\"} 2\n"
    );
    let two = get("/metrics?name%5B%5D=mad_lifecycle&name[]=wait_seconds_bucket");
    let types: Vec<_> = two
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .collect();
    assert_eq!(
        types,
        [
            "# TYPE wait_seconds histogram",
            "# TYPE mad_lifecycle gauge"
        ]
    );
    assert_eq!(get("/metrics?name[]=nothing"), "");
}

#[test]
fn a_page_of_somebody_elses_is_sent_as_the_text_that_it_is() {
    let builder = with_token([readiness("database", |_| true)]);
    let service = Service::start(builder.application_metrics(|| "orders_total 3\n".to_owned()));
    for accept in [OPEN_METRICS, PROTOBUF, "text/plain;version=1.0.0"] {
        let answer = scrape(&service, &[("Accept", accept)]);
        assert_eq!(
            answer.header("content-type"),
            "text/plain; version=0.0.4; charset=utf-8"
        );
        assert!(answer.body.starts_with("orders_total 3\n"));
        assert!(
            answer
                .body
                .contains("\nmad_lifecycle{state=\"serving\"} 1\n")
        );
    }
    let page = service.get("/metrics?name[]=mad_lifecycle").body;
    assert!(!page.contains("orders_total"));
    assert_eq!(
        service.get_authorised("/metrics/heaviest").status,
        404,
        "nobody knows"
    );
}

#[test]
fn a_page_comes_before_the_scraper_gives_up() {
    let (release, hold) = std::sync::mpsc::channel::<()>();
    let hold = std::sync::Mutex::new(hold);
    let builder = with_token([readiness("database", |_| true)]);
    let service = Service::start(builder.application_metrics(move || {
        _ = hold.lock().unwrap().recv();
        String::new()
    }));
    let asked = Instant::now();
    let headers = [("X-Prometheus-Scrape-Timeout-Seconds", "0.5")];
    let page = scrape(&service, &headers).body;
    // Without the header it would be 5 s.
    assert!(asked.elapsed() < Duration::from_secs(4));
    assert!(page.starts_with("# The application's metrics are missing: they took too long.\n"));
    assert!(page.contains("\nmad_application_metrics_missing 1\n"));
    drop(release);
}

/// What the application counts is nobody's to break the page with.
#[test]
fn what_is_mads_stays_mads() {
    let (service, _recorder) = service(|| {
        metrics::counter!("mad_lifecycle").increment(9);
        metrics::counter!("mad_check_health_sum").increment(9);
        metrics::gauge!("mad_build").set(9.0);
        metrics::gauge!("mad_check_runs").set(9.0);
    });
    for accept in ["*/*", OPEN_METRICS] {
        let page = scrape(&service, &[("Accept", accept)]).body;
        assert!(!page.contains("mad_lifecycle 9"));
        assert!(!page.contains("mad_check_health_sum"));
        assert_eq!(page.matches("# TYPE mad_lifecycle ").count(), 1);
        // These are not taken, and must not be mixed up with what is called like them.
        assert!(page.contains("\nmad_build 9\n"));
        assert!(page.contains("\nmad_build_info{version="));
        assert!(page.contains("\nmad_check_runs 9\n"));
        assert!(page.contains("\nmad_check_runs_total{check="));
    }
}

#[test]
fn the_heaviest_metrics_are_for_authorised_callers() {
    let (service, _recorder) = service(|| {
        metrics::counter!("light_total").increment(1);
        for number in 0..30 {
            metrics::gauge!("heavy", "number" => number.to_string()).set(1.0);
        }
    });
    assert_eq!(service.get("/metrics/heaviest").status, 401);
    let list = service.get_authorised("/metrics/heaviest").json();
    assert_eq!(list["version"], 1);
    assert_eq!(list["metrics"].as_array().unwrap().len(), 2);
    let heavy = &list["metrics"][0];
    assert_eq!(heavy["name"], "heavy");
    assert_eq!(heavy["series"], 30);
    assert_eq!(heavy["limit"], 2000);
    assert_eq!(heavy["overflowed"], 0);
    assert!(heavy["bytes"].as_u64().unwrap() > 1_000);
    let one = service.get_authorised("/metrics/heaviest?limit=1").json();
    assert_eq!(one["metrics"].as_array().unwrap().len(), 1);
    let refused = service.get_authorised("/metrics/heaviest?limit=many");
    refused.assert_problem(422, "many");
}
