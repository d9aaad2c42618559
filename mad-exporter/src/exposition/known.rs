//! What families are filled from.

use mad_core::{HealthSnapshot, Record, SelfTestSnapshot, Snapshot};

use crate::program::Program;

/// What families are filled from.
pub(super) struct Known<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) health_checks: Vec<Row<'a>>,
    pub(super) self_tests: Vec<Row<'a>>,
    pub(super) program: &'a Program,
    pub(super) is_application_missing: bool,
}

impl<'a> Known<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        program: &'a Program,
        is_application_missing: bool,
    ) -> Self {
        Self {
            snapshot,
            health_checks: snapshot.health_checks.iter().map(Row::from).collect(),
            self_tests: snapshot.self_tests.iter().map(Row::from).collect(),
            program,
            is_application_missing,
        }
    }
}

/// What is known of a check of either kind.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) record: &'a Record,
    pub(super) is_stuck: bool,
    pub(super) is_in_maintenance: bool,
}

impl<'a> From<&'a HealthSnapshot> for Row<'a> {
    fn from(snapshot: &'a HealthSnapshot) -> Self {
        Self {
            name: snapshot.check.name(),
            record: &snapshot.record,
            is_stuck: snapshot.stuck_since.is_some(),
            is_in_maintenance: snapshot.maintenance.is_some(),
        }
    }
}

impl<'a> From<&'a SelfTestSnapshot> for Row<'a> {
    fn from(snapshot: &'a SelfTestSnapshot) -> Self {
        Self {
            name: snapshot.check.name(),
            record: &snapshot.record,
            is_stuck: snapshot.stuck_since.is_some(),
            is_in_maintenance: snapshot.maintenance.is_some(),
        }
    }
}
