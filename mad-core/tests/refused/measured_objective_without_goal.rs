use mad_core::measured;

#[measured(objective = "api")]
fn works() {}

fn main() {}
