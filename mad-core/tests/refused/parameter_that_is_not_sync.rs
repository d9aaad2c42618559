use mad_core::health_check;

use std::cell::Cell;

#[health_check]
fn counts(_counter: &Cell<u32>) {}

fn main() {}
