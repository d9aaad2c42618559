//! What the guide to `mad history` shows is what happens in the repository that it speaks of.

use std::fs;
use std::path::Path;
use std::process::Command;

use tests::{Shown, build_mad, commands};

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";

/// Prints how often it looks at an order: a cost that is the same each time.
const EXAMPLE: &str = "fn main() {\n    println!(\"{}\", shop::looks());\n}\n";

const TEST: &str =
    "#[test]\nfn of_three_is_right() {\n    assert_eq!(shop::price(3, 199), 597);\n}\n";

/// Eight commits: the fifth is slower, the sixth wrong, and the last brings the test that would have found it.
fn make_repository(root: &Path) {
    write(root, "Cargo.toml", MANIFEST);
    write(root, ".gitignore", "target\nCargo.lock\n.mad\n");
    write(root, "examples/cost.rs", EXAMPLE);
    git(root, &["init", "--quiet", "--initial-branch=main"]);
    for (number, summary) in [
        "a shop",
        "orders have names",
        "names are shorter",
        "orders are sorted",
        "orders are checked twice",
        "prices are rounded",
        "sorting is stable",
        "a price is tested",
    ]
    .iter()
    .enumerate()
    {
        let looks = if number < 4 { 100 } else { 200 };
        let price = if number < 5 {
            "n * cents"
        } else {
            "n * cents / 10 * 10"
        };
        let library = format!(
            "//! {summary}.\n\npub fn looks() -> u32 {{\n    {looks}\n}}\n\npub fn price(n: u32, cents: u32) -> u32 {{\n    {price}\n}}\n"
        );
        write(root, "src/lib.rs", &library);
        if number == 7 {
            write(root, "tests/price.rs", TEST);
        }
        git(root, &["add", "--all"]);
        git(root, &["commit", "--quiet", "--message", summary]);
    }
}

#[test]
fn the_past_is_measured_as_the_guide_says() {
    build_mad();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("shop");
    make_repository(&root);
    let place = format!(
        "cd {0}/shop; export XDG_CACHE_HOME={0}/cache MAD_STORE={0}/mad.db; ",
        folder.path().display()
    );
    let printed = follow(
        "docs/history.md",
        include_str!("../../docs/history.md"),
        &place,
    );
    assert!(printed.len() >= 10, "{} commands", printed.len());
    // What was measured there is what this one looks at.
    let printed = follow(
        "docs/lead-history.md",
        include_str!("../../docs/lead-history.md"),
        &place,
    );
    assert!(printed.len() >= 7, "{} commands", printed.len());
    let cost = include_str!("../../docs/pictures/history-cost.svg");
    let lines = include_str!("../../docs/pictures/history-lines.svg");
    assert_eq!(
        printed[..2],
        [cost, lines],
        "the pictures are those of the commands"
    );
}

/// Runs the commands of a guide in the repository, holds each to what the guide shows, and returns what they printed.
#[track_caller]
fn follow(name: &str, guide: &str, place: &str) -> Vec<String> {
    let run = |command: Shown| {
        let here = Shown {
            script: format!("{place}{}", command.script),
            ..command.clone()
        };
        let printed = here.run(&[], "");
        let Shown { line, script, .. } = &command;
        assert!(
            command.is_shown(&printed),
            "{name}:{line} `{script}` printed\n{printed}"
        );
        printed
    };
    commands(guide).into_iter().map(run).collect()
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments);
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "Somebody")
            .env(format!("GIT_{who}_EMAIL"), "somebody@example.com");
        command.env(format!("GIT_{who}_DATE"), "2024-01-15T09:00:00Z");
    }
    assert!(command.status().unwrap().success(), "{arguments:?}");
}
