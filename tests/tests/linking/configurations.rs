//! Nothing gets lost in any configuration of the compiler and the linker.

use crate::programs::{check_complete, printed};

#[test]
fn nothing_is_lost_with_fat_lto_one_unit_size_abort_and_strip() {
    check_complete("smallest");
}

#[test]
fn nothing_is_lost_with_thin_lto() {
    check_complete("thin");
}

#[test]
fn where_panics_abort_no_self_test_that_writes_runs_inside_the_service() {
    assert_eq!(
        printed("smallest", "aborts"),
        "looks: false\nwrites: true\n"
    );
    assert_eq!(printed("dev", "aborts"), "looks: false\nwrites: false\n");
}
