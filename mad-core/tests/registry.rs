//! What a program can do with a set of checks before it starts.

use mad_core::{Check, HealthOptions, Registry};

fn check(name: &'static str) -> Check {
    Check::health_check(name, HealthOptions::DEFAULT, |_| true)
}

fn registry(names: &[&'static str]) -> Registry {
    let mut registry = Registry::new();
    for name in names {
        registry.add(check(name)).unwrap();
    }
    registry
}

fn names(registry: &Registry) -> Vec<&str> {
    registry.iter().map(Check::name).collect()
}

#[test]
fn a_registry_takes_over_the_checks_of_another() {
    let mut ours = registry(&["b"]);
    let theirs = registry(&["c", "a"]);
    ours.extend(theirs.iter().cloned()).unwrap();
    assert_eq!(names(&ours), ["a", "b", "c"]);
}

#[test]
fn all_that_cannot_be_taken_over_is_named_and_nothing_is() {
    let mut ours = registry(&["a", "b"]);
    let error = ours.extend(["b", "c", "a", "c"].map(check)).unwrap_err();
    assert!(error.is_duplicate());
    assert_eq!(error.to_string().lines().count(), 3, "{error}");
    assert_eq!(names(&ours), ["a", "b"]);
}

#[test]
fn what_is_not_retained_is_left_out() {
    let mut registry = registry(&["bank", "disk", "queue"]);
    registry.retain(|check| check.name() != "bank");
    assert_eq!(names(&registry), ["disk", "queue"]);
}
