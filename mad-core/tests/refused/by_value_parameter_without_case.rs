use mad_core::self_test;

#[self_test]
fn owned(_count: u32, _pool: &String) {}

fn main() {}
