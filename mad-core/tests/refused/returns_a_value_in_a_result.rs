use mad_core::health_check;

#[health_check]
fn number() -> Result<u32, String> {
    Ok(5)
}

fn main() {}
