// The refused attribute goes, so that the caller still finds the function.
use mad_core::health_check;

#[health_check]
#[test]
fn check() {}

fn main() {
    check();
}
