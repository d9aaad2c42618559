//! `mad selftest`: self-tests of many instances, and one answer.

mod instance;
mod json;
mod junit;
mod outcome;
mod progress;
mod rollout;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::arguments::{TokenArguments, time};
use crate::exit::Exit;
use crate::instances::InstanceArguments;
use crate::interrupt::Interrupt;
use crate::output::{complain, print};
use crate::service::Service;
use crate::token::Token;

use instance::{Examination, Order};
use outcome::Outcome;
use progress::Progress;
use rollout::{Limits, Unavailable};

/// How many instances are tested at once, unless somebody says so.
const PARALLEL: usize = 32;

/// Runs the self-tests of one instance or of many, and says in one table what they came to
///
/// The runs go on in the instances when a connection is cut, and are looked for again. Ctrl-C cancels them;
/// Ctrl-C again ends at once, and leaves them alone. The token is sent to every instance.
///
/// Outcomes: `pass`, `warn`, `skip`: it has passed; `fail`; `refused`: the instance says no, as to a wrong token;
/// `unreachable`: nobody answers; `lost`: it has begun, and nobody answers any more; `cancelled`; `not started`.
///
/// Exit codes: 0 all have passed; 1 some have not; 2 the command makes no sense, or nobody could be asked.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct SelftestArguments {
    #[command(flatten)]
    instances: InstanceArguments,
    /// Runs these only: a name, a pattern `orders/*`, or `tag:smoke`; may be repeated
    #[arg(short, long, value_name = "WORD")]
    select: Vec<String>,
    /// The most harmful class that may run, if not what the instance and the token allow
    #[arg(short, long)]
    effects: Option<Effects>,
    /// How long the run of an instance may take, if not what the instance says
    #[arg(short, long, value_name = "TIME", value_parser = time)]
    wait: Option<Duration>,
    /// How long each answer may take
    #[arg(short, long, value_name = "TIME", default_value = "10s", value_parser = time)]
    timeout: Duration,
    /// How many instances are tested at once: all, up to 32, unless said otherwise
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    parallel: Option<u32>,
    /// Tests one instance after the other
    #[arg(long, conflicts_with = "parallel")]
    one_at_a_time: bool,
    /// Tests at most so many at once (`2`, `10%`), and starts no more when so many have not passed
    #[arg(long, value_name = "N|P%")]
    max_unavailable: Option<Unavailable>,
    /// Writes one JUnit report of all instances
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Writes one JSON report of all instances
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    token: TokenArguments,
}

/// How harmful a self-test may be.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Effects {
    Pure,
    Read,
    Scratch,
    Destructive,
}

impl Effects {
    fn word(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Read => "read",
            Self::Scratch => "scratch",
            Self::Destructive => "destructive",
        }
    }
}

pub(crate) fn run(arguments: &SelftestArguments) -> Exit {
    let started = Instant::now();
    let examinations = match examine(arguments) {
        Ok(examinations) => examinations,
        Err(complaint) => {
            complain(complaint);
            return Exit::Trouble;
        }
    };
    print(table::table(&examinations, started.elapsed()));
    match write_reports(arguments, &examinations) {
        Ok(()) => exit(&examinations),
        Err(complaint) => {
            complain(complaint);
            Exit::Trouble
        }
    }
}

/// Asks all instances, in the order and at the pace that was asked for.
fn examine(arguments: &SelftestArguments) -> Result<Vec<Examination>, String> {
    let token = Token::find(&arguments.token).map_err(|error| error.to_string())?;
    let interrupt = Interrupt::listen().map_err(|error| error.to_string())?;
    let instances = arguments.instances.find(arguments.timeout);
    let instances = instances.map_err(|error| error.to_string())?;
    let services = Service::all(instances, token.as_ref(), arguments.timeout);
    let order = order(arguments)?;
    let progress = Progress::of(services.len());
    let examinations = rollout::roll(&services, limits(arguments, services.len()), |service| {
        if interrupt.is_raised() {
            return Examination::not_started(&service.address);
        }
        progress.begins(&service.address);
        let examination = instance::examine(service, &order, &interrupt);
        progress.ends(&examination);
        examination
    });
    progress.finish();
    Ok(examinations)
}

fn order(arguments: &SelftestArguments) -> Result<Order, String> {
    Order::new(
        &arguments.select,
        arguments.effects.map(Effects::word),
        arguments.wait,
        arguments.junit.is_some(),
    )
    .map_err(|error| format!("the system gives no random numbers: {error}"))
}

fn limits(arguments: &SelftestArguments, instances: usize) -> Limits {
    let asked = arguments
        .parallel
        .and_then(|parallel| parallel.try_into().ok());
    Limits {
        parallel: if arguments.one_at_a_time {
            1
        } else {
            asked.unwrap_or(PARALLEL)
        },
        unavailable: arguments
            .max_unavailable
            .map(|unavailable| unavailable.of(instances)),
    }
}

fn write_reports(
    arguments: &SelftestArguments,
    examinations: &[Examination],
) -> Result<(), String> {
    if let Some(file) = &arguments.junit {
        write(file, &junit::report(examinations))?;
    }
    if let Some(file) = &arguments.json {
        write(file, &json::report(examinations))?;
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

fn exit(examinations: &[Examination]) -> Exit {
    let all = |is: fn(Outcome) -> bool| examinations.iter().all(|one| is(one.outcome));
    if all(Outcome::has_passed) {
        Exit::Success
    } else if all(Outcome::is_unasked) {
        Exit::Trouble
    } else {
        Exit::Failure
    }
}
