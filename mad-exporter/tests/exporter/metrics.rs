//! `GET /metrics`.

use std::time::Duration;

use mad_core::{Effects, Outcome, Probes, Unit};

use crate::support::{Service, gating, readiness, self_test, wait_until, with_token};

fn service(page: impl Fn() -> String + Send + Sync + 'static) -> Service {
    let probes = Probes {
        liveness: true,
        readiness: true,
        startup: false,
    };
    let checks = [
        gating("database", probes, |_| {
            mad_core::observe("rows", 42.0, Unit::Count);
        }),
        readiness("cache", |_| Outcome::warn("slow")),
        self_test("orders/place", Effects::Read, |_| false),
    ];
    let builder = with_token(checks).version("1.2.3").commit("abc");
    let service = Service::start(builder.application_metrics(page));
    wait_until("the checks have run", || {
        let page = service.get("/metrics").body;
        ["cache", "database"]
            .iter()
            .all(|name| page.contains(&format!("mad_check_age_seconds{{check=\"{name}\"}}")))
    });
    service
}

/// Says that these lines are on the page.
#[track_caller]
fn check_lines(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(
            page.lines().any(|other| other == *line),
            "{line} is not on\n{page}"
        );
    }
}

#[test]
fn pitfall_16_the_page_has_the_type_that_prometheus_wants_and_is_never_anything_but_200() {
    let service = service(String::new);
    let answer = service.get("/metrics");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert!(answer.body.ends_with('\n'));
    service.exporter.drain();
    assert_eq!(service.get("/metrics").status, 200);
}

#[test]
fn the_states_of_checks_are_series() {
    let page = service(String::new).get("/metrics").body;
    check_lines(
        &page,
        &[
            "# TYPE mad_check_health gauge",
            "mad_check_health{check=\"cache\",kind=\"readiness\"} 0.5",
            "mad_check_health{check=\"database\",kind=\"liveness\"} 1",
            "mad_check_health{check=\"database\",kind=\"readiness\"} 1",
            "mad_check_runs_total{check=\"database\",outcome=\"fail\"} 0",
            "mad_check_stuck{check=\"database\"} 0",
            "mad_check_transitions_total{check=\"database\"} 1",
            "mad_check_observation{check=\"database\",observation=\"rows\",unit=\"count\"} 42",
            "mad_checks_registered{kind=\"health_check\"} 2",
            "mad_checks_registered{kind=\"self_test\"} 1",
            "mad_lifecycle{state=\"serving\"} 1",
            "mad_lifecycle{state=\"draining\"} 0",
            "mad_application_metrics_missing 0",
        ],
    );
    assert!(page.contains("mad_check_duration_seconds_bucket{check=\"database\",le=\"1.0\"} "));
    assert!(page.contains("mad_check_last_success_timestamp_seconds{check=\"database\"} "));
    assert!(page.contains("mad_build_info{version=\"1.2.3\",commit=\"abc\",rustc=\"1."));
}

#[test]
fn what_tokio_counts_of_each_runtime_is_on_the_page() {
    let page = service(String::new).get("/metrics").body;
    check_lines(&page, &["mad_runtime_workers{runtime=\"mad\"} 1"]);
    // At least the one that answers.
    let alive = value(&page, "mad_runtime_alive_tasks{runtime=\"mad\"}").unwrap();
    assert!(alive >= 1.0, "{alive}");
    assert!(value(&page, "mad_runtime_queued_tasks{runtime=\"mad\"}").is_some());
}

