use mad_core::provider;

use std::rc::Rc;

#[provider]
fn shared() -> Rc<u32> {
    Rc::new(5)
}

fn main() {}
