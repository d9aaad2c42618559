use mad_core::{health_check, self_test};

#[health_check(on_timeout = "abort")]
fn database() {}

#[self_test(on_timeout = "abandn")]
async fn order() {}

#[self_test(on_timeout = abandon)]
async fn cancel() {}

fn main() {}
