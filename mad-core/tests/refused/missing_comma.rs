use mad_core::health_check;

#[health_check(every = "10s" timeout = "2s")]
fn check() {}

fn main() {}
