use mad_core::health_check;

#[health_check(after("db", "db"))]
fn check() {}

fn main() {}
