//! What `mad selftest` says of many instances, and how it ends.

mod nobody;
mod program;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mad_core::{Check, Effects, Outcome, Registry, SelfTestOptions};
use mad_exporter::Exporter;
use nobody::nobody;
use program::{complained, said};
use serde_json::Value;
use tempfile::TempDir;

const TOKEN: &str = "correct-horse";

/// A service with one self-test.
struct Instance {
    exporter: Exporter,
    /// Ends a test that goes on until somebody says so.
    goes_on: Arc<AtomicBool>,
}

impl Instance {
    fn passing() -> Self {
        Self::start(TOKEN, |_| Outcome::Pass)
    }

    fn failing() -> Self {
        Self::start(TOKEN, |_| Outcome::fail("no\u{1b}[31m such <order>"))
    }

    fn endless() -> Self {
        Self::start(TOKEN, |goes_on| {
            while goes_on.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(5));
            }
            Outcome::Pass
        })
    }

    fn start(token: &str, test: impl Fn(&AtomicBool) -> Outcome + Send + Sync + 'static) -> Self {
        let goes_on = Arc::new(AtomicBool::new(true));
        let inside = Arc::clone(&goes_on);
        let place = Check::self_test("orders/place", SelfTestOptions::DEFAULT, move |_| {
            test(&inside)
        });
        let options = SelfTestOptions {
            effects: Effects::Destructive,
            ..SelfTestOptions::DEFAULT
        };
        let wipe = Check::self_test("orders/wipe", options, |_| Outcome::fail("wiped"));
        let mut registry = Registry::new();
        registry.add(place).unwrap();
        registry.add(wipe).unwrap();
        let exporter = Exporter::builder()
            .registry(registry)
            .listen(([127, 0, 0, 1], 0))
            .token(token)
            .start()
            .unwrap();
        Self { exporter, goes_on }
    }

    fn address(&self) -> String {
        self.exporter.local_addr().unwrap().to_string()
    }

    /// Returns its runs in brief, the newest first.
    fn runs(&self) -> Value {
        let url = format!("http://{}/selftest/runs", self.address());
        let request = ureq::get(url).header("Authorization", format!("Bearer {TOKEN}"));
        let text = request.call().unwrap().body_mut().read_to_string().unwrap();
        let runs: Value = serde_json::from_str(&text).unwrap();
        runs["runs"].clone()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.goes_on.store(false, Ordering::Relaxed);
        self.exporter.shutdown(Duration::ZERO);
    }
}

fn selftest(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mad"));
    command
        .arg("selftest")
        .args(arguments)
        .env("MAD_TOKEN", TOKEN);
    command
}

