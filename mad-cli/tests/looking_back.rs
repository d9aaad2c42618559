//! The commands of `docs/looking-back.md`, typed one after the other.

#![cfg(unix)]
#![expect(
    clippy::unnecessary_wraps,
    reason = "what is not measured everywhere is an option"
)]

mod planted;

use std::process::Command;

use mad_store::Environment;
use planted::{Planted, count};

fn instructions(index: usize) -> Option<f64> {
    Some(if index < 90 { 1_000.0 } else { 1_070.0 })
}

#[test]
fn every_command_of_the_document_does_what_it_is_there_for() {
    let mut planted = Planted::with_commits(120);
    planted.measure(
        &Environment::default(),
        &[count("instructions", &instructions)],
    );
    planted.tag("v1", 80);
    planted.tag("v2", 94);
    planted.write(
        "incidents.toml",
        "[[incident]]\nid = \"slow\"\ntitle = \"slow\"\nbegan = 2023-12-10T00:00:00Z\ntag = \"v2\"\n",
    );
    let cache = tempfile::tempdir().expect("a folder");
    let document = include_str!("../../docs/looking-back.md");
    let mut typed = 0;
    for line in document
        .lines()
        .filter_map(|line| line.strip_prefix("$ mad "))
    {
        let command = format!("'{}' {line}", env!("CARGO_BIN_EXE_mad"));
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(planted.path())
            .env("XDG_CACHE_HOME", cache.path())
            .env_remove("MAD_STORE")
            .output()
            .expect("there is a shell");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && (complaint.is_empty() || line.contains("--controls")),
            "{line}: {complaint}"
        );
        assert!(!output.stdout.is_empty(), "{line}");
        typed += 1;
    }
    assert_eq!(typed, 13);
    let page =
        std::fs::read_to_string(planted.path().join("mad-report.html")).expect("it was written");
    assert!(page.contains("requests are signed now"), "it was accepted");
}
