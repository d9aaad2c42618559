//! What it comes to, in sentences that are made of figures.

use mad_analysis::{Backtest, Tested};

use super::question::rule_words;
use super::{OfIncident, Retro};

/// Returns the sentences.
pub(super) fn of(retro: &Retro) -> Vec<String> {
    let mut sentences: Vec<_> = retro.incidents.iter().map(incident).collect();
    let backtest = &retro.at_the_time;
    sentences.extend(
        backtest
            .rules
            .iter()
            .filter(|tested| tested.rule.is_measured())
            .map(rule),
    );
    sentences.extend(best_baseline(backtest));
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
    sentences.push("This is association. The diff must explain it.".to_owned());
    sentences
}

fn incident(incident: &OfIncident) -> String {
    let name = &incident.name;
    let stretch = incident.stretch;
    let usual = format!(
        "in {} commits; on average there are {:.1} in as many, and {:.0} % of such stretches have as many or more",
        stretch.commits,
        stretch.usual,
        stretch.as_many * 100.0
    );
    match &incident.at_the_time[..] {
        [] => format!(
            "Before {name}, nothing that was measured had changed for the worse, {usual}: no signal."
        ),
        [nearest, ..] => format!(
            "Before {name}, {} things had changed and not for the better, {usual}. The last was {} ({}), {} commits and {} days \
             ahead.",
            incident.at_the_time.len(),
            nearest.series,
            nearest.amount,
            nearest.commits_ahead,
            nearest.hours_before_incident / 24,
        ),
    }
}

fn rule(tested: &Tested) -> String {
    format!(
        "The rule \"{}\" gave {} alarms, {} of them before an incident{}; {} of {} incidents were met, where as many alarms by lot \
         meet {:.0} %. That is {} (p {:.3}, q {:.3}).",
        rule_words(tested.rule),
        tested.precision.total,
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

fn best_baseline(backtest: &Backtest) -> Option<String> {
    let cheap = backtest
        .rules
        .iter()
        .filter(|tested| !tested.rule.is_measured());
    let share = |tested: &&Tested| tested.precision.share;
    let best = cheap
        .filter(|tested| share(tested).is_some())
        .max_by(|a, b| {
            let (a, b) = (share(a).unwrap_or(0.0), share(b).unwrap_or(0.0));
            a.total_cmp(&b)
        })?;
    Some(format!(
        "Of the rules that measure nothing, the most precise is \"{}\": {:.0} % of its alarms; {:.0} % of all commits are among \
         those asked about.",
        rule_words(best.rule),
        share(&best).unwrap_or(0.0) * 100.0,
        backtest.base_rate * 100.0
    ))
}
