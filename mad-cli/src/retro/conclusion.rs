//! What it comes to, in sentences that are made of figures.

use std::collections::HashSet;

use mad_analysis::{Backtest, Rule, Shape, Stretch, Tested};

use super::question::rule_words;
use super::{Indicator, OfIncident, Retro};

/// What is said of rules where there is nothing to try them on.
pub(crate) const UNTRIED: &str =
    "No incident has a measured commit before it: no rule could be tried.";

/// Returns the sentences.
pub(super) fn of(retro: &Retro) -> Vec<String> {
    let mut sentences: Vec<_> = retro.incidents.iter().flat_map(incident).collect();
    let backtest = &retro.at_the_time;
    if backtest.incidents == 0 {
        sentences.push(UNTRIED.to_owned());
    } else {
        sentences.extend(rules(backtest));
    }
    sentences.push("This is association. The diff must explain it.".to_owned());
    sentences
}

/// What the rules came to that look at what was measured.
fn rules(backtest: &Backtest) -> Vec<String> {
    let measured = backtest.rules.iter();
    let measured = measured.filter(|tested| tested.rule.is_measured());
    let mut sentences: Vec<_> = measured.map(rule).collect();
    sentences.extend(best_baseline(backtest));
    for name in &backtest.unmeasured {
        sentences.push(format!("{name} is not among the incidents that rules were tried on: no commit before it was measured."));
    }
    if backtest.few_incidents {
        let count = backtest.incidents;
        let word = if count == 1 {
            "incident is"
        } else {
            "incidents are"
        };
        sentences.push(format!(
            "{count} {word} few: nothing general follows from them."
        ));
    }
    sentences
}

fn incident(incident: &OfIncident) -> Vec<String> {
    let name = &incident.name;
    let changed = match &incident.at_the_time[..] {
        _ if incident.stretch.measured == 0 => {
            let nothing = format!(
                "Of the commits before {name}, none was measured: nothing can be said. {} measures them.",
                incident.walk()
            );
            return std::iter::once(nothing)
                .chain(hindsight(incident))
                .collect();
        }
        [] => format!(
            "Before {name}, nothing that was measured had changed for the worse: no signal."
        ),
        [nearest, ..] => {
            let indicators = &incident.at_the_time;
            let is_step = |one: &&Indicator| one.shape == Shape::Step;
            let last = indicators.iter().find(is_step).unwrap_or(nearest);
            format!(
                "Before {name}, {}, and not for the better. {}",
                all_changed(indicators),
                last_changed(last, indicators.iter().all(|one| is_step(&one)))
            )
        }
    };
    let mut sentences = vec![format!("{changed} {}", usual(&incident.stretch))];
    sentences.extend(hindsight(incident));
    sentences
}

/// How many series had changed, how many had drifted, and how many had become restless.
fn all_changed(indicators: &[Indicator]) -> String {
    let each = [
        (Shape::Step, "had changed"),
        (Shape::Drift, "had drifted"),
        (Shape::Spread, "had become restless"),
    ];
    let words = each.into_iter().filter_map(|(shape, verb)| {
        let some = indicators.iter().filter(|one| one.shape == shape);
        let some: Vec<_> = some.collect();
        (!some.is_empty()).then(|| series_that(&some, verb))
    });
    words.collect::<Vec<_>>().join(", and ")
}

/// How many series, and how often, if some did so more than once.
fn series_that(indicators: &[&Indicator], verb: &str) -> String {
    let series: HashSet<&str> = indicators
        .iter()
        .map(|indicator| indicator.series.as_str())
        .collect();
    let words = format!("{} {verb}", counted(series.len(), "series", "series"));
    if series.len() == indicators.len() {
        words
    } else {
        format!("{words}, {} times in all", indicators.len())
    }
}

