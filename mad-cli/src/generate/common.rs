//! What all artefacts have in common: whom to ask, what it is called, and where it goes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::source::Source;
use crate::arguments::{TokenArguments, time};
use crate::catalogue::Catalogue;
use crate::exit::Exit;
use crate::output::{complain, print};
use crate::token::Token;

/// What is said on the command line, with the options of one artefact.
#[derive(Args, Debug)]
pub(super) struct Wanted<T: Args> {
    /// What the service is called: its `job` in Prometheus, and part of the names of files
    #[arg(long, value_parser = service_name)]
    name: String,
    /// Whom to ask: an address, or the path of a program that calls `mad_exporter::probe_main()`
    #[arg(long, value_name = "URL|BINARY", default_value = "localhost:9464")]
    from: Source,
    #[command(flatten)]
    options: T,
    /// Writes files into this folder, instead of to the standard output
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// How long the service may take to answer
    #[arg(short, long, default_value = "10s", value_parser = time)]
    timeout: Duration,
    #[command(flatten)]
    token: TokenArguments,
}

/// What an artefact is made of.
#[derive(Debug)]
pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) checks: &'a Catalogue,
    /// The path below which MAD answers there: empty, or `/mad`.
    pub(super) prefix: &'a str,
    /// Its program, if that was asked.
    pub(super) program: Option<&'a Path>,
}

/// A file that was made: its name, and what is in it.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) file: String,
    pub(super) text: String,
}

impl<T: Args> Wanted<T> {
    /// Asks for the checks, has files made of them, and writes those into the folder, or else the first of them to
    /// the standard output.
    pub(super) fn write(&self, make: impl Fn(&Service<'_>, &T) -> Vec<Made>) -> Exit {
        let checks = match self.ask() {
            Ok(checks) => checks,
            Err(complaint) => {
                complain(complaint);
                return Exit::Trouble;
            }
        };
        let service = Service {
            name: &self.name,
            checks: &checks,
            prefix: self.from.prefix(),
            program: self.from.program(),
        };
        let files = make(&service, &self.options);
        let Some(folder) = &self.output else {
            files.first().into_iter().for_each(|made| print(&made.text));
            return Exit::Success;
        };
        match write(folder, &files) {
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

    fn ask(&self) -> Result<Catalogue, String> {
        let token = Token::find(&self.token).map_err(|error| error.to_string())?;
        let checks = self.from.catalogue(token, self.timeout);
        checks.map_err(|error| format!("{}: {error}", self.from))
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

/// Makes one line of a text that somebody wrote, for a place where a line ends it.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<_> = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}
