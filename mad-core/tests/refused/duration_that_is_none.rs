use mad_core::health_check;

#[health_check(timeout = "soon", every = "1.5s", while_down = "1 m")]
fn check() {}

fn main() {}
