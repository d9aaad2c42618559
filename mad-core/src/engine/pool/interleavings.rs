//! Runs are handed out while threads go idle, lose patience or leave, in every order.
//!
//! The time of an idle thread is up when the model says so. Whoever waits for a job that nobody takes
//! waits for ever, which loom reports.

use super::*;
use crate::sync::in_every_order;

/// Counts the jobs that have run.
#[derive(Default)]
struct Tally {
    count: Mutex<usize>,
    has_grown: Condvar,
}

impl Tally {
    fn job(tally: &Arc<Self>) -> impl FnOnce() + Send + 'static {
        let tally = Arc::clone(tally);
        move || {
            *tally.count.lock() += 1;
            tally.has_grown.notify_all();
        }
    }

    fn wait_for(&self, jobs: usize) {
        let mut count = self.count.lock();
        self.has_grown.wait_while(&mut count, |count| *count < jobs);
        assert_eq!(*count, jobs, "a job ran twice");
    }
}

#[test]
fn every_run_that_is_handed_out_gets_a_thread_and_every_thread_leaves_in_the_end() {
    in_every_order(|| {
        let pool = Pool::default();
        let tally = Arc::new(Tally::default());
        for _ in 0..2 {
            pool.run(Tally::job(&tally)).unwrap();
        }
        tally.wait_for(2);
        pool.close();
    });
}

#[test]
fn a_run_that_is_handed_to_a_thread_whose_time_is_up_is_not_lost() {
    in_every_order(|| {
        let pool = Pool::default();
        let tally = Arc::new(Tally::default());
        let shared = Arc::clone(&pool.shared);
        pool.run(Tally::job(&tally)).unwrap();
        tally.wait_for(1);
        let time = thread::spawn(move || shared.is_ready.let_time_be_up());
        pool.run(Tally::job(&tally)).unwrap();
        tally.wait_for(2);
        time.join().unwrap();
        pool.close();
    });
}

#[test]
fn a_run_that_is_handed_out_just_before_the_close_still_runs() {
    in_every_order(|| {
        let pool = Pool::default();
        let tally = Arc::new(Tally::default());
        pool.run(Tally::job(&tally)).unwrap();
        pool.run(Tally::job(&tally)).unwrap();
        pool.close();
        tally.wait_for(2);
    });
}
