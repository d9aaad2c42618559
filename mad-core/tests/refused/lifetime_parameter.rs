use mad_core::health_check;

#[health_check]
fn lifetime<'a>(_pool: &'a String) {}

fn main() {}
