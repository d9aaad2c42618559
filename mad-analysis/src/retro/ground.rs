//! Where an alarm could have come at all.

use super::history::{History, Incident, seconds};
use crate::float;

/// The commits of a history that were measured, and the incidents that have any of them before them.
///
/// Who measured forty commits around an incident and nothing else has all alarms near it, whatever they are worth. So shares
/// are those of measured commits, and chance may put alarms there only.
pub(crate) struct Ground<'a> {
    pub(crate) measured: Vec<u64>,
    /// Those that happened to one commit are one here: whatever was said before it was said before all of them, once.
    pub(crate) incidents: Vec<Incident>,
    /// Incidents before which nothing was measured: no rule could have met them.
    pub(crate) unmeasured: Vec<&'a Incident>,
    pub(crate) months: f64,
}

impl<'a> Ground<'a> {
    pub(crate) fn of(history: &'a History) -> Self {
        let measured = history.measured();
        let is_measured = |incident: &&Incident| measured.iter().any(|at| incident.concerns(*at));
        let (incidents, unmeasured): (Vec<_>, _) = history.incidents.iter().partition(is_measured);
        Self {
            months: months(history, &measured),
            incidents: together(&incidents),
            measured,
            unmeasured,
        }
    }

    /// Leaves those alarms that came where something was measured.
    pub(crate) fn only(&self, mut alarms: Vec<u64>) -> Vec<u64> {
        alarms.retain(|alarm| self.place(*alarm).is_some());
        alarms
    }

    /// Returns the how manieth of the measured commits a position is.
    pub(crate) fn place(&self, position: u64) -> Option<u64> {
        let place = self.measured.binary_search(&position).ok()?;
        Some(place as u64)
    }

    /// Returns the position of the so manieth measured commit.
    pub(crate) fn position(&self, place: u64) -> Option<u64> {
        let index = usize::try_from(place).ok()?;
        self.measured.get(index).copied()
    }

    /// Returns the share of measured commits that some incident concerns: how often an alarm meets one that is given by lot.
    pub(crate) fn base_rate(&self) -> f64 {
        let concerned = self.measured.iter().filter(|position| {
            let mut incidents = self.incidents.iter();
            incidents.any(|incident| incident.concerns(**position))
        });
        float(concerned.count()) / float(self.measured.len().max(1))
    }
}

/// Makes one of incidents that happened to the same commit, with all their names.
fn together(incidents: &[&Incident]) -> Vec<Incident> {
    let mut all: Vec<Incident> = Vec::new();
    for incident in incidents {
        match all.iter_mut().find(|other| other.live == incident.live) {
            Some(other) => {
                other.name = format!("{}, {}", other.name, incident.name);
                other.after = other.after.min(incident.after);
                other.began = other.began.min(incident.began);
            }
            None => all.push((*incident).clone()),
        }
    }
    all
}

/// Returns how many months of thirty days the measured commits cover, by their dates.
fn months(history: &History, measured: &[u64]) -> f64 {
    const MONTH: f64 = 30.0 * 86_400.0;
    let dates = measured
        .iter()
        .filter_map(|position| history.committed_at(*position));
    match (dates.clone().min(), dates.max()) {
        (Some(first), Some(last)) => seconds(last - first) / MONTH,
        _ => 0.0,
    }
}
