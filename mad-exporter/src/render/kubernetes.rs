//! The answers to probes in the dialect of the Kubernetes API server.

use std::fmt::{self, Display};

use mad_core::{HealthSnapshot, Maintenance, Probe, Snapshot};

use super::problem::excerpt;
use super::reason::reason;
use super::timestamp::rfc3339;

/// What somebody wants to know, and may.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) probe: Probe,
    pub(crate) is_verbose: bool,
    /// Only checks with one of these tags count; none of them is all checks.
    pub(crate) tags: &'a [String],
    /// The names of checks that are not to count.
    pub(crate) excluded: &'a [String],
    /// Whether checks may be excluded: whoever may switch one off makes the instance look ready.
    pub(crate) may_exclude: bool,
    /// Whether reasons are for these eyes.
    pub(crate) may_see: bool,
}

impl Question<'_> {
    fn is_about(&self, check: &HealthSnapshot) -> bool {
        let is_asked = |tag: &str| self.tags.iter().any(|asked| asked == tag);
        self.tags.is_empty() || check.check.tags().any(is_asked)
    }

    /// Returns a tag that no check has which gates the probe: whoever asks for it must not be told that
    /// all is well.
    pub(crate) fn unknown_tag(&self, snapshot: &Snapshot) -> Option<&str> {
        let is_known = |tag: &str| {
            let mut gating = snapshot.gating(self.probe);
            gating.any(|check| check.check.tags().any(|known| known == tag))
        };
        let mut tags = self.tags.iter().map(String::as_str);
        tags.find(|tag| !is_known(tag))
    }
}

/// What a probe is answered.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    pub(crate) passes: bool,
    pub(crate) text: String,
}

/// Returns the last part of the path that asks this.
pub(crate) fn endpoint(probe: Probe) -> &'static str {
    match probe {
        Probe::Liveness => "livez",
        Probe::Readiness => "readyz",
        Probe::Startup => "startupz",
        Probe::Any => "healthz",
    }
}

/// Answers a probe. Whatever fails says which checks do, and never why.
pub(crate) fn answer(snapshot: &Snapshot, question: &Question<'_>) -> Answer {
    let excluded = if question.may_exclude {
        question.excluded
    } else {
        &[]
    };
    let is_excluded =
        |check: &HealthSnapshot| !question.is_about(check) || is_among(check, excluded);
    let passes = snapshot.answers_without(question.probe, is_excluded);
    let text = if passes && !question.is_verbose {
        "ok".to_owned()
    } else {
        let verdict = if passes { "passed" } else { "failed" };
        let endpoint = endpoint(question.probe);
        format!(
            "{}{endpoint} check {verdict}\n",
            Lines {
                snapshot,
                question,
                excluded
            }
        )
    };
    Answer { passes, text }
}

/// Answers for one check; `None` if this probe is not gated by one of that name.
///
/// With `may_see` a failure says why.
pub(crate) fn answer_for_check(
    snapshot: &Snapshot,
    probe: Probe,
    name: &str,
    may_see: bool,
) -> Option<Answer> {
    let check = snapshot
        .gating(probe)
        .find(|check| check.check.name() == name)?;
    let passes = check.maintenance.is_some() || is_passed(snapshot, check, probe);
    let text = if let Some(maintenance) = &check.maintenance {
        format!("excluded with {}: ok\n", described(maintenance, may_see))
    } else if passes {
        "ok".to_owned()
    } else {
        let reason = reason(check).filter(|_| may_see);
        let reason = reason.as_deref().unwrap_or("reason withheld");
        format!("internal server error: {reason}\n")
    };
    Some(Answer { passes, text })
}

/// Startup, once it has passed, has passed for good, whatever its checks say since.
fn is_passed(snapshot: &Snapshot, check: &HealthSnapshot, probe: Probe) -> bool {
    let has_started = probe == Probe::Startup && snapshot.lifecycle_answers(probe);
    has_started || check.answers(probe)
}

fn is_among(check: &HealthSnapshot, names: &[String]) -> bool {
    names.iter().any(|name| name == check.check.name())
}

/// Why a check in maintenance does not count, as far as somebody may see.
fn described(maintenance: &Maintenance, may_see: bool) -> String {
    if may_see {
        let Maintenance { reason, until } = maintenance;
        format!("maintenance until {} ({reason})", rfc3339(*until))
    } else {
        "maintenance".to_owned()
    }
}

/// How many names that no check has come back in a warning.
const MAX_UNKNOWN: usize = 10;

/// One line for the lifecycle and for each check, then warnings.
struct Lines<'a> {
    snapshot: &'a Snapshot,
    question: &'a Question<'a>,
    excluded: &'a [String],
}

impl Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let probe = self.question.probe;
        write_line(f, "lifecycle", self.snapshot.lifecycle_answers(probe))?;
        let gating = self.snapshot.gating(probe);
        for check in gating.filter(|check| self.question.is_about(check)) {
            self.write_check(f, check)?;
        }
        self.write_warning(f)
    }
}

