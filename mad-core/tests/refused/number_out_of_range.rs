use mad_core::{health_check, self_test};

#[health_check(fail_after = 0, recover_after = 101)]
fn health() {}

#[self_test(retries = 11)]
fn test() {}

fn main() {}
