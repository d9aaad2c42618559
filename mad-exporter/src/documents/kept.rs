//! Documents that would be written the same again.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use mad_core::{
    Check, Health, HealthSnapshot, Lifecycle, Maintenance, Record, RuntimeSnapshot, Snapshot,
    Standing,
};

use super::{Document, Wanted};
use crate::render::reason::is_stale;
use crate::render::timestamp::to_the_second;

/// The documents that were written about one moment.
///
/// Nothing in here is ever out of date: whoever looks for a document brings a snapshot of now, and finds one only
/// if it says what the other said; or knows that only time has passed since, and brings what that changes. A document
/// that shows the time is kept for a second, as it shows these.
#[derive(Debug, Default)]
pub(super) struct Kept {
    about: Option<Said>,
    /// Whether the last snapshot that was brought would say the same of the checks. None if nobody can tell.
    standing: Option<Standing>,
    documents: HashMap<Wanted, Document>,
}

impl Kept {
    /// Returns the document that would be written about a snapshot, if one like it was.
    pub(super) fn find(&self, snapshot: &Snapshot, wanted: Wanted) -> Option<Document> {
        let is_the_same = self.about.as_ref()?.is_said_by(snapshot);
        is_the_same.then(|| self.documents.get(&wanted).cloned())?
    }

    /// Returns the document that would be written now, if it is certain without a snapshot.
    pub(super) fn find_standing(
        &self,
        now: SystemTime,
        runtimes: &[RuntimeSnapshot],
        wanted: Wanted,
    ) -> Option<Document> {
        let stands = self.standing.as_ref().is_some_and(Standing::holds);
        stands.then(|| self.find_later(now, runtimes, wanted))?
    }

    /// Returns the document that would be written if nothing but time had passed.
    fn find_later(
        &self,
        now: SystemTime,
        runtimes: &[RuntimeSnapshot],
        wanted: Wanted,
    ) -> Option<Document> {
        let about = self.about.as_ref()?;
        let is_the_same = about.is_said_at(now, runtimes);
        is_the_same.then(|| self.documents.get(&wanted).cloned())?
    }

    /// Keeps a document that was written about a snapshot, with those alone that are about the same. What stands was
    /// looked at before the snapshot was taken.
    pub(super) fn keep(
        &mut self,
        snapshot: &Snapshot,
        standing: Option<Standing>,
        wanted: Wanted,
        document: &Document,
    ) {
        self.standing = standing;
        let about = self.about.as_ref();
        if !about.is_some_and(|about| about.is_said_by(snapshot)) {
            self.documents.clear();
            self.about = Some(Said::by(snapshot));
        }
        self.documents.insert(wanted, document.clone());
    }
}

/// What a snapshot says that stands in some document.
#[derive(Debug)]
struct Said {
    lifecycle: Lifecycle,
    has_come_up: bool,
    second: SystemTime,
    checks: Vec<SaidOfCheck>,
    has_self_tests: bool,
    lags: Vec<(&'static str, Duration)>,
}

/// What a snapshot says of one check.
///
/// A record and a check are known by their places: that somebody points there keeps others from coming to the same
/// place, and nothing of what is pointed at from living on.
#[derive(Debug)]
struct SaidOfCheck {
    check: Weak<Check>,
    health: Health,
    is_new: bool,
    is_stale: bool,
    maintenance: Option<Maintenance>,
    record: Weak<Record>,
}

impl Said {
    fn by(snapshot: &Snapshot) -> Self {
        let Snapshot {
            lifecycle,
            has_come_up,
            taken_at,
            health_checks,
            self_tests,
            runtimes,
        } = snapshot;
        Self {
            lifecycle: *lifecycle,
            has_come_up: *has_come_up,
            second: to_the_second(*taken_at),
            checks: health_checks.iter().map(SaidOfCheck::by).collect(),
            has_self_tests: !self_tests.is_empty(),
            lags: lags(runtimes).collect(),
        }
    }

    fn is_said_by(&self, snapshot: &Snapshot) -> bool {
        let checks = &snapshot.health_checks;
        self.is_said_at(snapshot.taken_at, &snapshot.runtimes)
            && self.lifecycle == snapshot.lifecycle
            && self.has_come_up == snapshot.has_come_up
            && self.has_self_tests != snapshot.self_tests.is_empty()
            && self.checks.len() == checks.len()
            && self
                .checks
                .iter()
                .zip(checks)
                .all(|(said, check)| said.is_said_by(check))
    }

