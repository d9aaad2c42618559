//! Spares a listener the changes that come too soon after the last one it was told.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::health::{Health, Transition};

/// Spares a listener the changes that come too soon after the last one it was told, for each check.
///
/// What has changed when the time is over is told then, as one change that stands for all of them.
/// What has come back to where it was is not told.
#[derive(Debug)]
pub(crate) struct CoolDown {
    length: Duration,
    /// The checks of which something was told within that time.
    told: HashMap<String, Told>,
}

#[derive(Debug)]
struct Told {
    to: Health,
    until: Instant,
    spared: Option<Transition>,
}

impl CoolDown {
    pub(crate) fn new(length: Duration) -> Self {
        Self {
            length,
            told: HashMap::new(),
        }
    }

    /// Takes in a change; returns it if it is to be told at once.
    pub(crate) fn take(&mut self, transition: Transition, now: Instant) -> Option<Transition> {
        let name = transition.check.name().to_owned();
        match self.told.get_mut(&name) {
            Some(told) if now < told.until => {
                told.spare(transition);
                None
            }
            Some(told) => {
                told.spare(transition);
                self.tell(&name, now)
            }
            None => {
                self.begin(name, transition.to, now);
                Some(transition)
            }
        }
    }

    /// Returns what is to be told now that its time is over.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<Transition> {
        let over = self.told.iter().filter(|(_, told)| told.until <= now);
        let names: Vec<String> = over.map(|(name, _)| name.clone()).collect();
        names
            .iter()
            .filter_map(|name| self.tell(name, now))
            .collect()
    }

    /// Returns when there may be something to tell, if nothing happens before.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.told.values().map(|told| told.until).min()
    }

    fn tell(&mut self, name: &str, now: Instant) -> Option<Transition> {
        let told = self.told.remove(name)?;
        let transition = told.spared.filter(|spared| spared.to != told.to)?;
        self.begin(name.to_owned(), transition.to, now);
        Some(transition)
    }

    fn begin(&mut self, name: String, to: Health, now: Instant) {
        if self.length.is_zero() {
            return;
        }
        let told = Told {
            to,
            until: now + self.length,
            spared: None,
        };
        self.told.insert(name, told);
    }
}

impl Told {
    fn spare(&mut self, mut transition: Transition) {
        let before = self.spared.as_ref().map_or(0, |spared| spared.changes);
        transition.from = self.to;
        transition.changes += before;
        self.spared = Some(transition);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::SystemTime;

    use super::*;
    use crate::check::Check;
    use crate::descriptor::HealthOptions;

    fn change(from: Health, to: Health) -> Transition {
        let check = Check::health_check("database", HealthOptions::DEFAULT, |_| true);
        Transition {
            check: Arc::new(check),
            from,
            to,
            why: "it is tried".to_owned(),
            at: SystemTime::UNIX_EPOCH,
            changes: 1,
            maintenance: None,
        }
    }

    fn told(transition: &Transition) -> (Health, Health, u64) {
        (transition.from, transition.to, transition.changes)
    }

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn a_check_that_flaps_is_told_once_and_then_where_it_stands() {
        let (mut cool_down, start) = (CoolDown::new(MINUTE), Instant::now());
        let first = cool_down.take(change(Health::Up, Health::Down), start);
        assert_eq!(told(&first.unwrap()), (Health::Up, Health::Down, 1));
        for second in 1..=5 {
            let (from, to) = match second % 2 {
                1 => (Health::Down, Health::Up),
                _ => (Health::Up, Health::Down),
            };
            let now = start + Duration::from_secs(second);
            assert_eq!(cool_down.take(change(from, to), now), None);
        }
        assert_eq!(cool_down.next_at(), Some(start + MINUTE));
        assert!(cool_down.due(start + MINUTE / 2).is_empty());
        let due = cool_down.due(start + MINUTE);
        assert_eq!(
            due.iter().map(told).collect::<Vec<_>>(),
            [(Health::Down, Health::Up, 5)]
        );
    }

    #[test]
    fn what_came_back_is_not_told() {
        let (mut cool_down, start) = (CoolDown::new(MINUTE), Instant::now());
        cool_down.take(change(Health::Up, Health::Down), start);
        cool_down.take(change(Health::Down, Health::Up), start);
        cool_down.take(change(Health::Up, Health::Down), start);
        assert!(cool_down.due(start + MINUTE).is_empty());
        assert_eq!(cool_down.next_at(), None);
        let later = cool_down.take(change(Health::Down, Health::Up), start + 2 * MINUTE);
        assert_eq!(told(&later.unwrap()), (Health::Down, Health::Up, 1));
    }

    #[test]
    fn without_a_time_everything_is_told() {
        let (mut cool_down, start) = (CoolDown::new(Duration::ZERO), Instant::now());
        for _ in 0..3 {
            assert!(
                cool_down
                    .take(change(Health::Up, Health::Down), start)
                    .is_some()
            );
        }
        assert_eq!(cool_down.next_at(), None);
    }
}
