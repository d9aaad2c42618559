use mad_core::health_check;

#[health_check]
fn any(_pool: &impl Send, _number: impl Copy) {}

fn main() {}
