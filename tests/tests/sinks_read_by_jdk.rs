//! What a store holds goes to Cassandra, a program in Java, and is there.

use std::path::Path;

use tests::{Cassandra, Recorded, causes, now};

#[test]
#[ignore = "needs a JDK and Maven: cargo xtask test --all"]
fn cassandra_has_what_was_recorded_and_a_second_time_changes_nothing() {
    let mut recorded = Recorded::new();
    let mut cassandra = Cassandra::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let target = format!("cassandra://cassandra:cassandra@{}/ci", cassandra.address());
    assert_eq!(recorded.push(&target).taken, 18);
    assert_eq!(recorded.push_again(&target).taken, 18);
    assert_eq!(cassandra.stored(), recorded.stored());

    for (right, wrong) in [(":cassandra@", ":wrong@"), ("/ci", "/nope")] {
        let error = recorded
            .try_push_again(&target.replace(right, wrong))
            .unwrap_err();
        assert!(
            causes(&error).contains("lets nothing in"),
            "{}",
            causes(&error)
        );
    }

    cassandra.kill();
    // Older than what is there.
    recorded.run_on("ci-1", now() - 60_000);
    assert!(causes(&recorded.try_push(&target).unwrap_err()).contains("not available"));
    cassandra.start_again();
    assert_eq!(recorded.push(&target).taken, 9);
    assert_eq!(cassandra.stored(), recorded.stored());
}
