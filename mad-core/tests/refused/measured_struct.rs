use mad_core::measured;

#[measured]
struct Shop;

fn main() {}
