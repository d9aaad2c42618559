//! Runs are handed out while threads go idle, lose patience or leave, in every order.
//!
//! The time of an idle thread is up when the model says so. Whoever waits for a job that nobody takes
//! waits for ever, which loom reports.

use super::*;
use crate::sync::in_every_order;

/// Counts the jobs that have run, and whose results were taken.
#[derive(Default)]
struct Tally {
    count: Mutex<usize>,
    has_grown: Condvar,
}

impl Tally {
    fn add_one(&self) {
        *self.count.lock() += 1;
        self.has_grown.notify_all();
    }

    fn wait_for(&self, jobs: usize) {
        let mut count = self.count.lock();
        self.has_grown.wait_while(&mut count, |count| *count < jobs);
        assert_eq!(*count, jobs, "a job ran twice");
    }
}

/// Hands out a job that is counted when it is done.
fn hand_out(pool: &Pool, tally: &Arc<Tally>) {
    let tally = Arc::clone(tally);
    pool.run(|| (), move |()| tally.add_one()).unwrap();
}

impl Shared {
    fn let_time_be_up(&self) {
        let idle = self.queue.lock().idle.clone();
        for bell in idle {
            bell.let_time_be_up();
        }
    }
}

#[test]
fn every_run_that_is_handed_out_gets_a_thread_and_every_thread_leaves_in_the_end() {
    in_every_order(|| {
        let pool = Pool::default();
        let tally = Arc::new(Tally::default());
        for _ in 0..2 {
            hand_out(&pool, &tally);
            pool.wake();
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
        hand_out(&pool, &tally);
        tally.wait_for(1);
        let time = thread::spawn(move || shared.let_time_be_up());
        hand_out(&pool, &tally);
        pool.wake();
        tally.wait_for(2);
        time.join().unwrap();
        pool.close();
    });
}

#[test]
fn a_run_behind_one_that_hangs_gets_a_thread_when_it_is_hurried() {
    in_every_order(|| {
        let pool = Pool::default();
        let tally = Arc::new(Tally::default());
        let hung = Arc::new(Tally::default());
        let until = Arc::clone(&hung);
        pool.run(move || until.wait_for(1), drop).unwrap();
        hand_out(&pool, &tally);
        pool.wake();
        pool.hurry().unwrap();
        tally.wait_for(1);
        hung.add_one();
        pool.close();
    });
}

#[test]
fn a_run_that_is_handed_out_just_before_the_close_still_runs() {
    in_every_order(|| {
        let pool = Pool::default();
        let tally = Arc::new(Tally::default());
        hand_out(&pool, &tally);
        hand_out(&pool, &tally);
        pool.close();
        tally.wait_for(2);
    });
}
