//! What is marked is held against what snapshots say, whatever happens in between.

use proptest::prelude::*;

use super::*;
use crate::descriptor::{HealthOptions, Probes};
use crate::outcome::Outcome;
use crate::report::Report;

const MAX_AGE: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
enum Event {
    TimePasses(Duration),
    Runs(&'static str, Outcome),
    Comes(&'static str),
    Goes(&'static str),
    Moves(Lifecycle),
    Resumes,
    MaintenanceBegins(Option<&'static str>, Duration),
    MaintenanceEnds(Option<&'static str>),
}

fn events() -> impl Strategy<Value = Event> {
    let name = || prop::sample::select(&["a", "b", "c"][..]);
    let outcome = prop_oneof![
        Just(Outcome::Pass),
        Just(Outcome::warn("slow")),
        Just(Outcome::fail("down")),
        Just(Outcome::skip("not now")),
    ];
    let lifecycle = prop_oneof![
        Just(Lifecycle::Serving),
        Just(Lifecycle::Draining),
        Just(Lifecycle::Stopped),
    ];
    // A part of what a result or a maintenance lasts, or just that, or just longer.
    let time = prop_oneof![
        Just(Duration::from_nanos(1)),
        Just(MAX_AGE / 3),
        Just(MAX_AGE),
    ];
    prop_oneof![
        6 => time.clone().prop_map(Event::TimePasses),
        3 => (name(), outcome).prop_map(|(name, outcome)| Event::Runs(name, outcome)),
        1 => name().prop_map(Event::Comes),
        1 => name().prop_map(Event::Goes),
        1 => lifecycle.prop_map(Event::Moves),
        1 => Just(Event::Resumes),
        1 => (prop::option::of(name()), time)
            .prop_map(|(name, time)| Event::MaintenanceBegins(name, time)),
        1 => prop::option::of(name()).prop_map(Event::MaintenanceEnds),
    ]
}

fn check(name: &'static str) -> Arc<Check> {
    let options = HealthOptions {
        max_age: Some(MAX_AGE),
        probes: Probes {
            startup: name == "a",
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    Arc::new(Check::health_check(name, options, |_| true))
}

/// Does what happens to a board, as the engine does it.
fn apply(event: Event, board: &Board, now: &mut Moment) {
    match event {
        Event::TimePasses(time) => now.instant += time,
        Event::Runs(name, outcome) => {
            let index = board.position(name);
            let report = Arc::new(Report::without_run(outcome, now.time));
            let run = |index| {
                board.update(index, now.instant, |state, check| {
                    state.record(check, report, now.instant);
                })
            };
            _ = index.and_then(run);
            board.come_up(now.instant);
        }
        Event::Comes(name) => _ = board.add(check(name), now.instant),
        Event::Goes(name) => {
            let index = board.remove(name);
            _ = index.map(|index| board.free(index));
        }
        Event::Moves(to) => board.advance(&[Lifecycle::Starting, Lifecycle::Serving], to),
        Event::Resumes => board.resume(now.instant),
        Event::MaintenanceBegins(name, time) => {
            let begun = board.start_maintenance(name, "moving", time, *now);
            begun.expect("it is legal");
        }
        Event::MaintenanceEnds(name) => {
            let ended = board.end_maintenance(name, now.instant);
            _ = ended.expect("it has no file");
        }
    }
}

/// Returns what a snapshot says, without what changes all the time.
fn said(board: &Board, now: Moment) -> Snapshot {
    let mut snapshot = board.snapshot(now.instant, SystemTime::UNIX_EPOCH, Vec::new());
    for check in &mut snapshot.health_checks {
        check.age = None;
    }
    snapshot
}

proptest! {
    #[test]
    fn what_stands_is_what_a_snapshot_would_say(events in prop::collection::vec(events(), 1..64)) {
        let mut now = Moment::now();
        let board = Board::new(vec![check("a"), check("b")], Maintenances::default(), now.instant);
        let mark = |now: Moment| board.mark(now.instant).expect("nobody writes");
        let (mut marked, mut kept) = (mark(now), said(&board, now));
        for event in events {
            apply(event, &board, &mut now);
            let would_say = said(&board, now);
            if board.stands(&marked, now.instant) {
                prop_assert_eq!(&kept, &would_say);
            } else {
                (marked, kept) = (mark(now), would_say);
                prop_assert!(board.stands(&marked, now.instant));
            }
        }
    }
}
