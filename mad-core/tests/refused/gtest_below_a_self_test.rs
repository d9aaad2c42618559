use googletest::gtest;
use mad_core::self_test;

#[self_test]
#[gtest]
fn check() -> googletest::Result<()> {
    Ok(())
}

fn main() {}
