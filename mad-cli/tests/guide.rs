//! The guide to tests that are measured shows commands that work.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const GUIDE: &str = include_str!("../../docs/testing.md");

/// What is typed in the blocks marked `console`.
fn commands() -> impl Iterator<Item = &'static str> {
    let mut is_console = false;
    GUIDE.lines().filter_map(move |line| {
        if line.starts_with("```") {
            is_console = line == "```console";
        }
        line.strip_prefix("$ ").filter(|_| is_console)
    })
}

fn typed(command: &str, folder: &Path) -> Output {
    let mad = Path::new(env!("CARGO_BIN_EXE_mad"))
        .parent()
        .expect("it is in a folder");
    let path = std::env::join_paths(
        [mad.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(env!("PATH"))),
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder);
    shell
        .env("PATH", path.expect("it is one"))
        .env_remove("MAD_STORE");
    shell.output().expect("there is a shell")
}

#[test]
fn every_command_works_in_a_plain_project() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        fs::create_dir_all(folder.path().join("src")).expect("it can be made");
        fs::write(folder.path().join(name), text).expect("it can be written");
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[features]\nfast = []\n[workspace]\n",
    );
    write("src/lib.rs", "#[test] fn passes() {}\n");
    write(
        "report.xml",
        "<testsuite name='s'><testcase name='t' time='1.5'/></testsuite>",
    );
    let mut n_commands = 0;
    for command in commands() {
        let output = typed(command, folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
        if command.starts_with("mad test") {
            assert!(said.contains("mad: 1 test, 1 passed"), "{command}: {said}");
        }
        n_commands += 1;
    }
    assert_eq!(n_commands, 3);
}

#[test]
fn every_option_that_the_guide_names_is_one() {
    let help = |command: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_mad"))
            .args([command, "--help"])
            .output();
        String::from_utf8_lossy(&output.expect("it can be started").stdout).into_owned()
    };
    let help = [help("test"), help("ingest")].concat();
    let words = GUIDE.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
    let is_option = |word: &&str| {
        let name = word.strip_prefix("--");
        name.is_some_and(|name| name.starts_with(|letter: char| letter.is_ascii_alphabetic()))
    };
    let options = words.filter(is_option);
    // Those of other programs, which the guide names as such.
    let of_others = [
        "--files",
        "--format",
        "--message-format",
        "--no-deps",
        "--no-fail-fast",
        "--overhead",
        "--path",
        "--version",
    ];
    for option in options.filter(|option| !of_others.contains(option)) {
        assert!(help.contains(option), "{option}");
    }
}
