use mad_core::health_check;

#[health_check(after("check"))]
fn check() {}

#[health_check(name = "named", after("other", "named"))]
fn other() {}

fn main() {}
