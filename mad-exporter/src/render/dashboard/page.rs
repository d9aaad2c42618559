//! The page, whole.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;
use mad_core::{
    Check, Effects, Health, Lifecycle, MaintenanceList, SelfTestRun, Snapshot, Transition,
};

use super::about::InMaintenance;
use super::health_check::HealthCheck;
use super::moment::Moment;
use super::run::Run;
use super::self_test::SelfTest;
use super::verdict::Verdict;
use crate::program::Program;

/// What is known of self-tests, for authorised eyes.
pub(crate) struct SelfTests<'a> {
    pub(crate) allowed: Effects,
    /// Says why one would not run if it were asked for by its name.
    pub(crate) why_left_out: &'a dyn Fn(&Check) -> Option<String>,
    /// The runs that are remembered, the newest last.
    pub(crate) runs: &'a [SelfTestRun],
}

/// What the page is made from.
pub(crate) struct Page<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) program: &'a Program,
    pub(crate) maintenance: &'a MaintenanceList,
    /// The newest changes of health, the newest last.
    pub(crate) transitions: &'a [Transition],
    /// Nothing for those who may see names and states only.
    pub(crate) self_tests: Option<SelfTests<'a>>,
    /// Where addresses begin, seen from the page.
    pub(crate) prefix: &'a str,
    /// Changes with the style and the script, which browsers keep.
    pub(crate) edition: &'a str,
}

/// How many changes and how many runs are shown.
const SHOWN: usize = 20;

/// Renders the page.
///
/// # Errors
///
/// None that is known: the templates ask for nothing that can fail.
pub(crate) fn page(page: &Page<'_>) -> Result<String, askama::Error> {
    Document::new(page).render()
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Document<'a> {
    prefix: &'a str,
    edition: &'a str,
    may_see: bool,
    verdict: Verdict,
    version: Option<&'a str>,
    commit: Option<&'a str>,
    taken_at: Moment,
    all_in_maintenance: Option<InMaintenance>,
    troubles: Vec<Trouble>,
    groups: Vec<Group>,
    /// The most harmful class that a run of all of them has: what is destructive is run by its name.
    harmless: &'static str,
    self_tests: Vec<SelfTest>,
    runs: Vec<Run>,
    transitions: Vec<Change>,
}

/// A check that is not Up.
struct Trouble {
    name: String,
    health: Health,
    why: String,
}

/// The checks with one tag.
struct Group {
    /// Nothing for those without one.
    tag: Option<String>,
    checks: Vec<HealthCheck>,
}

/// A change of a check's health.
struct Change {
    at: Moment,
    name: String,
    from: Health,
    to: Health,
    why: String,
}

impl<'a> Document<'a> {
    fn new(page: &Page<'a>) -> Self {
        let snapshot = page.snapshot;
        let may_see = page.self_tests.is_some();
        let groups = groups(snapshot, may_see);
        let all_in_maintenance = page.maintenance.all.as_ref().filter(|_| may_see);
        Self {
            prefix: page.prefix,
            edition: page.edition,
            may_see,
            verdict: Verdict::of(snapshot),
            version: page.program.version.as_deref().filter(|_| may_see),
            commit: page.program.commit.as_deref().filter(|_| may_see),
            taken_at: snapshot.taken_at.into(),
            all_in_maintenance: all_in_maintenance.map(InMaintenance::from),
            troubles: troubles(&groups),
            groups,
            harmless: harmless(page.self_tests.as_ref()),
            self_tests: self_tests(page),
            runs: runs(page),
            transitions: changes(page.transitions, may_see),
        }
    }

    fn is_draining(&self) -> bool {
        self.verdict.lifecycle == Lifecycle::Draining
    }
}

/// Puts each check under its first tag; which tags there are is for authorised eyes.
fn groups(snapshot: &Snapshot, may_see: bool) -> Vec<Group> {
    let mut by_tag: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for check in &snapshot.health_checks {
        let tag = check.check.tags().next().filter(|_| may_see);
        // Those without come last.
        let key = (tag.is_none(), tag);
        let check = HealthCheck::new(snapshot, check, may_see);
        by_tag.entry(key).or_default().push(check);
    }
    let group = |((_, tag), checks): ((bool, Option<&str>), Vec<HealthCheck>)| Group {
        tag: tag.map(str::to_owned),
        checks,
    };
    by_tag.into_iter().map(group).collect()
}

/// Lists what is not Up: first what waits for nothing else, and of these the worst.
fn troubles(groups: &[Group]) -> Vec<Trouble> {
    let checks = groups.iter().flat_map(|group| &group.checks);
    let mut bad: Vec<_> = checks
        .filter(|check| check.health != Health::Up && check.counts())
        .collect();
    bad.sort_by_key(|check| (check.is_waiting(), Reverse(check.health)));
    let trouble = |check: &HealthCheck| Trouble {
        name: check.name.clone(),
        health: check.health,
        why: check.trouble(),
    };
    bad.into_iter().map(trouble).collect()
}

fn harmless(self_tests: Option<&SelfTests<'_>>) -> &'static str {
    let allowed = self_tests.map_or(Effects::Pure, |tests| tests.allowed);
    allowed.min(Effects::Scratch).as_str()
}

fn self_tests(page: &Page<'_>) -> Vec<SelfTest> {
    let Some(self_tests) = &page.self_tests else {
        return Vec::new();
    };
    let tests = page.snapshot.self_tests.iter();
    tests
        .filter_map(|test| SelfTest::new(test, self_tests.why_left_out))
        .collect()
}

fn runs(page: &Page<'_>) -> Vec<Run> {
    let runs = page.self_tests.as_ref().map_or(&[][..], |tests| tests.runs);
    let newest = runs.iter().rev().take(SHOWN);
    newest.map(|run| Run::new(run, page.prefix)).collect()
}

fn changes(transitions: &[Transition], may_see: bool) -> Vec<Change> {
    let change = |transition: &Transition| Change {
        at: transition.at.into(),
        name: transition.check.name().to_owned(),
        from: transition.from,
        to: transition.to,
        why: if may_see {
            transition.why.clone()
        } else {
            String::new()
        },
    };
    transitions.iter().rev().take(SHOWN).map(change).collect()
}