    /// Says whether what time changes is the same.
    fn is_said_at(&self, now: SystemTime, runtimes: &[RuntimeSnapshot]) -> bool {
        self.second == to_the_second(now) && self.lags.iter().copied().eq(lags(runtimes))
    }
}

impl SaidOfCheck {
    fn by(snapshot: &HealthSnapshot) -> Self {
        // A member that is new has to be looked at here: is it in some document?
        let HealthSnapshot {
            check,
            health,
            age: _,
            is_new,
            stuck_since: _,
            maintenance,
            record,
        } = snapshot;
        Self {
            check: Arc::downgrade(check),
            health: *health,
            is_new: *is_new,
            is_stale: is_stale(snapshot),
            maintenance: maintenance.clone(),
            record: Arc::downgrade(record),
        }
    }

    fn is_said_by(&self, snapshot: &HealthSnapshot) -> bool {
        self.record.as_ptr() == Arc::as_ptr(&snapshot.record)
            && self.check.as_ptr() == Arc::as_ptr(&snapshot.check)
            && self.health == snapshot.health
            && self.is_new == snapshot.is_new
            && self.is_stale == is_stale(snapshot)
            && self.maintenance == snapshot.maintenance
    }
}

fn lags(runtimes: &[RuntimeSnapshot]) -> impl Iterator<Item = (&'static str, Duration)> {
    runtimes.iter().map(|runtime| (runtime.name, runtime.lag))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use mad_core::{HealthOptions, Outcome, Probe, Probes, Report};
    use proptest::prelude::*;

    use super::*;
    use crate::program::Program;
    use crate::render::format::Shape;
    use crate::render::spring::Version;
    use crate::render::view::View;

    const SHAPES: [Shape; 8] = [
        Shape::HealthJson,
        Shape::Spring(Version::V2),
        Shape::Spring(Version::V3),
        Shape::MicroProfile,
        Shape::AspNet,
        Shape::AspNetWord,
        Shape::Nagios,
        Shape::Text,
    ];

    const PROBES: [Probe; 4] = [
        Probe::Liveness,
        Probe::Readiness,
        Probe::Startup,
        Probe::Any,
    ];

    /// What happens between two who ask.
    #[derive(Clone, Debug)]
    enum Event {
        Nothing,
        TimePasses(Duration),
        Moves(Lifecycle),
        ComesUp,
        Runs(usize, Outcome, Health),
        Ages(usize, Duration),
        IsNewNoMore(usize),
        IsPutInMaintenance(usize, Option<String>),
        Comes(&'static str),
        Goes(usize),
        Lags(Duration),
    }

    fn events() -> impl Strategy<Value = Event> {
        let place = 0_usize..4;
        let outcome = prop_oneof![
            Just(Outcome::Pass),
            Just(Outcome::warn("slow")),
            Just(Outcome::fail("refused")),
            Just(Outcome::skip("not now")),
        ];
        let health = prop::sample::select(&Health::ALL[..]);
        let lifecycle = prop_oneof![
            Just(Lifecycle::Starting),
            Just(Lifecycle::Serving),
            Just(Lifecycle::Draining),
            Just(Lifecycle::Stopped),
        ];
        let reason = prop_oneof![
            Just(None),
            Just(Some("disk".to_owned())),
            Just(Some("move".to_owned()))
        ];
        let millis = (0_u64..2_000).prop_map(Duration::from_millis);
        prop_oneof![
            4 => Just(Event::Nothing),
            1 => millis.clone().prop_map(Event::TimePasses),
            1 => lifecycle.prop_map(Event::Moves),
            1 => Just(Event::ComesUp),
            2 => (place.clone(), outcome, health).prop_map(|(at, outcome, health)| Event::Runs(at, outcome, health)),
            1 => (place.clone(), (0_u64..120).prop_map(Duration::from_secs)).prop_map(|(at, age)| Event::Ages(at, age)),
            1 => place.clone().prop_map(Event::IsNewNoMore),
            1 => (place.clone(), reason).prop_map(|(at, reason)| Event::IsPutInMaintenance(at, reason)),
            1 => prop::sample::select(&["a", "b", "c/d"][..]).prop_map(Event::Comes),
            1 => place.prop_map(Event::Goes),
            1 => millis.prop_map(Event::Lags),
        ]
    }

    fn wanted() -> impl Strategy<Value = Wanted> {
        let shape = prop::sample::select(&SHAPES[..]);
        let probe = prop::sample::select(&PROBES[..]);
        (probe, shape, any::<bool>()).prop_map(|(probe, shape, may_see)| Wanted {
            probe,
            shape,
            may_see,
        })
    }

    fn check(name: &'static str) -> HealthSnapshot {
        let probes = Probes {
            liveness: name == "a",
            readiness: name != "c/d",
            startup: name == "b",
        };
        let options = HealthOptions {
            probes,
            ..HealthOptions::DEFAULT
        };
        HealthSnapshot {
            check: Arc::new(Check::health_check(name, options, |_| true)),
            health: Health::Unknown,
            age: None,
            is_new: true,
            stuck_since: None,
            maintenance: None,
            record: Arc::default(),
        }
    }

    fn snapshot() -> Snapshot {
        Snapshot {
            lifecycle: Lifecycle::Starting,
            has_come_up: false,
            taken_at: UNIX_EPOCH,
            health_checks: vec![check("a"), check("b")],
            self_tests: Vec::new(),
            runtimes: vec![RuntimeSnapshot {
                name: "application",
                lag: Duration::ZERO,
                workers: 1,
                alive_tasks: 1,
                queued_tasks: 0,
                busy: None,
            }],
        }
    }

    /// Changes a record as the board does: in place, unless somebody else looks at it.
    fn run(record: &mut Arc<Record>, outcome: Outcome, at: SystemTime) {
        let record = Arc::make_mut(record);
        record.last = Some(Arc::new(Report::without_run(outcome, at)));
    }

    fn apply(event: Event, now: &mut Snapshot) {
        let checks = &mut now.health_checks;
        match event {
            Event::TimePasses(time) => now.taken_at += time,
            Event::Moves(to) => now.lifecycle = to,
            Event::ComesUp => now.has_come_up = true,
            Event::Lags(lag) => now.runtimes[0].lag = lag,
            Event::Comes(name) => checks.push(check(name)),
            Event::Goes(at) if at < checks.len() => drop(checks.remove(at)),
            Event::Runs(at, outcome, health) => {
                if let Some(check) = checks.get_mut(at) {
                    run(&mut check.record, outcome, now.taken_at);
                    check.health = health;
                }
            }
            Event::Ages(at, age) => {
                if let Some(check) = checks.get_mut(at) {
                    check.age = Some(age);
                }
            }
            Event::IsNewNoMore(at) => {
                if let Some(check) = checks.get_mut(at) {
                    check.is_new = false;
                }
            }
            Event::IsPutInMaintenance(at, reason) => {
                if let Some(check) = checks.get_mut(at) {
                    check.maintenance = reason.map(|reason| Maintenance {
                        reason,
                        until: UNIX_EPOCH,
                    });
                }
            }
            Event::Goes(_) | Event::Nothing => {}
        }
    }

    fn written(
        now: &Snapshot,
        Wanted {
            probe,
            shape,
            may_see,
        }: Wanted,
    ) -> Document {
        let program = Program::default();
        let view = View::new(now, &program, probe, may_see);
        Document::new(view, shape).expect("it can be written")
    }

    proptest! {
        #[test]
        fn what_is_kept_is_what_would_be_written_whatever_has_happened_and_whoever_asks(
            asked in prop::collection::vec((events(), wanted()), 1..64),
        ) {
            let (mut kept, mut now) = (Kept::default(), snapshot());
            // Whether nothing but time has passed since a document was kept.
            let mut stands = false;
            for (event, wanted) in asked {
                stands &= matches!(event, Event::Nothing | Event::TimePasses(_) | Event::Lags(_));
                apply(event, &mut now);
                let fresh = written(&now, wanted);
                let found = kept.find(&now, wanted);
                if stands {
                    let later = kept.find_later(now.taken_at, &now.runtimes, wanted);
                    prop_assert_eq!(&later, &found);
                }
                if let Some(found) = found {
                    prop_assert_eq!(found, fresh);
                } else {
                    kept.keep(&now, None, wanted, &fresh);
                    stands = true;
                    prop_assert_eq!(kept.find(&now, wanted), Some(fresh));
                }
            }
        }
    }

    #[test]
    fn nothing_that_a_check_holds_lives_on_in_what_is_kept() {
        let (mut kept, mut now) = (Kept::default(), snapshot());
        let wanted = Wanted {
            probe: Probe::Any,
            shape: Shape::Text,
            may_see: true,
        };
        kept.keep(&now, None, wanted, &written(&now, wanted));
        let gone = now.health_checks.pop().expect("there is one");
        assert_eq!(Arc::strong_count(&gone.check), 1);
        assert_eq!(Arc::strong_count(&gone.record), 1);
    }
}
