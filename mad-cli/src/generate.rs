//! `mad generate`: what monitoring systems want to be told, written after what the annotations say.

mod prometheus_rules;
mod source;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::arguments::{TokenArguments, time};
use crate::catalogue::Catalogue;
use crate::exit::Exit;
use crate::output::{complain, print};
use crate::token::Token;
use source::Source;

/// Writes alerts that match what a service checks
///
/// `prometheus-rules` are alerts and recording rules: a check is down, degraded, stale, absent, stuck or flapping; a
/// self-test fails, hangs or is not run; a runtime lags; objectives of measured functions burn. With `--tests` it is
/// the file for `promtool test rules` that goes with them.
///
/// Exit codes: 0 it is written; 2 it is not.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct GenerateArguments {
    /// What is written
    artefact: Artefact,
    /// Whom to ask: an address, or the path of a program that calls `mad_exporter::probe_main()`
    #[arg(long, value_name = "URL|BINARY", default_value = "localhost:9464")]
    from: Source,
    /// What the service is called: its `job` in Prometheus
    #[arg(long, value_parser = service_name)]
    name: String,
    /// Writes the unit tests of the rules instead
    #[arg(long)]
    tests: bool,
    /// Writes files into this folder, instead of to the standard output: the rules and their tests
    #[arg(long, value_name = "FOLDER", conflicts_with = "tests")]
    output: Option<PathBuf>,
    /// How long the service may take to answer
    #[arg(short, long, default_value = "10s", value_parser = time)]
    timeout: Duration,
    #[command(flatten)]
    token: TokenArguments,
}

/// What can be written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Artefact {
    PrometheusRules,
}

/// A file that was made: its name, and what is in it.
struct Made {
    file: String,
    text: String,
}

pub(crate) fn run(arguments: &GenerateArguments) -> Exit {
    let token = match Token::find(&arguments.token) {
        Ok(token) => token,
        Err(error) => {
            complain(error);
            return Exit::Trouble;
        }
    };
    let catalogue = match arguments.from.catalogue(token, arguments.timeout) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            complain(format_args!("{}: {error}", arguments.from));
            return Exit::Trouble;
        }
    };
    let made = make(arguments.artefact, &catalogue, &arguments.name);
    let Some(folder) = &arguments.output else {
        let [main, tests] = made;
        print(if arguments.tests { tests } else { main }.text);
        return Exit::Success;
    };
    match write(folder, &made) {
        Ok(()) => Exit::Success,
        Err(error) => {
            complain(format_args!(
                "cannot write to {}: {error}",
                folder.display()
            ));
            Exit::Trouble
        }
    }
}

/// Makes what was asked for, and its tests.
fn make(artefact: Artefact, catalogue: &Catalogue, name: &str) -> [Made; 2] {
    match artefact {
        Artefact::PrometheusRules => {
            let rules = prometheus_rules::Rules::new(catalogue, name);
            let file = format!("{name}.rules.yml");
            let tests = Made {
                file: format!("{name}.rules.test.yml"),
                text: rules.tests(&file),
            };
            let text = rules.text();
            [Made { file, text }, tests]
        }
    }
}

fn write(folder: &Path, made: &[Made]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    made.iter()
        .try_for_each(|made| fs::write(folder.join(&made.file), &made.text))
}

/// Reads the name of a service, which becomes part of file names, selectors and labels.
fn service_name(text: &str) -> Result<String, String> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let is_name = text.len() <= 63
        && text.starts_with(is_part)
        && text.ends_with(is_part)
        && text.chars().all(|letter| is_part(letter) || letter == '-');
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("write small letters, digits and `-` between them, 63 at most".to_owned())
    }
}
