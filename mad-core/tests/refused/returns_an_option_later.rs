use mad_core::health_check;

#[health_check]
async fn number(_pool: &String) -> Option<u32> {
    None
}

fn main() {}
