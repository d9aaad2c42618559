use mad_core::health_check;

#[health_check]
unsafe extern "C" fn many(_count: &u32, ...) {}

fn main() {}
