//! The probes, in the dialect of Kubernetes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mad_core::{Check, HealthOptions, Outcome, Probes};

use crate::support::{Service, gating, readiness, wait_until, with_token, without_token};

fn service() -> Service {
    let every_probe = Probes {
        liveness: true,
        readiness: true,
        startup: true,
    };
    let checks = [
        gating("a/threads", every_probe, |_| true),
        readiness("database", |_| true),
        Check::health_check("informational", HealthOptions::DEFAULT, |_| false),
    ];
    let service = Service::start(with_token(checks));
    service.wait_for_status("/healthz", 200);
    service
}

fn broken_service() -> Service {
    let checks = [
        readiness("cache", |_| Outcome::warn("slow")),
        readiness("database", |_| Outcome::fail("password s3cret is wrong")),
    ];
    let service = Service::start(with_token(checks));
    let down = "internal server error: fail: password s3cret is wrong\n";
    let ask = || service.get_authorised("/readyz/database").body == down;
    wait_until("the database is down", ask);
    service.wait_for_status("/readyz/cache", 200);
    service
}

#[test]
fn a_probe_can_be_asked_about_the_checks_with_a_tag() {
    let service = Service::start(with_token([
        readiness("cache", |_| false).with_tags(["fast"]),
        readiness("database", |_| true).with_tags(["db", "sql"]),
        readiness("replica", |_| true).with_tags(["db"]),
    ]));
    for name in ["database", "replica"] {
        service.wait_for_status(&format!("/readyz/{name}"), 200);
    }
    assert_eq!(service.get("/readyz").status, 503);
    for (tags, status) in [("tag=db", 200), ("tag=fast", 503), ("tag=db&tag=fast", 503)] {
        let answer = service.get_authorised(&format!("/readyz?{tags}"));
        assert_eq!(answer.status, status, "{tags}: {answer:?}");
    }
    let verbose = service.get_authorised("/readyz?verbose&tag=sql").body;
    assert_eq!(
        verbose,
        "[+]lifecycle ok\n[+]database ok\nreadyz check passed\n"
    );

    for path in ["/readyz?tag=dv", "/readyz?tag=db&tag=", "/livez?tag=db"] {
        service
            .get_authorised(path)
            .assert_problem(404, "no check with the tag");
    }
    service.get("/readyz?tag=db").assert_problem(401, "token");
    service.get("/readyz?tag=dv").assert_problem(401, "token");
    service.post("/drain", "");
    assert_eq!(service.get_authorised("/readyz?tag=db").status, 503);
}

