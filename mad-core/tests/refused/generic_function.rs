use mad_core::health_check;

#[health_check]
fn generic<T: Default>() -> bool {
    let _ = T::default();
    true
}

fn main() {}
