use mad_core::provider;

#[provider]
fn text() -> impl Send {
    "text"
}

fn main() {}
