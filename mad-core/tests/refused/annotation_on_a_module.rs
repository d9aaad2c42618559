use mad_core::self_test;

#[self_test]
mod shop {}

fn main() {}
