//! What is asked, written down before anybody looks.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Plan;
use crate::incidents::Incidents;
use crate::timeline::Timeline;

/// What is asked, and by which rules. Whoever asks something else afterwards has another number.
#[derive(Debug, Serialize)]
pub(crate) struct Question {
    pub(crate) lines: Vec<String>,
    /// A number made of the lines.
    pub(crate) number: String,
}

impl Question {
    pub(super) fn of(timeline: &Timeline, incidents: &Incidents, plan: Plan) -> Self {
        let ends = (timeline.commits.first(), timeline.commits.last());
        let range = match ends {
            (Some(first), Some(last)) => format!("{}..{}", first.id, last.id),
            _ => "none".to_owned(),
        };
        let window = plan.window.map_or_else(
            || "since the release before, or 30 commits where there is none".to_owned(),
            |window| format!("{window} commits"),
        );
        let rules: Vec<_> = plan.rules().into_iter().map(rule_words).collect();
        let names: Vec<_> = incidents
            .incidents
            .iter()
            .map(|one| one.id.as_str())
            .collect();
        let metrics: BTreeSet<&str> = timeline
            .measured
            .iter()
            .map(|one| one.metric.name.as_str())
            .collect();
        let lines = vec![
            "which of the things that were measured had changed before an incident, and is that more than chance?"
                .to_owned(),
            format!("commits, by first parents: {range}"),
            format!("series: {}", timeline.measured.len()),
            format!("metrics: {}", metrics.into_iter().collect::<Vec<_>>().join(", ")),
            format!("incidents: {}", names.join(", ")),
            format!("asked about before each: {window}"),
            format!("rules: {}", rules.join("; ")),
            format!("detector: mad-analysis {}, its constants are fixed", env!("CARGO_PKG_VERSION")),
        ];
        let number = number(&lines);
        Self { lines, number }
    }
}

/// Returns a rule in words.
pub(crate) fn rule_words(rule: mad_analysis::Rule) -> String {
    use mad_analysis::Rule;
    match rule {
        Rule::Step { least } => format!("a step of {} % or more", percent(least)),
        Rule::Drift { least } => format!("a drift of {} % or more", percent(least)),
        Rule::AddedLines { beyond } => {
            format!("more added lines than {} % of commits", percent(beyond))
        }
        Rule::Churn { beyond } => {
            format!("more changed lines than {} % of commits", percent(beyond))
        }
        Rule::Release => "every release".to_owned(),
        Rule::Lot { share, .. } => format!("{} % of commits, by lot", percent(share)),
    }
}

fn percent(share: f64) -> f64 {
    (share * 1_000.0).round() / 10.0
}

/// FNV-1a (Fowler, Noll and Vo), as it only has to tell texts apart that nobody made to be mistaken.
fn number(lines: &[String]) -> String {
    let bytes = lines.iter().flat_map(|line| line.bytes().chain([b'\n']));
    let number = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
        (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{number:016x}")
}
