//! Why a health check is not Up.

use mad_core::{Health, HealthSnapshot, Outcome};

/// Says why a health check is not Up, for authorised eyes; `None` if it is.
pub(crate) fn reason(snapshot: &HealthSnapshot) -> Option<String> {
    if snapshot.health == Health::Up {
        return None;
    }
    let Some(report) = &snapshot.record.last else {
        return Some("it has not ended a run yet".to_owned());
    };
    Some(match &report.outcome {
        skip @ Outcome::Skip(_) => skip.to_string(),
        _ if is_stale(snapshot) => "its last result is too old".to_owned(),
        Outcome::Pass => "it has not passed often enough yet".to_owned(),
        outcome => outcome.to_string(),
    })
}

pub(crate) fn is_stale(snapshot: &HealthSnapshot) -> bool {
    match (snapshot.age, snapshot.check.max_age()) {
        (Some(age), Some(max_age)) => age > max_age,
        _ => false,
    }
}
