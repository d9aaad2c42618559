//! Probes, held against Kubernetes' own, and read by Consul's agent: programs in Go.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mad_core::Outcome;
use mad_exporter::Exporter;
use tests::{Served, get, go_program, readiness};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// What Kubernetes' API server answers with, for checks like ours.
struct ApiServer {
    process: Child,
    url: String,
}

impl ApiServer {
    fn start(checks: &str) -> Self {
        let mut process = Command::new(go_program("kubernetes", folder()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.as_mut().unwrap();
        writeln!(input, "{checks}\n").unwrap();
        let mut address = String::new();
        let mut output = BufReader::new(process.stdout.as_mut().unwrap());
        output.read_line(&mut address).unwrap();
        let url = format!("http://{}", address.trim());
        Self { process, url }
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn check(theirs: &ApiServer, ours: &Served) {
    for path in [
        "/readyz",
        "/readyz?verbose",
        "/readyz?verbose=false",
        "/readyz?exclude=database",
        "/readyz?verbose&exclude=database&exclude=nothing&exclude=a&exclude=nothing",
        "/readyz?verbose&exclude=db",
        "/readyz?verbose&exclude=db&exclude=database",
        "/readyz?verbose&exclude=cache&exclude=db&exclude=say%20%22hi%22",
        "/readyz/cache",
        "/readyz/database",
    ] {
        let [theirs, ours] = [&theirs.url, &ours.url()].map(|url| get(&format!("{url}{path}")));
        assert_eq!(
            (ours.status, ours.body),
            (theirs.status, theirs.body),
            "{path}"
        );
    }
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn probes_are_answered_byte_for_byte_as_by_kubernetes_own_api_server() {
    let service = |database: fn() -> Outcome| {
        Served::start(
            Exporter::builder().kubernetes_status_codes(),
            [
                readiness("cache", |_| true),
                readiness("database", move |_| database()).with_tags(["db"]),
                readiness("replica", |_| true).with_tags(["db"]),
            ],
        )
    };
    let names =
        |database: &str| format!("lifecycle ok\ncache ok\ndatabase {database} db\nreplica ok db");
    let ours = service(|| Outcome::Pass);
    ours.wait_for_status("/readyz", 200);
    check(&ApiServer::start(&names("ok")), &ours);

    let ours = service(|| Outcome::fail("gone"));
    ours.wait_for_status("/readyz?exclude=database", 200);
    let gone = "internal server error: fail: gone\n";
    let url = format!("{}/readyz/database", ours.url());
    tests::eventually("the database is gone", || get(&url).body == gone);
    check(&ApiServer::start(&names("fails")), &ours);
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn an_agent_of_consul_reads_passing_warning_and_critical() {
    let outcomes: [fn() -> Outcome; 3] = [
        || Outcome::Pass,
        || Outcome::warn("slow"),
        || Outcome::fail("gone"),
    ];
    let service = |outcome: fn() -> Outcome| {
        let check = readiness("database", move |_| outcome());
        Served::start(Exporter::builder(), [check])
    };
    let services = outcomes.map(service);
    for (service, status) in services.iter().zip([200, 429, 503]) {
        service.wait_for_status("/readyz/database?consul", status);
    }
    let probes = services
        .iter()
        .map(|service| format!("{}/readyz?consul", service.url()));
    let documents = services
        .iter()
        .map(|service| format!("{}/health?consul", service.url()));
    let mut agent = Command::new(go_program("consul", folder()));
    let output = agent.args(probes.chain(documents)).output().unwrap();
    let verdicts = String::from_utf8(output.stdout).unwrap();
    let expected = "passing\nwarning\ncritical\n";
    assert_eq!(verdicts, expected.repeat(2));
}
