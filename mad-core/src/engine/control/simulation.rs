//! Days of schedule on a clock that is wound by hand, with runs that only pretend.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Control, Hands, Message, SHARING};
use crate::cancellation::Cancellation;
use crate::check::{Check, Kind};
use crate::clock::Moment;
use crate::descriptor::{Effects, HealthOptions, SelfTestOptions};
use crate::engine::board::Board;
use crate::health::{Health, Transition};
use crate::journal::Journal;
use crate::maintenance::Maintenances;
use crate::outcome::{Outcome, OutcomeKind};
use crate::report::Report;
use crate::run;
use crate::selection::Selection;
use crate::self_test::{Progress, RunId, SelfTestRuns, Trigger};

const HOUR: Duration = Duration::from_hours(1);

/// Hands that write down what they are told to do.
#[derive(Debug, Default)]
struct Notes {
    started: RefCell<Vec<(usize, Arc<Cancellation>)>>,
    told: RefCell<Vec<Transition>>,
}

impl Hands for Rc<Notes> {
    fn start(
        &self,
        index: usize,
        _: &Arc<Check>,
        _: &Arc<Journal>,
        cancellation: &Arc<Cancellation>,
    ) -> io::Result<()> {
        let started = (index, Arc::clone(cancellation));
        self.started.borrow_mut().push(started);
        Ok(())
    }

    fn discard(&self, check: Arc<Check>) {
        drop(check);
    }

    fn tell(&self, transition: Transition) {
        self.told.borrow_mut().push(transition);
    }
}

/// How a run goes: how long it takes, and what it comes to.
type Course = (Duration, Outcome);

/// A machine with a clock that is wound by hand.
struct Machine<F> {
    board: Arc<Board>,
    runs: Arc<SelfTestRuns>,
    notes: Rc<Notes>,
    control: Control<Rc<Notes>>,
    /// How the run of a check goes that starts now.
    course: F,
    now: Moment,
    /// What will have ended when, in order.
    ends: BTreeMap<(Instant, usize), Outcome>,
    max_at_once: usize,
    /// The runs that end when they are cancelled.
    obedient: Vec<(usize, Arc<Cancellation>)>,
    /// When each check was started.
    starts: HashMap<usize, Vec<Instant>>,
}

impl<F: FnMut(usize) -> Course> Machine<F> {
    fn new(checks: impl IntoIterator<Item = Check>, max_at_once: usize, course: F) -> Self {
        let now = Moment::now();
        let checks = checks.into_iter().map(Arc::new).collect();
        let board = Arc::new(Board::new(checks, Maintenances::default(), now.instant));
        let notes = Rc::new(Notes::default());
        let runs = Arc::new(SelfTestRuns::new(Effects::Read));
        let caps = HashMap::new();
        let hands = Rc::clone(&notes);
        let mut control = Control::new(
            Arc::clone(&board),
            Arc::clone(&runs),
            hands,
            max_at_once,
            &caps,
        );
        control.begin(now);
        Self {
            board,
            runs,
            notes,
            control,
            course,
            now,
            ends: BTreeMap::new(),
            max_at_once,
            obedient: Vec::new(),
            starts: HashMap::new(),
        }
    }

    /// Lets so much time pass; everything happens at its moment.
    fn pass(&mut self, time: Duration) {
        let until = self.now.instant + time;
        loop {
            self.take_turn();
            self.obey();
            let next_end = self.ends.keys().next().map(|(at, _)| *at);
            let next = [next_end, self.control.next_at()]
                .into_iter()
                .flatten()
                .min();
            match next.filter(|next| *next <= until) {
                Some(next) => self.wind_to(next.max(self.now.instant)),
                None => return self.wind_to(until),
            }
            self.end_runs();
        }
    }

    /// Lets time pass in which the machine sleeps.
    fn sleep(&mut self, time: Duration) {
        let awake = self.now.awake;
        self.wind_to(self.now.instant + time);
        self.now.awake = awake;
    }

    fn wind_to(&mut self, instant: Instant) {
        let passed = instant.saturating_duration_since(self.now.instant);
        self.now = Moment {
            instant,
            awake: self.now.awake + passed,
            time: self.now.time + passed,
        };
    }

