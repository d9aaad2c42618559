use mad_core::health_check;

struct Shop;

impl Shop {
    #[health_check]
    fn is_open() -> bool {
        true
    }
}

fn main() {}
