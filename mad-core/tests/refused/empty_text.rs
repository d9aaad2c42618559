use mad_core::health_check;

#[health_check(owner = "", runbook = " ", name = "")]
fn check() {}

fn main() {}
