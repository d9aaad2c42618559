use mad_core::measured;

#[measured]
fn answer() -> u8 {
    "42"
}

#[measured]
async fn later() -> u8 {
    "42"
}

fn main() {}
