//! The health checks: their states by tag, and their runs.

use std::collections::BTreeMap;

use super::panel::{Panel, STATES};
use super::query::{Query, checks};
use crate::catalogue::{About, HealthCheck};

/// The heading of those without a tag.
const UNTAGGED: &str = "without a tag";

/// The states, with a panel for each tag. A check with several tags is in several.
pub(super) fn by_tag(query: &Query, all: &[HealthCheck]) -> Vec<Panel> {
    let mut tags: BTreeMap<&str, Vec<&HealthCheck>> = BTreeMap::new();
    for check in all {
        for tag in &check.about.tags {
            tags.entry(tag).or_default().push(check);
        }
        if check.about.tags.is_empty() {
            tags.entry(UNTAGGED).or_default().push(check);
        }
    }
    let panels = tags
        .into_iter()
        .map(|(tag, checks)| states(query, tag, &checks));
    std::iter::once(Panel::row("Health checks by tag"))
        .chain(panels)
        .collect()
}

fn states(query: &Query, tag: &str, of: &[&HealthCheck]) -> Panel {
    let about: Vec<_> = of.iter().map(|check| &check.about).collect();
    let names = checks(&about);
    let health = query.with("mad_check_health", &names);
    let panel = Panel::states(tag, of.len(), STATES).asking(
        format!("min by (check, instance) ({health})"),
        "{{check}} {{instance}}",
    );
    explained(panel, &about)
}

/// Says of each what it is about, and leads to its runbook.
pub(super) fn explained(panel: Panel, of: &[&About]) -> Panel {
    let mut said = Vec::new();
    let panel = of.iter().fold(panel, |panel, about| {
        said.push(sentence(about));
        match &about.runbook {
            Some(runbook) => panel.linking(&about.name, "Runbook", runbook),
            None => panel,
        }
    });
    panel.saying(said.join("\n\n"))
}

fn sentence(about: &About) -> String {
    let owner = about.owner.as_ref();
    let owner = owner.map_or(String::new(), |owner| format!(" Owner: {owner}."));
    let runbook = about.runbook.as_ref();
    let runbook = runbook.map_or(String::new(), |runbook| format!(" Runbook: <{runbook}>"));
    format!("**{}**: {}{owner}{runbook}", about.name, about.summary)
}

/// How long they take, what they come to, and how old that is.
pub(super) fn runs(query: &Query) -> Vec<Panel> {
    let by_outcome = query.rate("mad_check_runs_total", "outcome!=\"pass\"");
    let transitions = query.all("mad_check_transitions_total");
    let age = query.all("mad_check_age_seconds");
    vec![
        Panel::row("Runs of health checks"),
        Panel::curves("99 of 100 runs take less than", "s").asking(
            query.slowest("mad_check_duration_seconds", "check"),
            "{{check}}",
        ),
        Panel::curves("Runs that do not pass, a second", "ops").asking(
            format!("sum by (check, outcome) ({by_outcome})"),
            "{{check}} {{outcome}}",
        ),
        Panel::curves("Changes of state", "short").asking(
            format!("sum by (check) (increase({transitions}[$__rate_interval]))"),
            "{{check}}",
        ),
        Panel::curves("Age of the last result", "s")
            .asking(format!("max by (check) ({age})"), "{{check}}"),
    ]
}