/// Of both kinds of runtime, as tokio counts each thread by itself.
#[test]
fn the_time_that_a_runtime_works_only_grows() {
    for threads in [1, 3] {
        let runtime = if threads == 1 {
            tokio::runtime::Builder::new_current_thread().build()
        } else {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(threads)
                .build()
        };
        let runtime = runtime.unwrap();
        let service = runtime.block_on(async { service(String::new) });
        let busy = || {
            let page = service.get("/metrics").body;
            let name = "mad_runtime_busy_seconds_total{runtime=\"application\"}";
            value(&page, name).unwrap_or_else(|| panic!("{page}"))
        };
        let mut before = busy();
        wait_until("it was at work for 20 ms", || {
            runtime.block_on(async {
                let work = tokio::spawn(async {
                    let began = std::time::Instant::now();
                    while began.elapsed() < Duration::from_millis(2) {}
                });
                work.await.unwrap();
            });
            let now = busy();
            assert!(now >= before, "{now} after {before}");
            before = now;
            now >= 0.02
        });
    }
}

#[test]
fn a_self_test_has_no_result_before_its_first_run() {
    let service = service(String::new);
    let page = service.get("/metrics").body;
    check_lines(
        &page,
        &["mad_selftest_runs_total{check=\"orders/place\",outcome=\"fail\"} 0"],
    );
    assert!(!page.contains("mad_selftest_health"));

    assert_eq!(service.post("/selftest", "").status, 503);
    let page = service.get("/metrics").body;
    check_lines(
        &page,
        &[
            "mad_selftest_health{check=\"orders/place\"} 0",
            "mad_selftest_runs_total{check=\"orders/place\",outcome=\"fail\"} 1",
            "mad_selftest_duration_seconds_count{check=\"orders/place\"} 1",
        ],
    );
}

#[test]
fn pitfall_04_a_scrape_runs_nothing() {
    let service = service(String::new);
    for _ in 0..20 {
        service.get("/metrics");
    }
    let page = service.get("/metrics").body;
    check_lines(
        &page,
        &["mad_selftest_runs_total{check=\"orders/place\",outcome=\"fail\"} 0"],
    );
}

#[test]
fn the_applications_page_comes_first_without_what_is_mads() {
    let application = "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total 3\n\
                       # HELP mad_lifecycle Mine.\n# TYPE mad_lifecycle gauge\nmad_lifecycle 9";
    let page = service(|| application.to_owned()).get("/metrics").body;
    assert!(
        page.starts_with(
            "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total 3\n"
        )
    );
    assert!(!page.contains("mad_lifecycle 9"));
    assert_eq!(page.matches("# TYPE mad_lifecycle ").count(), 1);
}

#[test]
fn every_family_stands_on_the_page_once_and_whole() {
    let page = service(String::new).get("/metrics").body;
    let families: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .collect();
    for family in &families {
        let (name, _) = family.split_once(' ').unwrap();
        assert_eq!(page.matches(&format!("# TYPE {name} ")).count(), 1);
        assert_eq!(page.matches(&format!("# HELP {name} ")).count(), 1);
        let groups = page
            .lines()
            .map(|line| line.contains(name))
            .collect::<Vec<_>>();
        let changes = groups.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 2, "{name} is not one group");
    }
    let of_mad = families.iter().filter(|name| name.starts_with("mad_"));
    assert_eq!(of_mad.count(), 23, "{families:?}");
}

#[test]
fn an_application_that_panics_or_hangs_costs_its_own_page_only() {
    let panics = service(|| panic!("the application's own fault"));
    let page = panics.get("/metrics").body;
    assert!(page.starts_with("# The application's metrics are missing"));
    check_lines(
        &page,
        &[
            "mad_lifecycle{state=\"serving\"} 1",
            "mad_application_metrics_missing 1",
        ],
    );
}

#[test]
fn a_page_that_is_slow_does_not_slow_probes() {
    let service = service(|| {
        std::thread::sleep(Duration::from_millis(300));
        String::new()
    });
    std::thread::scope(|scope| {
        let scrape = scope.spawn(|| service.get("/metrics").status);
        let asked = std::time::Instant::now();
        while !scrape.is_finished() {
            service.get("/readyz");
        }
        assert!(asked.elapsed() < Duration::from_secs(5));
        assert_eq!(scrape.join().unwrap(), 200);
    });
}

