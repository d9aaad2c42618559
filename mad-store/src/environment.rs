//! Where and how something was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where and how something was measured: what two numbers must have in common to be compared.
///
/// A test takes another time on another host, under another runner, in another profile. Each environment
/// has series of its own therefore, and nothing joins them unless asked. What does not depend on a fact leaves
/// it empty: lines of code are the same everywhere, so they are measured in [`Environment::default`].
///
/// ```
/// use mad_store::Environment;
///
/// let environment = Environment {
///     host: "ci-3".to_owned(),
///     toolchain: "1.95.0".to_owned(),
///     runner: "nextest".to_owned(),
///     profile: "dev".to_owned(),
///     ..Environment::default()
/// };
/// assert_ne!(environment, Environment::default());
/// assert_eq!(environment.to_string(), "ci-3 1.95.0 nextest dev");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// The machine's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The version of the compiler, as `rustc --version` has it: `1.95.0`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub toolchain: String,
    /// What it was compiled for: `x86_64-unknown-linux-gnu`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// What ran it: `nextest`, `libtest`, or the tool that a report came from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runner: String,
    /// The Cargo profile: `dev`, `release`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub profile: String,
    /// The features, as they were asked for; empty for the default ones.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub features: String,
    /// What else tells one cell of a matrix from another, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cell: BTreeMap<String, String>,
}

impl std::fmt::Display for Environment {
    /// What is known, in the order of the fields, for people.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut known: Vec<String> = [
            &self.host,
            &self.toolchain,
            &self.target,
            &self.runner,
            &self.profile,
            &self.features,
        ]
        .into_iter()
        .filter(|fact| !fact.is_empty())
        .cloned()
        .collect();
        known.extend(
            self.cell
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        if known.is_empty() {
            return formatter.write_str("anywhere");
        }
        formatter.write_str(&known.join(" "))
    }
}
