use mad_core::health_check;

#[health_check(name = "a-name-that-goes-on-and-on-until-it-is-longer-than-sixty-four-bytes")]
fn check() {}

fn main() {}
