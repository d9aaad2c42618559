//! What `mad` says of a service, and how it ends.

mod nobody;
mod program;

use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mad_core::{Check, HealthOptions, Outcome, Probes, Registry, SelfTestOptions};
use mad_exporter::Exporter;
use nobody::nobody;
use program::{complained, said};

const TOKEN: &str = "correct-horse";

/// A service with a database that can be switched off.
struct Service {
    exporter: Exporter,
    is_broken: Arc<AtomicBool>,
}

impl Service {
    fn start() -> Self {
        let is_broken = Arc::new(AtomicBool::new(false));
        let options = HealthOptions {
            probes: Probes {
                readiness: true,
                ..Probes::NONE
            },
            every: Duration::from_millis(20),
            ..HealthOptions::DEFAULT
        };
        let broken = Arc::clone(&is_broken);
        let database = Check::health_check("database", options, move |_| {
            if broken.load(Ordering::Relaxed) {
                Outcome::fail("connection | refused")
            } else {
                Outcome::Pass
            }
        })
        .with_doc("The database answers.")
        .with_owner("team-orders");
        let order = Check::self_test("orders/place", SelfTestOptions::DEFAULT, |_| true);
        let mut registry = Registry::new();
        registry.add(database).unwrap();
        registry.add(order).unwrap();
        let exporter = Exporter::builder()
            .registry(registry)
            .listen(([127, 0, 0, 1], 0))
            .token(TOKEN)
            .start()
            .unwrap();
        let service = Self {
            exporter,
            is_broken,
        };
        service.becomes(0);
        service
    }

    fn address(&self) -> String {
        self.exporter.local_addr().unwrap().to_string()
    }

    /// Waits until the probe ends like this.
    #[track_caller]
    fn becomes(&self, code: i32) {
        let started = Instant::now();
        while mad(&["probe", &self.address()]).status.code() != Some(code) {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "it never ends with {code}"
            );
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.exporter.shutdown(Duration::ZERO);
    }
}

