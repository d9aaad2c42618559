use mad_core::measured;

#[measured(objective = "api", latency = "1s")]
fn works() {}

#[measured(objective = "api", latency_percentile = "99")]
fn works_too() {}

fn main() {}
