use mad_core::provider;

struct Broken;

#[provider]
async fn number() -> Result<u32, Broken> {
    Err(Broken)
}

fn main() {}
