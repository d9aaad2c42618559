use mad_core::health_check;

#[health_check(liveness)]
async fn check() {}

fn main() {}
