use mad_core::health_check;

struct Broken;

#[health_check]
fn breaks() -> Result<(), Broken> {
    Err(Broken)
}

fn main() {}
