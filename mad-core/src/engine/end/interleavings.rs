//! Somebody waits for the end while it comes, in every order.

use std::sync::Arc;

use super::{AtTheEnd, End};
use crate::check::Check;
use crate::clock::Moment;
use crate::descriptor::{Effects, SelfTestOptions};
use crate::engine::board::Board;
use crate::heartbeat::Heartbeat;
use crate::lifecycle::Lifecycle;
use crate::maintenance::Maintenances;
use crate::selection::Selection;
use crate::self_test::{SelfTestRuns, Trigger, TriggerError};
use crate::sync::{in_every_order, thread};

#[test]
fn who_waits_for_the_end_is_woken_and_finds_everything_closed() {
    in_every_order(|| {
        let now = Moment::now();
        let end = Arc::new(End::default());
        let board = Arc::new(Board::new(Vec::new(), Maintenances::default(), now.instant));
        let runs = Arc::new(SelfTestRuns::new(Effects::Pure));
        let options = SelfTestOptions {
            effects: Effects::Pure,
            ..SelfTestOptions::DEFAULT
        };
        let self_test = Arc::new(Check::self_test("adds_up", options, |_| true));
        let begin = || {
            let trigger = Trigger {
                selection: Selection::name("adds_up"),
                effects: Effects::Pure,
                requested_by: "model".to_owned(),
                deadline: None,
            };
            runs.begin(trigger, &[Arc::clone(&self_test)], now)
        };
        let open = begin().unwrap();

        let at_the_end = AtTheEnd {
            board: Arc::clone(&board),
            runs: Arc::clone(&runs),
            end: Arc::clone(&end),
            heartbeat: Arc::new(Heartbeat::new()),
        };
        thread::spawn(move || drop(at_the_end));
        let second = {
            let (end, board) = (Arc::clone(&end), Arc::clone(&board));
            thread::spawn(move || {
                end.wait();
                assert_eq!(board.lifecycle(), Lifecycle::Stopped);
            })
        };
        end.wait();
        assert_eq!(board.lifecycle(), Lifecycle::Stopped);
        assert!(runs.get(&open).unwrap().is_finished());
        assert!(matches!(begin(), Err(TriggerError::NotServing { .. })));
        second.join().unwrap();
    });
}
