//! How long it takes to analyse and to report 1,000 commits with 200 series, and how large the page is.

#![expect(clippy::print_stdout, reason = "it is what is asked for")]

#[path = "../tests/planted/mod.rs"]
mod planted;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use planted::Planted;

/// The least of so many is told.
const TIMES: u32 = 3;

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let planted = Planted::with_a_thousand_commits();
    println!("1,000 commits, 200 series, one incident: the least of {TIMES} runs\n");
    println!("| command | seconds | KiB |\n|---|---|---|");
    for arguments in [
        &["changes"][..],
        &["retro"],
        &["gate"],
        &["report", "--markdown"],
        &["report"],
    ] {
        let mut said = 0;
        let took = least(|| said = planted.says(arguments, 0).len());
        if arguments == ["report"] {
            let page = fs::metadata(planted.path().join("mad-report.html"));
            said = page.map_or(0, |page| usize::try_from(page.len()).unwrap_or(0));
        }
        println!(
            "| mad {} | {took:.2?} | {} |",
            arguments.join(" "),
            said / 1_024
        );
    }
    let page = format!(
        "file://{}",
        planted.path().join("mad-report.html").display()
    );
    let opened = |page: &str| {
        let mut chromium = Command::new("chromium");
        chromium.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--dump-dom",
            page,
        ]);
        chromium.output().ok()
    };
    if opened("about:blank").is_some() {
        let empty = least(|| _ = opened("about:blank"));
        let full = least(|| _ = opened(&page));
        println!(
            "\nChromium starts and opens an empty page in {empty:.2?}, and this one in {full:.2?}."
        );
    }
}

fn least(mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..TIMES).map(once).min().unwrap_or_default()
}
