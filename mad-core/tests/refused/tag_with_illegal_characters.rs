use mad_core::health_check;

#[health_check(tags("db", "Smoke Test"), serial = "Group")]
fn check() {}

fn main() {}
