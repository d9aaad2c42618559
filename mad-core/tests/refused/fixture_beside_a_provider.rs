use mad_core::provider;

#[provider]
#[rstest::fixture]
fn pool() -> String {
    String::new()
}

fn main() {}
