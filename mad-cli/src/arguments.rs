//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::bless::BlessArguments;
use crate::changes::ChangesArguments;
use crate::check::CheckArguments;
use crate::completions::CompletionsArguments;
use crate::describe::DescribeArguments;
use crate::doctor::DoctorArguments;
use crate::drain::{DrainArguments, ResumeArguments};
use crate::gate::GateArguments;
use crate::generate::GenerateArguments;
use crate::history::HistoryArguments;
use crate::history::bisect::BisectArguments;
use crate::incident::IncidentArguments;
use crate::ingest::IngestArguments;
use crate::man::ManArguments;
use crate::probe::ProbeArguments;
use crate::push::PushArguments;
use crate::relay::RelayArguments;
use crate::report::ReportArguments;
use crate::retro::RetroArguments;
use crate::selftest::SelftestArguments;
use crate::serve::ServeArguments;
use crate::store::StoreCommand;
use crate::test::TestArguments;
use crate::watch::WatchArguments;

/// Asks services that use MAD, and keeps what tests measured.
#[derive(Debug, Parser)]
#[command(name = "mad", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Probe(ProbeArguments),
    Check(CheckArguments),
    Describe(DescribeArguments),
    Doctor(DoctorArguments),
    Drain(DrainArguments),
    Resume(ResumeArguments),
    Generate(GenerateArguments),
    Selftest(Box<SelftestArguments>),
    Watch(WatchArguments),
    Test(Box<TestArguments>),
    Ingest(Box<IngestArguments>),
    #[command(subcommand)]
    Store(StoreCommand),
    Bisect(Box<BisectArguments>),
    History(Box<HistoryArguments>),
    Incident(Box<IncidentArguments>),
    Push(Box<PushArguments>),
    Changes(ChangesArguments),
    Bless(BlessArguments),
    Relay(RelayArguments),
    Retro(Box<RetroArguments>),
    Gate(GateArguments),
    Report(ReportArguments),
    Serve(ServeArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

/// Where the token comes from. It is never an argument, as every user of a machine sees those.
#[derive(Args, Debug, Default)]
pub(crate) struct TokenArguments {
    /// Reads the token from a file; otherwise it is that of the environment variable `MAD_TOKEN`, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Asks for the token on the terminal
    #[arg(long, conflicts_with = "token_file")]
    pub(crate) ask_token: bool,
}

/// Reads a time as MAD writes it everywhere (`150ms`, `2s`, `1m30s`), or a number of seconds.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let refused = || format!("{text:?} is no time: write `2s`, `150ms` or `1m30s`");
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let mut rest = text;
    let mut milliseconds = 0_u64;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit());
        let (number, after) = rest.split_at(end.ok_or_else(refused)?);
        let end = after.find(|letter: char| letter.is_ascii_digit());
        let (word, after) = after.split_at(end.unwrap_or(after.len()));
        let (_, factor) = units.find(|(unit, _)| *unit == word).ok_or_else(refused)?;
        let number: u32 = number.parse().map_err(|_| refused())?;
        milliseconds += u64::from(number) * factor;
        rest = after;
    }
    if milliseconds == 0 {
        return Err(refused());
    }
    Ok(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_time_is_read_as_annotations_write_it_and_as_plugins_do() {
        assert_eq!(time("10"), Ok(Duration::from_secs(10)));
        assert_eq!(time("150ms"), Ok(Duration::from_millis(150)));
        assert_eq!(time("1m30s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "s", "1x", "-1s", "1s1m", "99999999999s", "0s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
