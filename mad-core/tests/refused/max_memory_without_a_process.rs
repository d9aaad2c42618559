use mad_core::self_test;

#[self_test(max_memory = "64MiB")]
fn order() {}

fn main() {}
