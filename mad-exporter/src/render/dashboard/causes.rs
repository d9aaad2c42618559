//! What is the cause of what: checks that come after others.

use mad_core::{Check, Health, HealthSnapshot, Snapshot};

/// Returns the names of the checks that this one waits for as they are Down, from the nearest to the root of the
/// trouble; nothing if it is that itself, or waits for none.
pub(super) fn waits_for<'a>(snapshot: &'a Snapshot, check: &'a Check) -> Vec<&'a str> {
    let mut chain = Vec::new();
    let mut next = down_before(snapshot, check);
    while let Some(cause) = next {
        let name = cause.check.name();
        // Circles are refused at the start; a check that came later could close one.
        if chain.contains(&name) {
            break;
        }
        chain.push(name);
        next = down_before(snapshot, &cause.check);
    }
    chain
}

fn down_before<'a>(snapshot: &'a Snapshot, check: &Check) -> Option<&'a HealthSnapshot> {
    check.after().find_map(|name| {
        let mut checks = snapshot.health_checks.iter();
        checks.find(|other| other.check.name() == name && other.health == Health::Down)
    })
}

/// Returns the names of the checks and self-tests that come after this one.
pub(super) fn holds_up<'a>(snapshot: &'a Snapshot, name: &str) -> Vec<&'a str> {
    let health_checks = snapshot.health_checks.iter().map(|check| &*check.check);
    let self_tests = snapshot.self_tests.iter().map(|test| &*test.check);
    let all = health_checks.chain(self_tests);
    let waiting = all.filter(|check| check.after().any(|before| before == name));
    waiting.map(Check::name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::examples::{health_check, snapshot};
    use super::*;

    #[test]
    fn the_chain_ends_at_the_root() {
        let snapshot = snapshot(vec![
            health_check("cart", &["orders"], Health::Unknown),
            health_check("disk", &[], Health::Down),
            health_check("network", &[], Health::Up),
            health_check("orders", &["network", "disk"], Health::Down),
        ]);
        let waits_for = |index: usize| waits_for(&snapshot, &snapshot.health_checks[index].check);
        assert_eq!(waits_for(0), ["orders", "disk"]);
        assert_eq!(waits_for(1), [""; 0]);
        assert_eq!(waits_for(3), ["disk"]);
        assert_eq!(holds_up(&snapshot, "orders"), ["cart"]);
    }

    #[test]
    fn a_circle_ends_where_it_began() {
        let snapshot = snapshot(vec![
            health_check("a", &["b"], Health::Down),
            health_check("b", &["a"], Health::Down),
        ]);
        assert_eq!(
            waits_for(&snapshot, &snapshot.health_checks[0].check),
            ["b", "a"]
        );
    }
}
