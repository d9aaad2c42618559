//! Incidents on a line of commits, and what was measured along it.

use super::place::{OnLine, Places};
use super::side::Side;
use super::sizes::steps;
use super::{OfIncident, Plan};
use crate::git::{GitError, Repository};
use crate::incidents::Incidents;
use crate::timeline::{Measured, Timeline};

/// What is known.
pub(super) struct Evidence<'a> {
    timeline: &'a Timeline,
    placed: Vec<OnLine<'a>>,
    pub(super) without_place: Vec<String>,
    pub(super) at_the_time: Side<'a>,
    pub(super) in_hindsight: Option<Side<'a>>,
}

impl<'a> Evidence<'a> {
    pub(super) fn gather(
        repository: &Repository,
        timeline: &'a Timeline,
        incidents: &'a Incidents,
        plan: Plan,
    ) -> Result<Self, GitError> {
        let places = Places::find(repository, &timeline.commits, incidents, plan)?;
        let steps = steps(repository, timeline, &places.releases)?;
        let incidents = places.incidents();
        let side = |hindsight| {
            let measured = timeline.measured.iter();
            let measured: Vec<_> = measured
                .filter(|one| one.is_hindsight() == hindsight)
                .collect();
            Side::of(measured, &steps, &incidents)
        };
        let has_hindsight = timeline.measured.iter().any(Measured::is_hindsight);
        Ok(Self {
            at_the_time: side(false),
            in_hindsight: has_hindsight.then(|| side(true)),
            timeline,
            placed: places.on_line,
            without_place: places.nowhere,
        })
    }

    /// Returns what had changed before each.
    pub(super) fn incidents(&self) -> Vec<OfIncident> {
        self.placed.iter().map(|one| self.incident(one)).collect()
    }

    fn incident(&self, one: &OnLine<'_>) -> OfIncident {
        let OnLine { placed, incident } = one;
        let commit = |position: u64| self.timeline.commits.get(usize::try_from(position).ok()?);
        let id = |position| commit(position).map(|commit| commit.id.clone());
        OfIncident {
            name: incident.name.clone(),
            title: placed.incident.title.clone(),
            began: placed.incident.began.to_string(),
            live: id(incident.live).unwrap_or_default(),
            after: (incident.after > 0).then(|| id(incident.after)).flatten(),
            stretch: self.at_the_time.stretch(incident),
            doubts: placed.doubts.iter().map(ToString::to_string).collect(),
            at_the_time: self.at_the_time.indicators(self.timeline, incident),
            in_hindsight: self
                .in_hindsight
                .as_ref()
                .map(|side| side.indicators(self.timeline, incident))
                .unwrap_or_default(),
            failing: self
                .in_hindsight
                .as_ref()
                .map(|side| side.failing(self.timeline, incident))
                .unwrap_or_default(),
        }
    }
}
