use mad_core::self_test;

use std::sync::Arc;

struct Shop;

impl Shop {
    #[self_test(unit_test = false)]
    fn is_open(self: Arc<Self>) -> bool {
        true
    }
}

fn main() {}
