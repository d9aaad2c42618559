use mad_core::health_check;

#[health_check]
struct Shop;

fn main() {}
