use mad_core::measured;

#[measured(sampel = 16)]
fn works() {}

fn main() {}
