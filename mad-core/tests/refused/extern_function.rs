use mad_core::health_check;

#[health_check]
extern "C" fn foreign() {}

fn main() {}
