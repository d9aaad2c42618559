use mad_core::health_check;

#[health_check(tags(db, "smoke"))]
fn check() {}

fn main() {}
