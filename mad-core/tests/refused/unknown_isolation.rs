use mad_core::self_test;

#[self_test(isolate = thread)]
fn check() {}

fn main() {}
