//! The project's own commands: `cargo xtask <verb>`.
//!
//! Plain Rust instead of scripts, so that a fresh clone needs nothing but the toolchain. A verb is a
//! line in [`VERBS`] and a module of its name.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program speaks through them"
)]

use std::error::Error;
use std::process::ExitCode;

mod arguments;
mod bench;
mod chaos;
mod command;
mod footprint;
mod packages;
mod proc;
mod project;
mod runners;
mod soak;
mod stage;
mod table;
mod test;
mod tidy;
mod workspace;

use arguments::{Flag, Request, Verb};

/// A result whose error is only ever shown to a person.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Every verb, in the order in which `--help` shows them.
const VERBS: &[Verb] = &[
    Verb {
        name: "test",
        summary: "install what the tests need, then run every check that guards a change",
        flags: &[
            Flag {
                name: "--quick",
                summary: "leave out what needs servers; installs nothing",
            },
            Flag {
                name: "--all",
                summary: "add what needs a Go toolchain or a JDK",
            },
        ],
        run: test::run,
    },
    Verb {
        name: "tidy",
        summary: "check the rules that neither the compiler nor clippy knows",
        flags: &[],
        run: tidy::run,
    },
    Verb {
        name: "bench",
        summary: "run the benchmarks, beside their peers",
        flags: bench::FLAGS,
        run: bench::run,
    },
    Verb {
        name: "chaos",
        summary: "let everything go wrong in a service for three minutes (Linux)",
        flags: &[],
        run: chaos::run,
    },
    Verb {
        name: "soak",
        summary: "record metrics from four threads for ten minutes",
        flags: &[],
        run: soak::run,
    },
    Verb {
        name: "footprint",
        summary: "measure what embedding MAD costs a small service (Linux)",
        flags: &[],
        run: footprint::run,
    },
];

/// What the program exits with when the command line makes no sense.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match arguments::parse(VERBS, &words) {
        Ok(Request::Help) => {
            print!("{}", arguments::usage(VERBS));
            ExitCode::SUCCESS
        }
        Ok(Request::Run { verb, flag }) => run(verb, flag),
        Err(mistake) => {
            eprint!("error: {mistake}\n\n{}", arguments::usage(VERBS));
            ExitCode::from(EXIT_USAGE)
        }
    }
}

fn run(verb: &Verb, flag: Option<&str>) -> ExitCode {
    (verb.run)(flag).unwrap_or_else(|error| {
        eprintln!("error: cargo xtask {}: {error}", verb.name);
        ExitCode::FAILURE
    })
}
