use mad_core::measured;

#[measured(objective = "api/orders", success_rate = "99")]
fn works() {}

#[measured(objective = "", success_rate = "99")]
fn works_too() {}

fn main() {}