#[test]
fn metrics_of_the_facade_are_on_the_page_of_every_exporter() {
    let check = || readiness("database", |_| true);
    let first = Service::start(with_token([check()]));
    let second = Service::start(with_token([check()]));
    metrics::describe_counter!("shop_orders_total", "Orders placed.");
    metrics::counter!("shop_orders_total").increment(2);
    metrics::histogram!("shop_order_seconds").record(0.3);
    for service in [&first, &second] {
        let page = service.get("/metrics").body;
        check_lines(
            &page,
            &[
                "# HELP shop_orders_total Orders placed.",
                "shop_orders_total 2",
                "# TYPE shop_order_seconds histogram",
                "mad_lifecycle{state=\"serving\"} 1",
            ],
        );
    }
}

/// The families of the process, without those of the network, which not every machine has.
const PROCESS: [&str; 7] = [
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_threads",
    "process_virtual_memory_bytes",
];

fn value(page: &str, name: &str) -> Option<f64> {
    let sample = page
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    sample?.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_is_on_the_page_as_the_kernel_has_it() {
    let service = service(|| "process_open_fds -1\nprocess_of_the_application 1\n".to_owned());
    let busy = || value(&service.get("/metrics").body, "process_cpu_seconds_total").unwrap();
    // The kernel counts in hundredths, and this process may have just begun.
    wait_until("time was used", || busy() > 0.0);
    let before = std::time::SystemTime::now();
    let page = service.get("/metrics").body;
    for name in PROCESS {
        let value = value(&page, name).unwrap_or_else(|| panic!("{name} is not on\n{page}"));
        assert!(value > 0.0, "{name} is {value}");
    }
    assert_eq!(page.matches("\nprocess_open_fds ").count(), 1, "{page}");
    check_lines(
        &page,
        &[
            "process_of_the_application 1",
            "# TYPE process_cpu_seconds_total counter",
        ],
    );

    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let resident: f64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    let shown = value(&page, "process_resident_memory_bytes").unwrap() / 1024.0;
    // Other tests run in the same process meanwhile.
    assert!(
        (resident / 4.0..resident * 4.0).contains(&shown),
        "{shown} KiB, and {resident}"
    );
    let started = value(&page, "process_start_time_seconds").unwrap();
    let now = before
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    assert!(
        (now - 3600.0..now + 2.0).contains(&started),
        "{started}, and it is {now}"
    );

    let at_first = busy();
    wait_until("more time was used", || busy() > at_first);
}

/// The limit is that of a process: the test runs itself in another one.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::disallowed_methods, reason = "it looks in which process it is")]
fn the_limit_of_virtual_memory_is_on_the_page_if_there_is_one() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const IS_OWN_PROCESS: &str = "MAD_TEST_HAS_A_LIMIT";
    if std::env::var_os(IS_OWN_PROCESS).is_none() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args([
            "--exact",
            "metrics::the_limit_of_virtual_memory_is_on_the_page_if_there_is_one",
        ]);
        let output = again.env(IS_OWN_PROCESS, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "the page has it as this, too")]
    let number = |bytes: u64| bytes as f64;
    let shown = || {
        let page = service(String::new).get("/metrics").body;
        value(&page, "process_virtual_memory_max_bytes")
    };
    let Rlimit { current, maximum } = getrlimit(Resource::As);
    assert_eq!(shown(), current.map(number));
    // There is room for what there was room for.
    let lower = current.or(maximum).map_or(1 << 46, |bytes| bytes - 1);
    let current = Some(lower);
    setrlimit(Resource::As, Rlimit { current, maximum }).unwrap();
    assert_eq!(shown(), Some(number(lower)));
}

#[test]
fn the_process_is_left_out_where_the_program_says_so() {
    let page = || "process_open_fds 7\n".to_owned();
    let builder = with_token([readiness("cache", |_| true)]).application_metrics(page);
    let service = Service::start(builder.without_process_metrics());
    let page = service.get("/metrics").body;
    assert_eq!(value(&page, "process_open_fds"), Some(7.0));
    assert_eq!(value(&page, "process_threads"), None);
}
