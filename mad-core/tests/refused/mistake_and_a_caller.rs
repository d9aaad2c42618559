use mad_core::health_check;

#[health_check(tiemout = "2s")]
fn check() -> bool {
    true
}

fn caller() -> bool {
    check()
}

fn main() {}
