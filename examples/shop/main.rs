//! An orders service: its API for customers, and MAD for the people who run it.
//!
//! `cargo run --example shop` starts it and prints what to try. `checks.rs` and `self_tests.rs` are
//! what this example is about, and `service.rs` is where they meet the program; the rest is a shop
//! like any other.

mod api;
mod checks;
mod faults;
mod orders;
mod self_tests;
mod service;
mod settings;
mod shop;
mod store;
mod telemetry;
mod welcome;

use std::error::Error;
use std::iter::successors;
use std::process::ExitCode;

use tokio::runtime::Runtime;

use service::{Service, StartError};
use settings::Settings;

// Links the checks of every dependency that has some, and has MAD refuse to start without them.
mad_core::link_all!();

fn main() -> ExitCode {
    // A self-test with a process of its own runs in this program, started anew: it goes no further.
    mad_core::init();
    // Nor where it was started to ask a probe of the service that runs: `shop --health-probe livez`.
    mad_exporter::probe_main();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), StartError> {
    let settings = Settings::read(std::env::vars_os())?;
    let runtime = Runtime::new().map_err(StartError::Runtime)?;
    let started = runtime.block_on(Service::start(&settings));
    let outcome = started.map(|service| runtime.block_on(service.run()));
    // A call that still blocks must not keep the process from ending.
    runtime.shutdown_background();
    outcome
}

/// Says what went wrong, with everything that led to it, and what to do about it.
#[expect(clippy::print_stderr, reason = "there is nobody else to tell")]
fn complain(error: &StartError) {
    let causes = successors(Some(error as &dyn Error), |&error| error.source());
    let mut texts: Vec<_> = causes.map(ToString::to_string).collect();
    // Some errors have the text of their cause in their own.
    texts.dedup_by(|cause, error| error.contains(&*cause));
    eprintln!("shop: {}", texts.join(": "));
    if let Some(advice) = error.advice() {
        eprintln!("      {advice}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_check_in_the_sources_is_linked() {
        mad_core::testing::assert_all_linked!();
    }
}
