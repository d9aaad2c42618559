use mad_core::health_check;

#[health_check]
unsafe fn dangerous() {}

fn main() {}
