//! The recipes for servers that build things are what those servers understand.

use std::path::{Path, PathBuf};

use tests::python_command;

fn recipe(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/ci")
        .join(name)
}

#[track_caller]
fn is_valid_by_schema(schema: &str, name: &str) {
    let mut judge = python_command();
    judge.args(["-m", "check_jsonschema", "--builtin-schema", schema]);
    let said = judge.arg(recipe(name)).output().unwrap();
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stdout)
    );
}

#[test]
fn github_reads_its_workflow() {
    is_valid_by_schema("vendor.github-workflows", "github.yml");
}

#[test]
fn gitlab_reads_its_pipeline() {
    let mut judge = python_command();
    judge.args([
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.gitlab-ci",
    ]);
    judge.args(["--data-transform", "gitlab-ci"]);
    let said = judge.arg(recipe("gitlab-ci.yml")).output().unwrap();
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stdout)
    );
}

#[test]
fn buildbot_checks_its_configuration() {
    let mut judge = python_command();
    // What the program `buildbot` is.
    judge.args([
        "-c",
        "from buildbot.scripts.runner import run; run()",
        "checkconfig",
    ]);
    let said = judge.arg(recipe("master.cfg")).output().unwrap();
    let text = [said.stdout.clone(), said.stderr.clone()].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(
        said.status.success() && text.contains("Config file is good!"),
        "{text}"
    );
}
