//! Checks that a program hands to the builder, and what a run is told of its time.

mod support;

use std::time::Duration;

use mad_core::{
    Check, Context, Engine, Health, HealthOptions, IntoCheck, Probe, Probes, Registry, time_left,
};
use support::{eventually, registry, start};

const READINESS: HealthOptions = HealthOptions {
    probes: Probes {
        readiness: true,
        ..Probes::NONE
    },
    ..HealthOptions::DEFAULT
};

#[track_caller]
fn fine(name: &'static str) -> Check {
    Check::health_check(name, READINESS, |_: &Context| true)
}

#[test]
fn a_check_handed_to_the_builder_runs_beside_those_of_the_registry() {
    let builder = Engine::builder().check(fine("added"));
    let engine = builder.registry(registry([fine("registered")]));
    let engine = engine.expect(["added", "registered"]).start().unwrap();
    eventually("ready", || engine.snapshot().answers(Probe::Readiness));
    assert_eq!(engine.snapshot().health_checks.len(), 2);
}

#[test]
fn what_is_wrong_with_an_added_check_is_told_with_all_else() {
    let builder = Engine::builder().registry(Registry::new());
    let builder = builder.check(fine("twice")).check(fine("twice"));
    let error = builder.expect(["absent"]).start().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("two checks are named `twice`"), "{text}");
    assert!(text.contains(concat!(file!(), ":")), "{text}");
    assert!(text.contains("expected check `absent`"), "{text}");
    let registry = error.registry().unwrap();
    assert!(registry.is_duplicate() && registry.is_missing());
}

#[test]
fn a_description_becomes_a_check_that_is_located_where_it_was_handed_over() {
    struct Fine;
    impl IntoCheck for Fine {
        #[track_caller]
        fn into_check(self) -> Check {
            fine("fine")
        }
    }
    let (line, builder) = (line!(), Engine::builder().check(Fine));
    let engine = builder.registry(Registry::new()).start().unwrap();
    let location = engine.snapshot().health_checks[0].check.location();
    assert_eq!((location.file, location.line), (file!(), line));
}

#[test]
fn name_and_options_of_a_check_can_be_set_afterwards() {
    let check = Check::health_check("one", HealthOptions::DEFAULT, |_: &Context| true);
    let check = check.with_name("two").with_health_options(READINESS);
    assert_eq!(check.name(), "two");
    assert_eq!(check.health_options(), Some(&READINESS));
}

#[test]
fn a_run_knows_how_long_it_may_take() {
    let timeout = Duration::from_secs(7);
    let check = Check::health_check("patient", READINESS, move |_| {
        let left = time_left().ok_or("not in a run")?;
        let left_in_a_step = mad_core::step_sync("inside", time_left);
        let is_right = left > Duration::ZERO && left <= timeout;
        Ok::<_, &str>(is_right && left_in_a_step.is_some_and(|inside| inside <= left))
    });
    let engine = start([check.with_timeout(timeout)]);
    let health = || engine.snapshot().health_checks[0].health;
    eventually("up", || health() == Health::Up);
    assert_eq!(time_left(), None);
}