    fn take_turn(&mut self) {
        self.control.turn(self.now);
        for (index, cancellation) in self.notes.started.take() {
            let (time, outcome) = (self.course)(index);
            let is_running = self.ends.keys().any(|(_, running)| *running == index);
            assert!(!is_running, "a second copy of a run was started");
            self.ends.insert((self.now.instant + time, index), outcome);
            if self.is_obedient(index) {
                self.obedient.push((index, cancellation));
            }
            self.starts.entry(index).or_default().push(self.now.instant);
        }
        self.assert_caps();
    }

    /// Those that have not been judged yet are as many as may be, and of a serial group there is one,
    /// judged or not.
    fn assert_caps(&self) {
        let checks = || {
            self.ends
                .keys()
                .filter_map(|(_, index)| Some((*index, self.board.check(*index)?)))
        };
        let in_group = checks().filter(|(_, check)| check.serial().is_some());
        assert!(in_group.count() <= 1, "two of a serial group");
        let is_stuck = |(index, check): &(usize, Arc<Check>)| {
            let deadline = check.timeout() + run::grace(check);
            let last = self.starts.get(index).and_then(|starts| starts.last());
            last.is_some_and(|started| *started + deadline <= self.now.instant)
        };
        let running = checks().filter(|check| !is_stuck(check)).count();
        assert!(running <= self.max_at_once, "{running} at once");
    }

    /// A check whose name begins with this ends its run as soon as it is cancelled.
    fn is_obedient(&self, index: usize) -> bool {
        let check = self.board.check(index);
        check.is_some_and(|check| check.name().starts_with("obedient"))
    }

    fn obey(&mut self) {
        let is_cancelled =
            |(_, cancellation): &(usize, Arc<Cancellation>)| cancellation.why().is_some();
        let mut cancelled = self
            .obedient
            .extract_if(.., |run| is_cancelled(run))
            .collect::<Vec<_>>();
        for (index, cancellation) in cancelled.drain(..) {
            self.ends.retain(|(_, running), _| *running != index);
            let failure = run::cancelled(&cancellation.why().unwrap_or_default());
            self.ends
                .insert((self.now.instant, index), Outcome::Fail(failure));
        }
    }

    /// Asks for all self-tests.
    fn trigger(&mut self, deadline: Option<Duration>) -> RunId {
        let trigger = Trigger {
            selection: Selection::all(),
            effects: Effects::Read,
            requested_by: "a test".to_owned(),
            deadline,
        };
        let self_tests = self.board.checks(Kind::SelfTest);
        let id = self.runs.begin(trigger, &self_tests, self.now).unwrap();
        self.control.handle(Message::Triggered, self.now);
        id
    }

    fn end_runs(&mut self) {
        while let Some(entry) = self
            .ends
            .first_entry()
            .filter(|end| end.key().0 <= self.now.instant)
        {
            let ((_, index), outcome) = entry.remove_entry();
            let report = Report::without_run(outcome, self.now.time);
            self.control
                .handle(Message::Ended { index, report }, self.now);
        }
    }

    fn health(&self, index: usize) -> Health {
        self.board.health(index, self.now.instant)
    }
}

fn checks(count: usize, options: HealthOptions) -> impl Iterator<Item = Check> {
    (0..count)
        .map(move |number| Check::health_check(format!("check/{number:05}"), options, |_| true))
}

fn every(interval: Duration) -> HealthOptions {
    HealthOptions {
        every: interval,
        ..HealthOptions::DEFAULT
    }
}

fn passes(_: usize) -> Course {
    (Duration::from_millis(3), Outcome::Pass)
}

#[test]
fn in_a_day_nothing_drifts_and_nothing_is_missed() {
    let interval = Duration::from_secs(10);
    let mut machine = Machine::new(checks(20, every(interval)), 64, passes);
    let start = machine.now.instant;
    machine.pass(24 * HOUR);
    assert_eq!(machine.starts.len(), 20);
    for starts in machine.starts.values() {
        assert_eq!(starts[0], start, "the first run is at once");
        let spread = starts[1] - start;
        assert!(!spread.is_zero() && spread <= interval, "{spread:?}");
        let is_exact = |pair: &[Instant]| pair[1] - pair[0] == interval;
        assert!(starts[1..].windows(2).all(is_exact));
        let rest = (24 * HOUR).saturating_sub(spread).as_nanos() / interval.as_nanos();
        assert_eq!(starts.len() as u128, 2 + rest);
    }
}

