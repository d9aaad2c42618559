use googletest::gtest;
use mad_core::self_test;

#[gtest]
#[self_test]
fn check() -> googletest::Result<()> {
    Ok(())
}

fn main() {}
