//! What a check says about itself, of either kind.

use mad_core::{Check, Maintenance};

use super::moment::Moment;
use super::span::span;

/// What a check says about itself.
#[derive(Debug)]
pub(super) struct About {
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) owner: Option<String>,
    pub(super) runbook: Option<Runbook>,
    pub(super) tags: Vec<String>,
    pub(super) timeout: String,
    /// The place of its function.
    pub(super) location: String,
}

impl From<&Check> for About {
    fn from(check: &Check) -> Self {
        let location = check.location();
        Self {
            summary: check.summary().to_owned(),
            description: description(check),
            owner: check.owner().map(str::to_owned),
            runbook: check.runbook().map(Runbook::from),
            tags: check.tags().map(str::to_owned).collect(),
            timeout: span(check.timeout()),
            location: format!("{}:{}", location.file, location.line),
        }
    }
}

/// Leaves out what stands beside it, as a fact of its own.
fn description(check: &Check) -> String {
    let lines = check.description().lines();
    let text: Vec<_> = lines
        .filter(|line| check.runbook().is_none() || !line.trim_start().starts_with("Runbook:"))
        .collect();
    text.join("\n").trim().to_owned()
}

/// What to read when it fails.
#[derive(Debug)]
pub(super) struct Runbook {
    pub(super) text: String,
    /// Whether a browser may follow it: a `javascript:` would be run by it.
    pub(super) is_link: bool,
}

impl From<&str> for Runbook {
    fn from(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        Self {
            text: text.to_owned(),
            is_link: lower.starts_with("https://") || lower.starts_with("http://"),
        }
    }
}

/// The maintenance that a check is in.
#[derive(Debug)]
pub(super) struct InMaintenance {
    pub(super) reason: String,
    pub(super) until: Moment,
}

impl From<&Maintenance> for InMaintenance {
    fn from(maintenance: &Maintenance) -> Self {
        Self {
            reason: maintenance.reason.clone(),
            until: maintenance.until.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_links() {
        let is_link = |text| Runbook::from(text).is_link;
        assert!(is_link("https://wiki.example.com/db"));
        assert!(is_link("HTTP://wiki.example.com/db"));
        assert!(!is_link("javascript:alert(1)"));
        assert!(!is_link("see the folder at the desk"));
    }
}
