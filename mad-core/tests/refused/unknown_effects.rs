use mad_core::self_test;

#[self_test(effects = destructiv)]
fn near() {}

#[self_test(effects = everything)]
fn far() {}

fn main() {}
