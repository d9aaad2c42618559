//! Judges of what MAD writes that are not ours.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::foreign::{go_program, kunit};
use crate::scrape::Format;

/// Returns what `promtool check metrics` says of a page: nothing, if it has no complaint.
///
/// # Panics
///
/// If there is no promtool.
#[track_caller]
pub fn promtool_check_metrics(page: &str) -> String {
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]);
    judged_by(&mut command, page)
}

/// Returns what the official Python client's parser says of a page: nothing, if it can read it.
///
/// # Panics
///
/// If there is no Python with that package.
#[track_caller]
pub fn python_client_parses(page: &str) -> String {
    let program = "import sys\n\
        from prometheus_client.parser import text_string_to_metric_families as families\n\
        assert sum(len(family.samples) for family in families(sys.stdin.read())) > 0\n";
    judged_by(Command::new(python()).args(["-c", program]), page)
}

/// Returns what promtool says of a page that it cannot read: nothing, if it can. What it thinks of names and help
/// texts is left out.
///
/// # Panics
///
/// If there is no promtool.
#[track_caller]
pub fn promtool_parses(page: &str) -> String {
    let said = promtool_check_metrics(page);
    // Of a page that it can read, it says what is wrong with which metric.
    let complaints = said
        .lines()
        .filter(|line| line.contains("error while linting"));
    complaints.collect()
}

/// Returns what a parser of the official Python client reads on a page: see
/// [`Samples::from_json`](crate::Samples::from_json).
///
/// # Panics
///
/// If it cannot be read, or there is no Python with that package.
#[track_caller]
pub fn python_client_reads(page: &str, format: Format) -> Value {
    let mut command = python_judge("exposition.py");
    command.arg(match format {
        Format::Text => "text",
        Format::OpenMetrics => "open_metrics",
        Format::Protobuf => panic!("it reads no protobuf"),
    });
    reading(&judged_by(&mut command, page))
}

/// Returns what the library of Go services understands of a page, as `OpenMetrics`.
///
/// # Panics
///
/// If it cannot be read, or there is no Go, or its modules cannot be had.
#[track_caller]
pub fn expfmt_reads(folder: &Path, page: &[u8], format: Format) -> String {
    let mut command = Command::new(go_program("expfmt", folder));
    judged_by(command.arg(format.media_type()), page)
}

/// Holds a JUnit report against a schema after that of Jenkins' xunit plugin, and returns what
/// `junitparser` reads in it.
///
/// # Panics
///
/// If the schema does not hold, or there is no Python with these packages.
#[track_caller]
pub fn junit_report(report: &str) -> Value {
    reading(&judged_by(&mut python_judge("junit_report.py"), report))
}

/// Returns what `tap.py` reads in a TAP document: each test's name, whether it is ok, whether it was
/// skipped, and its diagnosis.
///
/// # Panics
///
/// If it cannot be read, or there is no Python with that package.
#[track_caller]
pub fn tap_report(document: &str) -> Value {
    reading(&judged_by(&mut python_judge("tap_report.py"), document))
}

/// Returns what the Linux kernel's own `KUnit` reads in a KTAP document: each test's name, how it ended, and the same of
/// what is below it; and how many it counts of each kind.
///
/// # Panics
///
/// If it cannot be read, or there is no Python, or the kernel's sources cannot be had.
#[track_caller]
pub fn ktap_report(document: &str, folder: &Path) -> Value {
    let mut command = python_judge("ktap_report.py");
    reading(&judged_by(command.arg(kunit(folder)), document))
}

/// Returns what `sseclient` reads in a stream of Server-Sent Events: the id, the name and the data of each.
///
/// # Panics
///
/// If it cannot be read, or there is no Python with that package.
#[track_caller]
pub fn sse_events(stream: &str) -> Vec<(String, String, Value)> {
    let said = judged_by(&mut python_judge("sse_events.py"), stream);
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"))
}

/// Returns what Perl's `TAP::Parser`, the parser of `prove`, reads in a TAP document: a line for each test
/// and each problem.
///
/// # Panics
///
/// If there is no Perl.
#[track_caller]
pub fn prove_reads(document: &str) -> String {
    let mut perl = Command::new("perl");
    judged_by(perl.arg(judge("tap_report.pl")), document)
}

/// Returns what `jsonschema` says of a document that shall be what `mad-exporter/schemas/self-tests.json` defines
/// under this name: nothing, if it has no complaint.
///
/// # Panics
///
/// If there is no Python with that package.
#[track_caller]
pub fn json_schema_complaints(name: &str, document: &str) -> String {
    schema_complaints("self-tests.json", name, document)
}

/// Returns what `jsonschema` says of a document that shall be what `mad-exporter/schemas/health.json` defines under
/// this name: nothing, if it has no complaint.
///
/// # Panics
///
/// If there is no Python with that package.
#[track_caller]
pub fn health_schema_complaints(name: &str, document: &str) -> String {
    schema_complaints("health.json", name, document)
}

#[track_caller]
fn schema_complaints(file: &str, name: &str, document: &str) -> String {
    let schema = manifest_folder().join("../mad-exporter/schemas").join(file);
    let mut command = python_judge("json_schema.py");
    judged_by(command.arg(schema).arg(name), document)
}

/// Returns what Icinga reads in one number of a plugin's output.
///
/// # Panics
///
/// If it cannot be read, or there is no Icinga.
#[track_caller]
pub fn icinga_reads(number: &str) -> Value {
    let mut icinga = Command::new("icinga2");
    let expression = format!("parse_performance_data({number:?})");
    icinga.args(["console", "--eval", &expression]);
    reading(&judged_by(&mut icinga, ""))
}

/// Returns what `openapi-spec-validator` says of a document: nothing, if it has no complaint.
///
/// # Panics
///
/// If there is no Python with that package.
#[track_caller]
pub fn openapi_complaints(document: &str) -> String {
    judged_by(&mut python_judge("openapi.py"), document)
}

/// Returns schemathesis, which tries a service out by what its description says, and keeps notes in this folder.
pub fn schemathesis(folder: &Path) -> Command {
    let mut command = Command::new(python());
    let config = judge("schemathesis.toml");
    command
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(config)
        .current_dir(folder);
    command
}

/// Returns a judge that is written in Python, to be run with the packages of the tests.
pub fn python_judge(program: &str) -> Command {
    let mut command = Command::new(python());
    command.arg(judge(program));
    command
}

fn judge(program: &str) -> PathBuf {
    manifest_folder().join("judges").join(program)
}

fn manifest_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Python, with the packages that the tests need.
pub fn python_command() -> Command {
    Command::new(python())
}

pub(crate) fn python() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "`cargo xtask test` says here where it put the packages"
    )]
    std::env::var("MAD_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Reads what a judge has read; a complaint is none of it.
#[track_caller]
fn reading(said: &str) -> Value {
    serde_json::from_str(said).unwrap_or_else(|_| panic!("{said}"))
}

/// Feeds a page to a judge and returns everything that it says.
#[track_caller]
pub(crate) fn judged_by(command: &mut Command, page: impl AsRef<[u8]>) -> String {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut judge = match piped.spawn() {
        Ok(judge) => judge,
        Err(error) => panic!(
            "cannot start {}: {error}; `cargo xtask test` installs what the tests need",
            command.get_program().display()
        ),
    };
    let mut input = judge.stdin.take().unwrap();
    input.write_all(page.as_ref()).unwrap();
    drop(input);
    let output = judge.wait_with_output().unwrap();
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    if !output.status.success() && said.is_empty() {
        said = format!("{}", output.status);
    }
    said
}
