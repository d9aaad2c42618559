use mad_core::self_test;

#[self_test]
fn check(_pool: &String, #[cfg(windows)] _handle: &u32) {}

fn main() {}
