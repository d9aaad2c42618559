use mad_core::measured;

#[measured("16")]
fn works() {}

#[measured(sample 16, latency: "250ms")]
fn works_too() {}

#[measured(sample = 16,, name = "works")]
fn works_as_well() {}

fn main() {}
