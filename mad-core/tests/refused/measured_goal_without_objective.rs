use mad_core::measured;

#[measured(success_rate = "99")]
fn works() {}

fn main() {}