fn file(folder: &TempDir, name: &str) -> (PathBuf, String) {
    let path = folder.path().join(name);
    let text = path.to_str().unwrap().to_owned();
    (path, text)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the rows that say this outcome.
fn rows(table: &str, outcome: &str) -> usize {
    let words = table
        .lines()
        .filter_map(|row| row.split_whitespace().nth(1));
    words.filter(|word| *word == outcome).count()
}

#[test]
fn two_hundred_instances_take_less_than_twice_the_time_of_the_slowest() {
    let mut instances: Vec<_> = (0..196).map(|_| Instance::passing()).collect();
    instances.push(Instance::failing());
    instances.push(Instance::start("another-token", |_| Outcome::Pass));
    let mut addresses: Vec<_> = instances.iter().map(Instance::address).collect();
    // Accepts, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    addresses.insert(50, silent.local_addr().unwrap().to_string());
    addresses.insert(100, nobody());
    let folder = TempDir::new().unwrap();
    let (targets, targets_text) = file(&folder, "targets.json");
    let groups = serde_json::json!([{ "targets": addresses }]);
    fs::write(targets, groups.to_string()).unwrap();
    let (report, report_text) = file(&folder, "report.json");
    let (junit, junit_text) = file(&folder, "report.xml");

    let started = Instant::now();
    let output = selftest(&[
        "--file-sd",
        &targets_text,
        "--json",
        &report_text,
        "--junit",
        &junit_text,
        "--timeout",
        "20s",
    ]);
    let took = started.elapsed().as_secs_f64();

    let table = said(&output);
    assert_eq!(output.status.code(), Some(1), "{table}");
    assert_eq!(rows(&table, "pass"), 196, "{table}");
    assert_eq!(rows(&table, "fail"), 1, "{table}");
    assert_eq!(rows(&table, "refused"), 1, "{table}");
    assert_eq!(rows(&table, "unreachable"), 2, "{table}");
    assert_eq!(table.matches("INSTANCE").count(), 1, "one table: {table}");
    assert!(
        table.contains("orders/place: no [31m such <order>"),
        "{table}"
    );
    assert!(table.contains("it wants a token"), "{table}");

    let report = json(&report);
    let instances = report["instances"].as_array().unwrap();
    assert_eq!(instances.len(), 200);
    let slowest = instances
        .iter()
        .map(|instance| instance["duration_seconds"].as_f64().unwrap())
        .fold(0.0, f64::max);
    assert!(
        took < 2.0 * slowest,
        "{took} s, and the slowest {slowest} s"
    );

    let junit = fs::read_to_string(junit).unwrap();
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let suites = junit
        .root_element()
        .children()
        .filter(roxmltree::Node::is_element);
    assert_eq!(suites.count(), 200);
    let count = |name| {
        junit
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .count()
    };
    assert_eq!((count("failure"), count("error")), (1, 3));
}

#[test]
fn all_that_pass_end_with_0_and_nobody_with_2() {
    let (first, second) = (Instance::passing(), Instance::passing());
    let both = selftest(&[&first.address(), &second.address()]);
    assert_eq!(both.status.code(), Some(0), "{}", complained(&both));
    assert!(said(&both).contains("2 pass"), "{}", said(&both));
    assert!(complained(&both).contains("[2/2]"), "{}", complained(&both));
    let unreachable = selftest(&[&nobody()]);
    assert_eq!(unreachable.status.code(), Some(2));
    assert_eq!(rows(&said(&unreachable), "unreachable"), 1);
    assert_eq!(selftest(&[]).status.code(), Some(2));
}

#[test]
fn what_destroys_runs_only_by_its_name_and_with_the_word() {
    let instance = Instance::passing();
    let address = instance.address();
    let unasked = selftest(&[&address, "--select", "orders/wipe"]);
    assert_eq!(rows(&said(&unasked), "refused"), 1, "{}", said(&unasked));
    let unknown = selftest(&[&address, "--select", "orders/plac"]);
    assert!(said(&unknown).contains("orders/plac"), "{}", said(&unknown));
    let read = selftest(&[&address, "--select", "orders/*", "--effects", "read"]);
    assert_eq!(read.status.code(), Some(0), "{}", said(&read));
}

#[test]
fn no_more_are_started_when_too_many_have_not_passed() {
    let instances = [
        Instance::failing(),
        Instance::passing(),
        Instance::passing(),
    ];
    let addresses = instances.each_ref().map(Instance::address);
    let mut arguments: Vec<_> = addresses.iter().map(String::as_str).collect();
    arguments.extend(["--max-unavailable", "34%"]);
    let output = selftest(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let table = said(&output);
    assert!(table.ends_with(": 1 fail, 2 not started\n"), "{table}");
    for wrong in ["0", "0%", "101%", "some"] {
        let refused = selftest(&[&addresses[0], "--max-unavailable", wrong]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_run_that_takes_too_long_is_ended() {
    let instance = Instance::endless();
    let output = selftest(&[&instance.address(), "--wait", "300ms"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(rows(&said(&output), "fail"), 1, "{}", said(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_cancels_what_runs() {
    let instance = Instance::endless();
    // Whoever runs the tests may have them ignore the signal.
    let mut child = Command::new("env")
        .args([
            "--default-signal=INT",
            env!("CARGO_BIN_EXE_mad"),
            "selftest",
        ])
        .args([instance.address(), "--one-at-a-time".to_owned(), nobody()])
        .env("MAD_TOKEN", TOKEN)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("a run begins", || {
        instance.runs()[0]["is_finished"] == false
    });
    let interrupted = Instant::now();
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let mut table = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut table)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(interrupted.elapsed() < Duration::from_secs(30));
    assert!(table.ends_with(": 1 cancelled, 1 not started\n"), "{table}");
    assert_eq!(instance.runs()[0]["is_cancelled"], true);
}

#[cfg(unix)]
#[test]
fn it_runs_as_well_where_signals_are_ignored() {
    let instance = Instance::passing();
    // As `nohup` and a script with `&` have it.
    for signal in ["HUP", "INT"] {
        let script = format!("trap '' {signal}; exec \"$0\" selftest \"$1\"");
        let output = Command::new("sh")
            .args([
                "-c",
                &script,
                env!("CARGO_BIN_EXE_mad"),
                &instance.address(),
            ])
            .env("MAD_TOKEN", TOKEN)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    }
}

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn instances_come_from_files_and_from_services() {
    let (first, second) = (Instance::passing(), Instance::passing());
    let folder = TempDir::new().unwrap();
    let (targets, targets_text) = file(&folder, "targets.yaml");
    fs::write(targets, format!("- targets: ['{}']\n", first.address())).unwrap();
    let groups = format!("[{{\"targets\": [\"{}\"]}}]", second.address());
    let (service, url) = answers_once(groups);
    let output = selftest(&[
        "--file-sd",
        &targets_text,
        "--http-sd",
        &url,
        &first.address(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    assert!(said(&output).contains("2 pass"), "{}", said(&output));
    let request = service.join().unwrap();
    assert!(
        !request.contains(TOKEN),
        "the token is none of its: {request}"
    );

    let (empty, empty_text) = file(&folder, "empty.json");
    fs::write(empty, "[]").unwrap();
    for nobody in ["no-such-file", &empty_text] {
        let output = selftest(&["--file-sd", nobody]);
        assert_eq!(output.status.code(), Some(2));
        assert!(complained(&output).starts_with("mad: "));
    }
}

/// A stand-in for a service that lists targets: one answer, and it returns what it was asked.
fn answers_once(body: String) -> (thread::JoinHandle<String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/targets?of=shop", listener.local_addr().unwrap());
    let builder = thread::Builder::new().name("targets".to_owned());
    let thread = builder.spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read_message(&mut stream);
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        String::from_utf8(request).unwrap()
    });
    (thread.unwrap(), url)
}

/// Reads a message of HTTP/1.1 to its end.
fn read_message(stream: &mut TcpStream) -> Vec<u8> {
    let mut message = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).unwrap();
        message.extend_from_slice(&buffer[..length]);
        if length == 0 || is_whole(&String::from_utf8_lossy(&message)) {
            return message;
        }
    }
}

fn is_whole(message: &str) -> bool {
    let Some((head, body)) = message.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    length.is_none_or(|length| body.len() >= length.parse().unwrap())
}

/// Passes on one request a connection, but for those connections that it cuts: before the request, or before the
/// answer.
fn cutting_proxy(instance: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let builder = thread::Builder::new().name("proxy".to_owned());
    let proxy = builder.spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let mut client = client.unwrap();
            if matches!(number, 1 | 3 | 4 | 6) {
                continue;
            }
            let mut server = TcpStream::connect(&instance).unwrap();
            server.write_all(&read_message(&mut client)).unwrap();
            let answer = read_message(&mut server);
            if number > 0 {
                _ = client.write_all(&answer);
            }
        }
    });
    // It ends with the test.
    drop(proxy.unwrap());
    address
}

#[test]
fn a_run_survives_cut_connections_and_is_started_once() {
    let instance = Instance::start(TOKEN, |_| {
        thread::sleep(Duration::from_millis(700));
        Outcome::Pass
    });
    let output = selftest(&[&cutting_proxy(instance.address())]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(instance.runs().as_array().unwrap().len(), 1);
}
