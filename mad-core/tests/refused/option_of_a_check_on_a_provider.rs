use mad_core::provider;

#[provider(timeout = "2s")]
fn number() -> u32 {
    5
}

fn main() {}
