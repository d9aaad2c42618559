use mad_core::health_check;

#[health_check]
fn dynamic(_clock: &dyn std::fmt::Debug) {}

fn main() {}
