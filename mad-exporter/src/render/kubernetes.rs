//! The answers to probes in the dialect of the Kubernetes API server.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use mad_core::{HealthSnapshot, Maintenance, Probe, Snapshot};

use super::problem::excerpt;
use super::reason::reason;
use super::state::State;
use super::timestamp::rfc3339;
use super::view::{counted_state, lifecycle_state};

/// What somebody wants to know, and may.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) probe: Probe,
    pub(crate) is_verbose: bool,
    /// Only checks with one of these tags count; none of them is all checks.
    pub(crate) tags: &'a [String],
    /// The names and tags of checks that are not to count.
    pub(crate) excluded: &'a [String],
    /// Whether checks may be excluded: whoever may switch one off makes the instance look ready.
    pub(crate) may_exclude: bool,
    /// Whether reasons are for these eyes.
    pub(crate) may_see: bool,
}

impl Question<'_> {
    /// Asks about everything, and for no more than a word.
    fn plain(probe: Probe) -> Self {
        Self {
            probe,
            is_verbose: false,
            tags: &[],
            excluded: &[],
            may_exclude: false,
            may_see: false,
        }
    }

    fn is_about(&self, check: &HealthSnapshot) -> bool {
        let is_asked = |tag: &str| self.tags.iter().any(|asked| asked == tag);
        self.tags.is_empty() || check.check.tags().any(is_asked)
    }

    /// Says whether something that gates the probe is left out.
    pub(crate) fn is_partial(&self) -> bool {
        !self.tags.is_empty() || (self.may_exclude && !self.excluded.is_empty())
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
    pub(crate) state: State,
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

/// What is answered where all is well, and nobody asks for more.
pub(crate) const OK: &str = "ok";

/// Returns how all that gates a probe is.
pub(crate) fn state(snapshot: &Snapshot, probe: Probe) -> State {
    let lines = Lines {
        snapshot,
        question: &Question::plain(probe),
        excluded: &[],
    };
    lines.state()
}

/// Answers a probe. Whatever fails says which checks do, and never why.
pub(crate) fn answer(snapshot: &Snapshot, question: &Question<'_>) -> Answer {
    let excluded = if question.may_exclude {
        question.excluded
    } else {
        &[]
    };
    let lines = Lines {
        snapshot,
        question,
        excluded,
    };
    let state = lines.state();
    let text = if state.is_serving() && !question.is_verbose {
        OK.to_owned()
    } else {
        let verdict = if state.is_serving() {
            "passed"
        } else {
            "failed"
        };
        let endpoint = endpoint(question.probe);
        format!("{lines}{endpoint} check {verdict}\n")
    };
    Answer { state, text }
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
    let state = counted_state(snapshot, check, probe);
    let text = if let Some(maintenance) = &check.maintenance {
        format!("excluded with {}: ok\n", described(maintenance, may_see))
    } else if state.is_serving() {
        OK.to_owned()
    } else {
        let reason = reason(check).filter(|_| may_see);
        let reason = reason.as_deref().unwrap_or("reason withheld");
        format!("internal server error: {reason}\n")
    };
    Some(Answer { state, text })
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
        let lifecycle = lifecycle_state(self.snapshot, self.question.probe);
        write_line(f, "lifecycle", lifecycle)?;
        for check in self.checks() {
            self.write_check(f, check)?;
        }
        self.write_warning(f)
    }
}

impl Lines<'_> {
    fn checks(&self) -> impl Iterator<Item = &HealthSnapshot> {
        let gating = self.snapshot.gating(self.question.probe);
        gating.filter(|check| self.question.is_about(check))
    }

    /// Returns how the whole is: as the worst of what has a line and is not excluded.
    fn state(&self) -> State {
        let probe = self.question.probe;
        let checks = self
            .checks()
            .filter(|check| self.excluding(check).is_none());
        let states = checks.map(|check| counted_state(self.snapshot, check, probe));
        let lifecycle = lifecycle_state(self.snapshot, probe);
        states.max().unwrap_or(State::Up).max(lifecycle)
    }

    /// Returns the name or the tag by which a check is excluded, if it is.
    fn excluding<'a>(&self, check: &'a HealthSnapshot) -> Option<&'a str> {
        if self.excluded.is_empty() {
            return None;
        }
        let mut handles = handles(check);
        handles.find(|handle| self.excluded.iter().any(|excluded| excluded == handle))
    }

    fn write_check(&self, f: &mut fmt::Formatter<'_>, check: &HealthSnapshot) -> fmt::Result {
        let name = check.check.name();
        match self.excluding(check) {
            Some(excluding) if excluding == name => return writeln!(f, "[+]{name} excluded: ok"),
            Some(tag) => return writeln!(f, "[+]{name} excluded with {tag}: ok"),
            None => {}
        }
        if let Some(maintenance) = &check.maintenance {
            let described = described(maintenance, self.question.may_see);
            return writeln!(f, "[+]{name} excluded with {described}: ok");
        }
        let state = counted_state(self.snapshot, check, self.question.probe);
        write_line(f, name, state)
    }

    fn write_warning(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.question.excluded.is_empty() && !self.question.may_exclude {
            return writeln!(f, "warn: exclude is ignored: it needs authorisation");
        }
        let known: BTreeSet<_> = self.checks().flat_map(handles).collect();
        let asked = self.excluded.iter().map(String::as_str);
        // Each once, and in order, as Kubernetes has it.
        let unknown: BTreeSet<_> = asked.filter(|asked| !known.contains(asked)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<_> = unknown
            .into_iter()
            .take(MAX_UNKNOWN)
            .map(|asked| format!("{:?}", excerpt(asked)))
            .collect();
        writeln!(
            f,
            "warn: some health checks cannot be excluded: no matches for {}",
            unknown.join(",")
        )
    }
}

/// Returns what a check can be excluded by: its name, then its tags.
fn handles(check: &HealthSnapshot) -> impl Iterator<Item = &str> {
    std::iter::once(check.check.name()).chain(check.check.tags())
}

fn write_line(f: &mut fmt::Formatter<'_>, name: &str, state: State) -> fmt::Result {
    if state.is_serving() {
        writeln!(f, "[+]{name} ok")
    } else {
        writeln!(f, "[-]{name} failed: reason withheld")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::snapshots::{NAMES, PROBES, snapshots};
    use super::*;

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
            prop_assert_eq!(answer.state.is_serving(), !answer.text.contains("[-]"), "{}", answer.text);
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
            prop_assert_eq!(answer.state.is_serving(), snapshot.answers(probe));
            prop_assert_eq!(answer.state.is_serving(), answer.text == "ok");
        }
    }
}