/// Returns the most that started within any tenth of a second from then on.
fn most_at_once<F>(machine: &Machine<F>, from: Instant) -> usize {
    let mut tenths = HashMap::<u128, usize>::new();
    let starts = machine.starts.values().flatten();
    for start in starts.filter(|start| **start > from) {
        *tenths.entry((*start - from).as_millis() / 100).or_default() += 1;
    }
    tenths.into_values().max().unwrap_or_default()
}

#[test]
fn ten_thousand_checks_are_spread_over_their_interval() {
    let checks = checks(10_000, every(Duration::from_mins(1)));
    let mut machine = Machine::new(checks, 20_000, passes);
    let start = machine.now.instant;
    machine.pass(Duration::from_mins(3));
    // On average 17 of them start in a tenth of a second.
    let most = most_at_once(&machine, start + Duration::from_millis(1));
    assert!(most < 60, "{most} at once");
}

#[test]
fn a_machine_that_slept_knows_nothing_and_finds_out_without_a_rush() {
    let mut machine = Machine::new(checks(1_000, every(Duration::from_mins(1))), 2_000, passes);
    machine.pass(HOUR);
    assert!((0..1_000).all(|index| machine.health(index) == Health::Up));

    machine.sleep(8 * HOUR);
    assert!((0..1_000).all(|index| machine.health(index) == Health::Unknown));
    let woken = machine.now.instant;
    machine.pass(Duration::from_secs(11));
    assert!((0..1_000).all(|index| machine.health(index) == Health::Up));
    // On average 10 of them start in a tenth of a second.
    let most = most_at_once(&machine, woken);
    assert!(most < 40, "{most} at once");

    // And from then on they are spread over their interval as before: 2 in a tenth of a second, or the
    // few that share a moment.
    machine.pass(Duration::from_mins(2));
    let settled = machine.now.instant;
    machine.pass(Duration::from_mins(3));
    let most = most_at_once(&machine, settled);
    assert!(most <= 3 * SHARING, "{most} at once");
}

#[test]
fn a_hundred_checks_share_few_moments_and_keep_their_band() {
    let interval = Duration::from_secs(10);
    let mut machine = Machine::new(checks(100, every(interval)), 128, passes);
    let start = machine.now.instant;
    machine.pass(HOUR);
    let mut sharing = HashMap::<Instant, usize>::new();
    for starts in machine.starts.values() {
        let spread = starts[1] - start;
        assert!(!spread.is_zero() && spread <= interval, "{spread:?}");
        *sharing.entry(starts[1]).or_default() += 1;
        let last = starts.last().unwrap();
        assert_eq!((*last - starts[1]).as_nanos() % interval.as_nanos(), 0);
    }
    // Alone they would be nearly a hundred.
    assert!(sharing.len() < 45, "{} moments", sharing.len());
    let most = sharing.into_values().max().unwrap();
    assert!((2..=SHARING).contains(&most), "{most} at one moment");
}

#[test]
fn a_run_that_was_slept_through_is_not_late() {
    let course = |_| (Duration::from_secs(3), Outcome::Pass);
    let mut machine = Machine::new(checks(1, every(Duration::from_mins(1))), 1, course);
    machine.pass(Duration::from_secs(2));
    machine.sleep(8 * HOUR);
    machine.pass(Duration::from_secs(1));
    assert_eq!(machine.health(0), Health::Up);
}

