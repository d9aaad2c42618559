//! Nothing gets lost in any configuration of the compiler and the linker.

use crate::programs::check_complete;

#[test]
fn nothing_is_lost_with_fat_lto_one_unit_size_abort_and_strip() {
    check_complete("smallest");
}

#[test]
fn nothing_is_lost_with_thin_lto() {
    check_complete("thin");
}
