//! What is in maintenance, as JSON. The shapes are versioned and described in `HTTP.md`.

use std::collections::BTreeMap;

use mad_core::MaintenanceList;
use serde::Serialize;

use super::timestamp::rfc3339;

/// Everything that is in maintenance.
#[derive(Debug, Serialize)]
pub(crate) struct List<'a> {
    version: u32,
    all: Option<Maintenance>,
    checks: BTreeMap<&'a str, Maintenance>,
    warning: Option<&'a str>,
}

/// The maintenance of one check, or of all.
#[derive(Debug, Serialize)]
pub(crate) struct Maintenance {
    reason: String,
    until: String,
}

pub(crate) fn list(list: &MaintenanceList) -> List<'_> {
    let checks = list.checks.iter();
    List {
        version: 1,
        all: list.all.as_ref().map(maintenance),
        checks: checks
            .map(|(name, one)| (name.as_str(), maintenance(one)))
            .collect(),
        warning: list.warning.as_deref(),
    }
}

pub(crate) fn maintenance(one: &mad_core::Maintenance) -> Maintenance {
    Maintenance {
        reason: one.reason.clone(),
        until: rfc3339(one.until),
    }
}
