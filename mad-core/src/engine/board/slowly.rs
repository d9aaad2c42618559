//! The state of a check, taken literally: the whole list is kept and gone through each time.

use proptest::prelude::*;

use super::*;
use crate::clock::Moment;
use crate::descriptor::HealthOptions;
use crate::outcome::Outcome;
use crate::report::Report;

const MAX_AGE: Duration = Duration::from_secs(30);

/// Something that happens to a check, so long after what happened before it.
#[derive(Clone, Debug)]
struct Event {
    after: Duration,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// A run ended.
    Ended(Outcome),
    /// A turn was missed as the last run hangs, which counts as one more failure.
    Missed,
    /// Somebody looked.
    Looked,
    /// The program was started anew.
    Restarted,
}

/// What is known, slowly.
#[derive(Default)]
struct Slow {
    /// Whatever counts, since the last restart.
    results: Vec<(Instant, Health)>,
    /// What was told, since the last restart.
    told: Vec<Health>,
}

impl Slow {
    /// Folds what came since the last gap that was longer than a result may be old.
    fn health(&self, now: Instant, options: &HealthOptions) -> Health {
        let gap = |pair: &[(Instant, Health)]| pair[1].0 - pair[0].0 > MAX_AGE;
        let first = self
            .results
            .windows(2)
            .rposition(gap)
            .map_or(0, |at| at + 1);
        let results = &self.results[first..];
        let Some((last, _)) = results.last().filter(|(last, _)| now - *last <= MAX_AGE) else {
            return Health::Unknown;
        };
        assert!(*last <= now);
        (1..=results.len()).fold(Health::Unknown, |health, end| {
            let levels = |count: u32| {
                let first = end.checked_sub(count as usize)?;
                Some(results[first..end].iter().map(|(_, level)| *level))
            };
            let mildest = levels(options.fail_after).and_then(Iterator::min);
            let gravest = levels(options.recover_after).and_then(Iterator::max);
            match (mildest, gravest) {
                (Some(mildest), _) if mildest > health => mildest,
                (_, Some(gravest)) if gravest < health => gravest,
                _ => health,
            }
        })
    }

    fn push(&mut self, now: Instant, outcome: &Outcome, options: &HealthOptions) {
        let level = match outcome {
            Outcome::Pass => Health::Up,
            Outcome::Fail(_) if options.critical => Health::Down,
            Outcome::Warn(_) | Outcome::Fail(_) => Health::Degraded,
            Outcome::Skip(_) => return,
        };
        self.results.push((now, level));
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let after = prop_oneof![
        8 => (0..10_000_u64).prop_map(Duration::from_millis),
        // Just at the age that a result may have, just past it, and long past it.
        1 => Just(MAX_AGE),
        1 => Just(MAX_AGE + Duration::from_nanos(1)),
        1 => (30..3_000_u64).prop_map(Duration::from_secs),
    ];
    let what = prop_oneof![
        6 => Just(What::Ended(Outcome::Pass)),
        2 => Just(What::Ended(Outcome::warn("slow"))),
        5 => Just(What::Ended(Outcome::fail("broken"))),
        2 => Just(What::Ended(Outcome::skip("not now"))),
        1 => Just(What::Missed),
        3 => Just(What::Looked),
        1 => Just(What::Restarted),
    ];
    let event = (after, what).prop_map(|(after, what)| Event { after, what });
    prop::collection::vec(event, 0..80)
}

proptest! {
    #[test]
    fn the_board_shows_what_the_whole_list_of_results_comes_to(
        events in events(),
        fail_after in 1..5_u32,
        recover_after in 1..5_u32,
        critical: bool,
    ) {
        let options = HealthOptions {
            fail_after, recover_after, critical, max_age: Some(MAX_AGE), ..HealthOptions::DEFAULT
        };
        let start = || vec![Arc::new(Check::health_check("database", options, |_| true))];
        let mut now = Moment::now().instant;
        let mut board = Board::new(start(), Maintenances::default(), now);
        let mut slow = Slow::default();
        for event in events {
            now += event.after;
            let missed = Outcome::fail("the last run has not ended");
            let changed = match event.what {
                What::Ended(outcome) => {
                    slow.push(now, &outcome, &options);
                    let report = Report::without_run(outcome, SystemTime::UNIX_EPOCH);
                    board.update(0, now, |state, check| {
                        state.record(check, Arc::new(report), now);
                    })
                }
                What::Missed => {
                    slow.push(now, &missed, &options);
                    board.update(0, now, |state, check| state.count(check, &missed, now))
                }
                What::Looked => board.update(0, now, |_, _| {}),
                What::Restarted => {
                    board = Board::new(start(), Maintenances::default(), now);
                    slow = Slow::default();
                    None
                }
            };
            let expected = slow.health(now, &options);
            let snapshot = board.snapshot(now, SystemTime::UNIX_EPOCH, Vec::new());
            let shown = &snapshot.health_checks[0];
            prop_assert_eq!(shown.health, expected);
            prop_assert_eq!(shown.age, slow.results.last().map(|(last, _)| now - *last));

            let before = slow.told.last().copied().unwrap_or(Health::Unknown);
            let told = changed.map(|changed| (changed.from, changed.to));
            // A restart is told to nobody: the new program begins with Unknown.
            let change = (before != expected).then_some((before, expected));
            prop_assert_eq!(told, change, "each change is told once, from what was told before");
            slow.told.extend(change.map(|(_, to)| to));
            prop_assert_eq!(shown.record.transitions, slow.told.len() as u64);
        }
    }
}
