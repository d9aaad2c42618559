use mad_core::health_check;

#[health_check(every = "366d", timeout = "99999999999999999999s")]
fn check() {}

fn main() {}
