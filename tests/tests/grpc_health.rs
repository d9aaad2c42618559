//! The gRPC health protocol, asked with the clients of those who made it.

use std::io::{BufRead, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mad_core::{Check, HealthOptions, Probes};
use mad_exporter::Exporter;
use serde_json::{Value, json};
use tests::python_judge;

/// A service with a database that can fail.
struct Service {
    exporter: Exporter,
    works: Arc<AtomicBool>,
}

impl Service {
    fn start() -> Self {
        let works = Arc::new(AtomicBool::new(true));
        let asked = Arc::clone(&works);
        let database = check("database", move || asked.load(Ordering::SeqCst));
        let exporter = Exporter::builder()
            .check(database)
            .listen(([127, 0, 0, 1], 0))
            .start()
            .unwrap();
        Self { exporter, works }
    }

    fn address(&self) -> SocketAddr {
        self.exporter.local_addr().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.exporter.shutdown(Duration::ZERO);
    }
}

#[track_caller]
fn check(name: &'static str, works: impl Fn() -> bool + Send + Sync + 'static) -> Check {
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        every: Duration::from_millis(50),
        ..HealthOptions::DEFAULT
    };
    Check::health_check(name, options, move |_| works())
}

/// A client that does what it is told.
struct Client {
    program: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Client {
    fn to(address: SocketAddr) -> Self {
        let mut command = python_judge("health_over_grpc.py");
        let command = command.arg(address.to_string());
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = piped
            .spawn()
            .expect("`cargo xtask test` installs Python packages");
        Self {
            orders: program.stdin.take().unwrap(),
            answers: BufReader::new(program.stdout.take().unwrap()),
            program,
        }
    }

    #[track_caller]
    fn told(&mut self, order: &str) -> Value {
        writeln!(self.orders, "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).expect("it answers")
    }

    /// Reads what a watch says until it is this; how it got there depends on when it was asked.
    #[track_caller]
    fn watches_until(&mut self, first: Value, status: &str) {
        let mut said = first;
        while said != status {
            assert!(said.is_string(), "{said}");
            said = self.told("next");
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        _ = self.program.kill();
        _ = self.program.wait();
    }
}

#[test]
fn the_client_of_grpcs_makers_reads_it() {
    let service = Service::start();
    let mut client = Client::to(service.address());
    let first = client.told("watch ");
    client.watches_until(first, "SERVING");
    assert_eq!(client.told("check database"), "SERVING");
    let list = client.told("list");
    assert_eq!(
        list,
        json!({"": "SERVING", "liveness": "SERVING", "readiness": "SERVING", "startup": "SERVING",
               "database": "SERVING"})
    );
    let unknown = json!({"code": "NOT_FOUND", "message": "unknown service"});
    assert_eq!(client.told("check nothing"), unknown);

    service.works.store(false, Ordering::SeqCst);
    assert_eq!(client.told("next"), "NOT_SERVING");
    assert_eq!(client.told("check database"), "NOT_SERVING");
    service.works.store(true, Ordering::SeqCst);
    assert_eq!(client.told("next"), "SERVING");
    service.exporter.drain();
    assert_eq!(client.told("next"), "NOT_SERVING");
    service.exporter.resume();
    assert_eq!(client.told("next"), "SERVING");

    assert_eq!(client.told("watch tenant/42"), "SERVICE_UNKNOWN");
    let engine = service.exporter.engine();
    engine.add(check("tenant/42", || true)).unwrap();
    let first = client.told("next");
    client.watches_until(first, "SERVING");
    assert!(engine.remove("tenant/42"));
    assert_eq!(client.told("next"), "SERVICE_UNKNOWN");

    let many = (0..100).map(|number| check("x", || true).with_name(format!("tenant/{number}")));
    many.for_each(|check| engine.add(check).unwrap());
    let refused = client.told("list");
    assert_eq!(refused["code"], "RESOURCE_EXHAUSTED");
    let message = "server health list exceeds maximum capacity: 100";
    assert_eq!(refused["message"], message);
}

/// What Kubernetes asks with is the same client, grpc-go.
#[test]
#[ignore = "it needs Go: `cargo xtask test --all`"]
fn grpc_health_probe_reads_it() {
    let service = Service::start();
    let probe = |asked: &[&str]| {
        let mut probe = Command::new("go");
        probe.args(["run", "github.com/grpc-ecosystem/grpc-health-probe@v0.4.62"]);
        probe.args([
            "-addr",
            &service.address().to_string(),
            "-connect-timeout",
            "10s",
        ]);
        let output = probe.args(asked).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    };
    for name in ["", "liveness", "readiness", "startup", "database"] {
        let (is_healthy, said) = probe(&["-service", name]);
        assert!(is_healthy && said.contains("status: SERVING"), "{said}");
    }
    let (is_healthy, said) = probe(&["-service", "nothing"]);
    assert!(!is_healthy && said.contains("unknown service"), "{said}");
    service.exporter.drain();
    for (name, is_expected) in [("", false), ("readiness", false), ("liveness", true)] {
        let (is_healthy, said) = probe(&["-service", name]);
        assert_eq!(is_healthy, is_expected, "{said}");
    }
}
