//! One snapshot, as somebody asks about it: what is in it, what of that counts, and how it is.

use std::cmp::Reverse;

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
    /// Whether something was left out, as there was too much of it.
    pub(crate) is_truncated: bool,
    state: State,
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
    /// Whether more than its name and state is told.
    pub(crate) has_details: bool,
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
            has_details: false,
        };
        let checks = snapshot.health_checks.iter();
        let checks = checks.filter(|check| probe == Probe::Any || check.gates(probe));
        let checks = checks.map(|check| Row {
            check: Some(check),
            state: counted_state(snapshot, check, probe),
            counts: check.gates(probe),
            has_details: may_see,
        });
        let rows: Vec<_> = std::iter::once(lifecycle).chain(checks).collect();
        Self {
            snapshot,
            program,
            probe,
            may_see,
            state: worst(&rows),
            rows,
            is_component: false,
            is_truncated: false,
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
            state: row.state,
            rows: vec![row],
            is_component: true,
            ..self
        })
    }

    /// Returns how the whole is: as the worst of what counts, also of what is left out.
    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// Tells less: half of the details, or, when there are none, half of the checks. What is worst is told last.
    /// Says whether there was something to leave out.
    pub(crate) fn shorten(&mut self) -> bool {
        self.is_truncated = true;
        let mut ranked: Vec<_> = self.rows.iter_mut().filter(|row| row.has_details).collect();
        if !ranked.is_empty() {
            ranked.sort_by_key(|row| Reverse(row.true_state()));
            let left = ranked.len() / 2;
            ranked
                .into_iter()
                .skip(left)
                .for_each(|row| row.has_details = false);
            return true;
        }
        let mut ranked: Vec<_> = self.rows.iter().map(Row::rank).collect();
        ranked.sort_unstable();
        let left = &ranked[..ranked.len() / 2];
        let Some(last) = left.last() else {
            return false;
        };
        self.rows.retain(|row| row.rank() <= *last);
        true
    }
}

/// How the whole is of which these are the parts.
fn worst(rows: &[Row<'_>]) -> State {
    let counting = rows.iter().filter(|row| row.counts);
    let states = counting.map(|row| row.state);
    states.max().unwrap_or(State::Unknown)
}

impl<'a> Row<'a> {
    /// Returns the name of the check; `None` for the lifecycle.
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.check.map(|check| check.check.name())
    }

    /// Which of two is told of first where not all are: the lifecycle, then what counts and is worst.
    fn rank(&self) -> (bool, Reverse<(bool, State)>, Option<&'a str>) {
        (
            self.check.is_some(),
            Reverse((self.counts, self.true_state())),
            self.name(),
        )
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
