//! `mad push`: what was measured goes on to other stores.

mod configuration;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use mad_store::Store;
use mad_store::sink::{self, PushError, PushOptions, Pushed, Secret, Target};
use serde::Deserialize;

use crate::arguments::time;
use crate::exit::Exit;
use crate::output::{complain, complain_of, print};
use crate::store_place::StoreArguments;
use configuration::{ConfigurationError, Sinks};

/// Sends what was measured, and not sent before, to other stores
///
/// Without `--to` it goes to every `[[sink]]` of mad.toml. What a sink has acknowledged is remembered in the store, so
/// that the next push sends what is new; nothing is lost while a sink is away. What a sink refuses is dropped and
/// counted.
///
/// An address begins with what the server understands: remote-write+http://, pushgateway+http://, graphite://,
/// influx+http://, .. (docs/sinks.md has all of them).
///
/// Exit codes: 0 every sink has everything; 1 a sink is away, lets nothing in, or refused something; 2 the command
/// makes no sense, or the store cannot be read.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct PushArguments {
    /// Where to: `graphite://db.example.com:2003`
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<Target>,
    /// The environment variable that holds the password or token
    #[arg(long, value_name = "NAME", requires = "to")]
    secret_env: Option<String>,
    /// The file that holds the password or token
    #[arg(
        long,
        value_name = "FILE",
        requires = "to",
        conflicts_with = "secret_env"
    )]
    secret_file: Option<PathBuf>,
    /// A label for everything, such as the team
    #[arg(long, value_name = "NAME=VALUE", value_parser = label)]
    label: Vec<(String, String)>,
    /// A label that changes with the history, and makes new series each time
    #[arg(long, value_enum)]
    with: Vec<With>,
    /// The time that numbers have: when they were measured, or when their commit was made
    #[arg(long = "time", value_enum, default_value_t = At::Run)]
    at: At,
    /// How long a sink that is away is asked again
    #[arg(long, default_value = "30s", value_parser = time)]
    patience: Duration,
    /// Sends everything again, as if nothing had been sent
    #[arg(long)]
    all: bool,
    /// The file with the sinks, instead of mad.toml at the root of the repository
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    config: Option<PathBuf>,
    #[command(flatten)]
    place: StoreArguments,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum With {
    Commit,
    Branch,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum At {
    #[default]
    Run,
    Commit,
}

impl From<At> for sink::Time {
    fn from(at: At) -> Self {
        match at {
            At::Run => Self::Run,
            At::Commit => Self::Commit,
        }
    }
}

/// A sink, with everything that is said about it.
#[derive(Clone, Debug)]
struct Order {
    target: Target,
    options: PushOptions,
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write a label as `name=value`".to_owned()),
    }
}

pub(crate) fn run(arguments: &PushArguments) -> Exit {
    let prepared = orders(arguments).and_then(|orders| Ok((orders, arguments.place.open()?)));
    let (orders, mut store) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            complain_of(&*error);
            return Exit::Trouble;
        }
    };
    let mut exit = Exit::Success;
    for order in orders {
        match push(&mut store, &order) {
            Exit::Success => {}
            // Nothing that comes after makes up for it.
            worse => exit = if exit == Exit::Trouble { exit } else { worse },
        }
    }
    exit
}

/// What is to be sent where.
fn orders(arguments: &PushArguments) -> Result<Vec<Order>, Box<dyn std::error::Error>> {
    let mut orders = match arguments.to.as_slice() {
        [] => Sinks::read(arguments.config.as_deref())?.orders()?,
        targets => of_command_line(arguments, targets)?,
    };
    for order in &mut orders {
        order.options.labels.extend(arguments.label.iter().cloned());
        order
            .options
            .with
            .extend(arguments.with.iter().map(|with| extra(*with)));
        if arguments.at == At::Commit {
            order.options.time = arguments.at.into();
        }
        order.options.patience = arguments.patience;
        order.options.all = arguments.all;
        if order.target.has_secret_in_address() {
            complain(format_args!(
                "{}: the password is in the address, where others can read it; \
                 use `--secret-env` or `--secret-file`, in mad.toml `secret-env` or `secret-file`",
                order.target
            ));
        }
    }
    Ok(orders)
}

fn of_command_line(
    arguments: &PushArguments,
    targets: &[Target],
) -> Result<Vec<Order>, ConfigurationError> {
    let secret = configuration::secret(
        arguments.secret_env.as_deref(),
        arguments.secret_file.as_deref(),
    )?;
    if secret.is_some() && targets.len() > 1 {
        return Err(ConfigurationError::SecretForSeveral);
    }
    let order = |target: &Target| Order::new(target.clone(), secret.clone());
    Ok(targets.iter().map(order).collect())
}

impl Order {
    fn new(target: Target, secret: Option<Secret>) -> Self {
        let target = match secret {
            Some(secret) => target.with_secret(secret),
            None => target,
        };
        let options = PushOptions::default();
        Self { target, options }
    }
}

fn extra(with: With) -> sink::Extra {
    match with {
        With::Commit => sink::Extra::Commit,
        With::Branch => sink::Extra::Branch,
    }
}

fn push(store: &mut Store, order: &Order) -> Exit {
    let target = &order.target;
    match sink::push(store, target, &order.options) {
        Ok(pushed) => {
            tell(target, &pushed);
            if pushed.refusals.is_empty() {
                Exit::Success
            } else {
                Exit::Failure
            }
        }
        Err(PushError::Sink { error, pushed }) => {
            tell(target, &pushed);
            complain(format_args!(
                "{target}: {error}; the next push goes on from here"
            ));
            Exit::Failure
        }
        Err(error) => {
            complain_of(&error);
            Exit::Trouble
        }
    }
}

fn tell(target: &Target, pushed: &Pushed) {
    let Pushed {
        runs,
        taken,
        present,
        retries,
        ..
    } = pushed;
    let mut words = match runs {
        0 => format!("{target}: nothing new"),
        1 => format!("{target}: 1 run, {taken} numbers sent"),
        runs => format!("{target}: {runs} runs, {taken} numbers sent"),
    };
    let counts = [
        (*present, "there already"),
        (pushed.refused(), "refused"),
        (*retries, "tried again"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        _ = write!(words, ", {count} {what}");
    }
    print(format_args!("{words}\n"));
    for refusal in &pushed.refusals {
        complain(format_args!(
            "{target}: {} dropped: {}",
            refusal.count, refusal.reason
        ));
    }
}

/// Labels and headers, by name.
type Words = BTreeMap<String, String>;