fn mad(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn mad_authorised(arguments: &[&str]) -> Output {
    command(arguments).env("MAD_TOKEN", TOKEN).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mad"));
    command.args(arguments).env_remove("MAD_TOKEN");
    command
}

#[test]
fn a_probe_says_by_its_exit_code_whether_it_passes() {
    let service = Service::start();
    let ready = mad(&["probe", &service.address()]);
    assert_eq!(
        (ready.status.code(), said(&ready)),
        (Some(0), String::new())
    );
    service.is_broken.store(true, Ordering::Relaxed);
    service.becomes(1);
    let failing = mad(&["probe", &service.address()]);
    assert!(said(&failing).contains("[-]database failed: reason withheld"));
    let alive = mad(&["probe", &format!("http://{}/livez", service.address())]);
    assert_eq!(alive.status.code(), Some(0));
}

#[test]
fn who_does_not_answer_does_not_pass() {
    let refused = mad(&["probe", &nobody()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        complained(&refused).contains("no answer"),
        "{}",
        complained(&refused)
    );
    // Accepts, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent
        .local_addr()
        .map(|address| (silent, address))
        .unwrap();
    let late = mad(&["probe", &silent.1.to_string(), "--timeout", "50ms"]);
    assert_eq!(late.status.code(), Some(1));
    assert!(
        complained(&late).contains("in time"),
        "{}",
        complained(&late)
    );
}

#[test]
fn a_plugin_has_the_exit_codes_of_plugins() {
    let service = Service::start();
    let well = mad_authorised(&["check", &service.address()]);
    assert_eq!(well.status.code(), Some(0));
    assert!(said(&well).starts_with("MAD OK - "), "{}", said(&well));
    service.is_broken.store(true, Ordering::Relaxed);
    service.becomes(1);
    let broken = mad_authorised(&["check", &service.address()]);
    assert_eq!(broken.status.code(), Some(2));
    let said = said(&broken);
    assert!(
        said.starts_with("MAD CRITICAL - ") && said.contains("refused"),
        "{said}"
    );
    // The bar is for the numbers alone.
    assert_eq!(said.matches('|').count(), 1, "{said}");
}

#[test]
fn a_plugin_can_be_asked_about_one_check() {
    let service = Service::start();
    let only = |check: &str| mad_authorised(&["check", &service.address(), "--only", check]);
    let well = only("database");
    assert_eq!(well.status.code(), Some(0), "{}", said(&well));
    service.is_broken.store(true, Ordering::Relaxed);
    service.becomes(1);
    let broken = only("database");
    assert_eq!(broken.status.code(), Some(2));
    assert!(said(&broken).starts_with("MAD CRITICAL - database down"));
    let none = only("data base?");
    assert_eq!(none.status.code(), Some(3), "{}", complained(&none));
    let other = only("runtime/no-such");
    assert_eq!(other.status.code(), Some(3), "{}", said(&other));
    assert!(
        said(&other).starts_with("MAD UNKNOWN - "),
        "{}",
        said(&other)
    );
    assert!(said(&other).contains("runtime/no-such"), "{}", said(&other));
}

#[test]
fn an_instance_is_drained_and_taken_back_by_whoever_has_the_token() {
    let service = Service::start();
    let address = service.address();
    let drained = mad_authorised(&["drain", &address, "--wait", "10ms"]);
    assert_eq!(drained.status.code(), Some(0), "{}", complained(&drained));
    let away = mad(&["probe", &address]);
    assert_eq!(away.status.code(), Some(1));
    assert!(said(&away).contains("lifecycle"), "{}", said(&away));
    let alive = mad(&["probe", &format!("http://{address}/livez")]);
    assert_eq!(alive.status.code(), Some(0));
    let resumed = mad_authorised(&["resume", &address]);
    assert_eq!(resumed.status.code(), Some(0), "{}", complained(&resumed));
    service.becomes(0);
    for command in ["drain", "resume"] {
        let anonymous = mad(&[command, &address]);
        assert_eq!(anonymous.status.code(), Some(2));
        assert!(complained(&anonymous).contains("MAD_TOKEN"));
        assert_eq!(mad(&[command, &nobody()]).status.code(), Some(2));
    }
    service.becomes(0);
}

#[test]
fn a_plugin_tells_the_network_from_its_own_mistakes() {
    let refused = mad(&["check", &nobody(), "-t", "2"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).starts_with("MAD CRITICAL - "));
    assert_eq!(mad(&["check"]).status.code(), Some(3));
    assert_eq!(mad(&["check", "ftp://x"]).status.code(), Some(3));
    let no_file = mad(&["check", "localhost:1", "--token-file", "no-such-file"]);
    assert_eq!(no_file.status.code(), Some(3));
    assert!(said(&no_file).starts_with("MAD UNKNOWN - "));
}

#[test]
fn what_is_checked_is_described_to_whoever_has_the_token() {
    let service = Service::start();
    let described = mad_authorised(&["describe", &service.address()]);
    assert_eq!(
        described.status.code(),
        Some(0),
        "{}",
        complained(&described)
    );
    let words = said(&described);
    for expected in [
        "database  The database answers.",
        "gates readiness, every 20ms, takes 5s at most",
        "owner: team-orders",
        "orders/place",
        "read, when it is asked for",
    ] {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
    let runbook = said(&mad_authorised(&[
        "describe",
        &service.address(),
        "--markdown",
    ]));
    assert!(runbook.contains("### database\n\nThe database answers.\n"));

    let anonymous = mad(&["describe", &service.address()]);
    assert_eq!(anonymous.status.code(), Some(2));
    assert!(
        complained(&anonymous).contains("MAD_TOKEN"),
        "{}",
        complained(&anonymous)
    );
}

#[test]
fn a_typing_mistake_is_told_with_what_was_meant() {
    let output = mad(&["prob", "localhost"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        complained(&output).contains("'probe'"),
        "{}",
        complained(&output)
    );
}

#[test]
fn cargo_finds_it_as_a_command_of_its_own() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-mad"))
        .args(["mad", "probe", &nobody()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}
