use mad_core::health_check;

#[health_check]
fn borrows(_pool: &Pool) {}

fn main() {}
