//! Which of the selected self-tests run, and why the others do not.

use std::sync::Arc;
use std::time::SystemTime;

use crate::check::Check;
use crate::descriptor::{Effects, Isolation};
use crate::outcome::Outcome;
use crate::report::Report;
use crate::selection::Selection;
use crate::self_test::{Progress, SelfTestResult, Trigger, TriggerError};

/// Decides for each selected self-test whether it runs or is left out, or refuses the whole request.
pub(crate) fn select(
    trigger: &Trigger,
    self_tests: &[Arc<Check>],
    allowed: Effects,
    now: SystemTime,
) -> Result<Vec<SelfTestResult>, TriggerError> {
    refuse_unknown(&trigger.selection, self_tests)?;
    let allowed = trigger.effects.min(allowed);
    let selected = self_tests
        .iter()
        .filter(|check| trigger.selection.selects(check));
    let admitted: Vec<_> = selected
        .map(|check| (check, admit(check, &trigger.selection, allowed)))
        .collect();
    refuse_harm(&trigger.selection, &admitted, allowed)?;
    refuse_idleness(&admitted)?;
    let results = admitted
        .into_iter()
        .map(|(check, admission)| SelfTestResult {
            check: Arc::clone(check),
            progress: match admission {
                Admission::Runs => Progress::Waiting,
                Admission::LeftOut(reason) | Admission::TooHarmful(reason) => skipped(&reason, now),
            },
        });
    Ok(results.collect())
}

/// Refuses words that fit nothing: a typing mistake must not look like a passed test.
fn refuse_unknown(selection: &Selection, self_tests: &[Arc<Check>]) -> Result<(), TriggerError> {
    let checks: Vec<&Check> = self_tests.iter().map(AsRef::as_ref).collect();
    let unknown = selection.fitting_none(&checks);
    if unknown.is_empty() && !checks.is_empty() {
        return Ok(());
    }
    let words: Vec<_> = unknown.iter().map(ToString::to_string).collect();
    let close = close_names(&words, &checks);
    Err(TriggerError::NothingFits { words, close })
}

/// Refuses when a test that is too harmful was asked for by name, or when nothing else is left.
fn refuse_harm(
    selection: &Selection,
    admitted: &[(&Arc<Check>, Admission)],
    allowed: Effects,
) -> Result<(), TriggerError> {
    let is_harmful = |admission: &Admission| matches!(admission, Admission::TooHarmful(_));
    let harmful = admitted
        .iter()
        .filter(|(_, admission)| is_harmful(admission));
    let named = harmful.clone().filter(|(check, _)| selection.names(check));
    let describe =
        |(check, _): &(&Arc<Check>, Admission)| (check.name().to_owned(), effects(check));
    let mut tests: Vec<_> = named.map(describe).collect();
    if admitted.iter().all(|(_, admission)| is_harmful(admission)) {
        tests = harmful.map(describe).collect();
    }
    if tests.is_empty() {
        Ok(())
    } else {
        Err(TriggerError::EffectsNotAllowed { tests, allowed })
    }
}

/// Refuses when nothing would run: a report of nothing but skips is easily taken for a pass.
fn refuse_idleness(admitted: &[(&Arc<Check>, Admission)]) -> Result<(), TriggerError> {
    let reason = |(check, admission): &(&Arc<Check>, Admission)| match admission {
        Admission::Runs => None,
        Admission::LeftOut(reason) | Admission::TooHarmful(reason) => {
            Some((check.name().to_owned(), reason.clone()))
        }
    };
    match admitted.iter().map(reason).collect() {
        Some(tests) => Err(TriggerError::NothingRuns { tests }),
        None => Ok(()),
    }
}

/// Whether one selected self-test runs.
#[derive(Debug)]
pub(crate) enum Admission {
    Runs,
    LeftOut(String),
    TooHarmful(String),
}

pub(crate) fn admit(check: &Check, selection: &Selection, allowed: Effects) -> Admission {
    let Some(options) = check.self_test_options() else {
        return Admission::LeftOut("it is no self-test".to_owned());
    };
    let is_named = selection.names(check);
    let effects = options.effects;
    if effects > allowed {
        return Admission::TooHarmful(format!(
            "its effects are {effects}, and the most that is allowed here is {allowed}"
        ));
    }
    if effects == Effects::Destructive && !is_named {
        return Admission::TooHarmful("it is destructive: it runs only by its name".to_owned());
    }
    if is_unsafe_to_abort(effects, options.isolation) {
        return Admission::LeftOut(
            "this program is built with `panic = \"abort\"`: a panic in it would end the service in the middle; \
             let it run in a process of its own with `isolate = process`"
                .to_owned(),
        );
    }
    match options.ignore {
        Some(reason) if !is_named => Admission::LeftOut(format!("ignored: {reason}")),
        _ => Admission::Runs,
    }
}

/// Says whether a panic would end the service while something is half done.
///
/// Profiles say for all crates of a program what a panic does, so that this one is built like the rest.
fn is_unsafe_to_abort(effects: Effects, isolation: Isolation) -> bool {
    cfg!(panic = "abort") && effects > Effects::Read && isolation == Isolation::None
}

fn effects(check: &Check) -> Effects {
    let options = check.self_test_options();
    options.map_or(Effects::Destructive, |options| options.effects)
}

pub(crate) fn skipped(reason: &str, now: SystemTime) -> Progress {
    Progress::Done(Arc::new(Report::without_run(Outcome::skip(reason), now)))
}

/// How many names are shown to somebody who asked for one that does not exist.
const CLOSE_NAMES: usize = 5;

/// Returns the names nearest to these words: those that share the most pairs of letters.
fn close_names(words: &[String], checks: &[&Check]) -> Vec<String> {
    let nearness = |name: &str| {
        let to = |word: &String| common_pairs(word, name);
        words.iter().map(to).max().unwrap_or_default()
    };
    let mut names: Vec<&str> = checks.iter().map(|check| check.name()).collect();
    names.sort_by_key(|name| (std::cmp::Reverse(nearness(name)), *name));
    names.truncate(CLOSE_NAMES);
    names.into_iter().map(str::to_owned).collect()
}

fn common_pairs(one: &str, other: &str) -> usize {
    let pairs = one.as_bytes().windows(2);
    pairs
        .filter(|pair| other.as_bytes().windows(2).any(|there| there == *pair))
        .count()
}
