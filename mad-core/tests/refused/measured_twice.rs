use mad_core::measured;

#[measured]
#[mad_core::measured(sample = 16)]
fn works() {}

fn main() {}
