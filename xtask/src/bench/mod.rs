//! `cargo xtask bench`: every benchmark, each beside its peers, as tables of Markdown.

use std::process::ExitCode;

use crate::arguments::Flag;
use crate::command::{self, cargo};

mod annotations;
mod calls;
mod exemplars;
mod instructions;
mod metrics;
mod overhead;
mod start_up;

/// Which benchmark a flag asks for; without one, all of them run.
pub(crate) const FLAGS: &[Flag] = &[
    Flag {
        name: "--annotations",
        summary: "what annotated functions cost the compiler",
    },
    Flag {
        name: "--calls",
        summary: "what a call of a measured function costs",
    },
    Flag {
        name: "--start-up",
        summary: "what registered checks cost a program that starts (Unix)",
    },
    Flag {
        name: "--metrics",
        summary: "what counting costs, beside everybody else who counts",
    },
    Flag {
        name: "--exemplars",
        summary: "what it costs that an observation leads to its trace (needs valgrind)",
    },
    Flag {
        name: "--probes",
        summary: "how long a probe takes",
    },
    Flag {
        name: "--http",
        summary: "how many requests a second, beside a bare axum handler",
    },
    Flag {
        name: "--paint",
        summary: "when a real browser first paints the dashboard",
    },
    Flag {
        name: "--scrapes",
        summary: "what a scrape of 10,000 counters costs the service (Linux)",
    },
    Flag {
        name: "--changes",
        summary: "how well and how fast changes in a series are found",
    },
    Flag {
        name: "--report",
        summary: "how long it takes to analyse and to report 1,000 commits of 200 series",
    },
    Flag {
        name: "--history",
        summary: "how long old commits take, beside a plain loop and a build from nothing",
    },
    Flag {
        name: "--runs",
        summary: "what a run costs, on a thread and in a process of its own",
    },
    Flag {
        name: "--sinks",
        summary: "how fast a history goes to each sink, beside its own loader",
    },
    Flag {
        name: "--overhead",
        summary: "what `mad test` adds to a run of the tests (Linux)",
    },
    Flag {
        name: "--store",
        summary: "what it costs to keep and to read a million samples, beside SQLite and DuckDB",
    },
];

/// Runs the benchmarks, one after the other: they would only disturb each other.
///
/// # Errors
///
/// If one of them does not build or does not run.
pub(crate) fn run(flag: Option<&str>) -> crate::Result<ExitCode> {
    let is_meant = |name| flag.is_none_or(|flag| flag == name);
    if is_meant("--annotations") {
        annotations::run()?;
    }
    if is_meant("--calls") {
        calls::run()?;
    }
    if is_meant("--start-up") {
        start_up::run()?;
    }
    if is_meant("--metrics") {
        metrics::run()?;
    }
    if is_meant("--exemplars") {
        exemplars::run()?;
    }
    if is_meant("--probes") {
        bench("tests", "probe_latency")?;
    }
    if is_meant("--http") {
        bench("tests", "http")?;
    }
    if is_meant("--paint") {
        bench("tests", "paint")?;
    }
    if is_meant("--scrapes") {
        bench("tests", "scrapes")?;
    }
    if is_meant("--changes") {
        bench("mad-analysis", "changes")?;
    }
    if is_meant("--report") {
        bench("mad-cli", "report")?;
    }
    if is_meant("--history") {
        bench("mad-cli", "history")?;
    }
    if is_meant("--runs") {
        bench("tests", "runs")?;
        bench("tests", "own_process")?;
    }
    if is_meant("--sinks") {
        bench("tests", "sinks")?;
    }
    if is_meant("--overhead") {
        overhead::run()?;
    }
    if is_meant("--store") {
        bench("mad-store", "store")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a benchmark of a package.
fn bench(package: &str, name: &str) -> crate::Result {
    let benches = ["bench", "--locked", "--package", package, "--bench", name];
    command::run(&mut cargo(&benches))
}