#[test]
fn what_passes_says_ok_without_a_line_feed() {
    let service = service();
    for path in [
        "/livez",
        "/readyz",
        "/startupz",
        "/healthz",
        "/readyz?unknown=1",
        "/livez/a/threads",
    ] {
        let answer = service.get(path);
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"), "{path}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(
            answer.header("cache-control"),
            "no-cache, no-store, private"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[test]
fn verbose_lists_what_gates_the_probe() {
    let service = service();
    let check = |path: &str, expected: &str| assert_eq!(service.get(path).body, expected);
    let ready = "[+]lifecycle ok\n[+]a/threads ok\n[+]database ok\nreadyz check passed\n";
    check("/readyz?verbose", ready);
    check("/readyz?verbose=0", ready);
    check(
        "/livez?verbose",
        "[+]lifecycle ok\n[+]a/threads ok\nlivez check passed\n",
    );
    check(
        "/startupz?verbose",
        "[+]lifecycle ok\n[+]a/threads ok\nstartupz check passed\n",
    );
}

#[test]
fn what_fails_is_verbose_and_withholds_the_reason() {
    let service = broken_service();
    for answer in [service.get("/readyz"), service.get_authorised("/readyz")] {
        let expected = "[+]lifecycle ok\n[+]cache ok\n[-]database failed: reason withheld\nreadyz check failed\n";
        assert_eq!((answer.status, answer.body.as_str()), (503, expected));
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    }
    assert_eq!(service.get("/livez").status, 200);
}

#[test]
fn one_check_tells_its_reason_to_authorised_callers_only() {
    let service = broken_service();
    let anonymous = service.get("/readyz/database");
    assert_eq!(anonymous.status, 503);
    assert_eq!(anonymous.body, "internal server error: reason withheld\n");
    let authorised = service.get_authorised("/readyz/database");
    assert_eq!(authorised.status, 503);
    assert!(authorised.body.contains("s3cret"));
    assert_eq!(service.get("/readyz/cache").body, "ok");
}

#[test]
fn a_check_that_does_not_gate_the_probe_is_not_found() {
    let service = service();
    for path in [
        "/livez/database",
        "/readyz/informational",
        "/readyz/nothing",
        "/readyz/DROP%20TABLE",
    ] {
        service.get(path).assert_problem(404, "?verbose");
    }
    assert_eq!(service.get("/livez/a%2Fthreads").status, 200);
}

#[test]
fn exclude_counts_for_authorised_callers_only() {
    let service = broken_service();
    let answer = service.get_authorised("/readyz?exclude=database&verbose");
    let expected = "[+]lifecycle ok\n[+]cache ok\n[+]database excluded: ok\nreadyz check passed\n";
    assert_eq!((answer.status, answer.body.as_str()), (200, expected));
    assert_eq!(
        service
            .get_authorised("/readyz?exclude=cache&exclude=database")
            .body,
        "ok"
    );

    let answer = service.get("/readyz?exclude=database");
    assert_eq!(answer.status, 503);
    assert!(
        answer
            .body
            .contains("[-]database failed: reason withheld\nwarn: exclude is ignored")
    );
}

#[test]
fn checks_are_excluded_by_a_tag_as_kubernetes_does_by_a_group() {
    let service = Service::start(with_token([
        readiness("cache", |_| true),
        readiness("database", |_| false).with_tags(["db", "slow"]),
        readiness("replica", |_| false).with_tags(["db"]),
    ]));
    service.wait_for_status("/readyz/cache", 200);
    let check = |query: &str, expected: &str| {
        let answer = service.get_authorised(&format!("/readyz?verbose&{query}"));
        let expected = format!("[+]lifecycle ok\n[+]cache ok\n{expected}\n");
        assert_eq!(answer.body, expected, "{query}");
        assert_eq!(answer.status == 200, expected.ends_with("passed\n"));
    };
    check(
        "exclude=db",
        "[+]database excluded with db: ok\n[+]replica excluded with db: ok\nreadyz check passed",
    );
    check(
        "exclude=database&exclude=db",
        "[+]database excluded: ok\n[+]replica excluded with db: ok\nreadyz check passed",
    );
    check(
        "exclude=slow",
        "[+]database excluded with slow: ok\n[-]replica failed: reason withheld\nreadyz check failed",
    );
}

#[test]
fn an_exclusion_that_fits_nothing_warns_and_cannot_forge_a_line() {
    let service = service();
    let exclude = "exclude=x%0A%5B%2B%5Dy+ok&exclude=lifecycle&exclude=lifecycle";
    let answer = service.get_authorised(&format!("/readyz?verbose&{exclude}"));
    let warning =
        "warn: some health checks cannot be excluded: no matches for \"lifecycle\",\"x [+]y ok\"\n";
    assert!(answer.body.contains(warning), "{}", answer.body);
}

#[test]
fn kubernetes_status_codes_are_500() {
    let failing = readiness("database", |_| false);
    let service = Service::start(without_token([failing]).kubernetes_status_codes());
    service.wait_for_status("/readyz", 500);
    assert_eq!(service.get("/readyz/database").status, 500);
    assert_eq!(service.get("/livez").status, 200);
}

#[test]
fn startup_fails_until_it_has_passed_and_then_for_good() {
    let is_up = Arc::new(AtomicBool::new(false));
    let startup = Probes {
        startup: true,
        ..Probes::NONE
    };
    let asked = Arc::clone(&is_up);
    let warm = gating("caches_are_warm", startup, move |_| {
        asked.load(Ordering::SeqCst)
    });
    let service = Service::start(without_token([warm]));
    service.wait_for_status("/startupz", 503);
    assert_eq!(service.get("/livez").status, 200);
    assert_eq!(service.get("/readyz").status, 503);

    is_up.store(true, Ordering::SeqCst);
    service.wait_for_status("/startupz", 200);
    is_up.store(false, Ordering::SeqCst);
    service.wait_for_status("/healthz", 503);
    assert_eq!(service.get("/startupz").status, 200);
    assert_eq!(
        service.get("/startupz?verbose").body,
        "[+]lifecycle ok\n[+]caches_are_warm ok\nstartupz check passed\n"
    );
}

#[test]
fn a_check_that_blocks_does_not_slow_probes() {
    let blocked = readiness("blocked", |_| std::thread::sleep(Duration::from_secs(3)));
    let service = Service::start(without_token([blocked]));
    let mut times: Vec<_> = (0..50).map(|_| time_of(&service, "/readyz", 503)).collect();
    times.sort();
    // The median, as the machine is busy too. With a check in the way it would be seconds.
    assert!(times[25] < Duration::from_millis(250), "{times:?}");
}

fn time_of(service: &Service, path: &str, status: u16) -> Duration {
    let asked = Instant::now();
    assert_eq!(service.get(path).status, status);
    asked.elapsed()
}

/// What a probe is answered is kept while nothing changes; `?verbose` is never answered from what was kept.
#[test]
fn what_was_answered_is_forgotten_the_moment_that_it_would_be_another_answer() {
    let is_well = Arc::new(AtomicBool::new(true));
    let check = {
        let is_well = Arc::clone(&is_well);
        readiness("database", move |_| is_well.load(Ordering::SeqCst))
    };
    let service = Service::start(with_token([check]));
    let engine = service.exporter.engine();
    let answers = |status: u16, what: &str| {
        for (path, in_full) in [
            ("/readyz", "/readyz?verbose"),
            ("/healthz", "/healthz?verbose"),
        ] {
            let statuses = [path, path, in_full].map(|path| service.get(path).status);
            assert_eq!(statuses, [status; 3], "{path}: {what}");
        }
    };
    service.wait_for_status("/readyz", 200);
    answers(200, "it is up");
    engine.drain();
    answers(503, "it drains");
    engine.resume();
    answers(200, "it is back");

    engine.add(readiness("tenant", |_| false)).unwrap();
    answers(
        503,
        "a check has come of which nothing is known, or no good",
    );
    assert!(engine.remove("tenant"));
    answers(200, "it is gone");

    is_well.store(false, Ordering::SeqCst);
    service.wait_for_status("/readyz?verbose", 503);
    answers(503, "it is down");
    let hour = Duration::from_hours(1);
    engine.start_maintenance(None, "new disk", hour).unwrap();
    answers(200, "it is in maintenance");
    assert_eq!(service.get("/readyz").header("x-envoy-degraded"), "true");
    let moment = Duration::from_millis(200);
    engine.start_maintenance(None, "new disk", moment).unwrap();
    service.wait_for_status("/readyz?verbose", 503);
    answers(503, "the maintenance is over");
    assert_eq!(service.get("/livez").body, "ok");
    service.exporter.engine().shutdown(Duration::ZERO);
    assert_eq!(service.get("/livez").status, 503);
}
