use mad_core::health_check;

#[health_check]
fn number() -> Option<u32> {
    None
}

fn main() {}
