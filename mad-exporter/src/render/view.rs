//! One snapshot, as somebody asks about it: what is in it, what of that counts, and how it is.

use mad_core::{Health, HealthSnapshot, Probe, Snapshot};

use super::state::State;
use crate::program::Program;

/// One snapshot as somebody asks about it. The documents of all dialects are made from it.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) program: &'a Program,
    pub(crate) probe: Probe,
    /// Whether more than names and states is for these eyes.
    pub(crate) may_see: bool,
    /// The lifecycle, then the checks by name; or one component alone.
    pub(crate) rows: Vec<Row<'a>>,
    /// Whether it is about one component alone.
    pub(crate) is_component: bool,
}

/// The lifecycle, or one check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// None is the lifecycle.
    pub(crate) check: Option<&'a HealthSnapshot>,
    /// How it is, as far as the whole is concerned.
    pub(crate) state: State,
    /// Whether the whole is no better than it.
    pub(crate) counts: bool,
}

impl<'a> View<'a> {
    /// Looks at what gates a probe; at [`Probe::Any`], also at the checks that gate none.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        program: &'a Program,
        probe: Probe,
        may_see: bool,
    ) -> Self {
        let lifecycle = Row {
            check: None,
            state: lifecycle_state(snapshot, probe),
            counts: true,
        };
        let checks = snapshot.health_checks.iter();
        let checks = checks.filter(|check| probe == Probe::Any || check.gates(probe));
        let checks = checks.map(|check| Row {
            check: Some(check),
            state: counted_state(snapshot, check, probe),
            counts: check.gates(probe),
        });
        let rows = std::iter::once(lifecycle).chain(checks).collect();
        Self {
            snapshot,
            program,
            probe,
            may_see,
            rows,
            is_component: false,
        }
    }

    /// Looks at one component of it alone.
    pub(crate) fn component(self, is_meant: impl Fn(&Row<'_>) -> bool) -> Option<Self> {
        let row = self.rows.iter().find(|row| is_meant(row))?;
        let row = Row {
            counts: true,
            ..*row
        };
        Some(Self {
            rows: vec![row],
            is_component: true,
            ..self
        })
    }

    /// Returns how the whole is: as the worst of what counts.
    pub(crate) fn state(&self) -> State {
        let counting = self.rows.iter().filter(|row| row.counts);
        counting
            .map(|row| row.state)
            .max()
            .unwrap_or(State::Unknown)
    }
}

impl<'a> Row<'a> {
    /// Returns the name of the check; `None` for the lifecycle.
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.check.map(|check| check.check.name())
    }

    pub(crate) fn is_in_maintenance(&self) -> bool {
        self.check.is_some_and(|check| check.maintenance.is_some())
    }

    /// Returns how it is, whether it counts or not: what is in maintenance may well be down.
    pub(crate) fn true_state(&self) -> State {
        match self.check {
            Some(check) if self.is_in_maintenance() => check.health.into(),
            _ => self.state,
        }
    }
}

/// How an instance is whose lifecycle is all that counts.
pub(crate) fn lifecycle_state(snapshot: &Snapshot, probe: Probe) -> State {
    if snapshot.health_checks.is_empty() && snapshot.self_tests.is_empty() {
        // An instance that lost its checks is not well: nobody looks.
        State::Unknown
    } else if snapshot.lifecycle_answers(probe) {
        State::Up
    } else {
        State::Away
    }
}

/// How a check is, as far as this probe is concerned: an instance is no better than any that gates it.
pub(crate) fn counted_state(snapshot: &Snapshot, check: &HealthSnapshot, probe: Probe) -> State {
    // Startup, once it has passed, has passed for good, whatever its checks say since.
    let has_started = probe == Probe::Startup && snapshot.lifecycle_answers(probe);
    // To liveness, what has just started is well.
    let has_time = check.health == Health::Unknown && check.answers(probe);
    if check.maintenance.is_some() {
        State::Degraded
    } else if has_started || has_time {
        State::Up
    } else {
        check.health.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::snapshots::{PROBES, snapshots};
    use super::*;

    proptest! {
        #[test]
        fn the_worst_of_what_counts_is_the_snapshots_verdict(
            snapshot in snapshots(),
            probe in prop::sample::select(&PROBES[..]),
        ) {
            let program = Program::default();
            let view = View::new(&snapshot, &program, probe, false);
            prop_assert_eq!(view.state().is_serving(), snapshot.answers(probe));
        }
    }
}
