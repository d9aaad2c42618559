// What is wrong in a body is said as it would be said without the annotation.
use mad_core::self_test;

#[self_test]
async fn check(pool: &String) -> bool {
    pool.no_such_method().await;
    let number: u32 = "one";
    number == 1
}

fn main() {
    drop(check());
}
