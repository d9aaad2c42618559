//! Pitfalls that no other room of the tests is about; docs/pitfalls.md has all of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mad_core::{Check, Effects, HealthOptions, Probes, note};
use mad_exporter::Warning;

use crate::support::{Request, Service, gating, readiness, self_test, wait_until, with_token};

/// The share of a service's own requests that may fail while it takes new ones.
const MOST_FAILURES: f64 = 0.5;

#[test]
fn pitfall_01_deep_liveness_is_told_of_who_takes_long_and_of_nobody_else() {
    let alive = Probes {
        liveness: true,
        ..Probes::NONE
    };
    let asks = gating("asks", alive, |_| {
        std::thread::sleep(Duration::from_millis(60));
        true
    });
    let works = readiness("works", |_| {
        std::thread::sleep(Duration::from_millis(60));
        true
    });
    let service = Service::start(with_token([asks, works]));
    wait_until("it is told", || !service.exporter.warnings().is_empty());
    let check = "asks".to_owned();
    let warnings = service.exporter.warnings();
    assert_eq!(warnings, [Warning::SlowLiveness { check }]);
    assert!(warnings[0].to_string().contains("readiness"));
}

#[test]
fn pitfall_03_a_black_hole_that_fails_fast_takes_itself_out() {
    let [calls, failures] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
    let (seen, failed) = (Arc::clone(&calls), Arc::clone(&failures));
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    let serves = move |_: &_| {
        // Since the last look, so that it finds back when it is asked little.
        let [calls, failures] =
            [&seen, &failed].map(|count| count.swap(0, Ordering::SeqCst) as f64);
        failures <= calls * MOST_FAILURES
    };
    let service = Service::start(with_token([readiness("own_errors", serves)]));
    service.wait_for_status("/readyz", 200);
    std::thread::scope(|scope| {
        let is_out = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flag = Arc::clone(&is_out);
        scope.spawn(move || {
            while !flag.load(Ordering::SeqCst) {
                calls.fetch_add(1, Ordering::SeqCst);
                failures.fetch_add(1, Ordering::SeqCst);
            }
        });
        service.wait_for_status("/readyz", 503);
        is_out.store(true, Ordering::SeqCst);
    });
    service.wait_for_status("/readyz", 200);
}

#[test]
fn pitfall_17_probe_noise_is_in_no_log_and_no_series() {
    let told = Arc::new(AtomicU64::new(0));
    let hook = Arc::clone(&told);
    let audit = move |_: &_| _ = hook.fetch_add(1, Ordering::SeqCst);
    let checks = with_token([readiness("database", |_| true)]).audit(audit);
    let service = Service::start(checks);
    service.wait_for_status("/readyz", 200);
    let names = || {
        let page = service.get("/metrics").body;
        let series = page.lines().filter_map(|line| line.rsplit_once(' '));
        // Without the application's, as the recorder is that of the whole process.
        let own = series.filter(|(series, _)| series.starts_with("mad_"));
        own.map(|(series, _)| series.to_owned())
            .collect::<BTreeSet<_>>()
    };
    let before = names();
    for _ in 0..200 {
        assert_eq!(service.get("/readyz").status, 200);
        assert_eq!(service.get("/metrics").status, 200);
    }
    assert_eq!(names(), before);
    // Behind all of them comes something that is told.
    assert_eq!(service.post("/drain", "").status, 200);
    wait_until("the audit is told", || told.load(Ordering::SeqCst) > 0);
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

#[test]
fn pitfall_26_cardinality_does_not_grow_with_what_checks_say() {
    let count = AtomicU64::new(0);
    let fails = move |_: &_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        note(format!("note-{number}"));
        Err::<(), _>(format!("customer-{number} has no order"))
    };
    let service = Service::start(with_token([readiness("database", fails)]));
    let n_series = || {
        let page = service.get("/metrics").body;
        assert!(
            !page.contains("customer-") && !page.contains("note-"),
            "{page}"
        );
        page.lines().filter(|line| line.starts_with("mad_")).count()
    };
    let runs = |least: u64| {
        service.exporter.engine().snapshot().health_checks[0]
            .record
            .runs
            .of(mad_core::OutcomeKind::Fail)
            >= least
    };
    wait_until("it has run", || runs(1));
    let before = n_series();
    wait_until("it has run often", || runs(10));
    assert_eq!(n_series(), before);
}

