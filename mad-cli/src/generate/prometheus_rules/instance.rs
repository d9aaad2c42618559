//! Alerts about an instance as a whole.

use super::expression::select;
use super::trials::Trial;
use super::{Alert, Rule, Severity};

/// How late a runtime runs small tasks, in seconds, for people to be told.
const MAX_LAG: &str = "0.5";

/// How long things that come and go have to last, in seconds.
const PATIENCE: f64 = 120.0;

pub(super) fn rules(job: &str) -> (Vec<Rule>, Vec<Trial>) {
    let up = select("up", job, &[]);
    let mut absent = Alert::new(
        "MadServiceAbsent",
        format!("absent({up} == 1)"),
        Severity::Critical,
        "No instance is scraped",
    )
    .lasting(PATIENCE);
    // Of what is not there nobody knows whose it is.
    absent.labels.insert("job", job.to_owned());
    let lag = select("mad_runtime_lag_seconds", job, &[]);
    let lags = Alert::new(
        "MadRuntimeLags",
        format!("{lag} > {MAX_LAG}"),
        Severity::Warning,
        "A tokio runtime runs nothing for a while: something blocks its threads",
    )
    .lasting(PATIENCE);
    let trials = vec![
        Trial::of_job(&absent, PATIENCE).with(&up, 0.0),
        Trial::of_instance(&lags, PATIENCE)
            .with(
                &select(
                    "mad_runtime_lag_seconds",
                    job,
                    &[("runtime", "application")],
                ),
                3.0,
            )
            .expecting("runtime", "application"),
    ];
    (vec![Rule::Alert(absent), Rule::Alert(lags)], trials)
}
