//! What `mad generate` writes, judged by those who read it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use mad_core::{Check, HealthOptions, Outcome, Probes, Registry, SelfTestOptions};
use mad_exporter::Exporter;
use tempfile::TempDir;

const TOKEN: &str = "correct-horse";

const DAY: Duration = Duration::from_hours(24);

/// What would be a template, a mapping and a comment to whoever does not take it for a text.
const HOSTILE: &str = "{{ $labels.x }}: 'it' \"is\" # a \\ text";

/// A service, and how often its slowest check and its scheduled self-test run: alerts wait as long, and so does who
/// tries them.
fn service(slowest: Duration) -> Exporter {
    let readiness = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        fail_after: 3,
        ..HealthOptions::DEFAULT
    };
    let informational = HealthOptions {
        every: slowest / 24,
        ..HealthOptions::DEFAULT
    };
    let nightly = SelfTestOptions {
        every: Some(slowest),
        ..SelfTestOptions::DEFAULT
    };
    let mut registry = Registry::new();
    for check in [
        Check::health_check("database", readiness, |_| Outcome::Pass)
            .with_doc(HOSTILE)
            .with_owner(HOSTILE)
            .with_runbook("https://runbooks.example.com/database"),
        Check::health_check("orders/a.b-c", informational, |_| Outcome::Pass)
            .with_after(["database"]),
        Check::self_test("orders/place", SelfTestOptions::DEFAULT, |_| true),
        Check::self_test("orders/nightly", nightly, |_| true).with_owner("team-orders"),
    ] {
        registry.add(check).unwrap();
    }
    Exporter::builder()
        .registry(registry)
        .listen(([127, 0, 0, 1], 0))
        .token(TOKEN)
        .start()
        .unwrap()
}

fn mad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mad"))
        .args(arguments)
        .env("MAD_TOKEN", TOKEN)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Generates the rules for a service, with their tests, into a folder.
fn generate_rules(folder: &Path, slowest: Duration) {
    let service = service(slowest);
    let address = service.local_addr().unwrap().to_string();
    let folder = folder.to_str().unwrap();
    let made = mad(&[
        "generate",
        "prometheus-rules",
        "--name",
        "shop",
        "--from",
        &address,
        "--output",
        folder,
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    service.shutdown(Duration::ZERO);
}

/// Says whether `promtool` has no complaint, and what it says.
fn promtool(folder: &Path, command: &str, file: &str) -> (bool, String) {
    let judged = Command::new("promtool")
        .args([command, "rules", file])
        .current_dir(folder)
        .output()
        .expect("`cargo xtask test` installs what the tests need");
    let said = text(&judged.stdout) + &text(&judged.stderr);
    (judged.status.success(), said)
}

#[test]
fn promtool_finds_the_rules_right_and_sees_each_alert_fire() {
    let folder = TempDir::new().unwrap();
    generate_rules(folder.path(), DAY);
    let (is_right, said) = promtool(folder.path(), "check", "shop.rules.yml");
    // It complains of rules that are alike, and succeeds.
    assert!(is_right && said.contains("SUCCESS"), "{said}");
    let (has_passed, said) = promtool(folder.path(), "test", "shop.rules.test.yml");
    assert!(has_passed, "{said}");
    let rules = fs::read_to_string(folder.path().join("shop.rules.yml")).unwrap();
    for alert in [
        "MadServiceAbsent",
        "MadRuntimeLags",
        "MadCheckDown",
        "MadCheckDegraded",
        "MadCheckStale",
        "MadCheckAbsent",
        "MadCheckStuck",
        "MadCheckFlaps",
        "MadSelfTestFails",
        "MadSelfTestNotRun",
        "MadSelfTestStuck",
        "MadObjectiveFails",
        "MadObjectiveIsSlow",
    ] {
        assert!(rules.contains(alert), "{alert} is not in {rules}");
    }
}

#[test]
fn promtool_sees_every_rule_that_is_wrong() {
    let folder = TempDir::new().unwrap();
    generate_rules(folder.path(), Duration::from_mins(10));
    let file = folder.path().join("shop.rules.yml");
    let rules = fs::read_to_string(&file).unwrap();
    for (right, wrong) in [
        (" == 0", " == 2"),
        (" == 1", " == 2"),
        (" == 0.5", " == 2"),
        ("> 35", "> 3500"),
        ("> 0.5", "> 50"),
        (">= 6", ">= 600"),
        ("> 14.4", "> 14400"),
        ("runbook_url:", "run_book:"),
        ("owner:", "holder:"),
        (
            "unless on (job, instance) mad_check_health",
            "and on (job, instance) mad_check_health",
        ),
    ] {
        assert!(rules.contains(right), "{right} is not in {rules}");
        fs::write(&file, rules.replace(right, wrong)).unwrap();
        let (has_passed, said) = promtool(folder.path(), "test", "shop.rules.test.yml");
        assert!(!has_passed, "{wrong} for {right}: {said}");
    }
}

#[test]
fn without_a_folder_it_is_written_to_the_standard_output() {
    let service = service(DAY);
    let address = service.local_addr().unwrap().to_string();
    let rules = [
        "generate",
        "prometheus-rules",
        "--name",
        "shop",
        "--from",
        &address,
    ];
    let made = mad(&rules);
    assert!(
        text(&made.stdout).starts_with("groups:"),
        "{}",
        text(&made.stdout)
    );
    let tests = mad(&[&rules[..], &["--tests"]].concat());
    assert!(
        text(&tests.stdout).contains("shop.rules.yml"),
        "{}",
        text(&tests.stdout)
    );
    service.shutdown(Duration::ZERO);
}

#[test]
fn who_cannot_be_asked_is_told_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let nobody = mad(&[
        "generate",
        "prometheus-rules",
        "--name",
        "shop",
        "--from",
        "127.0.0.1:1",
    ]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(
        text(&nobody.stderr).contains("no answer"),
        "{}",
        text(&nobody.stderr)
    );
    let named = mad(&["generate", "prometheus-rules", "--name", "../shop"]);
    assert_eq!(named.status.code(), Some(2));
    assert!(
        text(&named.stderr).contains("small letters"),
        "{}",
        text(&named.stderr)
    );
    assert!(folder.path().read_dir().unwrap().next().is_none());
}

#[cfg(unix)]
#[test]
fn a_program_that_does_not_tell_its_checks_is_ended_and_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().unwrap();
    for (script, complaint) in [
        ("#!/bin/sh\nexec sleep 600\n", "in time"),
        ("#!/bin/sh\necho listening; exit 1\n", "probe_main"),
        ("#!/no/such/interpreter\n", "cannot be started"),
    ] {
        let program = folder.path().join("program");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        let program = program.to_str().unwrap();
        let asked = mad(&[
            "generate",
            "prometheus-rules",
            "--name",
            "shop",
            "--from",
            program,
            "--timeout",
            "300ms",
        ]);
        assert_eq!(asked.status.code(), Some(2));
        let said = text(&asked.stderr);
        assert!(said.contains(complaint), "{said}");
        assert!(said.contains(program), "{said}");
    }
}
