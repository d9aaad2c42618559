use mad_core::health_check;

#[health_check(timeuot = "2s", every = "never", every = "10s", tags("a", "a"), allow_io = "")]
unsafe fn check<T>(_pool: &mut T, _name: &str, _number: u32) {}

fn main() {}
