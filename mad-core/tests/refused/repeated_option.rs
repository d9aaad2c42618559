use mad_core::health_check;

#[health_check(timeout = "2s", every = "10s", timeout = "3s")]
fn check() {}

fn main() {}
