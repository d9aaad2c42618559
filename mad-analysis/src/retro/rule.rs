//! Rules by which somebody could have been alarmed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::history::{History, Step};
use super::lots::Lots;
use super::walk::Walk;
use crate::Shape;
use crate::order::quantile_of_sorted;

/// How many commits it takes to know what is usual.
const USUAL: usize = 20;

/// When somebody is alarmed at a commit. Each rule sees nothing that came later.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rule")]
pub enum Rule {
    /// A series took a step that is no good news, of at least this part of its level.
    Step {
        /// The least part.
        least: f64,
    },
    /// A series drifted, by at least this part of its level.
    Drift {
        /// The least part.
        least: f64,
    },
    /// The commit added more lines than this share of those before it. The strongest of the cheap predictors in the
    /// literature (Zeng et al. 2021).
    AddedLines {
        /// The share.
        beyond: f64,
    },
    /// The same of lines that were added or taken away (after Nagappan and Ball 2005).
    Churn {
        /// The share.
        beyond: f64,
    },
    /// Each release.
    Release,
    /// This share of all commits, drawn by lot.
    Lot {
        /// The share.
        share: f64,
        /// Another seed is another draw.
        seed: u64,
    },
}

impl Rule {
    /// The rules that are tried unless somebody says otherwise: those that look at what was measured, and the cheap ones that they
    /// have to be better than.
    pub const USUAL: [Self; 6] = [
        Self::Step { least: 0.05 },
        Self::Drift { least: 0.05 },
        Self::AddedLines { beyond: 0.9 },
        Self::Churn { beyond: 0.9 },
        Self::Release,
        Self::Lot {
            share: 0.05,
            seed: 1,
        },
    ];

    /// Returns the same rule with thresholds below and above: a rule that is good at one threshold only was chosen after the
    /// fact.
    pub fn neighbours(self) -> Vec<Self> {
        let outside = |beyond: f64| [1.0 - 2.0 * (1.0 - beyond), 1.0 - (1.0 - beyond) / 2.0];
        match self {
            Self::Step { least } => [least / 2.0, least * 2.0]
                .map(|least| Self::Step { least })
                .to_vec(),
            Self::Drift { least } => [least / 2.0, least * 2.0]
                .map(|least| Self::Drift { least })
                .to_vec(),
            Self::AddedLines { beyond } => outside(beyond)
                .map(|beyond| Self::AddedLines { beyond })
                .to_vec(),
            Self::Churn { beyond } => outside(beyond)
                .map(|beyond| Self::Churn { beyond })
                .to_vec(),
            Self::Release | Self::Lot { .. } => Vec::new(),
        }
    }

    /// Returns whether it looks at what was measured, and is not one of those that others have to be better than.
    pub fn is_measured(self) -> bool {
        matches!(self, Self::Step { .. } | Self::Drift { .. })
    }

    /// Returns the positions of the commits at which the rule gives an alarm, in order.
    pub fn alarms(self, history: &History, walk: &Walk) -> Vec<u64> {
        match self {
            Self::Step { least } => found(walk, Shape::Step, least),
            Self::Drift { least } => found(walk, Shape::Drift, least),
            Self::AddedLines { beyond } => unusual(history, beyond, |step| step.added),
            Self::Churn { beyond } => unusual(history, beyond, |step| {
                Some(step.added? + step.removed.unwrap_or(0))
            }),
            Self::Release => (0..)
                .zip(&history.steps)
                .filter(|(_, step)| step.is_release)
                .map(|(position, _)| position)
                .collect(),
            Self::Lot { share, seed } => {
                let mut lots = Lots::from_seed(seed);
                let mut positions: Vec<_> = (0..history.count()).collect();
                positions.retain(|_| lots.share() < share);
                positions
            }
        }
    }
}

fn found(walk: &Walk, shape: Shape, least: f64) -> Vec<u64> {
    let raised = walk.raised.iter().filter(|raised| {
        let finding = &raised.finding;
        let size = finding
            .relative
            .map_or(f64::INFINITY, |part| part.value.abs());
        finding.shape == shape && size >= least
    });
    let positions: BTreeSet<u64> = raised.map(|raised| raised.at).collect();
    positions.into_iter().collect()
}

fn unusual(history: &History, beyond: f64, size: impl Fn(&Step) -> Option<u64>) -> Vec<u64> {
    let mut known: Vec<u64> = Vec::new();
    let mut alarms = Vec::new();
    for (position, step) in (0..).zip(&history.steps) {
        let Some(size) = size(step) else {
            continue;
        };
        let place = known.partition_point(|other| *other < size);
        if known.len() >= USUAL && size > quantile_of_sorted(&known, beyond) {
            alarms.push(position);
        }
        known.insert(place, size);
    }
    alarms
}
