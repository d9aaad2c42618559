use mad_core::provider;

#[provider]
const POOL: u32 = 5;

fn main() {}
