//! The program `mad`: asks services that use MAD, from a terminal, a script or a monitoring system.
//!
//! It speaks to a service over HTTP, as everybody else does, and knows nothing of what runs inside. Each command
//! has a room of its own and returns how the program ends; `mad help` says what the exit codes mean.

mod address;
mod arguments;
mod bless;
mod blessed;
mod catalogue;
mod changes;
mod check;
mod completions;
mod describe;
mod doctor;
mod drain;
mod exit;
mod fingerprint;
mod gate;
mod generate;
mod git;
mod head;
mod history;
mod incident;
mod incidents;
mod ingest;
mod instances;
mod interrupt;
mod man;
mod moment;
mod output;
mod probe;
mod push;
mod relay;
mod report;
mod retro;
mod run;
mod selftest;
mod serve;
mod service;
mod store;
mod store_place;
mod test;
mod timeline;
mod token;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use exit::Exit;

/// Runs the program with these arguments, the first of which is its name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().collect();
    match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => run(parsed.command).into(),
        Err(error) => {
            // To a terminal that is gone nothing can be said.
            _ = error.print();
            Exit::of_usage(&arguments, error.use_stderr()).into()
        }
    }
}

fn run(command: Command) -> Exit {
    match command {
        Command::Probe(probe) => probe::run(&probe),
        Command::Check(check) => check::run(&check),
        Command::Describe(describe) => describe::run(&describe),
        Command::Doctor(doctor) => doctor::run(&doctor),
        Command::Drain(told) => drain::drain(&told),
        Command::Resume(told) => drain::resume(&told),
        Command::Generate(generate) => generate::run(&generate),
        Command::Selftest(selftest) => selftest::run(&selftest),
        Command::Watch(watch) => watch::run(&watch),
        Command::Ingest(ingest) => ingest::run(&ingest),
        Command::Test(test) => test::run(&test),
        Command::Store(store) => store::run(&store),
        Command::Bisect(bisect) => history::bisect::run(&bisect),
        Command::History(history) => history::run(&history),
        Command::Incident(incident) => incident::run(&incident),
        Command::Push(push) => push::run(&push),
        Command::Changes(changes) => changes::run(&changes),
        Command::Bless(bless) => bless::run(&bless),
        Command::Relay(relay) => relay::run(&relay),
        Command::Retro(retro) => retro::run(&retro),
        Command::Gate(gate) => gate::run(&gate),
        Command::Report(report) => report::run(&report),
        Command::Serve(serve) => serve::run(serve),
        Command::Completions(completions) => completions::run(&completions),
        Command::Man(man) => man::run(&man),
    }
}
