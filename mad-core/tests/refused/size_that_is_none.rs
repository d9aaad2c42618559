use mad_core::self_test;

#[self_test(isolate = process, max_memory = "64MB")]
fn order() {}

#[self_test(isolate = process, max_memory = 64)]
fn cancel() {}

fn main() {}
