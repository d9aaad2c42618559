use mad_core::measured;

#[measured(sample = 0, success_rate = "98", latency = "300ms", latency_percentile = "99")]
const fn works() {}

fn main() {}
