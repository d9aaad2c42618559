use mad_core::health_check;

#[health_check(crate = "mad_core")]
fn check() {}

fn main() {}
