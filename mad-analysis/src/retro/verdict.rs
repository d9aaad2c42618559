//! What the figures allow to be said.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The fewest incidents from which anything general is learnt.
const FEW: usize = 10;

/// The share of rules that look good by chance that is put up with.
const LEVEL: f64 = 0.05;

/// What is known about a rule. Its words are made of figures alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There was no incident to be alarmed of.
    NothingToTell,
    /// It never gave an alarm.
    Silent,
    /// None of its alarms came before an incident.
    NoSignal,
    /// Its alarms came before incidents no more often than by chance.
    NoEvidence,
    /// They came more often than by chance before a single incident, which is a story and no evidence.
    Anecdote,
    /// They came more often, and the incidents are few.
    Suggestive,
    /// They came more often.
    Evidence,
}

impl Verdict {
    pub(crate) fn of(incidents: usize, alarms: usize, met: usize, q: f64) -> Self {
        match (incidents, alarms, met) {
            (0, ..) => Self::NothingToTell,
            (_, 0, _) => Self::Silent,
            (.., 0) => Self::NoSignal,
            _ if q > LEVEL => Self::NoEvidence,
            (.., 1) => Self::Anecdote,
            _ if is_few(incidents) => Self::Suggestive,
            _ => Self::Evidence,
        }
    }

    /// Returns whether a rule has earned it to be asked about what comes.
    pub fn is_earned(self) -> bool {
        matches!(self, Self::Suggestive | Self::Evidence)
    }
}

/// Returns whether so many incidents are too few to learn anything general from.
pub fn is_few(incidents: usize) -> bool {
    incidents < FEW
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NothingToTell => "nothing to tell: there was no incident with measured commits before it",
            Self::Silent => "silent: it never gave an alarm",
            Self::NoSignal => "no signal: none of its alarms came before an incident",
            Self::NoEvidence => {
                "no evidence: its alarms came before incidents no more often than chance would have it"
            }
            Self::Anecdote => {
                "an anecdote: its alarms came before a single incident, which is no evidence"
            }
            Self::Suggestive => {
                "suggestive: its alarms came before incidents more often than chance would have it, but the incidents \
                 are few"
            }
            Self::Evidence => {
                "evidence: its alarms came before incidents more often than chance would have it"
            }
        })
    }
}
