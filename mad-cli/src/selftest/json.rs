//! What came of all instances, for programs.

use serde_json::{Value, json};

use super::instance::Examination;
use super::outcome::Outcome;

/// Changes when a reader of the old shape would be misled.
const VERSION: u32 = 1;

/// Makes one report of all; each run is as its instance shows it.
pub(super) fn report(examinations: &[Examination]) -> String {
    let has_passed = |examination: &Examination| examination.outcome.has_passed();
    let report = json!({
        "version": VERSION,
        "has_passed": examinations.iter().all(has_passed),
        "instances": examinations.iter().map(instance).collect::<Vec<_>>(),
    });
    format!("{report:#}\n")
}

fn instance(examination: &Examination) -> Value {
    json!({
        "instance": examination.instance.to_string(),
        "outcome": word(examination.outcome),
        "has_passed": examination.outcome.has_passed(),
        "duration_seconds": examination.duration.as_secs_f64(),
        "why": examination.why,
        "run": examination.run,
    })
}

fn word(outcome: Outcome) -> String {
    outcome.word().replace(' ', "_")
}