#[test]
fn places_are_taken_again_and_nothing_of_the_one_before_is_left() {
    let course = |index: usize| {
        (
            Duration::from_millis(if index == 0 { 2_000 } else { 1 }),
            Outcome::Pass,
        )
    };
    let all = checks(2, every(Duration::from_secs(1)))
        .map(|check| check.with_timeout(Duration::from_millis(500)));
    let mut machine = Machine::new(all, 4, course);
    machine.pass(Duration::from_secs(1));
    // The first one is stuck; the second one is between two runs.
    for name in ["check/00000", "check/00001"] {
        let index = machine.board.remove(name).unwrap();
        machine
            .control
            .handle(Message::Removed { index }, machine.now);
    }
    let tenant = |name: &'static str| {
        Arc::new(Check::health_check(
            name,
            every(Duration::from_secs(1)),
            |_| true,
        ))
    };
    let second = machine
        .board
        .add(tenant("second"), machine.now.instant)
        .unwrap();
    let third = machine
        .board
        .add(tenant("third"), machine.now.instant)
        .unwrap();
    assert_eq!((second, third), (1, 2), "the place of what runs is taken");
    for index in [second, third] {
        machine
            .control
            .handle(Message::Added { index }, machine.now);
    }
    machine.pass(Duration::from_secs(10));
    let fourth = machine
        .board
        .add(tenant("fourth"), machine.now.instant)
        .unwrap();
    assert_eq!(fourth, 0, "the place is free when its run has ended");
    assert_eq!(
        (machine.health(second), machine.health(third)),
        (Health::Up, Health::Up)
    );
    assert_eq!(machine.health(fourth), Health::Unknown);
}

#[test]
fn while_down_another_pace_holds_and_the_spread_comes_back_after_it() {
    let options = HealthOptions {
        while_down: Some(Duration::from_secs(1)),
        ..every(Duration::from_secs(30))
    };
    let is_broken = RefCell::new(true);
    let course = |_| {
        let outcome = if *is_broken.borrow() {
            Outcome::fail("down")
        } else {
            Outcome::Pass
        };
        (Duration::from_millis(1), outcome)
    };
    let mut machine = Machine::new(checks(1, options), 16, course);
    machine.pass(HOUR);
    let down = machine.starts[&0].len();
    assert!((3_598..=3_602).contains(&down), "{down}");
    is_broken.replace(false);
    machine.pass(HOUR);
    let up = machine.starts[&0].len() - down;
    assert!((119..=122).contains(&up), "{up}");
}

#[test]
fn a_cap_holds_with_hundreds_waiting_and_each_gets_its_turn() {
    let mut most = 0;
    let checks = checks(300, every(Duration::from_secs(30)));
    let course = |_| (Duration::from_millis(500), Outcome::Pass);
    let mut machine = Machine::new(checks, 16, course);
    for _ in 0..6_000 {
        machine.pass(Duration::from_millis(100));
        most = most.max(machine.ends.len());
    }
    assert_eq!(most, 16);
    assert!(machine.starts.values().all(|starts| starts.len() >= 18));
}

/// What a script makes of each run in turn: milliseconds, and one of four outcomes.
fn script() -> impl Strategy<Value = Vec<(u64, u8)>> {
    let time = prop_oneof![6 => 0..20_u64, 1 => 20..3_000_u64];
    prop::collection::vec((time, 0..4_u8), 1..40)
}

fn outcome(kind: u8) -> Outcome {
    match kind {
        0 => Outcome::Pass,
        1 => Outcome::warn("slow"),
        2 => Outcome::fail("broken"),
        _ => Outcome::skip("not now"),
    }
}

