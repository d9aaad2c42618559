use mad_core::self_test;

#[tokio::test]
#[self_test]
async fn check() {}

fn main() {}
