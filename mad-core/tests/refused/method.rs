use mad_core::health_check;

struct Shop;

impl Shop {
    #[health_check]
    async fn is_open(&self) -> bool {
        true
    }
}

fn main() {}
