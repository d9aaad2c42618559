use mad_core::provider;

#[provider]
fn nothing() -> () {}

fn main() {}
