//! A run ends while the control thread looks, in every order.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::channel;

use super::*;
use crate::cancellation::Cancellation;
use crate::check::Check;
use crate::descriptor::{Effects, HealthOptions};
use crate::engine::board::Board;
use crate::health::{Health, Transition};
use crate::journal::Journal;
use crate::maintenance::Maintenances;
use crate::outcome::Outcome;
use crate::self_test::SelfTestRuns;
use crate::sync::{in_every_order, thread};

/// Hands that leave it to the model what a run comes to.
#[derive(Debug)]
struct Idle;

impl Hands for Idle {
    fn start(
        &self,
        _: usize,
        _: &Arc<Check>,
        _: &Arc<Journal>,
        _: &Arc<Cancellation>,
    ) -> io::Result<()> {
        Ok(())
    }

    fn discard(&self, _: Arc<Check>) {}

    fn tell(&self, _: Transition) {}
}

/// Two checks that may not run at once, of which the first is running.
fn board(now: Moment) -> Arc<Board> {
    let check = |name| Check::health_check(name, HealthOptions::DEFAULT, |_| true);
    let checks = ["first", "second"].map(|name| Arc::new(check(name)));
    Arc::new(Board::new(
        checks.to_vec(),
        Maintenances::default(),
        now.instant,
    ))
}

#[test]
fn an_end_is_taken_in_once_and_the_control_thread_misses_nothing_that_is_due() {
    in_every_order(|| {
        let now = Moment::now();
        let board = board(now);
        let runs = Arc::new(SelfTestRuns::new(Effects::Pure));
        let control = Control::new(Arc::clone(&board), runs, Idle, 1, &HashMap::new());
        let (bell, inbox) = channel();
        let desk = Arc::new(Desk::new(control, Pool::default(), bell));
        desk.seat.lock().control.begin(now);
        _ = desk.look(inbox.try_iter());

        let ended = {
            let desk = Arc::clone(&desk);
            let report = Report::without_run(Outcome::Pass, now.time);
            thread::spawn(move || desk.ended(0, report))
        };
        _ = desk.look(inbox.try_iter());
        ended.join().unwrap();

        assert_eq!(board.health(0, now.instant), Health::Up);
        let seat = desk.seat.lock();
        let next_at = seat.control.next_at().expect("both are due again");
        assert!(seat.looks_at <= next_at || inbox.try_recv().is_ok());
        drop(seat);
        // The other one has its turn, whoever gave it: its end is taken in, too.
        desk.ended(1, Report::without_run(Outcome::Pass, now.time));
        assert_eq!(board.health(1, now.instant), Health::Up);
    });
}
