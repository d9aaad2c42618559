//! Probes read while the control thread writes and the application drains, in every order.

use super::*;
use crate::clock::Moment;
use crate::descriptor::{HealthOptions, Probes};
use crate::outcome::Outcome;
use crate::report::Report;
use crate::snapshot::Probe;
use crate::sync::{in_every_order, thread};

fn check(name: &'static str) -> Arc<Check> {
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            startup: true,
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    Arc::new(Check::health_check(name, options, |_| true))
}

/// Returns a board with one check.
fn board(now: Moment) -> Arc<Board> {
    let checks = vec![check("database")];
    Arc::new(Board::new(checks, Maintenances::default(), now.instant))
}

fn record(board: &Board, index: usize, outcome: Outcome, now: Moment) -> Option<Changed> {
    let report = Arc::new(Report::without_run(outcome, now.time));
    board.update(index, now.instant, |state, check| {
        state.record(check, report, now.instant);
    })
}

/// A thread beside the model's own, with the board.
fn beside<T: 'static>(
    board: &Arc<Board>,
    work: impl FnOnce(&Board) -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let board = Arc::clone(board);
    thread::spawn(move || work(&board))
}

#[test]
fn what_became_green_after_the_drain_is_never_shown_as_ready() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        record(&board, 0, Outcome::Pass, now);
        board.come_up(now.instant);
        record(&board, 0, Outcome::fail("down"), now);

        let probe = beside(&board, move |board| {
            board.snapshot(now.instant, now.time, Vec::new())
        });
        board.advance(&[Lifecycle::Serving], Lifecycle::Draining);
        record(&board, 0, Outcome::Pass, now);
        assert!(!probe.join().unwrap().answers(Probe::Readiness));
    });
}

#[test]
fn coming_up_never_undoes_a_drain() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        let control = beside(&board, move |board| {
            record(board, 0, Outcome::Pass, now);
            board.come_up(now.instant);
        });
        let before = [Lifecycle::Starting, Lifecycle::Serving];
        board.advance(&before, Lifecycle::Draining);
        let snapshot = board.snapshot(now.instant, now.time, Vec::new());
        assert!(!snapshot.answers(Probe::Readiness));
        control.join().unwrap();
        assert_eq!(board.lifecycle(), Lifecycle::Draining);

        board.resume(now.instant);
        let snapshot = board.snapshot(now.instant, now.time, Vec::new());
        assert!(snapshot.answers(Probe::Readiness));
    });
}

#[test]
fn a_stop_is_for_good_whoever_drains_resumes_or_comes_up_meanwhile() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        let control = beside(&board, move |board| {
            record(board, 0, Outcome::Pass, now);
            board.come_up(now.instant);
        });
        let operator = beside(&board, move |board| {
            let before = [Lifecycle::Starting, Lifecycle::Serving];
            board.advance(&before, Lifecycle::Draining);
            board.resume(now.instant);
        });
        let alive = [Lifecycle::Starting, Lifecycle::Serving, Lifecycle::Draining];
        board.advance(&alive, Lifecycle::Stopped);
        assert_eq!(board.lifecycle(), Lifecycle::Stopped);
        control.join().unwrap();
        operator.join().unwrap();
        assert_eq!(board.lifecycle(), Lifecycle::Stopped);
    });
}

#[test]
fn a_snapshot_has_a_state_as_it_was_between_two_runs_and_never_goes_back() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        let control = beside(&board, move |board| {
            let outcomes = [Outcome::Pass, Outcome::fail("down")];
            let told = outcomes.map(|outcome| record(board, 0, outcome, now));
            told.iter().flatten().count()
        });
        let mut seen = 0;
        for _ in 0..2 {
            let snapshot = board.snapshot(now.instant, now.time, Vec::new());
            let check = &snapshot.health_checks[0];
            let expected = match check.record.transitions {
                0 => Health::Unknown,
                1 => Health::Up,
                _ => Health::Down,
            };
            assert_eq!(check.health, expected);
            assert_eq!(check.record.history.len() as u64, check.record.transitions);
            assert!(check.record.transitions >= seen, "it went back");
            seen = check.record.transitions;
        }
        assert_eq!(control.join().unwrap(), 2, "each change is told once");
    });
}

#[test]
fn of_two_that_add_one_name_one_does_and_what_is_taken_out_is_not_shown() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        let add = move |board: &Board| board.add(check("tenant"), now.instant).is_some();
        let other = beside(&board, add);
        let is_added = add(&board);
        assert_ne!(is_added, other.join().unwrap());

        let probe = beside(&board, move |board| {
            board.snapshot(now.instant, now.time, Vec::new())
        });
        let index = board.remove("tenant").unwrap();
        assert_eq!(
            board
                .snapshot(now.instant, now.time, Vec::new())
                .health_checks
                .len(),
            1
        );
        board.free(index);
        let n_seen = probe.join().unwrap().health_checks.len();
        assert!((1..=2).contains(&n_seen));
    });
}

#[test]
fn whoever_saw_a_result_too_old_is_told_of_the_next_one() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        record(&board, 0, Outcome::Pass, now);
        let news = board.changes();

        // The control thread has read its clock before the reader did.
        let (control_now, reader_now) = {
            let max_age = check("database").max_age().unwrap();
            let moment = Duration::from_millis(1);
            (now.instant + moment, now.instant + max_age + moment)
        };
        let reader = beside(&board, move |board| {
            let snapshot = board.snapshot(reader_now, now.time, Vec::new());
            snapshot.health_checks[0].health
        });
        let passed = Moment {
            instant: control_now,
            ..now
        };
        assert!(record(&board, 0, Outcome::Pass, passed).is_none());
        if reader.join().unwrap() == Health::Unknown {
            assert!(news.has_changed().unwrap());
        }
    });
}

#[test]
fn what_stands_is_not_what_somebody_has_seen_otherwise() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        record(&board, 0, Outcome::Pass, now);
        board.come_up(now.instant);
        let control = beside(&board, move |board| {
            record(board, 0, Outcome::fail("down"), now);
        });
        let operator = beside(&board, move |board| {
            board.advance(&[Lifecycle::Serving], Lifecycle::Draining);
        });
        let look = || {
            let snapshot = board.snapshot(now.instant, now.time, Vec::new());
            (snapshot.lifecycle, snapshot.health_checks[0].health)
        };
        let marked = board.mark(now.instant);
        let kept = look();
        let seen = look();
        if marked.is_some_and(|marked| board.stands(&marked, now.instant)) {
            assert_eq!(kept, seen);
        }
        control.join().unwrap();
        operator.join().unwrap();
        assert!(board.mark(now.instant).is_some(), "nobody writes any more");
    });
}