/// What changed last: a step, if there is one. Drifts go on until the last commit, and have no lead.
fn last_changed(last: &Indicator, all_are_steps: bool) -> String {
    let (series, amount) = (&last.series, &last.amount);
    let ahead = format!(
        "{} and {} ahead",
        counted(last.commits_ahead, "commit", "commits"),
        counted(last.hours_before_incident / 24, "day", "days"),
    );
    match (last.shape, all_are_steps) {
        (Shape::Drift, _) => {
            format!("The last was {series} ({amount}, little by little), up to {ahead}.")
        }
        (Shape::Step, true) => format!("The last was {series} ({amount}), {ahead}."),
        // Where it began is known only within some commits, of which this is the last.
        (Shape::Spread, _) => format!("The last was {series} ({amount}), at least {ahead}."),
        (Shape::Step, false) => format!("The last step was of {series} ({amount}), {ahead}."),
    }
}

/// Whether that is more than anywhere else.
fn usual(stretch: &Stretch) -> String {
    let here = format!(
        "Something new was found at {} of the {} before it",
        stretch.changes,
        counted(stretch.measured, "measured commit", "measured commits"),
    );
    let Some(usual) = stretch.usual else {
        return format!(
            "{here}; nobody measured any others, so what is usual is not known (`--controls`)."
        );
    };
    if stretch.changes == 0 {
        return format!("{here}; where no incident is near, at {usual:.1} in as many.");
    }
    let others = match (stretch.others, stretch.as_many) {
        (0, _) => "there is no other stretch as long to hold it against (`--controls`)".to_owned(),
        (1, as_many) => format!(
            "the only other stretch as long has {}",
            if as_many == 0 {
                "fewer"
            } else {
                "as many or more"
            }
        ),
        (others, 0) => format!("none of {others} other stretches as long has as many"),
        (others, as_many) => {
            format!("{as_many} of {others} other stretches as long have as many or more")
        }
    };
    format!("{here}; where no incident is near, at {usual:.1} in as many, and {others}.")
}

fn hindsight(incident: &OfIncident) -> Option<String> {
    let earliest = incident.failing.first()?;
    let before = earliest.before(str::to_owned);
    Some(format!(
        "In hindsight: {} fails {}, and has since {}, {} and {} ahead of the live commit ({before}). Nobody had this test then.",
        earliest.test,
        earliest.at(),
        earliest.since,
        counted(earliest.commits_ahead, "commit", "commits"),
        counted(earliest.hours_before_live / 24, "day", "days"),
    ))
}

/// Returns a number with the word that goes with it.
pub(crate) fn counted<N: Copy + PartialEq + From<u8> + std::fmt::Display>(
    number: N,
    one: &str,
    many: &str,
) -> String {
    let word = if number == N::from(1) { one } else { many };
    format!("{number} {word}")
}

fn rule(tested: &Tested) -> String {
    format!(
        "The rule \"{}\" gave {}, {} of them before an incident{}; {} of {} incidents were met, where as many alarms by lot \
         meet {:.0} %. That is {} (p {:.3}, q {:.3}).",
        rule_words(tested.rule),
        counted(tested.precision.total, "alarm", "alarms"),
        tested.precision.count,
        interval(tested),
        tested.recall.count,
        tested.recall.total,
        tested.recall_by_lot * 100.0,
        tested.verdict,
        tested.p,
        tested.q,
    )
}

fn interval(tested: &Tested) -> String {
    let precision = tested.precision;
    precision.share.map_or_else(String::new, |share| {
        format!(
            " ({:.0} %; the true share is between {:.0} and {:.0} %)",
            share * 100.0,
            precision.low * 100.0,
            precision.high * 100.0
        )
    })
}

/// The best of the cheap rules; of what is drawn by lot the average is known, and says more than one draw.
fn best_baseline(backtest: &Backtest) -> Option<String> {
    let cheap = backtest
        .rules
        .iter()
        .filter(|tested| !tested.rule.is_measured() && !matches!(tested.rule, Rule::Lot { .. }));
    let share = |tested: &&Tested| tested.precision.share;
    let best = cheap
        .filter(|tested| share(tested).is_some())
        .max_by(|a, b| {
            let (a, b) = (share(a).unwrap_or(0.0), share(b).unwrap_or(0.0));
            a.total_cmp(&b)
        })?;
    Some(format!(
        "Of the rules that measure nothing, the most precise is \"{}\": {:.0} % of its alarms; {:.0} % of the measured commits \
         are among those asked about, so much is right by lot.",
        rule_words(best.rule),
        share(&best).unwrap_or(0.0) * 100.0,
        backtest.base_rate * 100.0
    ))
}
