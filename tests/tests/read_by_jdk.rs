//! Health, read by Spring Boot Admin and held against MicroProfile's own test kit: programs in Java.

use std::path::Path;

use mad_core::{Outcome, Unit};
use mad_exporter::Exporter;
use tests::{Served, java_program, readiness};

const HOSTILE: &str = "no \"way\"\n</script> | \u{1b}[31m \u{2028} \\";

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn service(outcome: fn() -> Outcome) -> Served {
    let database = readiness("database", move |_| {
        mad_core::note(HOSTILE);
        mad_core::observe("connections", 7, Unit::Count);
        outcome()
    });
    let threads = readiness("a/threads", |_| true).with_runbook("https://wiki.example.com/threads");
    let builder = Exporter::builder().version("1.2.3");
    Served::start(builder, [database, threads])
}

/// Services that work, that have a reservation, that do not work, and that are about to leave.
fn services() -> [Served; 4] {
    let outcomes: [fn() -> Outcome; 4] = [
        || Outcome::Pass,
        || Outcome::warn(HOSTILE),
        || Outcome::fail(HOSTILE),
        || Outcome::Pass,
    ];
    let services = outcomes.map(service);
    for (service, status) in services.iter().zip([200, 429, 503, 200]) {
        service.wait_for_status("/readyz/database?consul", status);
        service.wait_for_status("/readyz/a/threads", 200);
    }
    services[3].exporter().drain();
    services
}

#[test]
#[ignore = "needs a JDK and Maven: cargo xtask test --all"]
fn spring_boot_admin_reads_the_state_and_every_component() {
    let services = services();
    let urls = services.iter().map(Served::url).collect::<Vec<_>>();
    let said = java_program("SpringBootAdmin", folder(), &urls);
    let expected = "\
        UP {a/threads=UP, database=UP, readinessState=UP}\n\
        UP {a/threads=UP, database=UP, readinessState=UP}\n\
        DOWN {a/threads=UP, database=DOWN, readinessState=UP}\n\
        OUT_OF_SERVICE {a/threads=UP, database=UP, readinessState=OUT_OF_SERVICE}\n";
    assert_eq!(said, expected);
}

#[test]
#[ignore = "needs a JDK and Maven: cargo xtask test --all"]
fn microprofiles_own_schema_has_no_complaint() {
    let services = services();
    let paths = [
        "/health?format=microprofile",
        "/health/live",
        "/health/ready",
        "/health/started",
    ];
    let urls = services.iter().flat_map(|service| {
        let url = service.url();
        paths.map(|path| format!("{url}{path}"))
    });
    let said = java_program("MicroProfileSchema", folder(), &urls.collect::<Vec<_>>());
    let (up, down) = ("200 UP\n", "503 DOWN\n");
    let works = up.repeat(4);
    let fails = format!("{down}{up}{down}{up}");
    assert_eq!(said, [works.as_str(), &works, &fails, &fails].concat());
}
