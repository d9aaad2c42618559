//! The description of the HTTP interface, read by programs of other people, who try whether it is true.

use std::time::Duration;

use mad_core::{Check, Effects, HealthOptions, Probes, SelfTestOptions};
use mad_exporter::Exporter;
use tempfile::TempDir;
use tests::{get, openapi_complaints, schemathesis};

const TOKEN: &str = "correct-horse-battery-staple";

/// The same requests each time: whoever wants others takes another number.
const SEED: &str = "20261126";

/// A service that has something of everything.
fn start() -> Exporter {
    let gating = HealthOptions {
        probes: Probes {
            liveness: true,
            readiness: true,
            startup: true,
        },
        ..HealthOptions::DEFAULT
    };
    let pure = SelfTestOptions {
        effects: Effects::Pure,
        ..SelfTestOptions::DEFAULT
    };
    Exporter::builder()
        .check(Check::health_check("database", gating, |_| true).with_tags(["db"]))
        .check(Check::health_check(
            "tenant/42",
            HealthOptions::DEFAULT,
            |_| false,
        ))
        .check(Check::self_test("quick", pure, |_| true))
        .check(Check::self_test("orders/place", pure, |_| false))
        .token(TOKEN)
        .triggers_per_minute(100_000)
        .listen(([127, 0, 0, 1], 0))
        .start()
        .unwrap()
}

#[test]
fn the_description_is_one() {
    let exporter = start();
    let document = get(&format!(
        "http://{}/openapi.json",
        exporter.local_addr().unwrap()
    ))
    .body;
    assert_eq!(openapi_complaints(&document), "");
    exporter.shutdown(Duration::ZERO);
}

/// Thousands of requests, right and wrong, none of which is answered otherwise than described.
#[test]
fn schemathesis_finds_nothing() {
    let exporter = start();
    let address = exporter.local_addr().unwrap();
    let folder = TempDir::new().unwrap();
    let mut schemathesis = schemathesis(folder.path());
    schemathesis.args(["run", &format!("http://{address}/openapi.json")]);
    schemathesis.args(["--header", &format!("Authorization: Bearer {TOKEN}")]);
    // It goes on until the server stops.
    schemathesis.args(["--exclude-path", "/events"]);
    // A bound of time instead would have it try more on a fast machine.
    schemathesis.args(["--checks", "all", "--max-examples", "10", "--seed", SEED]);
    schemathesis.args(["--request-timeout", "30", "--no-color"]);
    let output = schemathesis.output().unwrap();
    let said = |stream: &[u8]| String::from_utf8_lossy(stream).into_owned();
    let (report, errors) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{report}\n{errors}");
    exporter.shutdown(Duration::ZERO);
}
