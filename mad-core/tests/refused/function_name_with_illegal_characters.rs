use mad_core::health_check;

#[health_check]
fn größe() {}

fn main() {}
