use mad_core::self_test;

#[self_test(effects = pure)]
#[quickcheck_macros::quickcheck]
fn check(_number: u32) -> bool {
    true
}

fn main() {}
