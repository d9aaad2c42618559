use mad_core::self_test;

#[self_test]
#[tokio::test]
async fn check() {}

fn main() {}