impl Lines<'_> {
    fn write_check(&self, f: &mut fmt::Formatter<'_>, check: &HealthSnapshot) -> fmt::Result {
        let name = check.check.name();
        if is_among(check, self.excluded) {
            return writeln!(f, "[+]{name} excluded: ok");
        }
        if let Some(maintenance) = &check.maintenance {
            let described = described(maintenance, self.question.may_see);
            return writeln!(f, "[+]{name} excluded with {described}: ok");
        }
        write_line(
            f,
            name,
            is_passed(self.snapshot, check, self.question.probe),
        )
    }

    fn write_warning(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.question.excluded.is_empty() && !self.question.may_exclude {
            return writeln!(f, "warn: exclude is ignored: it needs authorisation");
        }
        let is_known = |name: &String| {
            let mut gating = self.snapshot.gating(self.question.probe);
            gating.any(|check| check.check.name() == name)
        };
        let unknown = self.excluded.iter().filter(|name| !is_known(name));
        let unknown = unknown.take(MAX_UNKNOWN);
        let unknown: Vec<_> = unknown.map(|name| format!("{:?}", excerpt(name))).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "warn: some health checks cannot be excluded: no matches for {}",
            unknown.join(",")
        )
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, name: &str, passes: bool) -> fmt::Result {
    if passes {
        writeln!(f, "[+]{name} ok")
    } else {
        writeln!(f, "[-]{name} failed: reason withheld")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use mad_core::{Check, Health, HealthOptions, Lifecycle, Probes, Record};
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 3] = ["a", "b", "c/d"];

    const PROBES: [Probe; 4] = [
        Probe::Liveness,
        Probe::Readiness,
        Probe::Startup,
        Probe::Any,
    ];

    const LIFECYCLES: [Lifecycle; 4] = [
        Lifecycle::Starting,
        Lifecycle::Serving,
        Lifecycle::Draining,
        Lifecycle::Stopped,
    ];

    fn check(
        name: &'static str,
        probes: Probes,
        health: Health,
        [has_run, is_in_maintenance]: [bool; 2],
    ) -> HealthSnapshot {
        let options = HealthOptions {
            probes,
            ..HealthOptions::DEFAULT
        };
        HealthSnapshot {
            check: Arc::new(Check::health_check(name, options, |_| true)),
            health,
            age: has_run.then_some(Duration::ZERO),
            is_new: !has_run,
            stuck_since: None,
            maintenance: is_in_maintenance.then(|| Maintenance {
                reason: "new disk".to_owned(),
                until: SystemTime::UNIX_EPOCH,
            }),
            record: Arc::new(Record::default()),
        }
    }

    fn probes() -> impl Strategy<Value = Probes> {
        any::<[bool; 3]>().prop_map(|[liveness, readiness, startup]| Probes {
            liveness,
            readiness,
            startup,
        })
    }

    fn snapshots() -> impl Strategy<Value = Snapshot> {
        let states = (
            probes(),
            prop::sample::select(&Health::ALL[..]),
            any::<[bool; 2]>(),
        );
        let checks = prop::collection::vec(states, 1..=NAMES.len());
        (prop::sample::select(&LIFECYCLES[..]), checks).prop_map(|(lifecycle, states)| {
            let checks = NAMES.into_iter().zip(states);
            let checks =
                checks.map(|(name, (probes, health, facts))| check(name, probes, health, facts));
            Snapshot {
                lifecycle,
                has_come_up: lifecycle != Lifecycle::Starting,
                taken_at: SystemTime::UNIX_EPOCH,
                health_checks: checks.collect(),
                self_tests: Vec::new(),
                runtimes: Vec::new(),
            }
        })
    }

    proptest! {
        #[test]
        fn the_verdict_is_that_of_the_lines(
            snapshot in snapshots(),
            probe in prop::sample::select(&PROBES[..]),
            excluded in prop::sample::subsequence(&NAMES[..], 0..=NAMES.len()),
        ) {
            let excluded: Vec<_> = excluded.into_iter().map(str::to_owned).collect();
            let question = Question { probe, is_verbose: true, tags: &[], excluded: &excluded, may_exclude: true, may_see: true };
            let answer = answer(&snapshot, &question);
            prop_assert_eq!(answer.passes, !answer.text.contains("[-]"), "{}", answer.text);
        }

        #[test]
        fn without_exclusions_the_verdict_is_the_snapshots(
            snapshot in snapshots(),
            probe in prop::sample::select(&PROBES[..]),
            names in prop::sample::subsequence(&NAMES[..], 0..=NAMES.len()),
        ) {
            let names: Vec<_> = names.into_iter().map(str::to_owned).collect();
            let question = Question { probe, is_verbose: false, tags: &[], excluded: &names, may_exclude: false, may_see: false };
            let answer = answer(&snapshot, &question);
            prop_assert_eq!(answer.passes, snapshot.answers(probe));
            prop_assert_eq!(answer.passes, answer.text == "ok");
        }
    }
}
