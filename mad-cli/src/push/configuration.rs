//! The sinks of a project: `[[sink]]` in mad.toml.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mad_store::sink::{Secret, Target, TargetError};
use serde::Deserialize;

use super::{At, Order, With, Words, extra};
use crate::store_place::root;

/// As far as sinks are concerned, what mad.toml says.
#[derive(Debug, Deserialize)]
pub(super) struct Sinks {
    #[serde(default, rename = "sink")]
    sinks: Vec<Entry>,
    #[serde(skip)]
    file: PathBuf,
}

/// A `[[sink]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    to: String,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    #[serde(default)]
    labels: Words,
    #[serde(default)]
    headers: Words,
    #[serde(default)]
    with: Vec<With>,
    #[serde(default)]
    time: At,
}

impl Sinks {
    /// Reads a file, or mad.toml at the root of the repository that we are in.
    pub(super) fn read(file: Option<&Path>) -> Result<Self, ConfigurationError> {
        let file = match file {
            Some(file) => file.to_owned(),
            None => usual_file()?,
        };
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ConfigurationError::NoFile(file));
            }
            Err(error) => return Err(ConfigurationError::File(file, error)),
        };
        let sinks: Self = toml::from_str(&text)
            .map_err(|error| ConfigurationError::Syntax(file.clone(), error))?;
        if sinks.sinks.is_empty() {
            return Err(ConfigurationError::NoSink(file));
        }
        Ok(Self { file, ..sinks })
    }

    pub(super) fn orders(self) -> Result<Vec<Order>, ConfigurationError> {
        let orders = self.sinks.into_iter().map(|entry| entry.order(&self.file));
        orders.collect()
    }
}

/// mad.toml at the root of the repository that we are in.
fn usual_file() -> Result<PathBuf, ConfigurationError> {
    let here = env::current_dir();
    let here = here.map_err(|error| ConfigurationError::File("mad.toml".into(), error))?;
    Ok(root(&here).join("mad.toml"))
}

impl Entry {
    fn order(self, file: &Path) -> Result<Order, ConfigurationError> {
        let target = self.to.parse::<Target>();
        let mut target =
            target.map_err(|error| ConfigurationError::Address(file.to_owned(), self.to, error))?;
        for (name, value) in self.headers {
            target = target.with_header(name, value);
        }
        let beside = self
            .secret_file
            .map(|secret| file.with_file_name("").join(secret));
        let secret = secret(self.secret_env.as_deref(), beside.as_deref())?;
        let mut order = Order::new(target, secret);
        order.options.labels = self.labels;
        order.options.with = self.with.into_iter().map(extra).collect();
        order.options.time = self.time.into();
        Ok(order)
    }
}

/// A secret from a variable or from a file.
pub(super) fn secret(
    variable: Option<&str>,
    file: Option<&Path>,
) -> Result<Option<Secret>, ConfigurationError> {
    let text = match (variable, file) {
        (Some(variable), None) => from_environment(variable)?,
        (None, Some(file)) => fs::read_to_string(file)
            .map_err(|error| ConfigurationError::File(file.to_owned(), error))?,
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(ConfigurationError::TwoSecrets),
    };
    Ok(Some(Secret::new(text)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the arguments or the file name it"
)]
fn from_environment(variable: &str) -> Result<String, ConfigurationError> {
    env::var(variable).map_err(|_| ConfigurationError::Variable(variable.to_owned()))
}

/// Why nobody knows where to send anything.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigurationError {
    #[error("{} is not there: say `--to ADDRESS`, or write a `[[sink]]` into it", .0.display())]
    NoFile(PathBuf),
    #[error("{} has no `[[sink]]`: write one, or say `--to ADDRESS`", .0.display())]
    NoSink(PathBuf),
    #[error("{} cannot be read", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("{} cannot be understood", .0.display())]
    Syntax(PathBuf, #[source] toml::de::Error),
    #[error("{}: `{}`", .0.display(), .1)]
    Address(PathBuf, String, #[source] TargetError),
    #[error("the environment variable {0}, which should hold the secret, is not set")]
    Variable(String),
    #[error("a secret is in an environment variable or in a file, not in both")]
    TwoSecrets,
    #[error(
        "one secret for several sinks would show it to all of them: write a `[[sink]]` for each into mad.toml"
    )]
    SecretForSeveral,
}