#[test]
fn enumeration_shows_strangers_no_difference_between_what_exists_and_what_does_not() {
    let service = Service::start(with_token([self_test("place", Effects::Read, |_| true)]));
    for (method, there, absent) in [
        ("POST", "/selftest/place", "/selftest/plane"),
        ("GET", "/selftest/runs/1", "/selftest/runs/2"),
        ("DELETE", "/selftest/runs/1", "/selftest/runs/2"),
        ("PUT", "/maintenance/place", "/maintenance/plane"),
        ("DELETE", "/maintenance/place", "/maintenance/plane"),
        ("GET", "/readyz?tag=there", "/readyz?tag=absent"),
    ] {
        let [there, absent] = [there, absent].map(|path| {
            let answer = Request::new(method, path).send_to(service.address());
            (answer.status, answer.body)
        });
        assert_eq!(there, absent, "{method}");
        assert_eq!(there.0, 401, "{method}");
    }
}

#[test]
fn query_switches_mark_an_answer_that_is_about_a_part() {
    let checks = [readiness("fails", |_| false), readiness("works", |_| true)];
    let service = Service::start(with_token(checks));
    service.wait_for_status("/readyz/works", 200);
    let answer = service.get_authorised("/readyz?exclude=fails");
    assert_eq!(
        (answer.status, answer.header("x-health-partial")),
        (200, "1")
    );
    // To somebody else it is no switch.
    let answer = service.get("/readyz?exclude=fails");
    assert_eq!(
        (answer.status, answer.header("x-health-partial")),
        (503, "")
    );
    assert_eq!(
        service.get_authorised("/readyz").header("x-health-partial"),
        ""
    );
}

#[test]
fn pitfall_21_lost_registrations_do_not_start() {
    let builder = with_token([readiness("database", |_| true)]).expect(["database", "cache"]);
    let error = builder.start().expect_err("one is missing").to_string();
    assert!(error.contains("`cache`"), "{error}");
}

#[test]
fn huge_reports_are_cut_and_say_so() {
    let chatty = self_test("chatty", Effects::Read, |_| {
        for number in 0..10_000 {
            note("x".repeat(10_000));
            mad_core::observe(&format!("n{number}"), 1.0, mad_core::Unit::Count);
            mad_core::step_sync("y".repeat(10_000), || ());
        }
    });
    let service = Service::start(with_token([chatty]));
    let answer = service.post("/selftest/chatty", "");
    assert_eq!(answer.status, 200);
    let report = &answer.json()["results"][0]["report"];
    assert!(
        report["omitted"].as_u64().unwrap() > 10_000,
        "{}",
        report["omitted"]
    );
    assert!(answer.body.len() < 2 * 1024 * 1024, "{}", answer.body.len());
}

/// Which formats there are, each with what it looks like when something was left out.
const FORMATS: [(&str, &str); 6] = [
    ("health%2Bjson", "\"truncated\": true"),
    ("spring", "\"truncated\": true"),
    ("microprofile", "\"truncated\": true"),
    ("aspnet", "\"truncated\": true"),
    ("nagios", "...\n"),
    ("text", "...\n"),
];

#[test]
fn pitfall_28_huge_bodies_tell_the_worst_and_that_there_is_more() {
    let well = |number: usize| {
        let options = HealthOptions {
            probes: Probes {
                readiness: true,
                ..Probes::NONE
            },
            ..HealthOptions::DEFAULT
        };
        Check::health_check(format!("well/{number:055}"), options, |_| {
            note("x".repeat(400));
            true
        })
    };
    let down = readiness("z/down", |_| Err::<(), _>("refused"));
    let service = Service::start(with_token((0..1_000).map(well).chain([down])));
    let told = |path: &str| service.get_authorised(path).body;
    wait_until("all have run", || {
        let metrics = told("/metrics");
        let ran = metrics
            .lines()
            .filter(|line| line.starts_with("mad_check_age_seconds{"));
        ran.count() == 1_001
    });
    for (format, mark) in FORMATS {
        let path = format!("/health?format={format}");
        let answer = service.get_authorised(&path);
        assert_eq!(answer.status, 503, "{path}");
        assert!(
            answer.body.len() <= 64 * 1024,
            "{path}: {}",
            answer.body.len()
        );
        assert!(answer.body.contains(mark), "{path}");
        assert!(answer.body.contains("z/down"), "{path}");
        if answer.header("content-type").contains("json") {
            assert!(answer.json().is_object(), "{path}");
        }
        let anonymous = service.get(&path);
        assert!(
            anonymous.body.len() <= 64 * 1024,
            "{path}: {}",
            anonymous.body.len()
        );
        assert_eq!(anonymous.status, 503, "{path}");
    }
    let one = told("/actuator/health/z/down");
    assert!(
        one.contains("refused") && !one.contains("truncated"),
        "{one}"
    );
}

#[test]
fn what_is_small_enough_is_whole() {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);
    for (format, mark) in FORMATS {
        let body = service
            .get_authorised(&format!("/health?format={format}"))
            .body;
        assert!(!body.contains(mark), "{body}");
    }
    let line = service.get("/health?format=nagios").body;
    assert!(line.starts_with("MAD OK - 1 check up"), "{line}");
}
