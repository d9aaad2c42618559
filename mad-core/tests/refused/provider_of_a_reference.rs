use mad_core::provider;

#[provider]
fn text() -> &'static str {
    "text"
}

fn main() {}
