use mad_core::provider;

#[provider]
fn number(text: String) -> usize {
    text.len()
}

fn main() {}