fn self_tests<const N: usize>(names: [&'static str; N]) -> [Check; N] {
    names.map(|name| Check::self_test(name, SelfTestOptions::DEFAULT, |_| true).with_timeout(HOUR))
}

#[test]
fn a_run_over_its_deadline_ends_then_whatever_its_tests_do() {
    let minute = Duration::from_mins(1);
    for stubborn_or_not in ["obedient", "stubborn"] {
        let checks = self_tests(["a", stubborn_or_not, "z"]);
        let course = |index| {
            let time = if index == 1 { 24 * HOUR } else { minute };
            (time, Outcome::Pass)
        };
        let mut machine = Machine::new(checks, 16, course);
        let id = machine.trigger(Some(5 * minute));
        machine.pass(Duration::from_secs(299));
        assert!(!machine.runs.get(&id).unwrap().is_finished());

        machine.pass(Duration::from_millis(1_500));
        let run = machine.runs.get(&id).unwrap();
        assert!(run.is_finished() && run.is_overdue, "{run:?}");
        assert_eq!(run.outcome(), OutcomeKind::Fail);
        let texts: Vec<_> = run
            .results
            .iter()
            .map(|result| result.report().unwrap().outcome.to_string())
            .collect();
        assert_eq!(texts[0], "pass");
        let cut = "fail: aborted: cancelled: the run is over its deadline of 300s";
        assert!(texts[1].starts_with(cut), "{}", texts[1]);
        assert_eq!(
            texts[1].contains("cannot be ended"),
            stubborn_or_not == "stubborn"
        );
        assert_eq!(texts[2], "skip: the run is over its deadline of 300s");

        // The next run is not held to the deadline of this one.
        machine.trigger(None);
        machine.pass(4 * minute);
        let next = machine.runs.all().pop().unwrap();
        assert!(next.is_finished() || next.results[1].progress == Progress::Running);
        assert!(!next.is_overdue);
    }
}

#[test]
fn without_a_deadline_no_test_is_cut_short_that_keeps_its_own() {
    let mut machine = Machine::new(self_tests(["slow"]), 16, |_| {
        (Duration::from_mins(59), Outcome::Pass)
    });
    let id = machine.trigger(None);
    machine.pass(HOUR);
    let run = machine.runs.get(&id).unwrap();
    assert_eq!((run.deadline, run.outcome()), (HOUR, OutcomeKind::Pass));
}

#[test]
fn a_run_whose_test_was_taken_out_while_it_hung_ends_at_its_deadline() {
    let mut machine = Machine::new(self_tests(["stubborn"]), 16, |_| (24 * HOUR, Outcome::Pass));
    let id = machine.trigger(Some(Duration::from_mins(1)));
    machine.pass(Duration::from_secs(1));
    let index = machine.board.remove("stubborn").unwrap();
    machine
        .control
        .handle(Message::Removed { index }, machine.now);
    machine.pass(Duration::from_mins(1));
    assert!(machine.runs.get(&id).unwrap().is_finished());
}

proptest! {
    /// Whatever runs do: never two of one check, never more than the cap, never green without a
    /// result that is young enough, and each change is told once, from what was told before.
    #[test]
    fn whatever_happens_the_promises_hold(
        script in script(),
        naps in prop::collection::vec(0..120_u64, 0..4),
        fail_after in 1..4_u32,
        cap in 1..4_usize,
    ) {
        let options = HealthOptions { fail_after, ..every(Duration::from_millis(500)) };
        let in_group = |check: Check| {
            let is_even = check.name().ends_with(['0', '2', '4']);
            let check = check.with_timeout(Duration::from_millis(100));
            if is_even { check.with_serial("group") } else { check }
        };
        let mut turns = script.iter().cycle();
        let course = |_| {
            let (time, kind) = *turns.next().unwrap();
            (Duration::from_millis(time), outcome(kind))
        };
        let mut machine = Machine::new(checks(6, options).map(in_group), cap, course);
        let max_age = options.every * 3 + Duration::from_millis(100);
        let mut naps = naps.into_iter();
        for step in 0..400_u32 {
            machine.pass(Duration::from_millis(25));
            if step % 100 == 50 {
                machine.sleep(Duration::from_secs(naps.next().unwrap_or_default()));
            }
            let snapshot = machine.board.snapshot(machine.now.instant, machine.now.time, Vec::new());
            for check in snapshot.health_checks.iter().filter(|check| check.health.is_serving()) {
                prop_assert!(check.age.unwrap() <= max_age);
                prop_assert!(check.record.last_success_at.is_some(), "green without a pass");
            }
        }
        let mut known = HashMap::new();
        for told in machine.notes.told.borrow().iter() {
            let before = known.insert(told.check.name().to_owned(), told.to);
            prop_assert_eq!(told.from, before.unwrap_or(Health::Unknown));
            prop_assert_ne!(told.from, told.to);
        }
        machine.control.turn(machine.now);
        let snapshot = machine.board.snapshot(machine.now.instant, machine.now.time, Vec::new());
        let told = machine.notes.told.borrow();
        for check in snapshot.health_checks {
            let last = told.iter().rev().find(|told| told.check == check.check);
            prop_assert_eq!(last.map_or(Health::Unknown, |told| told.to), check.health);
        }
    }
}
