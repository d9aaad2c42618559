use mad_core::measured;

#[measured(every = "10s")]
fn works() {}

fn main() {}
