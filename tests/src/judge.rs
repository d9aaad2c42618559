//! Judges of metrics pages that are not ours.

use std::io::Write as _;
use std::process::{Command, Stdio};

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
    #[expect(
        clippy::disallowed_methods,
        reason = "`cargo xtask test` says here where it put the packages"
    )]
    let python = std::env::var("MAD_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let program = "import sys\n\
        from prometheus_client.parser import text_string_to_metric_families as families\n\
        assert sum(len(family.samples) for family in families(sys.stdin.read())) > 0\n";
    judged_by(Command::new(python).args(["-c", program]), page)
}

/// Feeds a page to a judge and returns everything that it says.
#[track_caller]
fn judged_by(command: &mut Command, page: &str) -> String {
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
    input.write_all(page.as_bytes()).unwrap();
    drop(input);
    let output = judge.wait_with_output().unwrap();
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    if !output.status.success() && said.is_empty() {
        said = format!("{}", output.status);
    }
    said
}
